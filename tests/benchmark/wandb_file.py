"""Reads a `.wandb` file back: LevelDB's log format around W&B's own protocol buffers."""

import struct
from collections.abc import Iterator
from pathlib import Path

from wandb.proto import wandb_internal_pb2

_BLOCK, _HEADER, _MAGIC = 32768, 7, b":W&B"
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4


def records(path: Path) -> list[wandb_internal_pb2.Record]:
    """Every record of a run's file."""
    found = []
    for content in _contents(path.read_bytes()):
        record = wandb_internal_pb2.Record()
        record.ParseFromString(content)
        found.append(record)
    return found


def _contents(file: bytes) -> Iterator[bytes]:
    assert file[:4] == _MAGIC
    at, pending = _HEADER, b""
    while at + _HEADER <= len(file):
        left = _BLOCK - at % _BLOCK
        if left < _HEADER:
            at += left
            continue
        _, length, kind = struct.unpack("<IHB", file[at : at + _HEADER])
        part = file[at + _HEADER : at + _HEADER + length]
        at += _HEADER + length
        pending = part if kind in (_FULL, _FIRST) else pending + part
        if kind in (_FULL, _LAST):
            yield pending
