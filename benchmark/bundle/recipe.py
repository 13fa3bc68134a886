"""What a bundle is made of: runs whose trials are frozen, by part; from `configs/bundle/` or from words."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

from annotated_types import Ge
from pydantic import TypeAdapter, ValidationError

from benchmark.bundle.manifest import Part
from benchmark.config.choices import GROUPS, LISTED, SCALARS, config_folder, values_in
from benchmark.config.loading import load_settings
from benchmark.config.settings import Settings
from benchmark.parts.strictness import Positive, settings
from benchmark.plan.secret import read_secret
from finexl.errors import InvalidInputError, unknown_name

_OWN = ("bundle", "output", "secret", "only")
KEYS = (
    *_OWN,
    "scenario",
    "scenario_settings",
    "preset",
    "generator",
    "corpus",
    "seed",
    "store",
    "workers",
    "executor",
    "quiet",
    "redo",
)
"""What a freezing can be told: nobody explains or reads, so that parts which do so are none of it."""
_OF_RUNS = {*GROUPS, *SCALARS, *(f"{group}_settings" for group in LISTED)}
_CHOSEN = ("scenario", "corpus.aspects", "seed")
"""Keys by which the parts of a bundle differ, which no word can change for all of them."""


@settings
class BundleConfig:
    """A file of `configs/bundle/`: each line of a part is what would be given to `run`."""

    name: str
    scored: tuple[str, ...]
    """Runs whose trials are scored in the open."""
    private: tuple[str, ...] | None = None
    """Runs that a secret of the organiser makes once more, scored in private; None = those that are scored."""
    development: tuple[str, ...] = ()
    """Runs about development aspects, whose truth is there to tune on."""
    at_most_mb: Positive | None = None
    """Megabytes (10**6 bytes) of the whole folder."""
    n_planted: Annotated[int, Ge(0)] = 0
    """Wrong labels among those of the public part that are passed round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRecipe:
    """A part and the runs whose trials it holds."""

    part: Part
    runs: tuple[Settings, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleRecipe:
    """A bundle that is to be made."""

    name: str
    output: Path
    parts: tuple[PartRecipe, ...]
    at_most_mb: float | None = None
    n_planted: int = 0
    key: bytes = field(repr=False)
    """Draws the planted labels."""

    @property
    def n_runs(self) -> int:
        """Runs of all parts."""
        return sum(len(part.runs) for part in self.parts)


def read_words(words: Sequence[str]) -> tuple[BundleRecipe, ...]:
    """The bundles that `freeze` is asked for: the public one, and with a secret a private one beside it or alone.

    Raises:
        InvalidInputError: A key of runs says nothing of what is frozen, there is no such bundle, a run of it is none,
            or it has no private part to make alone.
    """
    for word in words:
        key = word.partition("=")[0].partition(".")[0]
        if key in _OF_RUNS and key not in KEYS:  # what is no key at all is told with what was meant
            raise InvalidInputError(
                f"`freeze` takes {', '.join(KEYS)}. Got {key!r}. Leave it out: nobody explains or reads yet."
            )
    own = {key: value for key, _, value in (word.partition("=") for word in words) if key in _OWN}
    rest = [word for word in words if word.partition("=")[0] not in _OWN]
    given = _config(own.get("bundle"), rest)
    output = Path(own.get("output") or f"bundles/{given.name}")
    if output.name in ("", ".."):  # what is made is put in its place in one step
        raise InvalidInputError(
            f"`output` must be a folder by its name. Got {str(output)!r}. Give it as in output=bundles/{given.name}"
        )
    secret, only = own.get("secret"), own.get("only")
    if only is not None:
        _require_private(only, secret, given)
    found = read_secret(secret)
    public = BundleRecipe(
        name=given.name,
        output=output,
        parts=(
            *_part("development", given.development, rest, given.name),
            *_part("public", given.scored, rest, given.name),
        ),
        at_most_mb=given.at_most_mb,
        n_planted=given.n_planted,
        key=given.name.encode() if found is None else found.key,
    )
    hidden = given.scored if given.private is None else given.private
    if secret is None or not hidden:
        return (public,)
    name = f"{given.name}-private"
    private = BundleRecipe(
        name=name,
        output=output.with_name(f"{output.name}-private"),
        parts=_part("private", hidden, [*rest, f"secret={secret}"], name),
        key=public.key,
    )
    return (public, private) if only is None else (private,)


def _require_private(only: str, secret: str | None, given: BundleConfig) -> None:
    """Refuse to make the private part alone where there can be none."""
    if only != "private":
        raise unknown_name("only", only, ("private",))
    if secret is None:
        raise InvalidInputError(
            "A private part must follow from a secret. Got only=private without secret=. Say where the secret is, "
            "as in secret=env:BOARD_SECRET."
        )
    if given.private == ():
        raise InvalidInputError(
            f"A bundle must have private runs for a part of its own. Got only=private, and `private` of "
            f"{given.name!r} is empty. Give that file private runs, or leave out only=."
        )


def _config(name: str | None, words: Sequence[str]) -> BundleConfig:
    if name is None:
        run = load_settings(words)
        scenarios = "-".join(scenario.name for scenario in run.scenarios)
        return BundleConfig(name=f"{scenarios}-{run.preset.name}"[:32], scored=("",))
    folder = config_folder() / "bundle"
    known = sorted(path.stem for path in folder.glob("*.yaml"))
    if name not in known:
        raise unknown_name("bundle", name, known)
    path = folder / f"{name}.yaml"
    try:
        return TypeAdapter(BundleConfig).validate_python(values_in(path))
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidInputError(
            f"{str(path)!r} must describe a bundle. At {'.'.join(map(str, first['loc']))!r}: {first['msg']}."
        ) from error


def _part(part: Part, lines: Sequence[str], words: Sequence[str], name: str) -> tuple[PartRecipe, ...]:
    runs = tuple(
        _run(line.split(), words, Path("runs") / f"freeze-{name}" / f"{part}-{number}")
        for number, line in enumerate(lines, start=1)
    )
    return (PartRecipe(part=part, runs=runs),) if runs else ()


def _run(line: Sequence[str], words: Sequence[str], output: Path) -> Settings:
    """The settings of a run: what its line says, unless the words say otherwise."""
    if line and (fixed := [word for word in words if word.partition("=")[0] in _CHOSEN]):
        raise InvalidInputError(
            f"The parts of a bundle differ by {', '.join(_CHOSEN)}. Got {fixed[0]!r} for all. "
            "Write a file in configs/bundle/, or leave out bundle= to freeze one run."
        )
    merged = _by_key(line) | _by_key(words)
    found = load_settings([f"{key}={value}" for key, value in merged.items()])
    return replace(found, explainers=(), output=output, wandb="off")


def _by_key(words: Sequence[str]) -> dict[str, str]:
    return {key: value for key, _, value in (word.partition("=") for word in words)}
