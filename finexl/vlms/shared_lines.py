"""A file of JSON lines that several processes and resumed runs add to, such as a ledger or a recording.

Each line is written whole while a lock file beside it keeps the others out. What a killed process left unfinished is
cut off by the next writer. Readers need no lock, and so no right to write: they take whole lines only.
"""

import errno
import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any


class SharedLines:
    """The lines of a file, each handed to this process once."""

    def __init__(self, path: Path) -> None:
        from filelock import FileLock  # late: command lines import ledgers' values for their estimates

        self.path = path
        self._lock = FileLock(f"{path}.lock")
        self._n_read = 0

    def new(self) -> list[bytes]:
        """The whole lines that this process neither read nor wrote yet; raises OSError where there is no file."""
        check_plain(self.path)
        with self.path.open("rb") as file:
            file.seek(self._n_read)
            content = file.read()
        whole = content[: content.rfind(b"\n") + 1]
        self._n_read += len(whole)
        return whole.splitlines()

    def exchange(self, reply: Callable[[list[bytes]], Iterable[Mapping[str, Any]]]) -> None:
        """Hand over the new lines and append those that come back, while nobody else writes."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        check_plain(self.path)
        with self._lock:
            self.path.touch()
            lines = [json.dumps(line, sort_keys=True, allow_nan=False) + "\n" for line in reply(self.new())]
            with self.path.open("r+b") as file:
                file.truncate(self._n_read)  # behind it is at most a line without its end
                file.seek(self._n_read)
                file.write("".join(lines).encode())
                file.flush()
                os.fsync(file.fileno())
                self._n_read = file.tell()


def check_plain(path: Path) -> None:
    """Raise OSError for what is there and no file: devices and pipes have no end, or never answer."""
    if path.exists() and not path.is_file():
        raise OSError(errno.EISDIR if path.is_dir() else errno.EINVAL, "it is no file", str(path))
