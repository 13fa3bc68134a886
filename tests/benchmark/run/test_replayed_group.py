"""A whole group, explained and judged by models over HTTP, then again offline from what was recorded."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from ideal_bench import ASPECTS, PROBE, base_images, pair, personalized_images

from baselines.naive import NaiveVLM
from benchmark.config.loading import load_settings
from benchmark.explain.explaining import blind_pairs, explain_blind
from benchmark.parts.vlms import VLMSettings, load_vlm, vlm_identity
from benchmark.read.judges import VLMJudge
from benchmark.read.readers import read_each
from benchmark.record.records import TrialRecord
from benchmark.run.results import Measured, trial_record
from finexl.discovery import ask_all, interleaved
from finexl.interfaces import VLM, Question, Reply, Task
from finexl.values import AnyExplanation, ImagePairs, NoExplanation, TextExplanation

sys.path.insert(0, str(Path(__file__).parents[2] / "finexl" / "vlms"))

from scripted_server import errs, says, serving


class Talking:
    """Passes on what the model says of one pair, in its own words."""

    name = "talking"

    def __init__(self, vlm: VLM) -> None:
        self._vlm = vlm

    def explain(self, pairs: ImagePairs) -> AnyExplanation:
        (answer,) = ask_all(
            self._vlm, [Question(task=Task.DESCRIBE, text="Tell me.", images=interleaved(pairs, (0,)))]
        )
        return (
            TextExplanation(text=answer.text)
            if isinstance(answer, Reply)
            else NoExplanation(reason=answer.reason)
        )


def model(handler: Any) -> None:
    """Answers by the number of images and a hash of them: a sampled model, for all that a replay can know."""
    content = handler.body["messages"][0]["content"]
    text = content if isinstance(content, str) else content[0]["text"]
    luck = sum(json.dumps(content).encode()) % 10
    if "null where it says nothing" in text:
        says(json.dumps({"vivid": luck, "grainy": None}))(handler)
    elif "Which one aspect" in text:
        says(json.dumps({"aspect": "vivid" if luck % 2 else "none"}))(handler)
    elif "Tell me." in text and luck == 0:
        errs(400, "flagged", code="content_filter")(handler)
    elif "Tell me." in text:
        says(f"vivid by {luck} of 10")(handler)
    else:
        says(json.dumps([{"aspect": "vivid", "score": luck}, {"aspect": "dull", "score": 1}]))(handler)


def config(role: str, folder: Path, *words: str) -> VLMSettings:
    record = f"vlm.record={folder / role}.jsonl"
    return load_settings(["scenario=multi_aspect", "preset=smoke", record, *words]).vlm


def records(vlm: VLMSettings, judge: VLMSettings, folder: Path) -> list[TrialRecord]:
    """Both explainers on the six mixtures, with the judge as reader."""
    group, seen = pair(), load_vlm(vlm, ledger=folder / "l")
    reader = VLMJudge(
        lambda: load_vlm(judge, ledger=folder / "j"),
        identity=vlm_identity(judge),
        names=dict.fromkeys(ASPECTS, ()),
    )
    pairs = [
        blind_pairs(PROBE.prompts, base_images(PROBE), personalized_images(trial.variant, PROBE))
        for trial in group.trials
    ]
    made, nothing = [], Measured(divergence=0.0, estimates=())
    for explainer in (NaiveVLM(vlm=seen), Talking(seen)):
        said = explain_blind(explainer, pairs)
        readings = read_each(reader, said, ASPECTS, corpus_aspects=ASPECTS)
        made += [trial_record(*facts, nothing) for facts in zip(group.trials, said, readings, strict=True)]
    return made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("recordings")


@pytest.fixture(scope="module")
def live(folder: Path) -> list[TrialRecord]:
    with serving(model) as server:
        words = ("vlm=openai_compatible", f"vlm.base_url={server.url}", "vlm.model=m")
        words = (*words, "vlm.probe=false")  # the scripted server looks at no image
        made = records(config("vlm", folder, *words), config("judge", folder, *words), folder)
        n_asked = len(server.heard)
        again = records(config("vlm", folder, *words), config("judge", folder, *words), folder)
        refused = sum(record.outcome == "refused" for record in made)
        assert again == made and len(server.heard) - n_asked <= refused  # only refusals are asked again
    return made


def test_every_model_has_a_typed_reading(live: list[TrialRecord]) -> None:
    assert len(live) == 12
    assert {record.outcome for record in live} <= {"ok", "refused"}
    assert any(record.kind == "scored" for record in live) and any(record.kind == "text" for record in live)
    assert all(record.replies for record in live if record.outcome == "ok")


def test_a_replay_makes_the_same_records_without_any_server(live: list[TrialRecord], folder: Path) -> None:
    replayed = records(config("vlm", folder, "vlm=replay"), config("judge", folder, "vlm=replay"), folder)
    assert replayed == live


def test_other_words_of_the_judge_cannot_be_answered_from_the_recording(
    live: list[TrialRecord], folder: Path
) -> None:
    replay = config("judge", folder, "vlm=replay")
    other = VLMJudge(lambda: load_vlm(replay, ledger=folder / "j"), identity={}, names={"vivid": ("bright",)})
    text = next(record.text for record in live if record.kind == "text")
    with pytest.raises(Exception, match="no reply to the judge question"):
        other.read_levels(TextExplanation(text=text), ("vivid",), corpus_aspects=ASPECTS)


def test_a_recording_is_readable_by_people(live: list[TrialRecord], folder: Path) -> None:
    lines = [json.loads(line) for line in (folder / "vlm.jsonl").read_text().splitlines()]
    assert lines[0]["vlm"].startswith("chat/m/") and lines[0]["identity"]["model"] == "m"
    assert {line["task"] for line in lines[1:]} == {"scored_aspects", "describe"}
