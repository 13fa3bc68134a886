"""A training's folder while its trainer writes it: each checkpoint once, when it is whole."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from finetune.explaining.sweeps.sweep import checkpoints_in
from finetune.store.tensor_headers import TensorFileError, read_header
from finexl.errors import InvalidInputError

POLL_S = 5.0
"""Between two looks at the folder."""


def new_checkpoints(
    folder: Path,
    *,
    patience_s: float,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Path]:
    """Yield the checkpoints that are there and each new one; ends when there was none for so many seconds.

    A file is whole when its header's lengths fit its size, which holds for no file that is being written; one that is
    replaced under its name is not yielded again.

    Raises:
        InvalidInputError: There is no such folder.
    """
    if not folder.is_dir():
        raise InvalidInputError(
            f"`--watch` needs the folder that a trainer writes into. Got {str(folder)!r}."
        )
    seen: set[Path] = set()
    last = clock()
    while True:
        for file in checkpoints_in(folder):
            if file not in seen and _is_whole(file):
                seen.add(file)
                yield file
                last = clock()
        if clock() - last >= patience_s:
            return
        sleep(POLL_S)


def _is_whole(file: Path) -> bool:
    try:
        read_header(file)
    except TensorFileError:
        return False
    return True
