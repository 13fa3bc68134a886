"""Settings that travel to another process arrive as they were, with their paths made absolute."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmark.check.contract import check, read_words
from benchmark.check.contract_rules import Limits
from benchmark.config.choices import names_in
from benchmark.config.loading import load_settings, settings_from
from benchmark.config.portable import portable_settings
from benchmark.config.settings import Settings
from benchmark.parts.vlms import load_vlm
from benchmark.speed.explainers import ExplainerCost, explainer_costs
from benchmark.speed.explainers import read_words as read_bench_words


def arrived(settings: Settings) -> Settings:
    return settings_from(portable_settings(settings))


@pytest.mark.parametrize("name", names_in("vlm"))
def test_every_model_arrives_as_it_was(name: str) -> None:
    settings = load_settings(["explainer=naive_vlm", f"vlm={name}"])
    assert arrived(settings).vlm == settings.vlm


@pytest.mark.parametrize("name", names_in("reader"))
def test_every_reader_arrives_as_it_was(name: str) -> None:
    settings = load_settings(["explainer=naive_vlm", f"reader={name}"])
    assert arrived(settings).reader == settings.reader


def test_recording_and_ledger_arrive_as_absolute_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    here = load_settings(["vlm=openai", "vlm.record=r.jsonl", "vlm.ledger=l.jsonl"]).vlm
    there = arrived(load_settings(["vlm=openai", "vlm.record=r.jsonl", "vlm.ledger=l.jsonl"])).vlm
    assert there == replace(here, record=tmp_path / "r.jsonl", ledger=tmp_path / "l.jsonl")


def test_a_folder_of_weights_arrives_as_an_absolute_path_and_an_id_as_it_is() -> None:
    vlm = arrived(load_settings(["vlm=qwen2_vl", "vlm.folder=weights"])).vlm
    assert vlm.folder == Path("weights").absolute()
    assert vlm.model == "Qwen/Qwen2-VL-7B-Instruct"


@pytest.mark.slow
def test_a_check_asks_the_chosen_captioner_and_then_its_recording(tmp_path: Path) -> None:
    record = f"vlm.record={tmp_path / 'replies.jsonl'}"
    for words in (["vlm=miniature_small", record], ["vlm=replay", record]):
        settings, _ = read_words(["explainer=naive_vlm", *words])
        first = next(iter(check(settings, limits=Limits(seconds=60.0))))
        assert (first.name, first.status) == ("answers", "pass"), first.seen
    small = load_settings(["vlm=miniature_small"]).vlm
    assert load_vlm(settings.vlm, ledger=tmp_path / "l").id == load_vlm(small, ledger=tmp_path / "l").id


@pytest.mark.slow
def test_measuring_the_cost_of_an_explainer_records_what_it_was_told(tmp_path: Path) -> None:
    record = tmp_path / "replies.jsonl"
    settings, threads = read_bench_words(["explainer=naive_vlm", f"vlm.record={record}"])
    (cost,) = explainer_costs(settings, threads=threads)
    assert isinstance(cost, ExplainerCost), cost
    assert record.read_text(encoding="utf-8").count('"scored_aspects"') >= 1
