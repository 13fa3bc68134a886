"""What is tuned on is development data and nothing else."""

from collections.abc import Callable

import pytest

from benchmark.cli.tune import _usual_size
from benchmark.record.files import OutputError
from benchmark.run.workbench import SettingsWorkbench
from benchmark.tune import ladders
from benchmark.tune.development import Development, pairings, read_words
from finetune.miniature.split import DEVELOPMENT_ASPECTS, DEVELOPMENT_SEEDS, SCORED_SEEDS
from finetune.recipe import Composed, Trained
from finexl.errors import InvalidInputError


def groups(*words: str, kind=Development.lattices):
    settings = read_words(words)
    corpus = SettingsWorkbench(settings).corpus
    return kind(Development(settings=settings, corpus=corpus, generator_id="g"))


def test_every_pair_comes_once_and_every_aspect_once_in_a_round() -> None:
    found = list(pairings("abcdef"))
    assert len({frozenset(pair) for pair in found}) == len(found) == 15
    assert all(len({*sum(found[start : start + 3], ())}) == 6 for start in range(0, 15, 3))


def test_groups_are_lattices_of_development_aspects_with_development_seeds() -> None:
    found = groups("preset.n_pairs=15")
    assert {aspect for group in found for aspect in group.aspects} == set(DEVELOPMENT_ASPECTS)
    assert len({group.seed for group in found} & set(DEVELOPMENT_SEEDS)) == 15
    assert all(len(group.trials) == 6 for group in found)


def test_no_prompt_noise_or_training_run_is_one_that_is_scored() -> None:
    for group in groups("preset.n_pairs=2"):
        assert not {seed // 10_000 for seed in group.probe.seeds} & set(SCORED_SEEDS)
        for trial in group.trials:
            assert isinstance(trial.variant, Trained) and trial.variant.recipe.seed in DEVELOPMENT_SEEDS


def test_lattices_of_adapters_are_of_development_aspects_and_share_one_adapter_of_each() -> None:
    found = groups(kind=Development.lattices_of_adapters)
    assert [(len(group.aspects), len(group.trials)) for group in found] == [(3, 10), (2, 15), (2, 6), (3, 10)]
    adapters = set()
    for group in found:
        for trial in group.trials:
            assert isinstance(trial.variant, Composed)
            assert {aspect for aspect, _ in trial.unasked}.isdisjoint(group.aspects)
            adapters |= {
                (part.recipe.aspects, part.recipe.seed, part.recipe.method) for part in trial.variant.adapters
            }
    assert {aspect for (aspect,), _, _ in adapters} == set(DEVELOPMENT_ASPECTS)
    assert len(adapters) == 6 and {(seed in DEVELOPMENT_SEEDS, method) for _, seed, method in adapters} == {
        (True, "lora")
    }
    assert [all(trial.unasked for trial in group.trials) for group in found] == [False, False, True, True]


def test_a_family_without_adapters_is_tuned_on_without_their_lattices() -> None:
    assert groups("generator=miniature_controlgan", kind=Development.lattices_of_adapters) == ()


@pytest.mark.parametrize("word", ["corpus=wikiart", "scenario=single_aspect", "explainer=random", "seed=1"])
def test_what_is_tuned_on_cannot_be_chosen(word: str) -> None:
    with pytest.raises(InvalidInputError, match="`tune` takes"):
        read_words([word])


@pytest.mark.parametrize("key", ["output", "store"])
@pytest.mark.parametrize("read", [read_words, ladders.read_words])
def test_a_place_where_nothing_can_be_written_is_refused_before_any_training(
    key: str, read: Callable[[list[str]], object]
) -> None:
    with pytest.raises(OutputError, match=f"`{key}` must be a place for files"):
        read([f"{key}=/dev/null"])


@pytest.mark.parametrize(
    ("words", "pairs", "series"),
    [([], 6, 6), (["preset.n_pairs=4"], 4, 6), (["preset.n_series=2"], 6, 2), (["preset=lite"], 3, 3)],
)
def test_robust_tuning_keeps_what_is_usual_of_what_is_not_given(
    words: list[str], pairs: int, series: int
) -> None:
    preset = read_words([*_usual_size(words), *words]).preset
    assert (preset.n_pairs, preset.n_series) == (pairs, series)


@pytest.mark.parametrize(
    ("word", "advice"),
    [
        ("preset.n_pairs=16", "preset.n_pairs=15"),
        ("preset.n_series=7", "preset.n_series=6"),
        ("preset.n_levels=1", "preset.n_levels=2"),
    ],
)
def test_more_than_there_is_to_tune_on_is_told_with_what_can_be_done(word: str, advice: str) -> None:
    with pytest.raises(InvalidInputError, match=f"Give {advice} or"):
        groups(word, kind=Development.lattices if "pairs" in word else Development.ladders)
    assert groups(advice)
