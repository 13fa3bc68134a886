"""An explainer from elsewhere runs where there is no truth, and whatever it does is the outcome of a model."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmark.explain.children import ChildError
from benchmark.explain.explaining import Meter, blind_pairs, explain_blind
from benchmark.explain.outside import (
    OutsideExplainer,
    OutsideHost,
    OutsideJointExplainer,
    OutsideLimits,
    Services,
    host_of,
)
from benchmark.parts.strangers import facts_of, outsider
from finexl.errors import EncoderError, InvalidInputError, VLMUnusableError
from finexl.values import AnyExplanation, ImagePairs, NoExplanation, ScoredExplanation, TextExplanation

FILE = Path(__file__).parents[1] / "outsiders.py"
Run = Callable[..., tuple[AnyExplanation, ...]]


def model(seed: int) -> ImagePairs:
    base, personalized = np.random.default_rng(seed).integers(0, 255, (2, 3, 8, 8, 3), dtype=np.uint8)
    return blind_pairs(("a", "b", "c"), base, personalized)


MODELS = (model(0), model(1))


class Asked:
    """Runs explainers of the file, and closes their processes."""

    def __init__(self) -> None:
        self.hosts: list[OutsideHost] = []
        self.meter = Meter()

    def __call__(
        self,
        name: str,
        services: Services | None = None,
        *,
        models: tuple[ImagePairs, ...] = MODELS[:1],
        **limits,
    ) -> tuple[AnyExplanation, ...]:
        kind = f"{FILE}:{name}"
        given = {"kind": kind, "options": {}, "seed": 7, "dictionary": ["vivid", "warm"]}
        self.hosts.append(OutsideHost(outsider(kind, limits=OutsideLimits(**limits)), given))
        alone = OutsideExplainer(
            name=name, host=self.hosts[-1], services=lambda: services or Services(), meter=self.meter
        )
        joint = name in ("Together", "TooFew")
        return explain_blind(OutsideJointExplainer(name=name, alone=alone) if joint else alone, models)


@pytest.fixture
def asked() -> Iterator[Asked]:
    one = Asked()
    yield one
    for host in one.hosts:
        host.close()


@pytest.fixture(scope="module")
def exposed() -> tuple[str, ...]:
    return facts_of(f"{FILE}:Tells").exposed


def text(answers: tuple[AnyExplanation, ...]) -> str:
    assert isinstance(answers[0], TextExplanation), answers[0]
    return answers[0].text


def failure(answers: tuple[AnyExplanation, ...]) -> tuple[str, str]:
    assert isinstance(answers[0], NoExplanation), answers[0]
    return answers[0].reason, answers[0].detail


def test_it_sees_the_pixels_that_it_is_shown(asked: Asked) -> None:
    sums = [int(np.asarray(pairs.personalized[0]).sum()) for pairs in MODELS]
    assert [answer.text for answer in asked("Tells", models=MODELS)] == list(map(str, sums))


def test_its_environment_is_bare_and_its_home_an_empty_folder(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "a key")
    monkeypatch.setenv("FINEXL_STORE", "/a/store")
    found = text(asked("TellsItsSurroundings"))
    assert "KEY" not in found and "STORE" not in found
    assert found.endswith("True [] ['explainer']")


def test_neither_planner_nor_scorer_is_loaded_there(asked: Asked) -> None:
    found = text(asked("TellsItsModules"))
    assert not [room for room in ("plan", "run", "score", "read") if f"benchmark.{room}" in found]


def test_files_that_it_does_not_need_are_not_there(asked: Asked, exposed: tuple[str, ...]) -> None:
    if "files" in exposed:
        pytest.skip("this machine gives no process a root of its own")
    assert not {"home", "var", "mnt", "boot"} & set(text(asked("TellsTheTop")).split())


def test_other_processes_are_out_of_sight(asked: Asked, exposed: tuple[str, ...]) -> None:
    if exposed:
        pytest.skip("this machine gives no process a namespace of its own")
    assert text(asked("TellsItsProcesses")) in ("2", "3")  # with the copy that is ready for the next model


def test_no_network_is_there(asked: Asked, exposed: tuple[str, ...]) -> None:
    if "network" in exposed:
        pytest.skip("this machine gives no process a network of its own")
    assert text(asked("Connects")) == "101"  # network is unreachable


def test_every_model_is_seen_by_a_copy_that_has_seen_none(asked: Asked, exposed: tuple[str, ...]) -> None:
    answers = asked("Counts", models=(model(0), model(1), model(2)))
    assert [answer.text.split()[:3] for answer in answers] == [["1", "1", "0"]] * 3
    if not exposed:
        assert {answer.text.split()[3] for answer in answers} == {"0"}


def test_no_copy_leaves_word_for_the_next(asked: Asked, exposed: tuple[str, ...]) -> None:
    if exposed:
        pytest.skip("this machine gives no process a namespace of its own")
    answers = asked("LeavesWord", models=(model(0), model(1), model(2)))
    assert {answer.text for answer in answers} == {"nothing nothing nothing nothing"}


@pytest.fixture
def hosted() -> Iterator[Callable[[str], OutsideHost]]:
    hosts: list[OutsideHost] = []

    def host(name: str) -> OutsideHost:
        kind = f"{FILE}:{name}"
        given = {"kind": kind, "options": {}, "seed": 7, "dictionary": []}
        hosts.append(OutsideHost(outsider(kind, limits=OutsideLimits()), given))
        return hosts[-1]

    yield host
    for each in hosts:
        each.close()


def said_by(host: OutsideHost) -> str:
    alone = OutsideExplainer(name="x", host=host, services=Services, meter=Meter())
    return text(explain_blind(alone, MODELS[:1]))


def test_it_is_looked_at_rehearsed_and_built_in_one_process(hosted: Callable[[str], OutsideHost]) -> None:
    host = hosted("Tells")
    looked = host.looked()
    assert looked.found["uses"] == [] and host.rehearse(Services()) == ""
    assert host.process(Services()) == (looked, "") and host.looked() is looked


def test_a_rehearsal_leaves_nothing_behind(
    hosted: Callable[[str], OutsideHost], exposed: tuple[str, ...]
) -> None:
    if exposed:
        pytest.skip("this machine gives no process a namespace of its own")
    host = hosted("TellsItsStart")
    assert [host.rehearse(Services()) for _ in range(2)] == ["", ""]
    assert said_by(host) == "1 [] 0"


def test_a_rehearsal_that_fails_says_why_and_leaves_the_process_as_it_was(
    hosted: Callable[[str], OutsideHost],
) -> None:
    host = hosted("CannotBeBuilt")
    looked = host.looked()
    with pytest.raises(ChildError, match=r"RuntimeError: no weights \(.*outsiders\.py, line"):
        host.rehearse(Services())
    assert host.looked() is looked


def test_one_that_dies_of_its_building_is_told_of_with_what_it_printed(
    hosted: Callable[[str], OutsideHost],
) -> None:
    host = hosted("DiesWhenBuilt")
    for build in (host.rehearse, host.process):
        with pytest.raises(ChildError, match=r"has ended\. It printed: the last words"):
            build(Services())


def test_the_process_of_a_host_is_the_one_that_facts_are_of(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("class Mine:\n    def __init__(self, seed): ...\n")
    kind = f"{tmp_path / 'mine.py'}:Mine"
    host = OutsideHost(outsider(kind, limits=OutsideLimits()), {})
    assert facts_of(kind, host).uses == ("seed",)
    assert host.looked().close.alive
    host.close()


def test_those_who_hold_a_host_share_it_until_its_file_is_edited(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("class Mine: ...\n")
    kind = f"{tmp_path / 'mine.py'}:Mine"
    first = host_of(outsider(kind, limits=OutsideLimits()), {"seed": 1})
    assert host_of(outsider(kind, limits=OutsideLimits()), {"seed": 1}) is first
    assert host_of(outsider(kind, limits=OutsideLimits()), {"seed": 2}) is not first
    (tmp_path / "mine.py").write_text("class Mine: x = 1\n")
    assert host_of(outsider(kind, limits=OutsideLimits()), {"seed": 1}) is not first


def test_one_that_hangs_is_ended_and_the_next_model_is_asked(asked: Asked) -> None:
    answers = asked("Hangs", models=MODELS, seconds=0.5)
    assert [answer.reason for answer in answers] == ["timeout", "timeout"]
    assert answers[0].detail == "It took more than 0.5 s and was ended. explainer.seconds= gives more."


def test_one_that_takes_memory_fails_for_that(asked: Asked) -> None:
    assert failure(asked("TakesMemory", memory_gb=0.25))[0] == "failed"
    assert "emory" in failure(asked("TakesMemory", memory_gb=0.25))[1]


def test_memory_of_all_its_processes_counts(asked: Asked) -> None:
    assert failure(asked("TakesMemoryInMany", memory_gb=0.3))[1] == (
        "It held more than 0.3 GB of memory and was ended. explainer.memory_gb= allows more."
    )


def test_memory_that_copies_share_counts_once(asked: Asked) -> None:
    assert text(asked("HoldsMuch", memory_gb=0.9)) == "1"


def test_one_that_starts_too_many_processes_is_ended(asked: Asked) -> None:
    assert "more than 20 processes" in failure(asked("StartsMany", n_processes=20))[1]


def test_what_one_printed_is_shown_if_it_dies(asked: Asked) -> None:
    assert failure(asked("Dies")) == (
        "failed",
        "Its process ended with code 7. It printed: the last words",
    )


def test_an_answer_that_is_too_long_is_none(asked: Asked) -> None:
    assert "more than" in failure(asked("Talks"))[1]


def test_files_have_a_largest_size(asked: Asked) -> None:
    assert failure(asked("Writes", file_mb=16))[0] == "failed"


def test_what_it_raises_is_told_as_ever(asked: Asked) -> None:
    assert failure(asked("Raises")) == ("failed", "RuntimeError: no such layer")


def test_a_constructor_that_raises_is_told_with_file_and_line(asked: Asked) -> None:
    reason, detail = failure(asked("CannotBeBuilt"))
    assert reason == "failed"
    assert detail.startswith("RuntimeError: no weights (") and "outsiders.py, line" in detail


class Halves:
    """An encoder of means that cuts nothing; it fails on empty texts."""

    id = "halves"

    def embed_images(self, images):
        import torch

        return torch.tensor([[float(np.asarray(image).mean()), 1.0] for image in images])

    def embed_texts(self, texts):
        import torch

        if not all(texts):
            raise EncoderError("an empty text")
        return torch.tensor([[0.5, float(len(text))] for text in texts])


def test_the_encoder_of_the_run_answers_there_when_it_is_built_and_when_it_is_asked(asked: Asked) -> None:
    (answer,) = asked("Embeds", Services(encoder=Halves()))
    assert isinstance(answer, ScoredExplanation), answer
    pairs = MODELS[0]
    shift = np.mean([np.asarray(image).mean() for image in pairs.personalized]) - np.mean(
        [np.asarray(image).mean() for image in pairs.base]
    )
    assert answer.claims[0].amount == pytest.approx(0.5 * shift, rel=1e-5)
    assert answer.notes == {"id": "halves", "seed": 7, "words": 2}


class Scripted:
    """A model that answers the first question and refuses the second."""

    id = "scripted"

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.asked = error, []

    def ask(self, questions):
        from finexl.interfaces import NoReply, Reply

        self.asked += questions
        if self.error:
            raise self.error
        return Reply(text="vivid", n_input_tokens=3), NoReply(reason="refused")


def test_questions_to_the_model_are_put_by_the_run(asked: Asked) -> None:
    vlm = Scripted()
    assert text(asked("Asks", Services(vlm=vlm))) == "scripted: vivid; refused"
    shown = vlm.asked[0].images
    assert [image.tobytes() for image in shown] == [
        MODELS[0].base[0].tobytes(),
        MODELS[0].personalized[0].tobytes(),
    ]


def test_a_model_that_cannot_be_asked_at_all_ends_the_run(asked: Asked) -> None:
    with pytest.raises(VLMUnusableError, match="no key"):
        asked("Asks", Services(vlm=Scripted(VLMUnusableError("no key"))))


def test_one_that_compares_models_sees_them_together(asked: Asked) -> None:
    assert [answer.text for answer in asked("Together", models=MODELS)] == ["one of 2"] * 2
    assert "1 explanations for 2 models" in failure(asked("TooFew", models=MODELS))[1]


def test_its_peak_memory_is_its_own(asked: Asked) -> None:
    asked("Tells")
    assert 5 < asked.meter.peak_memory_mb < 2000


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("class Mine(:\n", r"invalid syntax \(mine\.py, line 1\)"),
        ("x = 1\nx / 0\n", r"ZeroDivisionError.*mine\.py, line 2"),
        ("class Other: ...\n", r"mine\.py there is Other"),
        ("import os\nprint('bye')\nos._exit(3)\n", "It printed: bye"),
        (
            "class Mine:\n    def __init__(self, concepts): ...\n",
            "may ask for dictionary, encoder, seed, vlm",
        ),
    ],
)
def test_a_class_that_cannot_be_had_is_an_error_before_anything_is_made(
    tmp_path: Path, source: str, fault: str
) -> None:
    (tmp_path / "mine.py").write_text(source)
    with pytest.raises(InvalidInputError, match=f"(?s){fault}"):
        facts_of(f"{tmp_path / 'mine.py'}:Mine")
