"""The logs of a run's folder, and what of them is made again on purpose.

A redo keeps what it makes in files of its own, so that what there was stays and counts until all of it is made again,
and a redo that was killed goes on with the same command. Then the logs take the new records over, results are
published, and those files go.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from benchmark.record.files import OutputError, write_atomically
from benchmark.record.recording import RecordLog, open_log, write_json
from benchmark.record.records import CertificateRecord, ExplanationRecord, ReadingRecord
from benchmark.show.runs import RunFiles
from finexl.notices import Notice, united
from finexl.vlms.chat_settings import GIVEN_UP

Redo = Literal["no", "explanations", "all"]
"""`explanations` asks every explainer of a run again; `all` also trains, makes images and certifies again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """Everything that a folder's runs found, and which part of it this run may reuse."""

    explanations: RecordLog[ExplanationRecord]
    certificates: RecordLog[CertificateRecord]
    readings: RecordLog[ReadingRecord]
    made_explanations: RecordLog[ExplanationRecord]
    """Explanations that need not be made: all that there are, or in a redo those that it has made so far."""
    made_certificates: RecordLog[CertificateRecord]
    """Certificates that need not be made: all, or with `redo=all` those that it has made so far."""
    notices: "MadeNotices"
    """What was told while models and images were made."""
    since: float
    """Models and images from before this time, in seconds since 1970, are made again."""
    leftovers: tuple[Path, ...]
    """Files that only a redo has, which go when it is over."""

    def settle(self) -> None:
        """Take over what a redo made; where it failed on more models than before, the earlier record stays."""
        self.explanations.absorb(self.made_explanations)
        self.certificates.absorb(self.made_certificates)

    def end(self) -> None:
        """Forget how far a redo was, so that the next one begins anew."""
        for path in self.leftovers:
            path.unlink(missing_ok=True)


class MadeNotices:
    """What was told while models and images were made, in a file of the run's folder.

    They are of a corpus and a generator: what another one left there is not of this run.
    """

    def __init__(self, path: Path, *, made_of: str) -> None:
        self._path, self._made_of = path, made_of
        try:
            kept = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
            own = kept.get("notices", []) if kept.get("made_of") == made_of else []
            self.all = tuple(Notice(**{**one, "examples": tuple(one["examples"])}) for one in own)
        except (AttributeError, LookupError, TypeError, ValueError) as reason:
            raise OutputError(
                f"{str(path)!r} must be what a run left there. It is not: {reason}. Remove it, and give the command "
                "again; what it told of models that are made already is not told again."
            ) from reason

    def add(self, told: Iterable[Notice]) -> None:
        """Keep what is new."""
        if (every := united((*self.all, *told))) != self.all:
            self.all = every
            write_json(self._path, {"made_of": self._made_of, "notices": [asdict(one) for one in every]})


def open_logs(files: RunFiles, redo: Redo, *, made_of: str = "") -> Logs:
    """The logs of a folder; a redo that was interrupted goes on.

    `made_of` says of what models and images are made.

    Raises:
        OutputError: A file is no log of this version.
    """
    explanations = open_log(files.explanations, ExplanationRecord, missing=unheard)
    certificates = open_log(files.certificates, CertificateRecord)
    again = [path.with_suffix(".again.jsonl") for path in (files.explanations, files.certificates)]
    start = files.folder / "redo.begun"
    return Logs(
        explanations=explanations,
        certificates=certificates,
        readings=open_log(files.readings, ReadingRecord),
        made_explanations=explanations
        if redo == "no"
        else open_log(again[0], ExplanationRecord, missing=unheard),
        made_certificates=open_log(again[1], CertificateRecord) if redo == "all" else certificates,
        notices=MadeNotices(files.folder / "notices.json", made_of=made_of),
        since=_begun(start) if redo == "all" else 0.0,
        leftovers=() if redo == "no" else (*again, start),
    )


def unheard(record: ExplanationRecord) -> tuple[int, int]:
    """Models of which an explainer said nothing, then questions that an outage left without an answer.

    An explainer that has other words too explains without those of the model that it could not ask.
    """
    outages = [n for reason, n in record.unanswered.items() if f": {GIVEN_UP}" in reason]
    return record.n_failed, sum(outages)


def _begun(path: Path) -> float:
    """When the redo began, now or before it was interrupted: by the clock of files, as the store's entries are."""
    if not path.exists():
        write_atomically(path, b"")
    return path.stat().st_mtime
