"""The report is one page that holds everything, and nothing from a model or a name becomes markup."""

from html.parser import HTMLParser
from itertools import permutations
from pathlib import Path

import pytest
from ideal_bench import World, pair, series
from record_makers import group_record, pair_record, series_record, trial

from benchmark.plan.scenarios import SCENARIOS
from benchmark.record.records import GroupRecord
from benchmark.run import runner
from benchmark.score.scores import score_rows
from benchmark.show.report import render_report, scenario_table
from benchmark.show.runs import RunFiles, RunPlan, RunResult

PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "</style><style>*{display:none}</style>",
    "<a href=javascript:alert(1)>x</a>",
    "{{ 7 * 7 }}{% for x in y %}",
    "<iframe srcdoc='<script>1</script>'>",
    "<!-- --><svg/onload=alert(1)>",
    "&lt;script&gt;",
    "</title><base href=//evil>",
    "\u202e<b>",
    "<meta http-equiv=refresh content=0>",
)


class Elements(HTMLParser):
    """Collects the tags and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def page_of(record: GroupRecord, tmp_path: Path, **settings: str) -> str:
    group = series(len(record.trials)) if record.scenario == "single_aspect" else pair()
    plan = RunPlan(
        name="run",
        files=RunFiles(folder=tmp_path),
        groups=(group,),
        explainers=(record.explainer,),
        n_reused=0,
    )
    told = record.model_copy(update={"group": group.id})
    rows = score_rows([told], scorings={record.scenario: SCENARIOS[record.scenario].scoring})
    result = RunResult(plan=plan, records=(told,), rows=rows)
    return render_report(result, settings=settings, provenance={"benchmark": "1"})


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    world = World(root=tmp_path_factory.mktemp("report"), explainers=("measuring", "joint", "failing"))
    return runner.execute(world.job()).plan.files.report.read_text()


def test_the_page_needs_nothing_from_outside(page: str) -> None:
    sources = [value for name, value in Elements(page).attributes if name in ("src", "href")]
    assert sources
    assert all(source.startswith("data:image/png;base64,") for source in sources)


def test_the_page_has_no_script_and_a_policy_that_admits_none(page: str) -> None:
    assert "script" not in Elements(page).tags
    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in page


def test_every_model_of_every_group_is_pictured_beside_its_base(page: str) -> None:
    assert Elements(page).tags.count("img") == (1 + 4) + (1 + 6)


def test_truth_readings_words_and_failures_are_all_there(page: str) -> None:
    text = " ".join(Elements(page).text)
    for part in ("vivid 1, grainy 1", "vivid 4/10", "out of words", "refused", "measuring"):
        assert part in text


def test_tags_are_balanced(page: str) -> None:
    assert page.count("<table") == page.count("</table>")
    assert page.count("<details") == page.count("</details>")
    assert page.count("<section") == page.count("</section>")


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("place", ["concept", "explainer", "setting", "detail"])
def test_hostile_text_stays_text(payload: str, place: str, tmp_path: Path) -> None:
    def written(text: str) -> Elements:
        model = trial((1,), (1.0,), concept=text if place == "concept" else "vivid")
        other = trial((2,), None).model_copy(update={"detail": text if place == "detail" else ""})
        explainer = text if place == "explainer" else "finexl"
        record = group_record("single_aspect", (model, other), explainer=explainer)
        return Elements(page_of(record, tmp_path, note=text if place == "setting" else ""))

    hostile, tame = written(payload), written("tame")
    assert hostile.tags == tame.tags
    assert hostile.attributes == tame.attributes
    assert payload in "".join(hostile.text)


def test_a_group_that_is_not_certified_is_flagged(tmp_path: Path) -> None:
    assert "not certified: vivid" in page_of(series_record([1.0, 2.0], certified=False), tmp_path)
    assert "not certified" not in page_of(series_record([1.0, 2.0]), tmp_path)


def test_aspects_that_are_not_certified_are_named(tmp_path: Path) -> None:
    record = pair_record([(0.0, 0.0)] * 6).model_copy(update={"certified_aspects": (True, False)})
    page = page_of(record, tmp_path)
    assert "not certified: grainy</span>" in page


def test_bars_lie_inside_their_axis() -> None:
    records = [
        series_record([*order], group=str(number))
        for number, order in enumerate(permutations([1.0, 2.0, 3.0]))
    ]
    rows = score_rows(records, scorings={"single_aspect": SCENARIOS["single_aspect"].scoring})
    (block,) = scenario_table(rows).blocks
    (bar,) = block.bars
    assert 0 <= bar.low < bar.value < bar.low + bar.width <= 100
    assert 0 <= bar.chance <= 100


def test_every_score_is_in_the_table_with_its_chance(page: str) -> None:
    text = " ".join(Elements(page).text)
    for part in (
        "claim_f1 ↑",
        "top_naming ↑",
        "comparability ↑",
        "false_alarms ↓",
        "tokens",
        "dollars",
        "peak MB",
    ):
        assert part in text


def test_tracks_are_blocks_of_the_table(page: str) -> None:
    assert "<strong>solo</strong>: one model at a time" in page
    assert "no comparison possible" in page


def test_nested_settings_are_listed_by_dotted_name(page: str) -> None:
    assert "<dt>preset.name</dt><dd>ideal</dd>" in page
