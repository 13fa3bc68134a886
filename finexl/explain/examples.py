"""Pictures of the miniature's world to try things with: a base, and the same scenes drawn by a changed model."""

import zipfile
from pathlib import Path

from finexl.errors import InvalidInputError
from finexl.explain.models import SHIPPED

ARCHIVE = SHIPPED / "explain" / "example.zip"


def write_example(folder: Path) -> tuple[Path, Path]:
    """Write the shipped example into `folder`, which must not exist or be empty; returns its two folders.

    Raises:
        InvalidInputError: There is something in the folder, or it cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InvalidInputError(f"The folder for the example must be new or empty. {str(folder)!r} is not.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(ARCHIVE) as archive:
            archive.extractall(folder)
    except OSError as reason:
        raise InvalidInputError(
            f"The example must be written to {str(folder)!r}. It cannot be: {reason}."
        ) from reason
    return folder / "base", folder / "tuned"
