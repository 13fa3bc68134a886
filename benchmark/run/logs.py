"""The logs of a run's folder, and what of them is made again on purpose.

A redo keeps what it makes in files of its own, so that what there was stays and counts until all of it is made again,
and a redo that was killed goes on with the same command. Then the logs take the new records over, results are
published, and those files go.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmark.record.files import write_atomically
from benchmark.record.recording import RecordLog, open_log
from benchmark.record.records import CertificateRecord, ExplanationRecord, ReadingRecord
from benchmark.show.runs import RunFiles

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


def open_logs(files: RunFiles, redo: Redo) -> Logs:
    """The logs of a folder; a redo that was interrupted goes on.

    Raises:
        OutputError: A file is no log of this version.
    """
    explanations = open_log(files.explanations, ExplanationRecord)
    certificates = open_log(files.certificates, CertificateRecord)
    again = [path.with_suffix(".again.jsonl") for path in (files.explanations, files.certificates)]
    start = files.folder / "redo.begun"
    return Logs(
        explanations=explanations,
        certificates=certificates,
        readings=open_log(files.readings, ReadingRecord),
        made_explanations=explanations if redo == "no" else open_log(again[0], ExplanationRecord),
        made_certificates=open_log(again[1], CertificateRecord) if redo == "all" else certificates,
        since=_begun(start) if redo == "all" else 0.0,
        leftovers=() if redo == "no" else (*again, start),
    )


def _begun(path: Path) -> float:
    """When the redo began, now or before it was interrupted: by the clock of files, as the store's entries are."""
    if not path.exists():
        write_atomically(path, b"")
    return path.stat().st_mtime
