"""Adapters of the miniature that are trained on shares of aspects and explained: what closes the loop of advice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from finetune.corpora.synthetic import SyntheticCorpus
from finetune.explaining.advice.advising import amounts_of
from finetune.explaining.known_adapters import AdapterTraining, trained_adapter
from finetune.explaining.model_explaining import Explain, explained_each
from finetune.explaining.models import Adapted, Base
from finetune.explaining.paired_images import SHOWN_SEED, Arm, make_images, pairs_of
from finetune.explaining.prompts import WORLD, read_prompts
from finetune.miniature.split import SCORED_SEEDS
from finexl.errors import unknown_name
from finexl.explain.progress import Progress, no_progress

WHOLE = 16
"""Parts of a training set."""
_SEEDS_APART = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrainingSettings:
    """How each round's adapter is trained and looked at."""

    steps: int = 60
    n_images: int = 128
    learning_rate: float = 1e-3
    n_pairs: int = 24
    seed: int = SCORED_SEEDS[100]
    draw: int = 0
    """Of prompts and noise."""


def retrained_in(
    folder: Path,
    *,
    base: Base,
    explain: Explain,
    settings: RetrainingSettings,
    progress: Progress = no_progress,
) -> Callable[[Mapping[str, int]], Mapping[str, float]]:
    """What trains an adapter on parts of `WHOLE` and tells how much of each aspect it shows; nothing is made twice."""
    prompts = read_prompts(WORLD, settings.n_pairs, seed=settings.draw)
    pictures = folder / (f"pictures_{settings.draw}" if settings.draw else "pictures")

    def trained(parts: Mapping[str, int]) -> Mapping[str, float]:
        training = AdapterTraining(
            parts=parts,
            whole=WHOLE,
            seed=settings.seed,
            n_images=settings.n_images,
            steps=settings.steps,
            learning_rate=settings.learning_rate,
        )
        file = trained_adapter(folder / "trained", training, progress=progress)
        name = "_".join(f"{aspect}-{parts[aspect]}" for aspect in sorted(parts))
        arms = [
            Arm(name="base", model=base, prompts=prompts),
            Arm(name=name, model=Adapted(settings=base.settings, file=file), prompts=prompts),
        ]
        with progress("making pictures") as advance:
            make_images(arms, pictures, first_seed=SHOWN_SEED + _SEEDS_APART * settings.draw, tell=advance)
        pairs = pairs_of(pictures, "base", name, settings.n_pairs, prompts)
        (found,) = explained_each([pairs], explain=explain, progress=progress)
        return amounts_of(found, parts)

    return trained


def check_aspects(wish: Mapping[str, float]) -> None:
    """See that the miniature's corpus has pictures of all that is wished; else raises `UnknownNameError`."""
    known = SyntheticCorpus().aspects
    for aspect in wish:
        if aspect not in known:
            raise unknown_name("aspect", aspect, known)
