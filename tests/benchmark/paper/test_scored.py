"""Tables of scores, from records by hand."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from record_makers import series_record

from benchmark.config.settings import Settings
from benchmark.paper.asking import Asked, read_words
from benchmark.paper.desk import Desk, Done
from benchmark.paper.making import make_table
from benchmark.paper.specification import Column, Row, Specification, specification
from benchmark.paper.tables.scored import chosen, with_levels
from finexl.errors import FinexlError, InvalidInputError
from finexl.notices import Notice


class Running:
    """Stands in for the runner: everyone is right but `constant`."""

    def __init__(self, n_levels: int = 10) -> None:
        self.asked: list[tuple[str, tuple[str, ...]]] = []
        self._levels = [float(level) for level in range(1, n_levels + 1)]

    def __call__(self, settings: Settings) -> Done:
        names = tuple(each.name for each in settings.explainers)
        self.asked.append((settings.output.name, names))
        constant = [1.0] * len(self._levels)
        return Done(
            records=tuple(
                series_record(constant if name == "constant" else self._levels, explainer=name)
                for name in names
            )
        )


def asked(tmp_path: Path, *words: str) -> Asked:
    return read_words([f"output={tmp_path}", f"store={tmp_path}", *words])


def test_table_2_takes_all_its_columns_from_one_run(tmp_path: Path) -> None:
    running = Running()
    found = make_table(specification("table", 2), Desk(asked=asked(tmp_path), do=running))
    assert len(running.asked) == 1 and found.cells["FineXL", "3"].measured == 0.0
    assert [found.cells["Constant", n].measured for n in found.columns] == pytest.approx(
        [2 / 3, 1.2, 2.0, 2.5]
    )
    assert [found.cells["FineXL", n].chance for n in found.columns] == pytest.approx([8 / 9, 1.6, 2.625, 3.3])
    assert [found.cells["FineXL", n].published for n in found.columns] == [0.2, 0.4, 0.5, 0.7]


def test_levels_that_a_preset_lacks_say_so(tmp_path: Path) -> None:
    running = Running(5)
    found = make_table(specification("table", 2), Desk(asked=asked(tmp_path, "preset=smoke"), do=running))
    assert found.cells["FineXL", "5"].measured == 0.0
    assert found.cells["FineXL", "8"].why == "preset=smoke has 5 levels; preset.n_levels=8 has enough"


def test_phrasings_mean_nothing_to_a_model_that_reads_no_question(tmp_path: Path) -> None:
    found = make_table(specification("table", 12), Desk(asked=asked(tmp_path), do=Running()))
    assert all("does not read the question" in cell.why for cell in found.cells.values())


def test_every_threshold_is_a_run_of_its_own_in_one_folder(tmp_path: Path) -> None:
    running = Running()
    make_table(specification("table", 10), Desk(asked=asked(tmp_path), do=running))
    assert running.asked == [("single_aspect-synthetic", ("finexl_paper",))] * 8


def test_a_row_more_is_one_line(tmp_path: Path) -> None:
    spec = Specification(
        kind="table", number=1, title="t", section="s", measure="scored", words=("scenario=single_aspect",),
        rows={"FineXL": Row(explainer="finexl"), "SpLiCE": Row(explainer="splice")},
        columns={"A": Column()}, unit="ranks",
    )  # fmt: skip
    running = Running()
    found = make_table(spec, Desk(asked=asked(tmp_path), do=running))
    assert running.asked[0][1] == ("finexl", "splice") and found.rows == ("FineXL", "SpLiCE")


def test_fewer_levels_are_spread_evenly_with_both_ends() -> None:
    record = with_levels(series_record([float(n) for n in range(1, 11)]), 3)
    assert [trial.truth for trial in record.trials] == [(1,), (6,), (10,)]
    assert len(record.provenance.pairs) == 3


def test_a_column_of_one_aspect_has_its_groups_only() -> None:
    records = [series_record([1.0, 2.0])]
    assert chosen(records, Column(groups=("vivid",))) == records
    assert chosen(records, Column(groups=("mustache",))) == []


def test_a_group_that_there_is_not_is_a_reason(tmp_path: Path) -> None:
    found = make_table(specification("table", 4), Desk(asked=asked(tmp_path), do=Running()))
    assert found.cells["FineXL", "Mustache"].why == "the run has no group of mustache"


def test_a_measurement_is_made_once_for_the_same_settings(tmp_path: Path) -> None:
    spec, calls = specification("table", 1), []
    code = "benchmark.paper.tables.samples:law"
    for number in (1, 1, 2):
        desk = Desk(asked=asked(tmp_path))
        settings = desk.asked.settings(spec, ["corpus=synthetic"])
        found = desk.kept(
            "x", settings, lambda: calls.append(1) or {"b": [1.5], "a": None}, code=code, n=number
        )
        assert json.dumps(found) == '{"b": [1.5], "a": null}'
    assert len(calls) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["scenario=toy"], "`scenario` must be left to tables and figures"),
        (["explainer=finexl"], "`explainer` must be left"),
        (["preset=lit"], "lite"),
        (["lora_shifts=nowhere.parquet"], "There is none at 'nowhere.parquet'"),
        (["seed=1", "seed=2"], "`seed` twice"),
        (["pages=/dev/null"], "`pages` must be a place for files"),
        (["output=/dev/null"], "`output` must be a place for files"),
        (["store=/dev/null"], "`store` must be a place for files"),
        (["lite"], "must be written key=value"),
        (["redo=all"], "`redo` must be given to one run"),
    ],
)
def test_words_that_do_not_fit_are_told_what_does(words: list[str], said: str) -> None:
    with pytest.raises(FinexlError, match=said):
        read_words(words)


def test_a_key_that_the_table_decides_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="`corpus` must be left to Table 1"):
        asked(tmp_path, "corpus=wikiart").settings(specification("table", 1), ["corpus=synthetic"])


def test_a_first_look_is_not_written_over_committed_pages(tmp_path: Path) -> None:
    assert asked(tmp_path, "preset=smoke").pages == tmp_path / "pages"
    assert asked(tmp_path).pages == Path("docs/results/paper")


def test_what_a_run_was_not_given_as_is_a_remark_of_its_table(tmp_path: Path) -> None:
    def running(settings: Settings) -> Done:
        return replace(Running()(settings), notices=(Notice(what="corpus", how="images left out", n=3),))

    found = make_table(specification("table", 2), Desk(asked=asked(tmp_path), do=running))
    assert "Not as given: corpus: 3 images left out." in found.remarks
