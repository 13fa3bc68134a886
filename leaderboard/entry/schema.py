"""The schema of an entry, version 1: what its files hold. It has no place for a score."""

from functools import lru_cache
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError
from pydantic_core import PydanticCustomError

from leaderboard.entry import limits
from leaderboard.entry.characters import fault, mixed_words
from leaderboard.entry.problems import Problem

ENTRY, SEAL, EXPLANATIONS, REPLIES = "entry.json", "entry.sha256", "explanations.jsonl", "replies.jsonl"
"""The files of an entry; only replies may be missing, where no model was asked."""

Kind = TypeVar("Kind", bound=BaseModel)


def _clean(text: str) -> str:
    if (found := fault(text)) is not None:
        raise PydanticCustomError("characters", "must hold no {found}", {"found": found})
    return text


@lru_cache(maxsize=2**14)  # an entry says the same words of every model
def _clean_concept(text: str) -> str:
    return _clean(text)


def _clean_lines(text: str) -> str:
    if (found := fault(text, lines=True)) is not None:
        raise PydanticCustomError("characters", "must hold no {found}", {"found": found})
    return text


def _no_blanks(text: str) -> str:
    """Text in which something can be seen."""
    if not text.strip():
        raise PydanticCustomError("characters", "must hold more than blanks")
    return text


def _plain_blanks(text: str) -> str:
    """A name of which there are no two that look alike but for blanks."""
    if text != " ".join(text.split()):
        raise PydanticCustomError("characters", "must hold no blanks but one between words")
    return text


def _one_alphabet(text: str) -> str:
    for word in mixed_words(text):
        raise PydanticCustomError(
            "names", "must not mix alphabets in a word, as {word} does", {"word": ascii(word)}
        )
    return text


def _whole_number(value: object) -> object:
    if type(value) is not int:  # true and 1.0 equal 1 too
        raise PydanticCustomError("literal_error", "Input should be 1")
    return value


Line = Annotated[
    str, Field(min_length=1, max_length=limits.LINE), AfterValidator(_clean), AfterValidator(_no_blanks)
]
Person = Annotated[
    str,
    Field(min_length=1, max_length=80),
    AfterValidator(_clean),
    AfterValidator(_plain_blanks),
    AfterValidator(_one_alphabet),
]
Concept = Annotated[str, Field(min_length=1, max_length=limits.CONCEPT), AfterValidator(_clean_concept)]
Text = Annotated[str, Field(max_length=limits.TEXT), AfterValidator(_clean_lines)]
Name = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9_.-]{0,39}$")]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
TrialId = Annotated[str, Field(pattern="^[0-9a-f]{16}$")]
Amount = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-limits.AMOUNT, le=limits.AMOUNT)]
AtLeast0 = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=limits.AMOUNT)]
Count = Annotated[int, Field(strict=True, ge=0, le=10**9)]
Link = Annotated[
    str, Field(max_length=limits.LINE, pattern="^https://[a-z0-9.-]+(:[0-9]+)?(/[!#$&-;=?-Z_a-z~%]*)?$")
]
Requirement = Annotated[
    str,
    Field(
        max_length=limits.LINE, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*(\[[a-z0-9,_-]+\])?==[0-9A-Za-z.!+-]+$"
    ),
]
Target = Annotated[
    str, Field(max_length=limits.LINE, pattern=r"^[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_][A-Za-z0-9_.]*$")
]


class Strict(BaseModel, frozen=True, extra="forbid"):
    """Immutable and without unknown fields."""


class SaidClaim(Strict, frozen=True):
    """A concept in words with a signed amount; below zero, less of it."""

    concept: Concept
    amount: Amount


class SaidClaims(Strict, frozen=True):
    """A list of claims, strongest first; an empty list says that no change is detectable."""

    kind: Literal["claims"]
    claims: tuple[SaidClaim, ...] = Field(max_length=limits.N_CLAIMS)
    residual: AtLeast0 | None = None
    """Unexplained share of the divergence."""


class SaidText(Strict, frozen=True):
    """An explanation in free text."""

    kind: Literal["text"]
    text: Text


class Failure(Strict, frozen=True):
    """No explanation, and why."""

    kind: Literal["failure"]
    reason: Literal["refused", "empty", "cut", "unparsable", "timeout", "failed"]
    detail: Text = ""


Said = Annotated[SaidClaims | SaidText | Failure, Field(discriminator="kind")]


class TrialAnswer(Strict, frozen=True):
    """One line of explanations.jsonl: what was said of one model, word for word."""

    trial: TrialId
    said: Said
    seconds: AtLeast0


class Reply(Strict, frozen=True):
    """One line of replies.jsonl: what a model that was asked replied."""

    trials: tuple[TrialId, ...] = Field(min_length=1, max_length=limits.N_CLAIMS)
    """What it was asked about; several where models are explained together."""
    vlm: Line
    question: Sha256
    """Hash of the question with its images."""
    reply: Text


class BundleRef(Strict, frozen=True):
    """The bundle that was explained."""

    name: Name
    sha256: Sha256
    """Hash of its manifest."""


class Costs(Strict, frozen=True):
    """What all explanations took together."""

    seconds: AtLeast0
    vlm_calls: Count
    vlm_tokens: Count
    dollars: AtLeast0 | None
    """null where nobody was paid by the token."""
    peak_memory_mb: AtLeast0


class Environment(Strict, frozen=True):
    """Where it ran."""

    python: Line
    platform: Line
    packages: dict[Line, Line] = Field(max_length=400)
    """Installed packages with their versions."""


class Claimed(Strict, frozen=True):
    """A number that the authors found; it is shown struck through beside the recomputed one."""

    scenario: Name
    metric: Name
    value: Amount


class Entry(Strict, frozen=True):
    """entry.json: who explained which bundle, with what and under which rules."""

    schema_version: Annotated[Literal[1], BeforeValidator(_whole_number)]
    bundle: BundleRef
    name: Name
    """Shown on the board; with version and hash it is the canonical id."""
    version: Annotated[str, Field(pattern="^[0-9A-Za-z][0-9A-Za-z.+-]{0,39}$")]
    code_sha256: Sha256
    """Hash of the explainer's sources."""
    authors: tuple[Person, ...] = Field(min_length=1, max_length=50)
    link: Link
    license: Annotated[str, Field(pattern="^[A-Za-z0-9][A-Za-z0-9 .()+-]{0,79}$")]
    """SPDX expression."""
    track: Literal["solo", "joint", "told"]
    """What it was given: one model at a time, all models of a group, or also the corpus' vocabulary."""
    division: Literal["explainer", "system", "agent"]
    """One method fixed before the split; what selects or combines entries; what plans its own steps."""
    encoder: Line | None
    vlms: tuple[Line, ...] = Field(max_length=20)
    """Ids of all models that were asked; every reply is in replies.jsonl."""
    judge: Line | None
    """Which judge was used while the explainer was made or run, and for what; null for none."""
    costs: Costs
    environment: Environment
    seeds: tuple[Annotated[int, Field(strict=True, ge=0, lt=2**63)], ...] = Field(max_length=100)
    target: Target
    """The explainer as `package.module:Class`, for the audit."""
    requirement: Requirement | None = None
    """Where the package is to be had: `name==version`; null where it comes with the entry's link."""
    settings: dict[Name, Annotated[bool, Field(strict=True)] | Amount | Line] = Field(
        default_factory=dict, max_length=100
    )
    claimed: tuple[Claimed, ...] = Field(default=(), max_length=50)
    files: dict[Literal["explanations.jsonl", "replies.jsonl"], Sha256]
    """Hash of every other file."""


def canonical_id(entry: Entry, digest: str) -> str:
    """The id of an entry: its name, version and the beginning of its hash."""
    return f"{entry.name}@{entry.version}+{digest[:12]}"


def checked(kind: type[Kind], value: object, *, file: str, record: str = "") -> Kind | list[Problem]:
    """The value as a record, or every field in which it is none."""
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        return [_problem(each, file, record) for each in error.errors(include_url=False)[:20]]


def json_schemas() -> dict[str, Any]:
    """The JSON Schema of every file's records."""
    return {
        ENTRY: Entry.model_json_schema(),
        f"{EXPLANATIONS}, each line": TrialAnswer.model_json_schema(),
        f"{REPLIES}, each line": Reply.model_json_schema(),
    }


_LIMITS = ("too_long", "string_too_long", "greater_than", "less_than", "bytes_too_long")


def _problem(error: Any, file: str, record: str) -> Problem:
    place = ".".join(str(each) for each in error["loc"])
    kind = "characters" if error["type"] == "string_unicode" else error["type"]
    rule = kind if kind in ("characters", "names") else "limits" if kind.startswith(_LIMITS) else "schema"
    if rule == "schema" and error["loc"] == ("name",):
        rule = "names"
    given = (
        ""
        if kind in ("missing", "characters") or kind.endswith("too_long")
        else f" Got {_shown(error['input'])}."
    )
    return Problem(
        rule=rule,
        file=file,
        record=", ".join(filter(None, (record, place[:120]))),
        what=f"`{place[:120]}`: {error['msg']}.{given}",
        fix=_fix(kind, rule, place),
    )


def _shown(value: object) -> str:
    shown = ascii(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


def _fix(kind: str, rule: str, place: str) -> str:
    match rule, kind:
        case "schema", "missing":
            return f"Add `{place}`."
        case "schema", "extra_forbidden":
            return f"Leave out `{place}`: the schema has no such field, and scores are made here from what was said."
        case "schema", "literal_error" if place == "schema_version":
            return "Make the entry again with `python -m leaderboard submit` of this version."
        case "characters", _:
            return "Write the text in normal form (NFC) and leave out what is not printed."
        case "names", _:
            return (
                "Take lower-case ASCII letters, digits, dot, hyphen and underscore; one alphabet in a word."
            )
        case "limits", _:
            return "Say less; `python -m leaderboard schema` shows every limit."
        case _:
            return "`python -m leaderboard schema` shows what the field must be."
