"""What `explain` is asked for: a bundle, an explainer, and a folder for what it says."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmark.bundle.manifest import Bundle, FrozenGroup
from benchmark.config.choices import SPELLED
from benchmark.config.loading import load_settings
from benchmark.config.portable import BUILDING
from benchmark.config.settings import Settings
from benchmark.parts.explainers import PROBE, ExplainerConfig, asked_about_model, uses_of
from finexl.errors import InvalidInputError

KEYS = ("bundle", "output", *BUILDING, "explainer_seconds", "explainer_memory_gb", "store")
"""What an explanation of a bundle can be told."""
_SCORED = ("public", "private")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A bundle that an explainer is asked about, and the folder for what it says."""

    bundle: Bundle
    settings: Settings
    output: Path

    @property
    def explainer(self) -> ExplainerConfig:
        """Who is asked."""
        return self.settings.explainers[0]

    @property
    def groups(self) -> tuple[FrozenGroup, ...]:
        """The groups that are scored."""
        return tuple(group for group in self.bundle.manifest.groups if group.part in _SCORED)


def read_words(words: Sequence[str]) -> Asked:
    """What `explain` is asked for.

    Raises:
        InvalidInputError: A key is not one of `KEYS`, there is no bundle, or not one explainer that a bundle can have.
    """
    for word in words:
        if (key := word.partition("=")[0].partition(".")[0]) not in KEYS:
            takes = ", ".join(SPELLED.get(each, each) for each in KEYS)
            raise InvalidInputError(f"`explain` takes {takes}. Got {key!r}.")
    own = {key: value for key, _, value in (word.partition("=") for word in words) if key in KEYS[:2]}
    rest = [word for word in words if word.partition("=")[0] not in KEYS[:2]]
    if missing := [
        key for key in ("bundle", "explainer") if not any(word.startswith(f"{key}=") for word in words)
    ]:
        raise InvalidInputError(
            f"`explain` must be given {missing[0]}=, as in: explain bundle=board/bundle explainer=finexl"
        )
    settings = load_settings(["preset=smoke", "wandb=off", *rest])
    if len(settings.explainers) != 1:
        raise InvalidInputError(
            f"`explainer` must be one. Got {', '.join(one.name for one in settings.explainers)}. "
            "Give the command once for each."
        )
    (explainer,) = settings.explainers
    if PROBE in uses_of(explainer):
        raise InvalidInputError(
            f"`explainer` must need nothing but images and words. {explainer.name} learns from models whose labels it "
            "is shown, and a bundle has none. Choose another."
        )
    output = Path(own.get("output") or f"explained/{explainer.name.replace('/', '-').replace(':', '-')}")
    asked = Asked(
        bundle=Bundle(Path(own["bundle"])), settings=replace(settings, output=output), output=output
    )
    if not asked.groups:
        raise InvalidInputError(
            f"A bundle must have scored trials to explain. {own['bundle']!r} has only those of development."
        )
    return asked


def most_calls(asked: Asked) -> int:
    """Questions to the model at most, retries apart; of explainers from elsewhere nothing is known."""
    return sum(
        len(group.trials) * sum(one.n_calls for one in asked_about_model(asked.explainer, len(group.prompts)))
        for group in asked.groups
    )
