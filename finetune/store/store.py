"""Content-addressed folders: what is costly is made once, published whole, and verified before it is used.

An entry is a folder `<root>/<kind>/<key>` with a manifest of the SHA-256 of each of its files. It is made in
a temporary folder, flushed to the disk and renamed, so it is either absent or complete. A damaged entry is
set aside in `quarantine/` and made again. Nothing is ever unpickled.
"""

import errno
import logging
import os
import re
import shutil
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from finetune.store import manifest
from finetune.store.manifest import DamagedEntryError
from finexl.errors import FinexlError, InvalidInputError

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_KEY = re.compile(r"[0-9a-f]{8,64}")
_OWN_FOLDERS = ("locks", "tmp", "work", "quarantine")
_ADVICE = {
    errno.ENOSPC: "the disk is full: free some space or choose another place for the store",
    errno.EDQUOT: "your disk quota is used up: free some space or choose another place for the store",
    errno.EFBIG: "a file may not grow this large: raise the file size limit (`ulimit -f`)",
    errno.EROFS: "the disk is read-only: choose a place for the store that can be written",
    errno.EACCES: "this user may not write there: change the permissions or choose another place",
    errno.EPERM: "this user may not write there: change the permissions or choose another place",
    errno.ENOTDIR: "a file stands where a folder must be: remove it or choose another place",
    errno.EIO: "the disk reports an error: check it, or choose another place for the store",
}


logger = logging.getLogger(__name__)


class StoreError(FinexlError):
    """The store cannot be read or written."""


class DamagedEntryWarning(UserWarning):
    """A stored entry no longer was what had been stored; it is made again."""


class Store:
    """Folders of results under `root`, addressed by what determines them."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        self.since = 0.0
        """Entries from before this time, in seconds since 1970, count as missing; what is made again replaces them."""
        self._verified: set[Path] = set()

    @staticmethod
    def key_of(values: Mapping[str, Any]) -> str:
        """The 32 hexadecimal digits that name `values`: SHA-256 of their canonical JSON."""
        return manifest.digest(values)[:32]

    def has(self, kind: str, key: str) -> bool:
        """An entry is there; whether it is sound is found out when it is opened."""
        entry = self._entry(kind, key)
        return manifest.exists_in(entry) and not self._is_outdated(entry)

    def get_or_make(
        self, kind: str, key: str, make: Callable[[Path], None], *, describe: Mapping[str, Any]
    ) -> Path:
        """The folder of an entry; where there is none, `make(folder)` fills an empty one to be published.

        `describe` is kept in the entry's manifest for people; it does not address the entry.

        Raises:
            InvalidInputError: `kind` or `key` is no address.
            StoreError: The disk is full, read-only or broken; whatever `make` raises otherwise passes.
        """
        entry = self._entry(kind, key)
        if self._is_sound(entry):
            return entry
        with self._speaking_of_the_disk(), self._locked(f"{kind}-{key}"):
            if self._set_aside_if_damaged(entry):
                return entry
            with self._fresh_folder(f"{kind}-{key}") as folder:
                make(folder)
                manifest.write(folder, describe)
                entry.parent.mkdir(parents=True, exist_ok=True)
                self._replace(entry, folder)
                manifest.flush_folder(entry.parent)
            self._verified.add(entry)
            shutil.rmtree(self._workspace(kind, key), ignore_errors=True)
        return entry

    def workspace(self, kind: str, key: str) -> Path:
        """A folder that outlives an interruption, for the state from which `make` of this entry resumes.

        Only the maker of the entry may use it; it goes when the entry is published.
        """
        folder = self._workspace(kind, key)
        with self._speaking_of_the_disk():
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def verify(self) -> tuple[Path, ...]:
        """The entries whose files are not what was stored; all are read in full."""
        places = sorted(self.root.glob("*/*"))
        entries = (
            path for path in places if path.parent.name not in _OWN_FOLDERS and _KEY.fullmatch(path.name)
        )
        return tuple(entry for entry in entries if _damage(entry))

    def prune(self) -> tuple[Path, ...]:
        """Remove what killed makers left behind (temporary folders, lock files); returns what went."""
        gone: list[Path] = []
        names = {path.stem for path in [*self.root.glob("tmp/*"), *self.root.glob("locks/*.lock")]}
        with self._speaking_of_the_disk():
            for name in sorted(names):
                places = (self.root / "locks" / f"{name}.lock", self.root / "tmp" / name)
                leftovers = [path for path in places if os.path.lexists(path)]
                with suppress(Timeout), self._locked(name, wait=False):
                    _remove(self.root / "tmp" / name)
                    gone.extend(leftovers)
        return tuple(gone)

    def _entry(self, kind: str, key: str) -> Path:
        if not _NAME.fullmatch(kind) or kind in _OWN_FOLDERS:
            raise InvalidInputError(
                "`kind` of a store entry must be a lower-case word other than "
                f"{', '.join(_OWN_FOLDERS)}. Got {kind!r}."
            )
        if not _KEY.fullmatch(key):
            raise InvalidInputError(
                f"`key` of a store entry must be 8 to 64 hexadecimal digits. Got {key!r}. Use `Store.key_of`."
            )
        return self.root / kind / key

    def _workspace(self, kind: str, key: str) -> Path:
        return self.root / "work" / f"{kind}-{key}"

    def _is_sound(self, entry: Path) -> bool:
        """The entry is there and as it was stored; checked once per process."""
        if self._is_outdated(entry):
            return False
        if entry in self._verified and manifest.exists_in(entry):
            return True
        if not os.path.lexists(entry) or _damage(entry):
            return False
        self._verified.add(entry)
        return True

    def _is_outdated(self, entry: Path) -> bool:
        return manifest.exists_in(entry) and (entry / manifest.MANIFEST).stat().st_mtime < self.since

    def _replace(self, entry: Path, folder: Path) -> None:
        """Publish a folder in one step, or in two where an outdated entry is in its place."""
        outdated = self.root / "tmp" / f"{entry.parent.name}-{entry.name}-outdated"
        if self._is_outdated(entry):
            _remove(outdated)
            entry.rename(outdated)
        folder.rename(entry)
        _remove(outdated)

    def _set_aside_if_damaged(self, entry: Path) -> bool:
        """True when the entry is sound; otherwise its place is free afterwards."""
        if self._is_sound(entry):
            return True
        if os.path.lexists(entry) and not self._is_outdated(entry):
            reason = _damage(entry)
            folder = self.root / "quarantine"
            folder.mkdir(parents=True, exist_ok=True)
            names = (f"{entry.parent.name}-{entry.name}-{number}" for number in count())
            place = next(folder / name for name in names if not os.path.lexists(folder / name))
            entry.rename(place)
            warnings.warn(
                f"The stored entry {entry} was damaged ({reason}). It is now at {place} and is made again.",
                DamagedEntryWarning,
                stacklevel=4,
            )
        return False

    @contextmanager
    def _locked(self, name: str, *, wait: bool = True) -> Iterator[None]:
        """Hold the lock of `name`; where another maker has it, wait, or raise `filelock.Timeout`.

        The lock is the kernel's, so it goes with its holder however that ends, and nothing has to guess whether a
        process is still alive.
        """
        folder = self.root / "locks"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.lock"
        lock = FileLock(path)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            if not wait:
                raise
            logger.info("Waiting for another process, which is making the same entry, %s.", name)
            lock.acquire()
        try:
            yield
        finally:
            path.unlink(
                missing_ok=True
            )  # before letting go; who wakes up with the lock of a gone file tries again
            lock.release()

    @contextmanager
    def _fresh_folder(self, name: str) -> Iterator[Path]:
        """An empty folder, gone afterwards unless it was renamed; the caller holds the lock of `name`."""
        folder = self.root / "tmp" / name
        _remove(folder)
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            _remove(folder)

    @contextmanager
    def _speaking_of_the_disk(self) -> Iterator[None]:
        """Turns failures of the disk under the store into `StoreError`; others pass."""
        try:
            yield
        except OSError as failure:
            if failure.errno not in _ADVICE or not self._concerns(failure.filename):
                raise
            raise StoreError(
                f"The store at {self.root} must be writable and have space. "
                f"Got {failure.strerror!r}; {_ADVICE[failure.errno]}. Finished work is kept."
            ) from failure

    def _concerns(self, filename: object) -> bool:
        """A full disk names no file; other failures count only where they happened inside the store."""
        if filename is None:
            return True
        touched, root = Path(str(filename)).absolute(), self.root.absolute()
        return touched.is_relative_to(root) or root.is_relative_to(touched)


def _damage(entry: Path) -> str:
    """What is wrong with an entry, or nothing."""
    try:
        manifest.check(entry)
    except DamagedEntryError as reason:
        return str(reason)
    return ""


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
