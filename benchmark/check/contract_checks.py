"""The checks that one process can make of an explainer; it sees every model as in a run, blind."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from functools import cached_property
from time import perf_counter
from typing import TYPE_CHECKING

from benchmark.check import contract_pairs
from benchmark.check.answers import ANSWERS, difference, in_words, largest_score, says_something
from benchmark.check.contract_rules import Finding, Limits, Status
from benchmark.explain.children import Message, Report
from benchmark.explain.explaining import MeteredExplainer, explain_blind, explain_in_order
from benchmark.explain.memory import peak_memory_mb
from finexl.errors import FinexlError
from finexl.values import AnyExplanation, ImagePairs, NoExplanation, TextExplanation

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.config.settings import Settings

Build = Callable[[], MeteredExplainer]
Verdict = tuple[Status, str]
Explain = Callable[[object, Sequence[ImagePairs]], Sequence[AnyExplanation]]

SHARE = 0.1
"""Scores of unchanged models may be this share of the largest score of changed ones."""
_NOT_FINITE = "must be finite"
"""What the suite's errors say of NaN and infinity, in scores, residuals and embeddings."""


def examine_settings(given: Message, report: Report) -> None:
    """The task of a child process: every check of the configured explainer but those between processes."""
    build = built_anew(given)
    try:
        build()
    except FinexlError as error:
        return report({"unusable": str(error)})
    except Exception:
        pass  # the first check reports it
    examination = Examination(build, limits=Limits(**given["limits"]))
    for finding in examination.findings():
        report({"finding": asdict(finding)})
    answers = ANSWERS.dump_python(examination.ordinary, mode="json") if examination.is_repeatable else None
    report({"answers": answers})


def examine_outside(given: Message, report: Report) -> None:
    """The task of a child process: explain the ordinary models as a run has one from elsewhere explain them."""
    from benchmark.config.loading import settings_from
    from benchmark.parts.explainers import is_from_elsewhere
    from benchmark.parts.strangers import facts_of
    from benchmark.run.workbench import SettingsWorkbench

    settings = replace(settings_from(given["settings"]), explainer_seconds=given["limits"]["seconds"])
    (explainer,) = settings.explainers
    if not is_from_elsewhere(explainer.kind):
        return report({"answers": None})
    metered = SettingsWorkbench(settings).explainer(explainer.name)
    answers = explain_blind(metered.explainer, contract_pairs.ordinary_models())
    exposed = facts_of(explainer.kind).exposed
    report({"answers": ANSWERS.dump_python(answers, mode="json"), "exposed": list(exposed)})


def built_anew(given: Message) -> Build:
    """Builds the explainer of settings that travelled, in this process; a probe is made of rendered scenes."""
    from benchmark.config.loading import settings_from
    from benchmark.run.workbench import SettingsWorkbench

    settings = settings_from(given["settings"])
    (explainer,) = settings.explainers
    bench = SettingsWorkbench(settings)
    return lambda: bench.explainer(
        explainer.name, probe=lambda: rendered_probe(settings, bench.corpus_aspects), outside=False
    )


def rendered_probe(settings: "Settings", aspects: Sequence[str]) -> "Tensor":
    """Weights of the oracle probe, made of rendered scenes where a run has images of the base model."""
    from benchmark.parts.encoders import load_encoder
    from benchmark.run.probing import N_IMAGES, embedding, painted_shifts, probe_weights

    look = embedding(load_encoder(settings.encoder))
    return probe_weights(painted_shifts(contract_pairs.scenes(N_IMAGES).images, aspects, look), aspects)


class Examination:
    """One explainer, checked in this process."""

    def __init__(self, build: Build, *, limits: Limits) -> None:
        self._build, self._limits = build, limits
        self._models = contract_pairs.ordinary_models()
        self._not_finite: list[str] = []
        self._has_answers = self._is_deterministic = True

    @property
    def is_repeatable(self) -> bool:
        """Whether there are answers, and the same ones each time."""
        return self._has_answers and self._is_deterministic

    def findings(self) -> Iterator[Finding]:
        """Every check in turn; those that an earlier failure makes meaningless are skipped."""
        checks: dict[str, Callable[[], Verdict]] = {
            "answers": self._answers,
            "determinism": self._determinism,
            "order_invariance": self._order,
            "name_invariance": self._names,
            "one_pair": lambda: self._takes("a single pair", (contract_pairs.single_pair(),)),
            "identical_pairs": self._identical,
            "constant_images": lambda: self._takes("constant images", contract_pairs.constant_models()),
            "timing": self._timing,
            "memory": self._memory,
            "finite_numbers": self._finite,
        }
        for name, check in checks.items():
            start = perf_counter()
            status, seen = self._skipped(name) or check()
            if name == "answers":
                self._has_answers = status == "pass"
            if name == "determinism":
                self._is_deterministic = status == "pass"
            yield Finding(name=name, status=status, seen=seen, seconds=perf_counter() - start)

    @cached_property
    def _first(self) -> object:
        return self._build().explainer

    @cached_property
    def ordinary(self) -> tuple[AnyExplanation, ...]:
        """The answers to the ordinary models."""
        return self._asked("ordinary pairs", self._first, self._models)

    def _skipped(self, name: str) -> Verdict | None:
        if name in ("answers", "finite_numbers"):
            return None
        if not self._has_answers:
            return "skip", "needs an explainer that answers"
        if name in ("order_invariance", "name_invariance") and not self._is_deterministic:
            return "skip", "needs an explainer that is deterministic"
        return None

    def _asked(
        self, what: str, explainer: object, models: Sequence[ImagePairs], how: Explain = explain_blind
    ) -> tuple[AnyExplanation, ...]:
        answers = tuple(how(explainer, models))
        for answer in answers:
            if isinstance(answer, NoExplanation) and _is_not_finite(answer):
                self._not_finite.append(f"{what}: {answer.detail}")
        return answers

    def _answers(self) -> Verdict:
        try:
            explainer = self._first
        except Exception as error:
            return "fail", f"building it raised {type(error).__name__}: {error}"
        if lacking := _lacking(explainer):
            return "fail", f"{type(explainer).__name__} has no {lacking}"
        if fault := _fault(self.ordinary):
            return "fail", fault
        said = [answer for answer in self.ordinary if says_something(answer)]
        if said:
            return "pass", f"{len(said)} of {len(self.ordinary)} models explained, as in {in_words(said[0])}"
        if self._not_finite:
            return "skip", "only numbers that are not finite, see finite_numbers"
        return "fail", f"no model was explained: {', '.join(map(in_words, self.ordinary))}"

    def _determinism(self) -> Verdict:
        for who, explainer in (("asked again", self._first), ("a new instance", self._build().explainer)):
            again = self._asked("ordinary pairs", explainer, self._models)
            if found := difference(self.ordinary, again):
                return "fail", f"{who} answered otherwise, {found}"
        return "pass", "same answers, asked twice and asked of a new instance"

    def _order(self) -> Verdict:
        backwards = self._asked(
            "ordinary pairs", self._build().explainer, self._models[::-1], explain_in_order
        )
        found = difference(self.ordinary, backwards[::-1])
        return ("fail", f"shown backwards, {found}") if found else ("pass", "same answers, shown backwards")

    def _names(self) -> Verdict:
        models = contract_pairs.renamed(self._models)
        again = self._asked("ordinary pairs", self._build().explainer, models)
        found = difference(self.ordinary, again)
        return ("fail", f"under other ids, {found}") if found else ("pass", "same answers under other ids")

    def _takes(self, what: str, models: Sequence[ImagePairs]) -> Verdict:
        answers = self._asked(what, self._build().explainer, models)
        if fault := _fault(answers):
            return "fail", fault
        if any(map(_is_not_finite, answers)):
            return "skip", "numbers that are not finite, see finite_numbers"
        return "pass", f"said {', '.join(map(in_words, answers))}"

    def _identical(self) -> Verdict:
        models = (contract_pairs.unchanged_model(), *self._models)
        unchanged, *changed = self._asked("identical pairs", self._build().explainer, models)
        if fault := _fault([unchanged]):
            return "fail", fault
        if _is_not_finite(unchanged):
            return "skip", "numbers that are not finite, see finite_numbers"
        if isinstance(unchanged, TextExplanation):
            return "pass", f"said {in_words(unchanged)}; a text is not measured"
        score, usual = largest_score(unchanged), max(map(largest_score, changed))
        seen = f"the largest score is {score:.3g}, and {usual:.3g} where images changed"
        return ("pass" if score <= SHARE * usual else "fail"), seen

    def _timing(self) -> Verdict:
        metered = self._build()
        model = contract_pairs.painted(contract_pairs.MODELS[0], n_pairs=contract_pairs.N_MANY)
        start = perf_counter()
        answers = self._asked("100 pairs", metered.explainer, (model,))
        seconds, meter = perf_counter() - start, metered.meter
        if fault := _fault(answers):
            return "fail", fault
        asked = f", {meter.n_calls} VLM calls, {meter.n_tokens} tokens" if meter.n_calls else ""
        seen = f"{seconds:.1f} s for {len(model)} pairs{asked}; the limit is {self._limits.seconds:g} s"
        return ("pass" if seconds <= self._limits.seconds else "fail"), seen

    def _memory(self) -> Verdict:
        peak = peak_memory_mb()
        seen = f"{peak:.0f} MB at most in this process; the limit is {self._limits.memory_mb:g} MB"
        return ("pass" if peak <= self._limits.memory_mb else "fail"), seen

    def _finite(self) -> Verdict:
        if not self._not_finite:
            return "pass", "all numbers are finite"
        return "fail", "; ".join(dict.fromkeys(self._not_finite))


def _is_not_finite(answer: AnyExplanation) -> bool:
    return isinstance(answer, NoExplanation) and _NOT_FINITE in answer.detail


def _fault(answers: Sequence[AnyExplanation]) -> str | None:
    """Why the first answer that failed did so; what is not finite has a check of its own."""
    for answer in answers:
        if isinstance(answer, NoExplanation) and answer.reason == "failed" and not _is_not_finite(answer):
            return answer.detail or "an answer of the reason `failed`"
    return None


def _lacking(explainer: object) -> str | None:
    """What keeps an object from being an explainer, in words."""
    from finexl.interfaces import Explainer, JointExplainer

    if isinstance(explainer, Explainer | JointExplainer):
        return None
    present = set(dir(explainer))
    if not present & {"explain", "explain_jointly"}:
        return "`explain` and no `explain_jointly`"
    return "`name`"
