"""All files of the site from the ledger, the entries and the bundle; the same in, the same bytes out."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmark.bundle.manifest import Bundle
from benchmark.record.files import write_atomically
from finexl.errors import InvalidInputError
from leaderboard.board.formats import FORMATS
from leaderboard.board.table import BoardError, board
from leaderboard.entry.problems import Unreadable
from leaderboard.ledger.chain import Standing, read_ledger
from leaderboard.site.pages import entry_page, index_page, shown_of, trials_page
from leaderboard.verify.opening import opened
from leaderboard.verify.verifying import Submission, read_again


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A repository of a board: its ledger, its entries, and the site that is made of both."""

    folder: Path

    @property
    def ledger(self) -> Path:
        """The ledger's file."""
        return self.folder / "ledger.jsonl"

    @property
    def entries(self) -> Path:
        """The folder with a folder for each entry, named by its id."""
        return self.folder / "entries"

    @property
    def site(self) -> Path:
        """The folder of the pages."""
        return self.folder / "site"


def site_files(place: Place, bundle: Bundle | None) -> dict[str, bytes]:
    """Every file of the site by its path in it.

    Raises:
        BoardError: An entry is missing, or is not the one that was admitted.
        LedgerError: The ledger is not what was added line by line.
    """
    ledger = read_ledger(place.ledger)
    submissions = {one.admission.entry: admitted(place, one) for one in ledger.on_board}
    found = board(ledger, {id: one.entry for id, one in submissions.items()})
    trials = shown_of(bundle)
    files = {f"board.{end}": write(found).encode() for end, write in FORMATS.items()}
    files["index.html"] = index_page(found, trials).encode()
    for track in found.tracks:
        for row in track.rows:
            page = entry_page(row, submissions[row.id].answers, trials)
            files[f"entries/{row.anchor}.html"] = page.encode()
    if bundle is not None and trials.groups:
        files["trials.html"] = trials_page(trials).encode()
        files |= {f"images/{image}.png": bundle.image(image).read_bytes() for image in trials.images}
    return files


def write_site(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Write what differs and take away what is no more; returns the paths that changed.

    Raises:
        InvalidInputError: The folder holds something else than a site.
    """
    # the table in Markdown is written first, so that a site of which no more was written is one too
    if not (folder / "board.md").is_file() and folder.exists() and any(folder.iterdir()):
        raise InvalidInputError(
            f"`output` must be a folder that is new or empty, or a board's site to be made again. {str(folder)!r} is "
            "none of these, and what no site holds would be lost. Choose another."
        )
    changed = differing(folder, files)
    for name in changed:
        if name in files:
            write_atomically(folder / name, files[name])
        else:
            (folder / name).unlink()
    return changed


def differing(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """The paths of a site that are not as they should be."""
    there = {
        path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()
    }
    wrong = [
        name for name, content in files.items() if name not in there or there[name].read_bytes() != content
    ]
    return [*wrong, *(name for name in there if name not in files)]


def admitted(place: Place, standing: Standing) -> Submission:
    """The files of an entry as they were admitted.

    Raises:
        BoardError: It is missing, or was changed.
    """
    id = standing.admission.entry
    try:
        problems, submission = read_again(opened(place.entries / id), digest=standing.admission.sha256)
    except Unreadable as error:
        problems, submission = [error.problem], None
    if submission is None or problems or submission.digest != standing.admission.sha256:
        what = problems[0].what if problems else "Its hash is another."
        raise BoardError(
            f"Every entry on the board must be as it was admitted. {id} is not: {what} Put it back from the "
            f"repository's history, or remove it with its reason: python -m leaderboard remove {id} reason=..."
        )
    return submission
