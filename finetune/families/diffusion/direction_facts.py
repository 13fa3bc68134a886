"""What a file of an edit direction is, by its header and without torch; `latent_editing` reads the direction itself."""

import json
from pathlib import Path

from finetune.store.tensor_headers import TensorFileError, not_finite, read_header
from finexl.errors import InvalidInputError

FACTS, STATES = "direction", "states"
"""The entry of the metadata that holds everything but the states, and the tensor that holds these."""


def check_direction(path: Path, *, key: str) -> None:
    """See that a file is one of an edit direction; `key` is the setting that names it.

    Raises:
        InvalidInputError: It is not there, or is another kind of file.
    """
    try:
        header = read_header(path)
    except TensorFileError as reason:
        raise InvalidInputError(f"`{key}` must be the file of an edit direction. {reason}") from reason
    stored = header.tensors.get(STATES)
    if stored is None or len(stored.shape) != 2 or not _has_facts(header.metadata.get(FACTS, "")):
        raise InvalidInputError(
            f"`{key}` must be the file of an edit direction: a table of `{STATES}` (tokens, width) with its facts. "
            f"{path} is another safetensors file. Write it with "
            "`finetune.families.diffusion.latent_editing.write_direction`."
        )
    if any(name == STATES for name in not_finite(path, header)):
        raise InvalidInputError(
            f"Every number of an edit direction must be finite (`{key}`). {path} has NaN or infinity in {STATES!r}: "
            "learn or write it again."
        )


def _has_facts(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
