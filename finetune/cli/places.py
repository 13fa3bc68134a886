"""Whether what a command is to write can be written, seen before any work."""

import os
from pathlib import Path

from finexl.errors import InvalidInputError


def check_folder(folder: Path, option: str) -> None:
    """A folder that results are put into must be one, or one that can be made.

    Raises:
        InvalidInputError: It is neither; the message calls it by its option.
    """
    if fault := _fault_of_folder(folder):
        raise InvalidInputError(
            f"`{option}` must be a folder of yours, or one that can be made. Got {str(folder)!r}: {fault}. Name "
            "another."
        )


def check_file(path: Path, option: str) -> None:
    """A file that is written at the end must be one, or one that can be made together with its folder.

    Raises:
        InvalidInputError: It is neither; the message calls it by its option.
    """
    if path.is_dir():
        fault = "that is a folder"
    elif path.exists():
        fault = "" if os.access(path, os.W_OK) else "it may not be written to"
    else:
        fault = _fault_of_folder(path.absolute().parent)
    if fault:
        raise InvalidInputError(
            f"`{option}` must be a file of yours, or one that can be made. Got {str(path)!r}: {fault}. Name another."
        )


def check_page(page: Path | None) -> None:
    """A page that gets a table must be text in a folder that exists; None is no page.

    Raises:
        InvalidInputError: It is not.
    """
    if page is None:
        return
    if not page.absolute().parent.is_dir():
        raise InvalidInputError(
            f"`--page` must be a file in a folder that exists. Got {str(page)!r}. Make the folder first."
        )
    check_file(page, "--page")
    try:
        _ = page.read_text(encoding="utf-8") if page.is_file() else ""
    except (OSError, UnicodeDecodeError) as reason:
        raise InvalidInputError(
            f"`--page` must be text in UTF-8. Got {str(page)!r}: {reason}. Name another file."
        ) from reason


def _fault_of_folder(folder: Path) -> str:
    """Why nothing can be put there; empty where it can."""
    whole = folder.absolute()
    there = next(place for place in (whole, *whole.parents) if os.path.lexists(place))
    if not there.is_dir():
        return f"{str(there)!r} is no folder"
    return "" if os.access(there, os.W_OK | os.X_OK) else f"{str(there)!r} may not be written to"
