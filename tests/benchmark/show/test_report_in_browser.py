"""The report in a browser: from a file, on a wide and on a narrow screen, and by keyboard."""

from collections.abc import Iterator

import browser
import pytest
from ideal_bench import World

from benchmark.run import runner

pytestmark = pytest.mark.skipif(
    browser.found() is None, reason="there is no Chromium: install one, or name it in FINEXL_CHROMIUM"
)
CUT = (
    "Array.from(document.querySelectorAll('.card')).filter(card => card.scrollWidth > card.clientWidth + 1)"
    ".map(card => card.getAttribute('aria-label') || card.textContent.slice(0, 40))"
)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    world = World(root=tmp_path_factory.mktemp("report"), explainers=("measuring", "joint", "failing"))
    return runner.execute(world.job()).plan.files.report.as_uri()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[browser.Page]:
    with browser.page(tmp_path_factory.mktemp("profile")) as one:
        yield one


@pytest.mark.parametrize("width", [1200, 400])
def test_it_opens_from_a_file_without_complaint_and_never_scrolls_sideways(
    page: browser.Page, report: str, width: int
) -> None:
    page.open(report, width=width)
    assert page.errors == []
    assert page.value("document.documentElement.scrollWidth") <= width


def test_on_a_wide_screen_no_table_or_chart_is_cut(page: browser.Page, report: str) -> None:
    page.open(report, width=1200)
    assert page.value(CUT) == []


def test_the_first_key_leads_to_a_link_past_the_contents(page: browser.Page, report: str) -> None:
    page.open(report)
    page.press("Tab")
    assert page.value("document.activeElement.className") == "skip"
    assert page.value("document.activeElement.getBoundingClientRect().left") >= 0
    page.press("Enter")
    assert page.value("location.hash") == "#scores"
