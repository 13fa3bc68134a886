"""Explanations of a bundle's models, as an entry of a leaderboard holds them: no model is trained, no truth is opened.

Groups are shown as in a run: in the order of ids that are hashes of what is shown, explainers from elsewhere in a
process of their own. What was said, and every reply of a model that was asked, is kept group by group, so that a
killed command goes on where it stopped.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from benchmark.bundle.answers import (
    Answered,
    ExplainedGroup,
    GroupKey,
    Replied,
    clean,
    question_hash,
    said_plainly,
)
from benchmark.bundle.asked import Asked
from benchmark.bundle.entry_facts import facts, measured, vlm_name
from benchmark.bundle.manifest import FrozenGroup
from benchmark.bundle.owner import own, require_own
from benchmark.config.settings import check_models, check_parts
from benchmark.explain.explaining import MeteredExplainer, blind_pairs, explain_blind
from benchmark.explain.memory import peak_memory_mb
from benchmark.parts.code import bundle_code
from benchmark.parts.explainers import (
    MODEL,
    explainer_key,
    uses_of,
)
from benchmark.parts.vlms import load_vlm
from benchmark.record.files import sole_writer, write_atomically
from benchmark.record.recording import open_log, write_json
from benchmark.run.workbench import SettingsWorkbench
from finexl.notices import collected, united
from finexl.vlms.chat_settings import GIVEN_UP

if TYPE_CHECKING:
    from finexl.interfaces import VLM, NoReply, Question, Reply


def explain_bundle(asked: Asked, tell: Callable[[str], None]) -> int:
    """Explain every scored model of a bundle, and write what an entry is made of; returns how many failed.

    Written are `explanations.jsonl`, `replies.jsonl` where a model was asked, `measured.json`, and `facts.json` for
    people to fill in unless it is there.

    Raises:
        InvalidInputError: The bundle is not as it was published, or the folder holds another explainer's words.
    """
    require_own(asked)
    tell("opening the bundle and what explains it")
    bench = BundleWorkbench(asked)
    bench.look()
    check_models(asked.settings)
    check_parts(asked.settings)
    asked.bundle.check()
    with sole_writer(asked.output):
        own(asked)
        log = open_log(asked.output / "groups.jsonl", ExplainedGroup, missing=_unheard)
        who = {
            "explainer_key": bench.explainer_key,
            "bundle": asked.bundle.sha256,
            "version": bundle_code(),
        }
        keys = [GroupKey(group=group.id, **who) for group in asked.groups]
        lacking = {key for key in keys if log.lacks(key)}
        if len(lacking) < len(keys):
            tell(f"{len(keys) - len(lacking)} of {len(keys)} groups are there")
        left = [(group, key) for group, key in zip(asked.groups, keys, strict=True) if key in lacking]
        if left:
            tell(f"{_models(group for group, _ in left)} models of {len(left)} groups to explain")
        start, n_timed = 0.0, 0
        for done, (group, key) in enumerate(left, start=1):
            with collected() as told:
                record = explained(bench, group, key)
            log.append(record.model_copy(update={"notices": tuple(told.values())}))
            line = f"{done} of {len(left)} groups, {len(group.trials)} models in it"
            if done == 1:  # what is loaded first tells nothing of the others
                start = perf_counter()
            elif done < len(left):
                n_timed += len(group.trials)
                pace = (perf_counter() - start) / n_timed
                line += f"; about {pace * _models(group for group, _ in left[done:]):.0f} s are left"
            tell(line)
        records = [log[key] for key in keys]
        _write(asked, records)
    for one in united(one for record in records for one in record.notices):
        tell(f"Not as given: {one.line}.")
    if n_unheard := sum(_unheard(record)[1] for record in records):
        tell(
            f"Given up on {n_unheard} questions to the model, so that its words are missing; the reasons are in "
            f"{asked.output / 'replies.jsonl'}. The same command asks those groups again."
        )
    return sum(record.n_failed for record in records)


def _models(groups: Iterable[FrozenGroup]) -> int:
    return sum(len(group.trials) for group in groups)


def _unheard(record: ExplainedGroup) -> tuple[int, int]:
    """Models of which the explainer said nothing, then questions that an outage left without an answer."""
    outages = [one for one in record.replies if one.reply.startswith("(no reply:") and GIVEN_UP in one.reply]
    return record.n_failed, len(outages)


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

    def listening(self) -> "tuple[MeteredExplainer, Listener | None]":
        """The explainer, anew for each group, and who hears every reply that it gets, where it asks a model."""
        name = self.asked.explainer.name
        if MODEL not in uses_of(self.asked.explainer):
            return self.explainer(name), None
        listener = Listener(self._asked_vlm, name=vlm_name(self.asked))
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
                    trials=self.trials, vlm=self.name, question=question_hash(question), reply=clean(text)
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
    meter = metered.meter
    together = isinstance(metered.explainer, JointExplainer)
    shown = [tuple(pairs)] if together else [(trial,) for trial in sorted(pairs, key=lambda id: pairs[id].id)]
    answers: dict[str, Answered] = {}
    for trials in shown:
        if listener is not None:
            listener.trials = trials
        start = perf_counter()
        said = explain_blind(metered.explainer, [pairs[trial] for trial in trials], limit=meter.limit)
        seconds = (perf_counter() - start) / len(trials)
        answers |= {
            trial: Answered(trial=trial, said=said_plainly(one), seconds=round(seconds, 6))
            for trial, one in zip(trials, said, strict=True)
        }
    return ExplainedGroup(
        key=key,
        answers=tuple(answers[trial.id] for trial in group.trials),
        replies=() if listener is None else tuple(listener.heard),
        vlm_tokens=meter.n_tokens,
        peak_memory_mb=round(meter.peak_memory_mb or peak_memory_mb(), 1),
    )


def _write(asked: Asked, records: Sequence[ExplainedGroup]) -> None:
    """The files that `leaderboard submit` takes; facts that people filled in stay."""
    answers = [answer.model_dump(mode="json") for record in records for answer in record.answers]
    replies = [reply.model_dump(mode="json") for record in records for reply in record.replies]
    write_atomically(asked.output / "explanations.jsonl", _lines(answers))
    asks = MODEL in uses_of(asked.explainer)
    if asks:
        write_atomically(asked.output / "replies.jsonl", _lines(replies))
    write_json(asked.output / "measured.json", measured(asked, records))
    if not (asked.output / "facts.json").exists():
        write_json(asked.output / "facts.json", facts(asked))


def _lines(records: Sequence[Mapping[str, Any]]) -> bytes:
    return "".join(
        f"{json.dumps(record, allow_nan=False, ensure_ascii=False, sort_keys=True)}\n" for record in records
    ).encode("utf-8", "replace")
