"""What vision-language models are asked, as text files: one file per task, named for it."""

from importlib.resources import files

from finexl.errors import unknown_name


def load(name: str) -> str:
    """The text of a prompt, such as `differences` (Figure 5) or `scored_aspects` (the naive method of §5)."""
    prompts = {
        file.name.removesuffix(".txt"): file
        for file in files("finexl.prompts").iterdir()
        if file.name.endswith(".txt")
    }
    if name not in prompts:
        raise unknown_name("prompt", name, prompts)
    return prompts[name].read_text(encoding="utf-8").strip()
