"""Whether the weights of a base generator are whole and finite, before anything is trained on them.

What is trained from weights with NaN fails far from its cause: as a loss, or as images that are not finite.
"""

from functools import cache
from pathlib import Path

from finetune.generator import GeneratorError, GeneratorSettings
from finetune.store.tensor_headers import not_finite, read_header


def check_weights(settings: GeneratorSettings) -> None:
    """See that every safetensors file of a generator's parts can be read, and that its numbers are finite.

    Raises:
        TensorFileError: One is no safetensors file, or not the whole of one.
        GeneratorError: One holds NaN or an infinity; the message names file and tensor.
    """
    places = [settings.folder / part for part in settings.facts.parts]
    for path in sorted(file for place in places if place.is_dir() for file in place.rglob("*.safetensors")):
        found = path.stat()
        if bad := _broken_tensor(path.absolute(), found.st_size, found.st_mtime_ns):
            raise GeneratorError(
                f"Every weight of a generator must be finite. {path} has NaN or infinity in {bad!r}: the file is "
                "broken, or was saved from a training that had failed, or in half precision of numbers too large for "
                "it. Download it again, or use an earlier checkpoint."
            )


@cache
def _broken_tensor(path: Path, n_bytes: int, changed_ns: int) -> str | None:
    """The first tensor with a NaN or infinity; looked for once per process and file as it is."""
    del n_bytes, changed_ns
    return next(not_finite(path, read_header(path)), None)
