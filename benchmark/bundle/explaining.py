"""Explanations of a bundle's models, as an entry of a leaderboard holds them: no model is trained, no truth is opened.

Groups are shown as in a run: in the order of ids that are hashes of what is shown, explainers from elsewhere in a
process of their own. What was said, and every reply of a model that was asked, is kept group by group, so that a
killed command goes on where it stopped.
"""

import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Literal

from benchmark.bundle.manifest import Bundle, FrozenGroup, OpaqueId
from benchmark.config.loading import load_settings
from benchmark.config.portable import BUILDING
from benchmark.config.settings import Settings, check_models
from benchmark.explain.explaining import MeteredExplainer, blind_pairs, explain_blind
from benchmark.explain.memory import peak_memory_mb
from benchmark.parts.code import bundle_code
from benchmark.parts.explainers import (
    EXPLAINERS,
    MODEL,
    PROBE,
    ExplainerConfig,
    asked_about_model,
    explainer_key,
    is_from_elsewhere,
    options_of,
    track_of,
    uses_of,
)
from benchmark.parts.identity import digest
from benchmark.parts.vlms import load_vlm, vlm_identity
from benchmark.record.files import sole_writer, write_atomically
from benchmark.record.recording import open_log, write_json
from benchmark.record.records import PASSING, Finite, Record, Strict
from benchmark.run.workbench import SettingsWorkbench
from finexl.errors import InvalidInputError
from finexl.values import AnyExplanation, NoExplanation, ScoredExplanation, TextExplanation

if TYPE_CHECKING:
    from finexl.interfaces import VLM, NoReply, Question, Reply

KEYS = ("bundle", "output", *BUILDING, "explainer_seconds", "explainer_memory_gb")
"""What an explanation of a bundle can be told."""
N_CLAIMS, LENGTH, LARGEST = 200, 8_000, 1e9
"""Claims of an explanation, characters of a text and size of a number that an entry may have; five claims are read."""
_CONCEPT = 200
_SCORED = ("public", "private")


class Replied(Strict, frozen=True):
    """What a model that was asked replied."""

    trials: tuple[OpaqueId, ...]
    vlm: str
    question: str
    """Hash of the question with its images."""
    reply: str


class Answered(Strict, frozen=True):
    """What was said of one model, in the form of an entry's explanations."""

    trial: OpaqueId
    said: dict[str, Any]
    seconds: Finite


class GroupKey(Strict, frozen=True):
    """Who explained which group."""

    explainer_key: str
    group: OpaqueId
    bundle: str
    version: str
    """Version of the code that shows bundles and keeps answers."""


class ExplainedGroup(Record, frozen=True):
    """What an explainer said of a group of a bundle."""

    kind: Literal["frozen"] = "frozen"
    key: GroupKey
    answers: tuple[Answered, ...]
    replies: tuple[Replied, ...]
    vlm_tokens: int
    peak_memory_mb: Finite

    @property
    def n_failed(self) -> int:
        return sum(answer.said.get("reason") in PASSING for answer in self.answers)


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
            raise InvalidInputError(f"`explain` takes {', '.join(KEYS)}. Got {key!r}.")
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
    return Asked(bundle=Bundle(Path(own["bundle"])), settings=replace(settings, output=output), output=output)


def explain_bundle(asked: Asked, tell: Callable[[str], None]) -> int:
    """Explain every scored model of a bundle, and write what an entry is made of; returns how many failed.

    Written are `explanations.jsonl`, `replies.jsonl` where a model was asked, `measured.json`, and `facts.json` for
    people to fill in unless it is there.

    Raises:
        InvalidInputError: The bundle is not as it was published.
    """
    check_models(asked.settings)
    asked.bundle.check()
    with sole_writer(asked.output):
        log = open_log(asked.output / "groups.jsonl", ExplainedGroup)
        bench = BundleWorkbench(asked)
        who = {
            "explainer_key": bench.explainer_key,
            "bundle": asked.bundle.sha256,
            "version": bundle_code(),
        }
        keys = [GroupKey(group=group.id, **who) for group in asked.groups]
        found = {key: log.find(key) for key in keys}
        lacking = {key for key, record in found.items() if record is None or record.n_failed}
        if len(lacking) < len(keys):
            tell(f"{len(keys) - len(lacking)} of {len(keys)} groups are there")
        start, done = perf_counter(), 0
        for group, key in zip(asked.groups, keys, strict=True):
            if key not in lacking:
                continue
            log.append(explained(bench, group, key))
            done += 1
            left = (perf_counter() - start) / done * (len(lacking) - done)
            tell(
                f"{done} of {len(lacking)} groups, {len(group.trials)} models each; about {left:.0f} s are left"
            )
        records = [log[key] for key in keys]
        _write(asked, bench, records)
    return sum(record.n_failed for record in records)


class BundleWorkbench(SettingsWorkbench):
    """Builds explainers that are shown a bundle: what the corpus is called comes from the bundle."""

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked.settings)
        self.asked = asked

    @property
    def concepts(self) -> tuple[str, ...]:
        return self.asked.bundle.manifest.vocabulary

    @property
    def hidden(self) -> tuple[Path, ...]:
        """The truth lies in the bundle, so the folder is hidden too."""
        return *super().hidden, self.asked.bundle.folder.absolute()

    @cached_property
    def explainer_key(self) -> str:
        """What explanations depend on beside the images."""
        return explainer_key(self.asked.explainer, self.asked.settings, self.concepts, probe=dict)

    @cached_property
    def vlm_name(self) -> str:
        """The model that is asked, by name and by a hash of what its answers depend on."""
        given = self.asked.settings.vlm
        return f"{given.name} {digest(vlm_identity(given))[:12]}"

    def listening(self) -> "tuple[MeteredExplainer, Listener | None]":
        """The explainer, anew for each group, and who hears every reply that it gets, where it asks a model."""
        name = self.asked.explainer.name
        if MODEL not in uses_of(self.asked.explainer):
            return self.explainer(name), None
        listener = Listener(self._asked_vlm, name=self.vlm_name)
        return self.explainer(name, vlm=lambda: listener), listener

    @cached_property
    def _asked_vlm(self) -> "VLM":
        return load_vlm(self.asked.settings.vlm, ledger=self.asked.output / "spending.jsonl")


@dataclass(slots=True)
class Listener:
    """A vision-language model of which every reply is kept, and every refusal."""

    vlm: "VLM"
    name: str
    trials: tuple[str, ...] = ()
    """What is being explained."""
    heard: list[Replied] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.vlm.id

    def ask(self, questions: "Sequence[Question]") -> "tuple[Reply | NoReply, ...]":
        from finexl.interfaces import Reply

        answers = self.vlm.ask(questions)
        for question, answer in zip(questions, answers, strict=True):
            text = (
                answer.text if isinstance(answer, Reply) else f"(no reply: {answer.reason}) {answer.detail}"
            )
            self.heard.append(
                Replied(
                    trials=self.trials, vlm=self.name, question=question_hash(question), reply=_clean(text)
                )
            )
        return answers


def explained(bench: BundleWorkbench, group: FrozenGroup, key: GroupKey) -> ExplainedGroup:
    """What an explainer says of a group; who explains models one by one is asked about one at a time."""
    from finexl.interfaces import JointExplainer

    bundle = bench.asked.bundle
    base = bundle.pixels(group.base)
    pairs = {
        trial.id: blind_pairs(group.prompts, base, bundle.pixels(trial.images)) for trial in group.trials
    }
    metered, listener = bench.listening()
    together = isinstance(metered.explainer, JointExplainer)
    shown = [tuple(pairs)] if together else [(trial,) for trial in sorted(pairs, key=lambda id: pairs[id].id)]
    answers: dict[str, Answered] = {}
    for trials in shown:
        if listener is not None:
            listener.trials = trials
        start = perf_counter()
        said = explain_blind(metered.explainer, [pairs[trial] for trial in trials])
        seconds = (perf_counter() - start) / len(trials)
        answers |= {
            trial: Answered(trial=trial, said=said_plainly(one), seconds=round(seconds, 6))
            for trial, one in zip(trials, said, strict=True)
        }
    meter = metered.meter
    return ExplainedGroup(
        key=key,
        answers=tuple(answers[trial.id] for trial in group.trials),
        replies=() if listener is None else tuple(listener.heard),
        vlm_tokens=meter.n_tokens,
        peak_memory_mb=round(meter.peak_memory_mb or peak_memory_mb(), 1),
    )


def said_plainly(said: AnyExplanation) -> dict[str, Any]:
    """An explanation in the form of an entry, within its limits: of more claims than it holds the strongest."""
    match said:
        case ScoredExplanation(claims=claims, residual=residual):
            kept = {*sorted(range(len(claims)), key=lambda place: -abs(claims[place].amount))[:N_CLAIMS]}
            return {
                "kind": "claims",
                "claims": [
                    {
                        "concept": _clean(claim.concept, lines=False)[:_CONCEPT] or "?",
                        "amount": max(-LARGEST, min(LARGEST, float(claim.amount))),
                    }
                    for place, claim in enumerate(claims)
                    if place in kept
                ],
                "residual": None if residual is None else max(0.0, min(LARGEST, float(residual))),
            }
        case TextExplanation(text=text):
            return {"kind": "text", "text": _clean(text)}
        case NoExplanation(reason=reason, detail=detail):
            return {"kind": "failure", "reason": str(reason), "detail": _clean(detail)}


def question_hash(question: "Question") -> str:
    """A hash of a question with its images."""
    facts = [str(question.task), question.text, [[image.mode, *image.size] for image in question.images]]
    total = sha256(json.dumps([*facts, question.schema], sort_keys=True, default=str).encode())
    for image in question.images:
        total.update(image.tobytes())
    return total.hexdigest()


def most_calls(asked: Asked) -> int:
    """Questions to the model at most, retries apart; of explainers from elsewhere nothing is known."""
    return sum(
        len(group.trials) * sum(one.n_calls for one in asked_about_model(asked.explainer, len(group.prompts)))
        for group in asked.groups
    )


def _clean(text: str, *, lines: bool = True) -> str:
    """A text in normal form, without characters that are not printed, and no longer than an entry's may be."""
    kept = [
        letter
        if (lines and letter in "\n\t") or unicodedata.category(letter)[0] not in "CZ" or letter == " "
        else " "
        for letter in unicodedata.normalize("NFC", text)
    ]
    return unicodedata.normalize("NFC", "".join(kept))[:LENGTH]


def _write(asked: Asked, bench: BundleWorkbench, records: Sequence[ExplainedGroup]) -> None:
    """The files that `leaderboard submit` takes; facts that people filled in stay."""
    answers = [answer.model_dump(mode="json") for record in records for answer in record.answers]
    replies = [reply.model_dump(mode="json") for record in records for reply in record.replies]
    write_atomically(asked.output / "explanations.jsonl", _lines(answers))
    asks = MODEL in uses_of(asked.explainer)
    if asks:
        write_atomically(asked.output / "replies.jsonl", _lines(replies))
    write_json(asked.output / "measured.json", measured(asked, bench, records))
    if not (asked.output / "facts.json").exists():
        write_json(asked.output / "facts.json", facts(asked))


def measured(asked: Asked, bench: BundleWorkbench, records: Sequence[ExplainedGroup]) -> dict[str, Any]:
    """What of an entry is found out and not told by its authors."""
    explainer, settings = asked.explainer, asked.settings
    uses = uses_of(explainer)
    encoder = f"{settings.encoder.name} {digest(settings.encoder.identity)[:12]}"
    return {
        "code_sha256": sha256(bench.explainer_key.encode()).hexdigest(),
        "costs": {
            "vlm_tokens": sum(record.vlm_tokens for record in records),
            "dollars": None,
            "peak_memory_mb": max((record.peak_memory_mb for record in records), default=0.0),
        },
        "encoder": encoder if "encoder" in uses else None,
        "seeds": [settings.seed],
        "settings": {
            name: _setting(value) for name, value in options_of(explainer).items() if name != "folder"
        },
        "target": _target(explainer),
        "track": track_of(explainer),
        "vlms": [bench.vlm_name] if MODEL in uses else [],
    }


def facts(asked: Asked) -> dict[str, Any]:
    """What authors tell; of explainers from elsewhere they fill in what is empty."""
    from benchmark import __version__

    explainer = asked.explainer
    is_ours = not is_from_elsewhere(explainer.kind)
    name = explainer.name if is_ours else _target(explainer).partition(":")[2].lower()
    return {
        "name": name,
        "version": __version__ if is_ours else "1.0.0",
        "authors": ["FineXL suite"] if is_ours else [],
        "link": "https://arxiv.org/abs/2511.01932" if is_ours else "",
        "license": "Apache-2.0" if is_ours else "",
        "division": "explainer",
        "judge": None,
        "requirement": None,
        "claimed": [],
    }


def _target(explainer: ExplainerConfig) -> str:
    if not is_from_elsewhere(explainer.kind):
        return EXPLAINERS[explainer.kind].target
    place, _, name = explainer.kind.rpartition(":")
    return f"{Path(place).stem if place.endswith('.py') else place}:{name}"


def _setting(value: Any) -> bool | float | str:
    match value:
        case bool() | int() | float():
            return value
        case _:
            return _clean(str(value), lines=False)[:_CONCEPT] or "none"


def _lines(records: Sequence[Mapping[str, Any]]) -> bytes:
    return "".join(
        f"{json.dumps(record, allow_nan=False, ensure_ascii=False)}\n" for record in records
    ).encode("utf-8", "replace")
