"""A bundle's recipe keeps parts apart: development aspects and seeds, public runs, and private ones by a secret."""

from itertools import product
from pathlib import Path

import pytest

from benchmark.bundle.recipe import BundleRecipe, read_words
from benchmark.parts.corpora import open_corpus
from benchmark.plan.trials import Group
from benchmark.run.workbench import planned
from benchmark.score.statistics import MIN_UNITS, can_compare
from finetune.miniature.split import DEVELOPMENT_ASPECTS, DEVELOPMENT_SEEDS, SCORED_ASPECTS, SCORED_SEEDS
from finexl.errors import InvalidInputError
from leaderboard.shipped import shipped_explainers

ONE_RUN = ["scenario=multi_aspect", "preset=smoke"]
IGNORED = (
    "n_shown=4",
    "paired=false",
    "explainer=random",
    "reader=gpt_judge",
    "encoder=pixels",
    "vlm=openai",
    "wandb=off",
)
"""What says nothing of models and images."""


@pytest.fixture
def secret(tmp_path: Path) -> str:
    path = tmp_path / "secret"
    path.write_text("sixteen characters or more")
    return str(path)


def groups(recipe: BundleRecipe, part: str) -> list[Group]:
    runs = [run for one in recipe.parts if one.part == part for run in one.runs]
    corpora = [open_corpus(run.corpus, store=run.store) for run in runs]
    return [
        group
        for run, corpus in zip(runs, corpora, strict=True)
        for group in planned(run, corpus, generator_id="g")
    ]


def test_the_official_bundle_has_groups_enough_to_tell_every_shipped_explainer_apart() -> None:
    (recipe,) = read_words(["bundle=official"])
    counts = [group.scenario for group in groups(recipe, "public")]
    assert counts.count("single_aspect") == counts.count("multi_aspect") == 10
    n_entries = sum(role == "entry" for _, role in shipped_explainers())
    assert can_compare(10, n_tests=n_entries)


def test_the_official_bundle_fits_16_megabytes_of_png() -> None:
    (recipe,) = read_words(["bundle=official"])
    models = [group for part in ("public", "development") for group in groups(recipe, part)]
    n_images = sum(len(group.trials) * len(group.probe.prompts) for group in models)
    assert recipe.at_most_mb == 16 and n_images * 5e3 < 16e6


@pytest.mark.parametrize("name", ["official", "smoke"])
def test_models_that_nothing_was_done_to_are_as_many_as_some_ladder_has(name: str) -> None:
    """Else the number of a group's models would tell that silence is right there."""
    (recipe,) = read_words([f"bundle={name}"])
    sizes: dict[str, set[int]] = {}
    for group in groups(recipe, "public"):
        sizes.setdefault(group.scenario, set()).add(len(group.trials))
    assert sizes["unchanged"] <= sizes["single_aspect"]


def test_the_private_part_has_groups_enough_for_intervals_and_may_be_smaller(secret: str) -> None:
    public, private = read_words(["bundle=official", f"secret={secret}"])
    hidden = [group.scenario for group in groups(private, "private")]
    assert hidden.count("single_aspect") == hidden.count("multi_aspect") == MIN_UNITS
    assert {*hidden} == {"single_aspect", "multi_aspect", "unchanged"} and len(public.parts) == 2


def test_development_has_its_own_aspects_prompts_and_seeds() -> None:
    (recipe,) = read_words(["bundle=official"])
    tuned, scored = groups(recipe, "development"), groups(recipe, "public")
    assert {aspect for group in tuned for aspect in group.aspects} <= set(DEVELOPMENT_ASPECTS)
    assert {group.seed for group in tuned} <= set(DEVELOPMENT_SEEDS)
    assert {aspect for group in scored for aspect in group.aspects} <= set(SCORED_ASPECTS)
    assert {group.seed for group in scored} <= set(SCORED_SEEDS)
    for one, other in product(tuned[:1], scored[:1]):
        assert not set(one.probe.seeds) & set(other.probe.seeds)
        assert not set(one.probe.prompts) & set(other.probe.prompts)


def test_nobody_is_asked_while_a_bundle_is_made() -> None:
    (recipe,) = read_words(ONE_RUN)
    assert [run.explainers for part in recipe.parts for run in part.runs] == [()]


def test_without_a_bundle_the_words_are_one_run_and_all_of_it_is_scored() -> None:
    (recipe,) = read_words([*ONE_RUN, "output=here"])
    assert [part.part for part in recipe.parts] == ["public"]
    assert (recipe.name, recipe.output) == ("multi_aspect-smoke", Path("here"))


def test_a_secret_makes_a_private_part_beside_it_with_other_trials(secret: str) -> None:
    public, private = read_words([*ONE_RUN, "output=here", f"secret={secret}"])
    assert [part.part for part in private.parts] == ["private"]
    assert private.output == Path("here-private")
    shown, hidden = groups(public, "public")[0], groups(private, "private")[0]
    assert not set(shown.probe.prompts) & set(hidden.probe.prompts) and shown.seed != hidden.seed
    assert public.key != b"multi_aspect-smoke"


def test_the_public_part_does_not_depend_on_the_secret(secret: str) -> None:
    (without,), (public, _) = read_words(ONE_RUN), read_words([*ONE_RUN, f"secret={secret}"])
    assert public.parts == without.parts


@pytest.mark.parametrize("asked", [["bundle=smoke"], ONE_RUN])
def test_the_private_part_alone_is_what_it_is_beside_the_public_one(asked: list[str], secret: str) -> None:
    _, beside = read_words([*asked, f"secret={secret}"])
    assert read_words([*asked, f"secret={secret}", "only=private"]) == (beside,)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["only=private"], "without secret=. Say where the secret is"),
        (["only=privat"], "Did you mean only=private"),
    ],
)
def test_a_private_part_needs_a_secret_to_be_made_alone(words: list[str], says: str) -> None:
    with pytest.raises(InvalidInputError, match=says):
        read_words([*ONE_RUN, *words])


def test_a_bundle_without_private_runs_has_no_private_part(
    secret: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bundle").mkdir()
    lines = "name: open\nscored: [scenario=unchanged preset=smoke]\nprivate: []\n"
    (tmp_path / "bundle" / "open.yaml").write_text(lines, encoding="utf-8")
    monkeypatch.setattr("benchmark.bundle.recipe.config_folder", lambda: tmp_path)
    (public,) = read_words(["bundle=open", f"secret={secret}"])
    assert [part.part for part in public.parts] == ["public"]
    with pytest.raises(InvalidInputError, match="`private` of 'open' is empty"):
        read_words(["bundle=open", f"secret={secret}", "only=private"])


def test_the_key_is_not_shown(secret: str) -> None:
    assert "sixteen" not in repr(read_words([*ONE_RUN, f"secret={secret}"]))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["bundle=oficial"], "Did you mean bundle=official"),
        (["bundle=official", "scenario=sparse"], "parts of a bundle differ by"),
        (["scenario=multi_aspects"], "multi_aspect"),
        ([*ONE_RUN, "genrator=miniature_sd"], "Did you mean generator=miniature_sd"),
        *(
            ([*ONE_RUN, word], f"`freeze` takes bundle, .* Got '{word.partition('=')[0]}'")
            for word in IGNORED
        ),
        ([*ONE_RUN, "output=."], "folder by its name"),
        ([*ONE_RUN, "output=/"], "folder by its name"),
    ],
)
def test_what_no_bundle_can_be_made_of_is_refused(words: list[str], says: str) -> None:
    with pytest.raises(InvalidInputError, match=says):
        read_words(words)


def test_a_word_holds_for_all_runs() -> None:
    (recipe,) = read_words(["bundle=official", "preset.n_prompts=4"])
    assert {run.preset.n_prompts for part in recipe.parts for run in part.runs} == {4}
