"""Where a series begins and how far its levels are apart follows from what development models show."""

import json
import math
from pathlib import Path

import pytest

from benchmark.plan.preset import PresetConfig
from benchmark.record.records import CertificateKey, CertificateRecord
from benchmark.tune.ladders import EVERY, UNTIL, as_json, ladders, markdown, read_words
from finetune.miniature.split import DEVELOPMENT_ASPECTS
from finexl.errors import InvalidInputError

LOOKS = range(EVERY, UNTIL + 1, EVERY)


def certificate(aspect: str, amounts: list[float], *, floor: float | None = 0.01) -> CertificateRecord:
    key = CertificateKey(
        pairs=tuple(map(str, LOOKS)),
        aspects=(aspect,),
        levels=tuple((level,) for level in range(1, len(amounts) + 1)),
        certifier="c",
        version="v",
    )
    return CertificateRecord(
        key=key,
        group=f"single_aspect/{aspect}/seed1",
        divergences=tuple(amounts),
        estimates=tuple((amount,) for amount in amounts),
        floors=(floor,),
        certified_aspects=(True,),
    )


def rising(until: int) -> list[float]:
    """A tenth of full strength every ten steps up to `until`, and flat from there."""
    return [0.1 * min(step, until) / 10 for step in LOOKS]


def switched(at: int) -> list[float]:
    """Nothing before step `at`, and as fast as `rising` from there."""
    return [max(0.0, 0.1 * (step - at + 10) / 10) for step in LOOKS]


def test_a_series_begins_where_the_last_aspect_is_seen_for_good() -> None:
    found = ladders([certificate("warm", rising(200)), certificate("striped", switched(60))], n_levels=10)
    assert found.first_step == 60


def test_a_first_glance_that_is_lost_again_is_no_beginning() -> None:
    amounts = rising(200)
    amounts[4] = 0.0
    assert ladders([certificate("warm", amounts)], n_levels=10).first_step == 60


def test_levels_are_as_far_apart_as_the_aspect_that_ends_first_allows() -> None:
    found = ladders([certificate("warm", rising(100)), certificate("dark", rising(200))], n_levels=10)
    # from 10 steps on ten levels with 10 between them end at 100, where warm ends; with 11 its last two are alike
    assert (found.first_step, found.chosen.steps_per_level, found.chosen.last_step) == (10, 10, 100)
    assert found.chosen.growth == pytest.approx(10.0)
    assert found.spacings[-1].growth == pytest.approx(0.0) and found.spacings[-1].aspect == "warm"


def test_fewer_levels_are_further_apart() -> None:
    course = [certificate("warm", rising(100))]
    assert ladders(course, n_levels=4).chosen.steps_per_level == 30


def test_an_aspect_that_is_never_seen_says_nothing_of_when_to_begin_and_is_named() -> None:
    faint = certificate("foggy", [-0.1] * len(LOOKS))
    unknown = certificate("dark", rising(200), floor=None)
    found = ladders([certificate("warm", rising(200)), faint, unknown], n_levels=10)
    assert found.first_step == 10
    assert "foggy and dark ended below and said nothing" in markdown(found)


def test_where_nothing_is_seen_or_there_is_no_room_it_says_what_to_do() -> None:
    with pytest.raises(InvalidInputError, match=r"generator\.learning_rate"):
        _ = ladders([certificate("warm", [0.0] * len(LOOKS))], n_levels=10).first_step
    with pytest.raises(InvalidInputError, match=r"preset\.n_levels"):
        _ = ladders([certificate("warm", rising(200))], n_levels=UNTIL).spacings


def test_what_is_written_names_the_choice_once() -> None:
    asked, looked = read_words(["preset.n_levels=10"])
    found = ladders([certificate("warm", rising(100))], n_levels=asked.preset.n_levels)
    assert markdown(found).count("(chosen)") == 1
    told = as_json(found, looked)
    assert told["chosen"] == {"first_step": 10, "steps_per_level": 10}
    assert all(math.isfinite(amount) for amount in told["courses"]["warm"])


def test_every_development_aspect_is_looked_at_alone_every_ten_steps() -> None:
    asked, looked = read_words(["preset=lite", "preset.n_levels=7"])
    assert asked.preset.n_levels == 7 and looked.preset.n_levels == len(LOOKS)
    assert (looked.preset.first_step, looked.preset.steps_per_level) == (EVERY, EVERY)
    assert looked.preset.n_series == len(DEVELOPMENT_ASPECTS)
    assert looked.corpus.aspects == DEVELOPMENT_ASPECTS
    assert [scenario.name for scenario in looked.scenarios] == ["single_aspect"]


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("scenario=multi_aspect", "`tune` takes"),
        ("preset.first_step=50", r"preset\.first_step cannot be told"),
        ("preset.n_series=3", r"preset\.n_series cannot be told"),
        ("preset.n_levels=1", r"`preset\.n_levels` must be at least 2"),
    ],
)
def test_what_is_looked_at_cannot_be_told_and_one_level_is_no_series(word: str, says: str) -> None:
    with pytest.raises(InvalidInputError, match=says):
        read_words([word])


def test_presets_keep_the_checkpoints_that_were_chosen() -> None:
    chosen = json.loads((Path(__file__).parents[3] / "docs/tuning/ladders.json").read_text())["chosen"]
    usual = PresetConfig(name="usual")
    assert (usual.first_step, usual.steps_per_level) == (chosen["first_step"], chosen["steps_per_level"])
