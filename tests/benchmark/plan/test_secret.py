"""With a secret of the organiser, no public recipe says what is asked; without one, everything is as it was."""

from pathlib import Path

import pytest
from planning import planned

from benchmark.config.loading import load_settings
from benchmark.config.settings import public_settings
from benchmark.plan.secret import Secret, read_secret
from benchmark.plan.trials import Group
from benchmark.record.files import strict_json
from finetune.corpora.synthetic import SyntheticCorpus
from finetune.miniature.split import DEVELOPMENT_SEEDS, SCORED_SEEDS
from finexl.errors import InvalidInputError

ONE, OTHER = "a secret of sixteen or more", "another secret of that kind"
WORDS = ("scenario=single_aspect,multi_aspect", "preset=lite")


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONE", ONE)
    monkeypatch.setenv("OTHER", OTHER)


def drawn(groups: tuple[Group, ...]) -> tuple[set[str], set[int], set[int], list[tuple[str, ...]]]:
    """Prompts, noise, training seeds and subjects in order."""
    return (
        {prompt for group in groups for prompt in group.probe.prompts},
        {seed for group in groups for seed in group.probe.seeds},
        {group.seed for group in groups},
        [group.aspects for group in groups],
    )


@pytest.mark.parametrize("other", [("secret=env:OTHER",), (), ("secret=env:ONE", "seed=1")])
def test_another_secret_or_seed_shares_no_prompt_no_noise_and_no_training_seed(
    other: tuple[str, ...],
) -> None:
    one, two = drawn(planned(*WORDS, "secret=env:ONE")), drawn(planned(*WORDS, *other))
    assert not any(first & second for first, second in zip(one[:3], two[:3], strict=True))


def test_another_secret_asks_in_another_order() -> None:
    orders = [drawn(planned(*WORDS, *word))[3] for word in ([], ["secret=env:ONE"], ["secret=env:OTHER"])]
    assert len(set(map(tuple, orders))) == 3


def test_all_that_is_scored_is_asked_in_some_order() -> None:
    every = planned("scenario=single_aspect", "preset=full", "preset.n_series=15", "secret=env:ONE")
    assert {group.aspects for group in every} == {
        group.aspects for group in planned("scenario=single_aspect", "preset=full", "preset.n_series=15")
    }


def test_the_same_secret_gives_the_same_plan_wherever_it_lies(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{ONE}\n")
    assert planned(*WORDS, f"secret={tmp_path / 'secret'}") == planned(*WORDS, "secret=env:ONE")


def test_its_seeds_are_none_that_anybody_else_uses() -> None:
    _, noise, training, _ = drawn(planned(*WORDS, "secret=env:ONE"))
    public = {*DEVELOPMENT_SEEDS, *SCORED_SEEDS}
    assert min(noise | training) > 10_001 * max(public)


def test_corpora_take_its_seeds() -> None:
    seed = Secret(ONE.encode()).seed("training", 0)
    corpus = SyntheticCorpus()
    assert len(set(corpus.prompts(4, seed))) == 4


def test_settings_say_neither_the_secret_nor_where_it_is() -> None:
    settings = load_settings([*WORDS, "secret=env:ONE"])
    shown = strict_json(public_settings(settings)) + repr(planned(*WORDS, "secret=env:ONE")) + repr(settings)
    assert ONE not in shown
    assert "env:ONE" not in strict_json(public_settings(settings))
    assert ONE not in repr(read_secret("env:ONE"))


def test_a_hash_says_whether_two_runs_had_one_secret() -> None:
    ids = [Secret(text.encode()).id for text in (ONE, ONE, OTHER)]
    assert ids[0] == ids[1] != ids[2]
    assert not any(ONE.encode().hex()[:8] in id for id in ids)


@pytest.mark.parametrize(
    ("place", "fault"),
    [
        ("env:NOT_SET", "a variable that is set"),
        ("no such file, but a secret typed by mistake", "There is none at the place"),
    ],
)
def test_a_secret_that_is_nowhere_is_an_error_that_does_not_repeat_it(place: str, fault: str) -> None:
    with pytest.raises(InvalidInputError, match=fault) as found:
        read_secret(place)
    assert place not in str(found.value)


def test_a_short_secret_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHORT", "tiny")
    with pytest.raises(InvalidInputError, match=r"at least 16 characters.*Got 4"):
        read_secret("env:SHORT")
