"""Pages as text: templates escape whatever strangers wrote, and a policy admits no script but the page's own."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment
from markupsafe import Markup

from benchmark.bundle.manifest import Bundle, FrozenGroup, GroupTruth, TrialTruth
from benchmark.score.statistics import MIN_UNITS
from benchmark.show.templates import page_templates
from finexl.explain.folding import counted
from leaderboard.board.formats import FORMATS
from leaderboard.board.published import published
from leaderboard.board.table import Board, Row, shown
from leaderboard.entry.schema import SaidClaims, SaidText, TrialAnswer
from leaderboard.site.plot import tradeoff

N_SHOWN = 5
"""Claims of a model that are shown, as many as are read."""
N_IMAGES = 6
"""Images of a model that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidOfTrial:
    """What an entry said of one model."""

    id: str
    truth: str
    text: str = ""
    failure: str = ""
    claims: tuple[tuple[str, str, bool], ...] = ()
    """Concept, amount, and whether it is below zero."""
    n_more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidOfGroup:
    """What an entry said of the models of a group."""

    title: str
    trials: tuple[SaidOfTrial, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownTrial:
    """A model with its first images."""

    id: str
    truth: str
    images: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownGroup:
    """A group with the images of its base."""

    id: str
    title: str
    certified: bool
    prompts: tuple[str, ...]
    base: tuple[str, ...]
    trials: tuple[ShownTrial, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The trials that pages show: those of parts whose truth is in the bundle."""

    groups: tuple[tuple[FrozenGroup, GroupTruth], ...] = ()

    @property
    def images(self) -> list[str]:
        """Every image that a page shows, once."""
        found = [image for group in shown_groups(self) for image in group.base]
        found += [image for group in shown_groups(self) for trial in group.trials for image in trial.images]
        return [*dict.fromkeys(found)]


def shown_of(bundle: Bundle | None) -> Shown:
    """What may be shown of a bundle; nothing without one."""
    if bundle is None:
        return Shown()
    truths = [
        truth for part in bundle.known_parts if part != "private" for truth in bundle.truth(part).groups
    ]
    frozen = {group.id: group for group in bundle.manifest.groups}
    return Shown(groups=tuple((frozen[truth.group], truth) for truth in truths))


def index_page(board: Board, trials: Shown) -> str:
    """The board's page."""
    return _rendered(
        "index",
        board=board,
        tracks=[(track, tradeoff(track)) for track in board.tracks],
        formats=[*FORMATS],
        published=published(),
        few_units={
            (column.scenario, column.metric): column.n
            for track in board.tracks
            for column in track.columns
            if column.part == "public" and not column.has_intervals
        },
        n_units=MIN_UNITS,
        has_trials=bool(trials.groups),
        has_private=any(column.part == "private" for track in board.tracks for column in track.columns),
    )


def entry_page(row: Row, answers: Sequence[TrialAnswer], trials: Shown) -> str:
    """The page of an entry: who made it, its scores, and every word that it said."""
    truths = {true.trial: (truth, true) for _, truth in trials.groups for true in truth.trials}
    groups: dict[str, list[SaidOfTrial]] = {}
    for answer in answers:
        known = truths.get(answer.trial)
        title = "scored trials" if known is None else _title(known[0])
        truth = "not shown" if known is None else _truth(*known)
        groups.setdefault(title, []).append(_said(answer, truth))
    found = [SaidOfGroup(title=title, trials=tuple(said)) for title, said in groups.items()]
    return _rendered("entry", row=row, groups=found, has_trials=bool(truths))


def trials_page(trials: Shown) -> str:
    """The page of all trials whose truth is known."""
    return _rendered("trials", groups=shown_groups(trials))


def shown_groups(trials: Shown) -> list[ShownGroup]:
    """The groups as they are shown."""
    return [
        ShownGroup(
            id=frozen.id,
            title=_title(truth),
            certified=truth.certified,
            prompts=frozen.prompts[:N_IMAGES],
            base=frozen.base[:N_IMAGES],
            trials=tuple(
                ShownTrial(id=one.id, truth=_truth(truth, true), images=one.images[:N_IMAGES])
                for one, true in zip(frozen.trials, truth.trials, strict=True)
            ),
        )
        for frozen, truth in trials.groups
    ]


def policy() -> str:
    """The content policy: nothing from elsewhere, and no script or style but the pages' own."""
    script, style = (
        b64encode(sha256(_asset(name).encode()).digest()).decode() for name in ("board.js", "board.css")
    )
    return (
        f"default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; "
        "img-src 'self' file:; base-uri 'none'; form-action 'none'"
    )


def _rendered(name: str, **values: object) -> str:
    return _environment().get_template(f"{name}.html.j2").render(**values)


@cache
def _environment() -> Environment:
    environment = page_templates("leaderboard.site")
    environment.filters["score"] = lambda value, is_share: shown(value, is_share=is_share)
    environment.filters["counted"] = counted
    environment.filters["words"] = lambda name: str(name).replace("_", " ").replace(".", ", ")
    fixed: Mapping[str, object] = {
        "policy": policy(),
        "style": Markup(_asset("board.css")),
        "script": Markup(_asset("board.js")),
    }
    environment.globals.update(fixed)
    return environment


@cache
def _asset(name: str) -> str:
    return files("leaderboard.site").joinpath("templates", name).read_text(encoding="utf-8")


def _said(answer: TrialAnswer, truth: str) -> SaidOfTrial:
    match answer.said:
        case SaidClaims(claims=claims):
            shown_claims = tuple(
                (one.concept, f"{one.amount:+.3g}", one.amount < 0) for one in claims[:N_SHOWN]
            )
            n_more = max(0, len(claims) - N_SHOWN)
            return SaidOfTrial(id=answer.trial, truth=truth, claims=shown_claims, n_more=n_more)
        case SaidText(text=text):
            return SaidOfTrial(id=answer.trial, truth=truth, text=text or "(an empty text)")
        case failure:
            return SaidOfTrial(
                id=answer.trial, truth=truth, failure=f"{failure.reason} {failure.detail}".strip()
            )


def _title(truth: GroupTruth) -> str:
    return f"{truth.scenario.replace('_', ' ')}: {' + '.join(truth.aspects)} ({truth.group[:6]})"


def _truth(truth: GroupTruth, true: TrialTruth) -> str:
    levels = [f"{aspect} {level}" for aspect, level in zip(truth.aspects, true.levels, strict=True)]
    return ", ".join([*levels, *(f"(unasked: {aspect} {level})" for aspect, level in true.unasked.items())])
