"""The files of a repository for a board: a workflow that may only read, a template for who enters, an empty ledger."""

import os
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from benchmark.record.files import why_no_place
from finexl.errors import InvalidInputError

FILES: Mapping[str, str | None] = {
    ".github/workflows/entry.yml": "workflow.yml",
    ".github/pull_request_template.md": "pull_request_template.md",
    ".gitattributes": "gitattributes",
    ".gitignore": "gitignore",
    "README.md": "README.md",
    "requirements.txt": "requirements.txt",
    "ledger.jsonl": None,
    "entries/.gitkeep": None,
    "submissions/.gitkeep": None,
}
"""Where each file goes, and which one it is; None for an empty one."""


def make(folder: Path) -> list[Path]:
    """Write what is not there yet; returns what was written.

    Raises:
        InvalidInputError: There is a file where the folder, or one in it, would go, or nothing can be written.
    """
    for place in dict.fromkeys((folder / target).parent for target in FILES):
        if why := why_no_place(place):
            raise InvalidInputError(
                f"`FOLDER` of a board must be a place for files. Got {str(folder)!r}; {why}. Give another folder."
            )
    made = []
    for target, source in FILES.items():
        path = folder / target
        if not os.path.lexists(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            content = b"" if source is None else files(__name__).joinpath("files", source).read_bytes()
            path.write_bytes(content)
            made.append(path)
    return made
