"""The committed board is what its ledger and entries make, and its bundle is as it was published."""

import subprocess
from pathlib import Path

import pytest

from benchmark.bundle.manifest import Bundle
from leaderboard.ledger.chain import read_ledger
from leaderboard.shipped import shipped_explainers
from leaderboard.site.building import Place, differing, site_files

BOARD = Place(folder=Path(__file__).parents[2] / "docs" / "board")
pytestmark = pytest.mark.skipif(
    not BOARD.ledger.is_file(), reason="no board is committed yet; `make board` writes it to docs/board"
)


def test_the_pages_are_those_of_ledger_and_entries() -> None:
    files = site_files(BOARD, Bundle(BOARD.folder / "bundle"))
    assert differing(BOARD.site, files) == [], "python -m leaderboard build board=docs/board"


def test_every_shipped_explainer_is_on_it_in_its_role_and_said_the_same_again() -> None:
    on_board = read_ledger(BOARD.ledger).on_board
    found = {
        one.admission.entry.partition("@")[0]: (one.admission.role, one.audit.status) for one in on_board
    }
    for name, role in shipped_explainers():
        assert found.get(name) == (role, "reproduced"), (
            "python -m leaderboard enter-shipped board=docs/board; python -m leaderboard audit-shipped board=docs/board"
        )


def test_the_bundle_is_whole_and_takes_at_most_16_megabytes() -> None:
    bundle = Bundle(BOARD.folder / "bundle")
    bundle.check()
    assert sum(path.stat().st_size for path in bundle.folder.rglob("*") if path.is_file()) <= 16e6


def test_what_stays_with_the_organiser_is_not_committed() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--", str(BOARD.folder)],
        cwd=BOARD.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    committed = [Path(line) for line in listed.stdout.splitlines()]
    assert not {"truth-private.json", "planted.json"} & {path.name for path in committed}
    assert not [path for path in committed if "bundle-private" in path.parts]
    assert {one.admission.bundle.sha256 for one in read_ledger(BOARD.ledger).on_board} == {
        Bundle(BOARD.folder / "bundle").sha256
    }
