"""The board in a browser: what it says, how it sorts, on a narrow screen and by keyboard."""

from collections.abc import Iterator
from pathlib import Path

import browser
import pytest
from small_board import Made, admission, entry, scored, submission, write_bundle, written

from leaderboard.ledger.chain import Ledger, write_ledger
from leaderboard.site.building import Place, site_files, write_site

pytestmark = pytest.mark.skipif(
    browser.found() is None, reason="there is no Chromium: install one, or name it in FINEXL_CHROMIUM"
)
N = 200
ROOT = Path(__file__).parents[2]
ROWS = "Array.from(document.querySelectorAll('table.board')[0].tBodies[0].rows)"
BUTTONS = "document.querySelectorAll('table.board')[0].querySelectorAll('thead button')"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A board of 200 entries of which every fourth knows the corpus' vocabulary."""
    folder = tmp_path_factory.mktemp("board")
    bundle = write_bundle(folder / "bundle")
    place, ledger = Place(folder=folder), Ledger()
    for number in range(N):
        one = submission(
            entry(bundle, name=f"explainer{number}", track="told" if number % 4 == 0 else "solo")
        )
        written(place.entries / one.id, one.files)  # type: ignore[arg-type]
        units = tuple((number * 7919 + unit * 104729) % 1000 / 1000 for unit in range(12))
        event = admission(one, scored(Made(sum(units) / 12, units), Made(0.3, units, metric="claim_f1")))
        ledger = ledger.with_event(event, day="2026-03-01", reason="test")
    write_ledger(place.ledger, ledger)
    write_site(place.site, site_files(place, bundle))
    return place.site


@pytest.fixture(scope="module")
def page(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[browser.Page]:
    with browser.page(tmp_path_factory.mktemp("profile")) as one:
        yield one


@pytest.fixture
def board(page: browser.Page, site: Path) -> browser.Page:
    page.errors.clear()
    page.open((site / "index.html").as_uri())
    return page


def names(page: browser.Page) -> list[str]:
    return page.value(
        f"{ROWS}.filter(row => !row.hidden).map(row => row.querySelector('a').textContent.trim())"
    )


def values(page: browser.Page, column: int) -> list[float]:
    return page.value(f"{ROWS}.map(row => Number(row.cells[{column}].dataset.value))")


def scored_column(page: browser.Page) -> int:
    """The first column of scores, of which the best comes first."""
    return page.value(
        f"Array.from({BUTTONS}).findIndex(each => each.closest('th').dataset.first === 'descending')"
    )


def test_the_page_says_what_it_is_and_who_is_on_it(board: browser.Page) -> None:
    text = board.value("document.body.innerText")
    assert "explainer7" in text and "Published, not verified" in text
    assert len(names(board)) == 150


def test_nothing_is_complained_about_on_any_page(board: browser.Page, site: Path) -> None:
    for path in ("trials.html", f"entries/{sorted((site / 'entries').iterdir())[0].name}"):
        board.open((site / path).as_uri())
    assert board.errors == []


def test_a_click_on_a_head_sorts_and_another_turns_the_order(board: browser.Page) -> None:
    column = scored_column(board)
    board.value(f"{BUTTONS}[{column}].click()")
    first = values(board, column)
    board.value(f"{BUTTONS}[{column}].click()")
    second = values(board, column)
    assert len({*first}) > 100
    assert first == sorted(first, reverse=True) and second == sorted(second)


def test_two_hundred_rows_are_sorted_by_a_click(board: browser.Page) -> None:
    board.value(
        f"{{ const body = {ROWS}[0].parentNode; for (const row of {ROWS}.slice(0, 50)) "
        "body.append(row.cloneNode(true)); }"
    )
    column = scored_column(board)
    board.value(f"{BUTTONS}[{column}].click()")
    found = values(board, column)
    assert len(found) == 200 and found == sorted(found, reverse=True)


def test_a_search_leaves_the_rows_that_hold_the_word(board: browser.Page) -> None:
    board.value(
        "{ const box = document.querySelector('input[type=search]'); box.value = 'explainer19'; "
        "box.dispatchEvent(new Event('input')); }"
    )
    assert names(board) and all("explainer19" in name for name in names(board))


def test_the_committed_board_needs_no_scrolling_sideways_on_a_usual_screen(page: browser.Page) -> None:
    page.open((ROOT / "docs/board/site/index.html").as_uri(), width=1100)
    boards = "Array.from(document.querySelectorAll('table.board'), table => table.parentElement)"
    assert page.value(f"{boards}.length") >= 2
    assert page.value(f"{boards}.filter(each => each.scrollWidth > each.clientWidth).length") == 0


def test_further_scores_of_a_scenario_are_shown_on_request(board: browser.Page) -> None:
    shown = f"Array.from({BUTTONS}).filter(each => each.checkVisibility()).map(each => each.textContent)"
    assert not any("claim f1" in name for name in board.value(shown))
    assert any("selection accuracy" in name for name in board.value(shown))
    board.value("document.querySelector('input[data-class=only-own]').click()")
    assert sum("claim f1" in name for name in board.value(shown)) == 1


def test_a_narrow_screen_shows_everything_without_scrolling_the_page_sideways(
    page: browser.Page, site: Path
) -> None:
    page.open((site / "index.html").as_uri(), width=400)
    assert page.value("document.documentElement.scrollWidth") <= 400
    # what is wider scrolls by itself
    assert page.value(
        "Array.from(document.querySelectorAll('table')).every(table => "
        "{ for (let each = table; each; each = each.parentElement) if (each.getBoundingClientRect().right <= 400 && "
        "['auto', 'scroll'].includes(getComputedStyle(each).overflowX)) return true; "
        "return table.getBoundingClientRect().right <= 400; })"
    )


def test_on_a_narrow_screen_the_first_score_is_in_sight(page: browser.Page, site: Path) -> None:
    page.open((site / "index.html").as_uri(), width=400)
    assert page.value(f"{ROWS}[0].cells[2].getBoundingClientRect().right") <= 400


def test_the_table_is_sorted_by_keyboard_alone(board: browser.Page) -> None:
    column = scored_column(board)
    for _ in range(60):
        board.press("Tab")
        if board.value(f"document.activeElement === {BUTTONS}[{column}]"):
            break
    else:
        pytest.fail("the head of the column is not reached by Tab")
    assert board.value(
        "(() => { const style = getComputedStyle(document.activeElement); "
        "return style.outlineStyle !== 'none' || style.boxShadow !== 'none'; })()"
    )
    board.press("Enter")
    found = values(board, column)
    assert found == sorted(found, reverse=True)
    assert board.value(f"{BUTTONS}[{column}].closest('th').getAttribute('aria-sort')") == "descending"
