"""The report is one page that holds everything, and nothing from a model or a name becomes markup."""

import json
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise, permutations
from pathlib import Path

import pytest
from ideal_bench import World, pair, series
from record_makers import group_record, pair_record, series_record, trial

from benchmark.plan.scenarios import SCENARIOS
from benchmark.record.records import GroupRecord, ReadClaim
from benchmark.run import runner
from benchmark.score.scores import score_rows
from benchmark.show.charts import confusions, cost_chart, level_charts, track_keys
from benchmark.show.report import FinishedRun, render_report
from benchmark.show.runs import RunFiles, RunPlan, RunResult
from benchmark.show.score_section import scenario_table
from benchmark.show.score_table import number

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
    return render_report([FinishedRun(result=result, settings=settings, provenance={"benchmark": "1"})])


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    world = World(root=tmp_path_factory.mktemp("report"), explainers=("measuring", "joint", "failing"))
    return runner.execute(world.job()).plan.files.report.read_text()


def test_the_page_needs_nothing_from_outside(page: str) -> None:
    sources = [
        value for name, value in Elements(page).attributes if name in ("src", "href", "srcset", "poster")
    ]
    assert sources
    assert all(source.startswith(("data:", "#")) for source in sources)
    assert "@import" not in page and "url(" not in page


def test_the_contents_lead_to_places_of_the_page(page: str) -> None:
    attributes = Elements(page).attributes
    targets = {value.removeprefix("#") for name, value in attributes if name == "href" and value[0] == "#"}
    places = [value for name, value in attributes if name == "id"]
    assert len(targets) >= 8 and targets <= set(places)
    assert len(places) == len(set(places))


def test_whatever_scrolls_can_be_reached_by_keyboard(page: str) -> None:
    regions = page.count('role="region"')
    assert regions and page.count('tabindex="0" role="region"') == regions


def test_the_page_has_a_layout_for_paper_and_for_small_screens(page: str) -> None:
    assert "@media print" in page and "@media (max-width: 700px)" in page


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


def without_places(elements: Elements) -> list[tuple[str, str]]:
    """Attributes without where names of a chart stand, which follows from how long they are."""
    return [(name, value) for name, value in elements.attributes if name not in ("x", "y", "text-anchor")]


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("place", ["concept", "explainer", "setting", "detail", "reply", "read claim"])
def test_hostile_text_stays_text(payload: str, place: str, tmp_path: Path) -> None:
    def written(text: str) -> Elements:
        model = trial((1,), (1.0,), concept=text if place == "concept" else "vivid")
        reply = text if place == "reply" else "vivid: 1"
        claim = ReadClaim(concept=text if place == "read claim" else "vivid", amount=1.0)
        other = trial((2,), None).model_copy(
            update={
                "detail": text if place == "detail" else "",
                "replies": (reply,),
                "read_claims": (claim,),
            }
        )
        explainer = text if place == "explainer" else "finexl"
        record = group_record("single_aspect", (model, other), explainer=explainer)
        return Elements(page_of(record, tmp_path, note=text if place == "setting" else ""))

    hostile, tame = written(payload), written("tame")
    assert hostile.tags == tame.tags
    assert without_places(hostile) == without_places(tame)
    assert not any(payload in value for _, value in hostile.attributes)
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
    text = "".join(Elements(page).text)
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


def test_a_chance_that_all_rows_share_stands_in_the_heading() -> None:
    rows = score_rows(
        [pair_record([(0.0, 0.0)] * 6)], scorings={"multi_aspect": SCENARIOS["multi_aspect"].scoring}
    )
    other = rows[0].scores[1]
    unlike = replace(rows[0], scores=(rows[0].own, replace(other, chance=other.chance + 0.1)))
    alike, apart = scenario_table(rows).others[0], scenario_table([rows[0], unlike]).others[0]
    assert (alike.name, alike.chance, apart.chance) == (other.name, number(other.chance), "")


def test_tracks_are_blocks_of_the_table(page: str) -> None:
    assert "<strong>solo</strong>: one model at a time" in page
    assert "no comparison possible" in page


def test_nested_settings_are_listed_by_dotted_name(page: str) -> None:
    assert "<dt>preset.name</dt><dd>ideal</dd>" in page


def test_a_judges_replies_are_there_word_for_word(tmp_path: Path) -> None:
    told = trial((1,), (1.0,)).model_copy(update={"replies": ("I would say: vivid 3.",)})
    record = group_record("single_aspect", (told, trial((2,), (2.0,))))
    assert "I would say: vivid 3." in page_of(record, tmp_path)


def test_several_runs_share_a_page_that_compares_them(tmp_path: Path) -> None:
    world = World(root=tmp_path, explainers=("measuring", "flat"))
    run = FinishedRun(result=runner.execute(world.job()), settings={}, provenance={})
    single, both = render_report([run]), render_report([run, run])
    assert both.count("<article") == 2 * single.count("<article") == 2
    assert 'id="run2-1-table"' in both and "At a glance" in both


def test_a_right_explainer_rises_with_the_level() -> None:
    _, (chart,) = level_charts([series_record([1.0, 2.0, 3.0])])
    heights = [mark.y for mark in chart.marks]
    assert heights == sorted(heights, reverse=True) and len(set(heights)) == 3
    left, top, right, bottom = chart.box
    assert all(left <= mark.x <= right and top <= mark.y <= bottom for mark in chart.marks)


def test_models_without_a_reading_are_counted_beside_the_chart() -> None:
    _, (chart,) = level_charts([series_record([1.0, None, 3.0])])
    assert len(chart.marks) == 2 and "1 unread" in chart.x_label


def test_who_cannot_be_read_at_all_has_no_chart() -> None:
    assert level_charts([series_record([None, None])])[1] == ()


def test_confusion_of_right_readings_is_the_diagonal() -> None:
    (confusion,) = confusions([pair_record([(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (2, 0)])])
    assert confusion.shares == tuple(tuple(float(i == j) for j in range(6)) for i in range(6))


def test_confusion_of_equal_readings_is_even() -> None:
    (confusion,) = confusions([pair_record([(1.0, 1.0)] * 6)])
    assert all(share == pytest.approx(1 / 6) for row in confusion.shares for share in row)


def test_groups_of_another_lattice_have_a_confusion_of_their_own() -> None:
    record = pair_record([(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (2, 0)])
    other = record.model_copy(update={"group": "h", "trials": record.trials[:3]})
    assert [(one.n_groups, len(one.shares)) for one in confusions([record, other])] == [(1, 6), (1, 3)]


def test_series_have_no_confusion() -> None:
    assert confusions([series_record([1.0, 2.0])]) == ()


def test_names_in_the_chart_of_costs_do_not_cover_each_other() -> None:
    records = [series_record([1.0, 2.0], explainer=name) for name in ("one", "two", "six", "ten")]
    rows = score_rows(records, scorings={"single_aspect": SCENARIOS["single_aspect"].scoring})
    chart = cost_chart(rows)
    assert chart is not None
    heights = sorted(mark.name_y for mark in chart.marks)
    assert all(after - before >= 11 for before, after in pairwise(heights))


def test_the_chart_of_costs_explains_the_hues_that_it_has() -> None:
    rows = score_rows(
        [series_record([1.0, 2.0])], scorings={"single_aspect": SCENARIOS["single_aspect"].scoring}
    )
    told = replace(rows[0], track="told")
    assert [key.text for key in track_keys(rows)] == ["solo"]
    assert [(key.hue, key.text) for key in track_keys([*rows, told])] == [(0, "solo"), (2, "told")]


def test_curves_over_prompts_are_shown_where_they_were_made(tmp_path: Path) -> None:
    spot = {"n_shown": 4, "value": 0.5, "low": None, "high": None, "n": 1}
    line = {"scenario": "single_aspect", "score": "rank_mae", "explainer": "<b>finexl", "paired": True}
    (tmp_path / "curve.json").write_text(json.dumps({"curves": [{**line, "spots": [spot]}]}))
    (tmp_path / "curve.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>")
    elements = Elements(page_of(series_record([1.0, 2.0]), tmp_path))
    assert any(value.startswith("data:image/svg+xml;base64,") for _, value in elements.attributes)
    assert "4 pairs" in elements.text and "<b>finexl" in elements.text and "script" not in elements.tags
