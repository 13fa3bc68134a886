"""What is stored is whole, verified, made once, and survives kills, damage and full disks."""

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from finetune.store.manifest import MANIFEST
from finetune.store.store import DamagedEntryWarning, Store, StoreError
from finexl.errors import InvalidInputError

KEY = "0123456789abcdef"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def writes(content: bytes = b"content") -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        (folder / "deep").mkdir()
        (folder / "deep/result.bin").write_bytes(content)

    return make


def refuses(folder: Path) -> None:
    raise AssertionError("made again")


def result(entry: Path) -> bytes:
    return (entry / "deep/result.bin").read_bytes()


def test_an_entry_is_made_once(store: Store) -> None:
    store.get_or_make("images", KEY, writes(), describe={})
    assert result(store.get_or_make("images", KEY, refuses, describe={})) == b"content"


def test_another_process_finds_the_entry(store: Store) -> None:
    store.get_or_make("images", KEY, writes(), describe={})
    assert result(Store(store.root).get_or_make("images", KEY, refuses, describe={})) == b"content"


def test_has_tells_before_and_after(store: Store) -> None:
    before = store.has("images", KEY)
    store.get_or_make("images", KEY, writes(), describe={})
    assert (before, store.has("images", KEY)) == (False, True)


@pytest.mark.parametrize(
    "damage", ["truncate", "flip", "remove", "folder", "link", "manifest", "schema", "file"]
)
def test_a_damaged_entry_is_set_aside_and_made_again(store: Store, damage: str) -> None:
    entry = store.get_or_make("images", KEY, writes(), describe={})
    DAMAGES[damage](entry)
    with pytest.warns(DamagedEntryWarning, match="quarantine") as said:
        again = Store(store.root).get_or_make("images", KEY, writes(), describe={})
    assert result(again) == b"content"
    assert len(said) == 1
    assert (store.root / "quarantine" / f"images-{KEY}-0").exists()


def _truncate(entry: Path) -> None:
    (entry / "deep/result.bin").write_bytes(b"cont")


def _flip(entry: Path) -> None:
    (entry / "deep/result.bin").write_bytes(b"conteNt")


def _become_a_folder(entry: Path) -> None:
    (entry / "deep/result.bin").unlink()
    (entry / "deep/result.bin").mkdir()


def _become_a_link(entry: Path) -> None:
    (entry / "deep/result.bin").rename(entry / "elsewhere")
    (entry / "deep/result.bin").symlink_to(entry / "elsewhere")


def _become_a_file(entry: Path) -> None:
    entry.rename(entry.parent / "away")
    entry.write_text("a file")


def _replace(old: str, new: str) -> Callable[[Path], None]:
    def damage(entry: Path) -> None:
        text = (entry / MANIFEST).read_text()
        assert old in text
        (entry / MANIFEST).write_text(text.replace(old, new))

    return damage


DAMAGES: dict[str, Callable[[Path], None]] = {
    "truncate": _truncate,
    "flip": _flip,
    "remove": lambda entry: (entry / "deep/result.bin").unlink(),
    "folder": _become_a_folder,
    "link": _become_a_link,
    "manifest": _replace('"describe": {}', '"describe": {"a": 1}'),
    "schema": _replace('"schema": 1', '"schema": 99'),
    "file": _become_a_file,
}


def test_verify_names_the_damaged_entries(store: Store) -> None:
    store.get_or_make("images", KEY[::-1], writes(), describe={})
    entry = store.get_or_make("images", KEY, writes(), describe={})
    _flip(entry)
    assert store.verify() == (entry,)


def test_a_failed_maker_leaves_nothing(store: Store) -> None:
    def fails(folder: Path) -> None:
        writes()(folder)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.get_or_make("images", KEY, fails, describe={})
    assert not store.has("images", KEY)
    assert [path for path in store.root.rglob("*") if path.is_file()] == []


def test_the_workspace_outlives_a_failure_and_goes_with_success(store: Store) -> None:
    def fails(folder: Path) -> None:
        del folder
        (store.workspace("images", KEY) / "state").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.get_or_make("images", KEY, fails, describe={})
    workspace = store.workspace("images", KEY)
    assert (workspace / "state").exists()
    store.get_or_make("images", KEY, writes(), describe={})
    assert not workspace.exists()


def test_keys_ignore_order_and_nothing_else() -> None:
    keys = [Store.key_of(values) for values in ({"a": 1, "b": [2]}, {"b": (2,), "a": 1}, {"a": 1, "b": [3]})]
    assert keys[0] == keys[1] != keys[2]
    assert all(len(key) == 32 for key in keys)


@pytest.mark.parametrize("value", [float("nan"), object(), b"bytes"])
def test_keys_of_what_is_not_json_are_refused(value: Any) -> None:
    with pytest.raises(InvalidInputError, match="plain JSON"):
        Store.key_of({"a": value})


@pytest.mark.parametrize(
    ("kind", "key"), [("../x", KEY), ("work", KEY), ("images", "../../x"), ("images", "A")]
)
def test_names_that_are_not_addresses_are_refused(store: Store, kind: str, key: str) -> None:
    with pytest.raises(InvalidInputError):
        store.has(kind, key)


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "free some space"),
        (errno.EROFS, "read-only"),
        (errno.EFBIG, "ulimit"),
        (errno.EIO, "disk"),
    ],
)
def test_trouble_with_the_disk_says_what_to_do(store: Store, number: int, advice: str) -> None:
    def fails(folder: Path) -> None:
        (folder / "partial").write_bytes(b"x")
        raise OSError(number, os.strerror(number))

    with pytest.raises(StoreError, match=advice):
        store.get_or_make("images", KEY, fails, describe={})
    assert list(store.root.glob("tmp/*")) == []


def test_a_really_full_disk_says_what_to_do(store: Store) -> None:
    def fails(folder: Path) -> None:
        del folder
        with Path("/dev/full").open("wb", buffering=0) as full:
            full.write(b"x")

    with pytest.raises(StoreError, match="disk is full"):
        store.get_or_make("images", KEY, fails, describe={})


def test_a_file_in_the_place_of_the_store_is_told(tmp_path: Path) -> None:
    (tmp_path / "store").touch()
    with pytest.raises(StoreError, match="a file stands where a folder must be"):
        Store(tmp_path / "store").get_or_make("images", KEY, writes(), describe={})


def test_failures_that_are_not_the_disks_pass_unchanged(store: Store) -> None:
    with pytest.raises(PermissionError):
        store.get_or_make(
            "images", KEY, _raise(PermissionError(errno.EACCES, "no", "/else/where")), describe={}
        )


def _raise(error: Exception) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        raise error

    return make


def test_a_sound_entry_is_read_without_writing(store: Store) -> None:
    store.get_or_make("images", KEY, writes(), describe={})
    before = {path: path.stat().st_mtime_ns for path in store.root.rglob("*")}
    Store(store.root).get_or_make("images", KEY, refuses, describe={})
    assert {path: path.stat().st_mtime_ns for path in store.root.rglob("*")} == before


def test_two_makers_of_one_entry_make_it_once(store: Store) -> None:
    made: list[int] = []

    def slow(folder: Path) -> None:
        made.append(1)
        time.sleep(0.05)
        writes()(folder)

    makers = [
        threading.Thread(target=lambda: Store(store.root).get_or_make("images", KEY, slow, describe={}))
        for _ in range(4)
    ]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert made == [1]


def outdated(store: Store) -> Path:
    """An entry from before the time from which the store counts."""
    entry = store.get_or_make("images", KEY, writes(b"old"), describe={})
    store.since = (entry / MANIFEST).stat().st_mtime + 1
    os.utime(entry / MANIFEST, (store.since - 2, store.since - 2))
    return entry


def is_dated_now(store: Store, entry: Path) -> None:
    os.utime(entry / MANIFEST, (store.since + 1, store.since + 1))


def test_an_outdated_entry_counts_as_missing_and_is_replaced(store: Store) -> None:
    entry = outdated(store)
    assert not store.has("images", KEY)
    assert result(store.get_or_make("images", KEY, writes(b"new"), describe={})) == b"new"
    is_dated_now(store, entry)
    assert store.has("images", KEY)
    store.get_or_make("images", KEY, refuses, describe={})
    assert not list((store.root / "tmp").iterdir()) and not (store.root / "quarantine").exists()


def test_an_outdated_entry_stays_until_there_is_a_new_one(store: Store) -> None:
    entry = outdated(store)
    with pytest.raises(AssertionError, match="made again"):
        store.get_or_make("images", KEY, refuses, describe={})
    assert result(entry) == b"old"
    assert Store(store.root).has("images", KEY)


SLOW_MAKER = """
import sys, time
from pathlib import Path
from finetune.store.store import Store

def make(folder):
    (folder / "deep").mkdir()
    for number in range(10_000):
        (folder / "deep/result.bin").write_bytes(b"half" * number)
        if number == 3:
            print("making", flush=True)
        time.sleep(0.001)

Store(Path(sys.argv[1])).get_or_make("images", sys.argv[2], make, describe={})
"""


def test_a_killed_maker_blocks_nobody_and_its_leftovers_go(store: Store) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", SLOW_MAKER, str(store.root), KEY], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None and child.stdout.readline() == "making\n"
    assert store.prune() == ()
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert not store.has("images", KEY)
    assert len(store.prune()) == 2
    assert [path for path in store.root.rglob("*") if path.is_file()] == []
    assert result(store.get_or_make("images", KEY, writes(), describe={})) == b"content"


def test_the_store_starts_without_torch() -> None:
    code = "import sys, finetune.store.store, finetune.workshop; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
