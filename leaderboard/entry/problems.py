"""What is wrong with an entry, and every rule that it can break."""

from collections.abc import Mapping
from dataclasses import dataclass

RULES: Mapping[str, str] = {
    "container": "An entry is a folder or an archive of regular files with the names of an entry, within limits.",
    "json": "Files are strict JSON: UTF-8, no key twice, no NaN or infinity, no number beyond 1e9, not deep.",
    "schema": "Every record has the fields of the schema version that it names, and no others.",
    "characters": "Texts are in normal form without control, invisible or direction characters.",
    "names": "A name is in plain ASCII and cannot be taken for that of another entry; words mix no alphabets.",
    "limits": "Sizes, counts and lengths stay within the limits.",
    "hashes": "entry.json names the hash of every file, and entry.sha256 that of entry.json.",
    "bundle": "An entry answers the bundle that it is verified against.",
    "completeness": "Every trial of the bundle is answered once, and no other.",
    "replies": "Every reply of a model that was asked is there, and the model is declared.",
    "copies": "What was said is not what another entry said, whatever the order, rounding, scale or names.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A rule that an entry breaks, where, and what to do."""

    rule: str
    file: str
    record: str = ""
    """A line, trial or field of the file; "" where the file as a whole is meant."""
    what: str
    """What must hold and what was given."""
    fix: str

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise ValueError(f"A rule must be one of: {', '.join(RULES)}. Got {self.rule!r}.")


class Unreadable(Exception):
    """An entry of which not even the files can be read; nothing more can be said of it than this problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.what)
        self.problem = problem
