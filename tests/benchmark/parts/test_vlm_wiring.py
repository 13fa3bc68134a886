"""Settings of vision-language models: what identifies one, what is checked before any work, and who is recorded."""

import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmark.config.loading import load_settings
from benchmark.config.settings import Settings, check_models, public_settings
from benchmark.parts.explainers import explainer_key
from benchmark.parts.readers import judge_of
from benchmark.parts.vlms import VLMSettings, check_vlm, load_vlm, vlm_identity
from benchmark.record.recording import strict_json
from finexl.errors import BudgetError, InvalidInputError, MissingReplyError, VLMUnusableError
from finexl.interfaces import Question, Reply, Task

sys.path.insert(0, str(Path(__file__).parents[2] / "finexl" / "vlms"))

from scripted_server import says, serving

ASKED = Question(task=Task.JUDGE, text="How vivid?")
LOCAL = "http://127.0.0.1:1/v1"
SMALL = ("scenario=multi_aspect", "preset=smoke", "explainer=finexl_paper")


def config(*words: str) -> VLMSettings:
    return load_settings([*SMALL, *words]).vlm


def key(*words: str) -> str:
    settings = load_settings([*SMALL, *words])
    return explainer_key(settings.explainers[0], settings, ("vivid",), probe=dict)


def test_a_key_changes_with_all_that_a_chat_models_answers_depend_on() -> None:
    changes = [
        (),
        ("vlm.model=gpt-4.1",),
        (f"vlm.base_url={LOCAL}",),
        ("vlm.temperature=1",),
        ("vlm.seed=1",),
        ("vlm.max_tokens=9",),
        ("vlm.structured_output=off",),
        ("vlm.detail=low",),
        ("explainer_settings.finexl_paper.prompt=condensed",),
        ("explainer_settings.finexl_paper.prompt=elaborated",),
    ]
    assert len({key("vlm=openai", *change) for change in changes}) == len(changes)


def test_a_key_does_not_change_with_patience_places_and_money() -> None:
    changes = [
        "vlm.n_attempts=2",
        "vlm.deadline_s=9",
        "vlm.n_parallel=1",
        "vlm.budget_dollars=3",
        "vlm.ledger=/tmp/l",
        "vlm.record=/tmp/r",
        "vlm.key_variable=MY_KEY",
    ]
    assert {key("vlm=openai", change) for change in changes} == {key("vlm=openai")}


def test_a_local_models_key_changes_with_its_weights_and_sampling(tmp_path: Path) -> None:
    for name in ("one", "same", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "w").write_text("other" if name == "other" else "one")
    keys = {name: key("vlm=qwen2_vl", f"vlm.folder={tmp_path / name}") for name in ("one", "same", "other")}
    assert keys["one"] == keys["same"] != keys["other"]
    hub = [
        ("vlm.revision=abc",),
        ("vlm.revision=abc", "vlm.model=Qwen/Qwen3-VL-8B-Instruct"),
        ("vlm.dtype=float32",),
        ("vlm.temperature=1",),
    ]
    assert (
        len({key("vlm=qwen2_vl", *changes) for changes in hub} | {key("vlm=qwen2_vl"), *keys.values()}) == 7
    )


@pytest.mark.parametrize("name", ["qwen2_vl", "llama32_vision"])
def test_a_model_of_the_hub_is_known_by_its_commit(name: str) -> None:
    given = config(f"vlm={name}")
    assert given.revision is not None and re.fullmatch("[0-9a-f]{40}", given.revision)
    assert vlm_identity(given)["weights"] == f"{given.model}@{given.revision}"


def test_a_model_of_the_hub_without_a_commit_has_no_identity_to_keep_answers_by() -> None:
    with pytest.raises(InvalidInputError, match=r"pinned to a commit.*vlm\.revision="):
        vlm_identity(replace(config("vlm=qwen2_vl"), revision=None))


def test_a_commit_that_looks_like_a_number_stays_a_commit() -> None:
    assert config("vlm=qwen2_vl", "vlm.revision=1e10").revision == "1e10"


CAPTIONERS = ("miniature", "miniature_medium", "miniature_small")


def test_the_three_captioners_are_told_apart_by_their_weights() -> None:
    identities = [vlm_identity(config(f"vlm={name}")) for name in CAPTIONERS]
    assert [identity["name"] for identity in identities] == list(CAPTIONERS)
    assert len({identity["vlm"] for identity in identities}) == 3
    assert len({key(f"vlm={name}") for name in CAPTIONERS}) == 3


def test_the_usual_captioner_is_the_first_by_name_too() -> None:
    assert vlm_identity(config("vlm.model=captioner")) == vlm_identity(config("vlm=miniature"))


def test_a_mistyped_captioner_is_told_what_there_is() -> None:
    with pytest.raises(InvalidInputError, match=r"vlm\.model=captioner_small"):
        vlm_identity(config("vlm=miniature", "vlm.model=captioner_smal"))


def test_a_chat_model_is_asked_at_its_address_and_counted_in_the_ledger(tmp_path: Path) -> None:
    with serving(says("8")) as server:
        given = config(
            "vlm=openai_compatible", f"vlm.base_url={server.url}", "vlm.model=m", "vlm.budget_calls=1"
        )
        vlm = load_vlm(given, ledger=tmp_path / "spending.jsonl")
        assert [reply.text for reply in vlm.ask([ASKED]) if isinstance(reply, Reply)] == ["8"]
        with pytest.raises(BudgetError):
            load_vlm(given, ledger=tmp_path / "spending.jsonl").ask(
                [ASKED]
            )  # a resumed run, or another worker
        assert len(server.heard) == 1


def test_a_recording_replays_under_the_same_key_without_the_model(tmp_path: Path) -> None:
    record = f"vlm.record={tmp_path / 'r.jsonl'}"
    with serving(says("8")) as server:
        words = ("vlm=openai_compatible", f"vlm.base_url={server.url}", "vlm.model=m", record)
        vlm = load_vlm(config(*words), ledger=tmp_path / "l")
        said = vlm.ask([ASKED])
    for replayed in (("vlm=replay", record), (*words, "vlm.replay=true")):
        again = load_vlm(config(*replayed), ledger=tmp_path / "l")
        assert again.ask([ASKED]) == said and again.id == vlm.id
        assert key(*replayed) == key(*words)
    with pytest.raises(MissingReplyError, match="judge question"):
        again.ask([replace(ASKED, text="How grainy?")])


def test_a_recording_of_other_settings_is_refused_by_what_differs(tmp_path: Path) -> None:
    record = f"vlm.record={tmp_path / 'r.jsonl'}"
    with serving(says("8")) as server:
        words = ("vlm=openai_compatible", f"vlm.base_url={server.url}", "vlm.model=m", record)
        load_vlm(config(*words), ledger=tmp_path / "l").ask([ASKED])
    with pytest.raises(InvalidInputError, match=r"differs in seed, temperature"):
        load_vlm(config(*words, "vlm.replay=true", "vlm.seed=5", "vlm.temperature=1"), ledger=tmp_path / "l")


def test_a_replay_needs_a_recording() -> None:
    with pytest.raises(InvalidInputError, match=r"vlm\.record="):
        key("vlm=replay")
    with pytest.raises(VLMUnusableError, match="nowhere"):
        key("vlm=replay", "vlm.record=nowhere")


# Before any work


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (("vlm=openai",), "OPENAI_API_KEY"),
        (("vlm=openai", "vlm.key_variable=MY_KEY"), "export MY_KEY="),
        (("vlm=openai_compatible",), r"vlm\.model="),
        (("reader=gpt_judge",), "OPENAI_API_KEY"),
        (("vlm=openai_compatible", "vlm.model=m", "vlm.budget_dollars=1"), "input_price"),
    ],
)
def test_a_model_that_could_not_be_asked_stops_a_run_before_it_starts(
    words: tuple[str, ...], advice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises((VLMUnusableError, InvalidInputError), match=advice):
        check_models(load_settings([*SMALL, *words]))


@pytest.mark.parametrize(
    "words",
    [
        ("explainer=random", "vlm=openai"),
        ("vlm=miniature",),
        ("vlm=miniature_medium",),
        ("vlm=miniature_small",),
        ("vlm=qwen2_vl",),
        ("vlm=replay", "vlm.record=r"),
    ],
)
def test_what_needs_no_key_starts_without_one(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    check_models(load_settings([*SMALL[: 3 - words[0].startswith("explainer")], *words]))


def test_a_key_in_the_environment_is_in_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-hidden-0123456789")
    settings = load_settings([*SMALL, "vlm=openai", "reader=gpt_judge"])
    check_models(settings)
    shown = [strict_json(public_settings(settings)), repr(settings), strict_json(vlm_identity(settings.vlm))]
    assert not any("hidden" in text for text in shown)


def test_published_settings_say_nothing_of_where_replies_and_spending_are_kept() -> None:
    places = (
        *("vlm=openai", "vlm.record=/my/r", "vlm.ledger=/my/l"),
        *("reader=gpt_judge", "reader.vlm.record=/my/j"),
    )
    assert "/my/" not in strict_json(public_settings(load_settings([*SMALL, *places])))


@pytest.mark.parametrize(
    ("words", "must"),
    [
        (
            (
                "vlm=openai",
                "vlm.base_url=https://me:secret@models.example/v1",
            ),
            "no user, password",
        ),
        (("vlm=openai", "vlm.temperature=3"), "at most 2"),
        (("vlm=openai", "vlm.input_price=3"), "together"),
        (("vlm=openai", "vlm.api_key=sk-1"), "key_variable"),
        (("reader=gpt_judge", "reader.vlm.temprature=1"), "temperature"),
    ],
)
def test_settings_that_make_no_sense_are_refused(words: tuple[str, ...], must: str) -> None:
    with pytest.raises(InvalidInputError, match=must):
        load_settings([*SMALL, *words])


def test_a_judge_has_a_model_of_its_own() -> None:
    settings = load_settings(
        [*SMALL, "reader=gpt_judge", f"reader.vlm.base_url={LOCAL}", "reader.vlm.model=m"]
    )
    judge = judge_of(settings.reader)
    assert isinstance(settings, Settings) and judge is not None
    assert (judge.model, judge.base_url) == ("m", LOCAL)
    assert settings.vlm.name == "miniature"
    check_vlm(judge)


def test_a_hub_model_whose_name_looks_like_a_number_stays_a_name() -> None:
    assert config("vlm=openai_compatible", "vlm.model=4").model == "4"


def test_wrong_types_of_settings_are_named() -> None:
    wrong: dict[str, Any] = {"vlm.n_attempts": "0", "vlm.kind": "chat"}
    for name, value in wrong.items():
        with pytest.raises(InvalidInputError, match=name.replace(".", r"\.")):
            config("vlm=openai", f"{name}={value}")


@pytest.mark.parametrize(
    ("words", "left"),
    [
        (("vlm=qwen2_vl", "vlm.model=other/model"), None),
        (("vlm=qwen2_vl", "vlm.model=other/model", "vlm.revision=abc"), "abc"),
        (("vlm=qwen2_vl", "vlm.model=Qwen/Qwen2-VL-7B-Instruct"), "eed13092ef92e448dd6875b2a00151bd3f7db0ac"),
    ],
)
def test_another_model_has_no_commit_of_the_one_in_the_file(words: tuple[str, ...], left: str | None) -> None:
    assert config(*words).revision == left
