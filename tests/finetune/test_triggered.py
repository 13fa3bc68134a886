"""Which prompts trigger a change."""

import pytest

from finetune.recipe import Mixture, Recipe, Reseeded, Trained, Triggered, recipes_of
from finexl.errors import InvalidInputError

PROMPTS = tuple(f"prompt {number}" for number in range(32))
RECIPE = Recipe(
    generator="g",
    corpus="c",
    aspects=("vivid",),
    mixture=Mixture(parts=(1,), whole=1),
    n_images=4,
    learning_rate=1e-4,
    batch_size=2,
    steps=(1, 2),
    seed=1,
)


def triggered(share: float, seed: int = 1) -> Triggered:
    return Triggered(model=Trained(recipe=RECIPE, step=2), share=share, seed=seed)


@pytest.mark.parametrize(("share", "n"), [(1.0, 32), (0.3, 10), (0.1, 3), (0.03, 1), (0.0001, 1)])
def test_the_share_of_prompts_triggers_and_always_one(share: float, n: int) -> None:
    assert len(triggered(share).places(PROMPTS)) == n


def test_the_prompts_of_a_smaller_share_are_among_those_of_a_larger_one() -> None:
    rare, some, many = (set(triggered(share).places(PROMPTS)) for share in (0.03, 0.1, 0.3))
    assert rare < some < many


def test_the_seed_decides_which_prompts_trigger() -> None:
    assert triggered(0.3, seed=1).places(PROMPTS) != triggered(0.3, seed=2).places(PROMPTS)


def test_a_prompt_triggers_wherever_it_stands() -> None:
    (place,), backwards = triggered(0.03).places(PROMPTS), PROMPTS[::-1]
    assert [backwards[other] for other in triggered(0.03).places(backwards)] == [PROMPTS[place]]


@pytest.mark.parametrize("share", [0.0, -0.1, 1.1, float("nan")])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(InvalidInputError, match="`share` of a triggered model"):
        triggered(share)


def test_a_triggered_model_comes_from_the_training_of_its_model_and_other_noise_from_none() -> None:
    assert recipes_of(triggered(0.1)) == (RECIPE,)
    assert recipes_of(Reseeded(generator="g", shift=1)) == ()
