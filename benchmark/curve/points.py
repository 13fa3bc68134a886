"""The points of a curve over prompts: how many image pairs explainers are shown, and whether these are pairs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from benchmark.config.loading import load_settings
from benchmark.config.settings import Settings, most_shown
from finexl.errors import InvalidInputError

N_SHOWN = (4, 8, 16, 32)
_EITHER = {"true": (True,), "false": (False,)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What explainers are shown of every model."""

    n_shown: int
    """Image pairs."""
    paired: bool
    """Whether the images of a pair are of one prompt and noise; else they are two folders without a common prompt."""

    def __str__(self) -> str:
        return f"{self.n_shown} {'pairs' if self.paired else 'unpaired images of each'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A run that is made once for every point, on the same models and images."""

    settings: Settings
    """Those of the run, all pairs shown."""
    points: tuple[Point, ...]
    """By number, the paired one last: what the folder's results are of is then as near to an ordinary run as can be."""
    left_out: tuple[str, ...]
    """Points that the preset has too few prompts for, a line on each."""

    def at(self, point: Point) -> Settings:
        """The settings of the run at a point; a point with all pairs is the ordinary run."""
        is_whole = point.paired and point.n_shown == self.settings.preset.n_prompts
        # what the first point made again serves the others: only explanations are of a point
        is_later = self.settings.redo == "all" and point != self.points[0]
        return replace(
            self.settings,
            n_shown=None if is_whole else point.n_shown,
            paired=point.paired,
            redo="explanations" if is_later else self.settings.redo,
        )


def read_words(words: Sequence[str]) -> Curve:
    """The curve that `key=value` words ask for: the keys of a run, of which n_shown= takes several numbers.

    Raises:
        InvalidInputError: A key or value does not fit, or the preset has too few prompts for every point.
    """
    own = {key: [word.partition("=")[2] for word in words if word.startswith(f"{key}=")] for key in _OWN}
    rest = [word for word in words if word.partition("=")[0] not in _OWN]
    settings = load_settings(rest)
    if not any(word.startswith("output=") for word in rest):
        settings = replace(settings, output=settings.output.with_name(f"{settings.output.name}-curve"))
    wanted = tuple(_wanted(_numbers(own["n_shown"]), _kinds(own["paired"])))
    n_prompts = settings.preset.n_prompts
    fitting = tuple(
        point for point in wanted if point.n_shown <= most_shown(settings.preset, paired=point.paired)
    )
    left_out = tuple(
        f"{point} left out: that takes preset.n_prompts={point.n_shown * (1 if point.paired else 2)}, "
        f"and {settings.preset.name} has {n_prompts}"
        for point in wanted
        if point not in fitting
    )
    if not fitting:
        raise InvalidInputError(
            f"`n_shown` of a curve must fit into preset.n_prompts={n_prompts}. {'; '.join(left_out)}. "
            "Add preset.n_prompts=, or give smaller numbers."
        )
    return Curve(settings=settings, points=fitting, left_out=left_out)


_OWN = ("n_shown", "paired")


def _wanted(numbers: Sequence[int], kinds: Sequence[bool]) -> Iterator[Point]:
    for n_shown in numbers:
        for paired in sorted(kinds):
            yield Point(n_shown=n_shown, paired=paired)


def _numbers(given: Sequence[str]) -> tuple[int, ...]:
    if not given:
        return N_SHOWN
    found = [number.strip() for number in given[0].strip("[]").split(",")]
    if len(given) > 1 or not all(number.isdecimal() and int(number) for number in found):
        raise InvalidInputError(
            f"`n_shown` of a curve must be given once, as numbers of at least 1 with commas between. "
            f"Got {' and '.join(map(repr, given))}. Give n_shown={','.join(map(str, N_SHOWN))}."
        )
    return tuple(sorted({int(number) for number in found}))


def _kinds(given: Sequence[str]) -> tuple[bool, ...]:
    if not given:
        return (True, False)
    if len(given) > 1 or given[0] not in _EITHER:
        raise InvalidInputError(
            f"`paired` of a curve must be true or false, given once. Got {' and '.join(map(repr, given))}. "
            "Leave it out for both."
        )
    return _EITHER[given[0]]
