"""A second run of an entry's explainer: the door `leaderboard.auditing.Rerun`, behind which its package runs.

It sees what a run shows, pixels and prompts under opaque ids, in a process without truth, files, network or home and
with limits. What it says is kept trial by trial, so that a killed audit goes on where it stopped.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from benchmark.bundle.answers import said_plainly
from benchmark.bundle.manifest import Bundle, FrozenGroup
from benchmark.explain.children import ChildError
from benchmark.explain.explaining import Meter, blind_pairs, explain_blind
from benchmark.explain.outside import (
    OutOfBoundsError,
    OutsideExplainer,
    OutsideHost,
    OutsideJointExplainer,
    OutsideLimits,
    Outsider,
    Services,
)
from benchmark.parts.dictionary import public_dictionary
from finexl.errors import InvalidInputError
from leaderboard.auditing import read_answers
from leaderboard.entry.schema import Entry, Failure, TrialAnswer
from leaderboard.rerun.lent import RationedEncoder, RepliesAgain
from leaderboard.rerun.packages import Package, PackageError, installed
from leaderboard.rerun.suite import SuiteExplainer, given_to
from leaderboard.verify.verifying import Submission

if TYPE_CHECKING:
    from finexl.interfaces import Encoder

N_FAILURES = 3
"""New failures after which nothing is asked any more: the entry differs, and one that hangs would take hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLimits:
    """What an audit may take."""

    of_explanation: OutsideLimits = field(
        default_factory=lambda: OutsideLimits(seconds=60.0, memory_gb=4.0, file_mb=64)
    )
    lent_seconds: float = 300.0
    """Of the encoder's work for one model, for which an explanation does not wait."""
    minutes: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What the process of an explainer is started with."""

    outsider: Outsider
    given: Mapping[str, Any]
    """Values that it is built from there."""
    sha256: str
    """Hash of its code, under which what it said is kept."""


class Asked(NamedTuple):
    """An explainer in its process."""

    explainer: object
    together: bool
    """Whether it explains all models of a group together."""
    lent: Services


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageRun:
    """Runs a package on trials of a bundle; is a `Rerun`."""

    bundle: Bundle
    source: Path | str | Package | SuiteExplainer
    """A wheel, a folder of sources, a requirement, what was installed, or an explainer of the suite."""
    kept: Path
    """Folder of what was said so far."""
    encoder: "Callable[[str], Encoder | None]" = lambda name: None
    """The encoder that an entry names, if it is at hand."""
    limits: AuditLimits = field(default_factory=AuditLimits)
    tell: Callable[[str], None] = lambda line: None

    def __call__(self, submission: Submission, trials: Sequence[str]) -> Sequence[TrialAnswer] | str:
        """What it says now, or why nothing was run."""
        entry = submission.entry
        encoder = None if entry.encoder is None else self.encoder(entry.encoder)
        if entry.encoder is not None and encoder is None:
            return f"it needs the encoder {entry.encoder}, which is not here"
        lent = Services(
            encoder=None if encoder is None else RationedEncoder(encoder, seconds=self.limits.lent_seconds),
            vlm=RepliesAgain(submission.replies, id=", ".join(entry.vlms)) if entry.vlms else None,
        )
        with TemporaryDirectory(prefix="package-") as place:
            try:
                return self._run(submission, trials, self._start(entry, Path(place)), lent)
            except (PackageError, InvalidInputError, ChildError, OutOfBoundsError) as error:
                return f"it could not be started: {error}"

    def _start(self, entry: Entry, place: Path) -> Start:
        """What its process is started with, installed where it must be."""
        seed = entry.seeds[0] if entry.seeds else 0
        package = self.source
        if isinstance(package, SuiteExplainer):
            outsider = self._outsider(package.config.kind, "leaderboard.rerun.suite")
            return Start(outsider=outsider, given=given_to(package, seed), sha256=package.code_sha256)
        if not isinstance(package, Package):
            self.tell("installing it")
            package = installed(package, place, limits=self.limits.of_explanation)
        given = {
            "kind": entry.target,
            "options": dict(entry.settings),
            "seed": seed,
            "dictionary": list(public_dictionary()),
        }
        outsider = self._outsider(entry.target, "benchmark.parts.strangers", path=(package.folder,))
        return Start(outsider=outsider, given=given, sha256=package.sha256)

    def _outsider(self, kind: str, module: str, *, path: tuple[Path, ...] = ()) -> Outsider:
        return Outsider(
            kind=kind,
            find=f"{module}:found",
            build=f"{module}:built",
            path=path,
            hidden=(self.bundle.folder.absolute(),),
            limits=self.limits.of_explanation,
        )

    def _run(
        self, submission: Submission, trials: Sequence[str], start: Start, lent: Services
    ) -> Sequence[TrialAnswer] | str:
        entry = submission.entry
        host = OutsideHost(start.outsider, start.given)
        try:
            process, lacking = host.process(lent)
            if process.exposed:
                return f"this machine cannot cut a process off from {', '.join(process.exposed)}"
            if lacking:
                return f"it is no explainer: it lacks {lacking}"
            if entry.vlms and "vlm" not in process.found["uses"]:
                return f"it asks {', '.join(entry.vlms)} by itself, and there is no network"
            alone = OutsideExplainer(name=entry.name, host=host, services=lambda: lent, meter=Meter())
            together = bool(process.found["is_joint"])
            if together and entry.track == "solo":
                return "it explains the models of a group together, and is entered as solo"
            explainer = OutsideJointExplainer(name=entry.name, alone=alone) if together else alone
            kept = self.kept / f"{submission.id}-{start.sha256[:12]}.jsonl"
            return self._said(submission, trials, Asked(explainer, together, lent), kept)
        finally:
            host.close()

    def _said(
        self, submission: Submission, trials: Sequence[str], asked: Asked, path: Path
    ) -> Sequence[TrialAnswer] | str:
        self.kept.mkdir(parents=True, exist_ok=True)
        found = _kept(path)
        before = {answer.trial: answer.said for answer in submission.answers}
        end = monotonic() + 60 * self.limits.minutes
        n_failures = 0
        with path.open("a", encoding="utf-8") as file:
            for group, shown in self._shown(trials, found, together=asked.together):
                if monotonic() > end:
                    return f"more than {self.limits.minutes:g} minutes were needed; the same command goes on"
                for answer in _answers(self.bundle, group, shown, asked):
                    found[answer.trial] = answer
                    print(json.dumps(answer.model_dump(mode="json")), file=file, flush=True)
                    is_new = isinstance(answer.said, Failure) and not isinstance(
                        before.get(answer.trial), Failure
                    )
                    n_failures += is_new
                self.tell(f"{sum(trial in found for trial in trials)} of {len(trials)} trials run again")
                if n_failures >= N_FAILURES:
                    break
        return [found[trial] for trial in trials if trial in found]

    def _shown(
        self, trials: Sequence[str], found: Mapping[str, TrialAnswer], *, together: bool
    ) -> Iterator[tuple[FrozenGroup, list[str]]]:
        """What is shown at once: one model, or all of a group for who explains them together."""
        groups = self.bundle.manifest.trials()
        lacking = [trial for trial in trials if trial not in found]
        if not together:
            yield from ((groups[trial], [trial]) for trial in lacking)
            return
        for group in {groups[trial].id: groups[trial] for trial in lacking}.values():
            yield group, [trial.id for trial in group.trials]


def _answers(bundle: Bundle, group: FrozenGroup, shown: Sequence[str], asked: Asked) -> Iterator[TrialAnswer]:
    base = bundle.pixels(group.base)
    images = {trial.id: trial.images for trial in group.trials}
    pairs = [blind_pairs(group.prompts, base, bundle.pixels(images[trial])) for trial in shown]
    for each in (asked.lent.encoder, asked.lent.vlm):
        if isinstance(each, RationedEncoder | RepliesAgain):
            each.turn_to(shown)
    start = perf_counter()
    said = explain_blind(asked.explainer, pairs)
    seconds = (perf_counter() - start) / len(shown)
    for trial, one in zip(shown, said, strict=True):
        value = {"trial": trial, "said": said_plainly(one), "seconds": round(seconds, 6)}
        try:
            yield TrialAnswer.model_validate_json(json.dumps(value))
        except ValidationError:
            said = Failure(kind="failure", reason="failed", detail="It says what no entry may hold.")
            yield TrialAnswer(trial=trial, said=said, seconds=round(seconds, 6))


def _kept(path: Path) -> dict[str, TrialAnswer]:
    """What an audit that was ended had found; failures are asked again, and half a line is none."""
    if not path.is_file():
        return {}
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if whole != content:
        path.write_bytes(whole)
    if not whole:
        return {}
    found = read_answers(path)
    return {trial: answer for trial, answer in found.items() if not isinstance(answer.said, Failure)}
