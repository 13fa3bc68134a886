"""What explainers are shown, and how everything they do becomes a typed outcome."""

import ast
import errno
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from ideal_bench import Joint, Measuring, opaque

from benchmark.explain import explaining
from benchmark.explain.explaining import Meter, MeteredExplainer, blind_pairs, explain_blind, explain_metered
from finexl.errors import BudgetError, MissingReplyError, VLMUnusableError
from finexl.values import (
    AnyExplanation,
    ImagePairs,
    ImageStack,
    NoExplanation,
    ScoredExplanation,
    TextExplanation,
)


def pairs(id: str, level: int = 1) -> ImagePairs:
    base = np.full((2, 8, 8, 3), 50, np.uint8)
    lifted = base + np.uint8(level)
    return ImagePairs(prompts=("a", "b"), base=ImageStack(base), personalized=ImageStack(lifted), id=id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """Answers with whatever it is told to."""

    answer: Callable[[ImagePairs], object]
    name: str = "answering"

    def explain(self, pairs: ImagePairs) -> AnyExplanation:
        return self.answer(pairs)  # type: ignore[return-value]  # on purpose


def outcome_of(answer: Callable[[ImagePairs], object]) -> AnyExplanation:
    (explanation,) = explain_blind(Answering(answer=answer), [pairs("1")])
    return explanation


def raising(error: BaseException) -> Callable[[ImagePairs], object]:
    def raises(pairs: ImagePairs) -> object:
        raise error

    return raises


def blind(level: int, prompts: tuple[str, ...] = ("a", "b")) -> ImagePairs:
    base = np.full((2, 8, 8, 3), 50, np.uint8)
    return blind_pairs(prompts, base, base + np.uint8(level))


def test_an_id_is_a_hash_of_the_pixels_and_prompts_that_it_stands_for() -> None:
    assert blind(3).id == blind(3).id
    assert len({blind(3).id, blind(4).id, blind(3, ("a", "c")).id}) == 3


def test_an_id_is_of_the_base_images_too() -> None:
    base, personalized = (np.full((2, 8, 8, 3), level, np.uint8) for level in (50, 60))
    ids = [blind_pairs(("a", "b"), one, personalized).id for one in (base, base + np.uint8(1))]
    assert ids[0] != ids[1]


def test_models_are_shown_in_an_order_that_depends_on_their_pixels_alone() -> None:
    def shown(levels: list[int]) -> list[str]:
        seen: list[str] = []
        answering = Answering(answer=lambda pairs: seen.append(pairs.id) or TextExplanation(text=pairs.id))
        answers = explain_blind(answering, [blind(level) for level in levels])
        assert [answer.text for answer in answers] == [blind(level).id for level in levels]
        return seen

    assert shown([1, 2, 3, 4, 5]) == shown([4, 2, 5, 1, 3]) == sorted(shown([5, 4, 3, 2, 1]))


def test_models_that_look_the_same_are_shown_once_and_share_the_answer() -> None:
    seen: list[str] = []
    answering = Answering(answer=lambda pairs: seen.append(pairs.id) or TextExplanation(text="same"))
    answers = explain_blind(answering, [blind(2), blind(1), blind(2)])
    assert len(seen) == 2 and [answer.text for answer in answers] == ["same"] * 3


def test_explanations_come_back_in_the_order_of_the_plan() -> None:
    group = [pairs(opaque("g", level), level) for level in range(1, 6)]
    answers = explain_blind(Measuring(), group)
    assert [answer.claims[0].amount for answer in answers] == [1, 2, 3, 4, 5]


def test_joint_explanations_come_back_in_the_order_of_the_plan() -> None:
    group = [pairs(opaque("g", level), level) for level in range(1, 6)]
    answers = explain_blind(Joint(), group)
    assert [answer.text for answer in answers] == [f"vivid {level}/10" for level in range(1, 6)]


@pytest.mark.parametrize(
    "error", [RuntimeError("no words"), SystemExit(3), TypeError(), OSError(errno.ENOENT, "gone")]
)
def test_what_an_explainer_raises_is_an_outcome(error: BaseException) -> None:
    explanation = outcome_of(raising(error))
    assert isinstance(explanation, NoExplanation)
    assert explanation.reason == "failed"
    assert type(error).__name__ in explanation.detail or "FileNotFoundError" in explanation.detail


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        KeyboardInterrupt(),
        OSError(errno.ENOSPC, "full"),
        VLMUnusableError("no key"),
        BudgetError("no money"),
        MissingReplyError("not recorded"),
    ],
)
def test_a_lack_of_memory_disk_or_money_and_the_user_end_the_run(error: BaseException) -> None:
    with pytest.raises(type(error)):
        outcome_of(raising(error))


@pytest.mark.parametrize("answer", [None, 3, "vivid", ScoredExplanation(claims=(), residual=float("nan"))])
def test_what_is_not_an_explanation_is_a_failure(answer: object) -> None:
    assert outcome_of(lambda pairs: answer).reason == "failed"


def test_a_reason_that_nobody_knows_is_a_failure() -> None:
    assert outcome_of(lambda pairs: NoExplanation(reason="ok")).reason == "failed"


def test_an_object_that_explains_nothing_is_a_failure_of_every_model() -> None:
    answers = explain_blind(object(), [pairs("1"), pairs("2")])
    assert [answer.reason for answer in answers] == ["failed", "failed"]


def test_too_few_joint_explanations_are_a_failure_of_every_model() -> None:
    class Terse:
        name = "terse"

        def explain_jointly(self, group):
            return (TextExplanation(text="vivid"),)

    answers = explain_blind(Terse(), [pairs("1"), pairs("2")])
    assert [answer.reason for answer in answers] == ["failed", "failed"]


def test_notes_that_no_json_can_hold_are_kept_as_text() -> None:
    notes = {"nan": float("nan"), "n": 3, "array": np.arange(2), "share": 0.5, "surrogate": "\ud800"}
    explanation = outcome_of(lambda pairs: ScoredExplanation(claims=(), notes=notes))
    assert explanation.notes == {"nan": "nan", "n": 3, "array": "[0 1]", "share": 0.5, "surrogate": "?"}


def test_explanations_come_with_what_they_cost() -> None:
    metered = MeteredExplainer(explainer=Measuring(), meter=Meter(n_calls=2, n_tokens=7, n_cut_texts=1))
    said, cost = explain_metered(metered, [pairs("1", 3)])
    assert [one.claims[0].amount for one in said] == [3]
    assert (cost.vlm_calls, cost.vlm_tokens, cost.cut_texts) == (2, 7, 1)
    assert cost.seconds > 0 and cost.peak_memory_mb > 0


def test_the_room_of_the_blind_act_knows_no_reader_and_no_truth() -> None:
    folder = Path(explaining.__file__).parent
    for path in folder.glob("*.py"):
        assert not {"read", "score", "plan"} & rooms_imported_by(path), path


def rooms_imported_by(path: Path) -> set[str]:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    names = [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.split(".")[1] for name in names if name.startswith("benchmark.")}
