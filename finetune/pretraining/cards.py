"""Publishing a pretrained model: copy it to the weights folder with a card that says how it was made."""

import hashlib
import json
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

from finetune.miniature.models import WEIGHTS

_LOCAL = {"_name_or_path", "training"}

CARD = """# {title}

{summary}

| fact | value |
|---|---|
| data | {data} |
| command | `python -m finetune pretrain {name}` |
| seed | {seed} |
| steps | {steps} |
| wall time | {minutes:.0f} minutes, {threads} thread(s) |
| final loss (smoothed) | {loss} |
| parameters | {parameters:,} |
| code | sha256 {code} over `finetune/miniature/` and `finetune/pretraining/` |
| python, torch | {python}, {torch} |
{notes}
Weights are fp16 safetensors. Not for photographs: it knows only the rendered world of `finetune/miniature/`.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a card says of one model."""

    name: str
    title: str
    summary: str
    data: str
    seed: int
    threads: int
    parameters: int
    notes: str = ""
    """What else a reader should know of the run, as a paragraph."""
    training: dict[str, float | int]
    """`steps`, `seconds` and `final_loss` as the training loop returned them."""


def publish(trained: Path, facts: Facts) -> Path:
    """Replace the published model `facts.name` by the folder `trained`, with its card; returns the new folder."""
    target, fresh = WEIGHTS / facts.name, WEIGHTS / f"{facts.name}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(trained, fresh)
    forget_paths(fresh)
    (fresh / "CARD.md").write_text(_card(facts), encoding="utf-8")
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    return target


def forget_paths(folder: Path) -> None:
    """Drop what libraries note of the folders that models were loaded from."""
    for path in folder.rglob("*.json"):
        _forget_paths(path)


def _forget_paths(path: Path) -> None:
    config = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(config, dict) and config.keys() & _LOCAL:
        kept = {key: value for key, value in config.items() if key not in _LOCAL}
        path.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


def code_hash() -> str:
    """A hash of the world's and the training's source."""
    digest = hashlib.sha256()
    package = Path(__file__).parents[1]
    for path in sorted([*(package / "miniature").rglob("*.py"), *(package / "pretraining").rglob("*.py")]):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def saved_training(folder: Path) -> dict[str, float | int]:
    """Steps, seconds and loss of the training state in `folder`."""
    state = json.loads((folder / "state.json").read_text())
    return {"steps": state["step"], "seconds": state["seconds"], "final_loss": round(state["loss"], 4)}


def _card(facts: Facts) -> str:
    import torch

    return CARD.format(
        title=facts.title,
        summary=facts.summary,
        data=facts.data,
        name=facts.name,
        seed=facts.seed,
        threads=facts.threads,
        parameters=facts.parameters,
        steps=int(facts.training["steps"]),
        minutes=facts.training["seconds"] / 60,
        loss=facts.training["final_loss"],
        notes=f"\n{facts.notes}\n" if facts.notes else "",
        code=code_hash(),
        python=platform.python_version(),
        torch=torch.__version__,
    )
