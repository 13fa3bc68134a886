"""What vision-language models are asked, as text files: one file per task, named for it.

A variant of a prompt (App. G) is a file beside it, `<task>_<variant>.txt`. Places that are filled in are marked $name.
"""

from importlib.resources import files
from string import Template

from finexl.errors import unknown_name


def load(name: str, *, variant: str | None = None) -> str:
    """The text of a prompt, such as `differences` (Figure 5) or `scored_aspects` (the naive method of §5)."""
    prompts = {
        file.name.removesuffix(".txt"): file
        for file in files("finexl.prompts").iterdir()
        if file.name.endswith(".txt")
    }
    full = name if variant is None else f"{name}_{variant}"
    if full not in prompts:
        raise unknown_name("prompt", full, prompts)
    return prompts[full].read_text(encoding="utf-8").strip()


def fill(template: str, **places: str) -> str:
    """A prompt with its places filled in; each must be given, and what is filled in is not searched for places."""
    return Template(template).substitute(places)
