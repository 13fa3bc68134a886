"""What every family and method promises, on the miniature's shipped generators."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from interrupting import InterruptAt

from benchmark.certify.divergence import measured_divergence
from finetune.corpora.synthetic import SyntheticCorpus
from finetune.families.image_sizes import image_size
from finetune.families.opening import Family, open_family
from finetune.family_facts import FAMILIES
from finetune.generator import GeneratorSettings
from finetune.miniature.models import WEIGHTS
from finetune.miniature.split import DEVELOPMENT_ASPECTS
from finetune.mixing import TrainingImages
from finetune.recipe import Mixture, Recipe, Trained
from finetune.store.store import Store
from finetune.training.trajectory import STATE, load_step
from finetune.workshop import Workshop
from finexl.errors import InvalidInputError

RATES = {
    ("diffusion", "full"): 1e-5,
    ("diffusion", "lora"): 1e-3,
    ("diffusion", "finestyle"): 1e-3,
    ("controlgan", "full"): 1e-5,
    ("anole", "full"): 1e-5,
}
CORPUS = SyntheticCorpus(aspects=DEVELOPMENT_ASPECTS)
PROMPTS = CORPUS.prompts(6, 1)
SEEDS = tuple(range(6))


@dataclass(frozen=True)
class Case:
    """One family and method, with a store of its own."""

    family: str
    method: str
    store: Store

    @cached_property
    def settings(self) -> GeneratorSettings:
        few: dict[str, Any] = {"n_sampling_steps": 4} if self.family == "diffusion" else {}
        return GeneratorSettings(
            folder=WEIGHTS / FAMILIES[self.family].miniature,
            family=self.family,
            method=self.method,
            batch_size=4,
            **few,
        )

    @cached_property
    def workshop(self) -> Workshop:
        return Workshop(store=self.store, generator=self.settings, corpus=CORPUS)

    @cached_property
    def opened(self) -> Family:
        return open_family(self.settings, store=self.store)

    def recipe(self, *steps: int, aspect: str = "warm") -> Recipe:
        return Recipe(
            generator=self.workshop.generator_id, corpus=CORPUS.id, aspects=(aspect,),
            mixture=Mixture(parts=(1,), whole=1), n_images=16, learning_rate=RATES[self.family, self.method],
            batch_size=4, steps=steps, seed=3, method=self.method,
        )  # fmt: skip


CASES = [(family, method) for family, facts in FAMILIES.items() for method in facts.methods]


@pytest.fixture(scope="module", params=CASES, ids="-".join)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    family, method = request.param
    yield Case(family=family, method=method, store=Store(tmp_path_factory.mktemp("-".join(request.param))))


def test_an_image_depends_on_its_prompt_and_seed_alone(case: Case) -> None:
    generator = case.opened.generator()
    together = generator.sample(PROMPTS, SEEDS)
    backwards = generator.sample(PROMPTS[::-1], SEEDS[::-1])
    alone = generator.sample(PROMPTS[4:5], SEEDS[4:5])
    assert np.array_equal(together, backwards[::-1])
    assert np.array_equal(together[4:5], alone)


def test_another_seed_gives_another_image(case: Case) -> None:
    generator = case.opened.generator()
    one, other = generator.sample(PROMPTS[:1], (1,)), generator.sample(PROMPTS[:1], (2,))
    assert not np.array_equal(one, other)


def test_zero_steps_change_nothing(case: Case) -> None:
    untrained = case.opened.personalizer(case.recipe(2)).kept()
    base = case.opened.generator().sample(PROMPTS, SEEDS)
    assert np.array_equal(case.opened.generator(untrained).sample(PROMPTS, SEEDS), base)


def test_base_and_personalized_share_their_chance(case: Case) -> None:
    near = case.workshop.images(Trained(recipe=case.recipe(2), step=2), PROMPTS, SEEDS)
    base = case.workshop.images(None, PROMPTS, SEEDS)
    stranger = case.workshop.images(None, PROMPTS, tuple(seed + 100 for seed in SEEDS))
    assert 0 < measured_divergence(base, near) < 0.5 * measured_divergence(base, stranger)


def test_training_leaves_the_base_generator_as_it_was(case: Case) -> None:
    before = case.opened.generator().sample(PROMPTS, SEEDS)
    case.workshop.train(case.recipe(2))
    fresh = open_family(case.settings, store=case.store).generator().sample(PROMPTS, SEEDS)
    assert np.array_equal(before, fresh)


def test_a_personalized_generator_stays_what_it_is_whatever_is_made_after_it(case: Case) -> None:
    trained = case.workshop.train(case.recipe(2))
    first = case.opened.generator(load_step(trained, 2))
    before = first.sample(PROMPTS[:2], SEEDS[:2])
    untrained = case.opened.personalizer(case.recipe(2)).kept()
    second = case.opened.generator(untrained).sample(PROMPTS[:2], SEEDS[:2])
    assert np.array_equal(first.sample(PROMPTS[:2], SEEDS[:2]), before)
    assert not np.array_equal(second, before)


@pytest.mark.parametrize("side", [32, 60, 128])
def test_training_images_are_as_large_as_those_that_it_makes(case: Case, side: int) -> None:
    assert image_size(case.settings) == case.opened.generator().sample(PROMPTS[:1], SEEDS[:1]).shape[1:3]
    small = TrainingImages(
        images=np.zeros((2, side, side, 3), np.uint8), captions=PROMPTS[:2], sources=("x", "x")
    )
    with pytest.raises(InvalidInputError, match=rf"64×64 pixels. Got {side}×{side}"):
        case.opened.stream(small, case.recipe(2))


def test_training_resumes_from_any_kept_step_to_the_same_weights(case: Case, tmp_path: Path) -> None:
    recipe = case.recipe(1, 2, 3)
    straight = _kept(case.workshop.train(recipe))
    for at in (1, 2):
        store = Store(tmp_path / str(at))
        hurried = Workshop(
            store=store, generator=case.settings, corpus=CORPUS, progress=InterruptAt(at, "training")
        )  # fmt: skip
        with pytest.raises(KeyboardInterrupt):
            hurried.train(recipe)
        assert list(store.root.rglob(STATE))
        patient = Workshop(store=store, generator=case.settings, corpus=CORPUS)
        assert _kept(patient.train(recipe)) == straight


def test_all_that_is_kept_is_safetensors_and_json(case: Case) -> None:
    folder = case.workshop.train(case.recipe(2))
    assert {path.suffix for path in folder.rglob("*") if path.is_file()} == {".safetensors", ".json"}


@pytest.mark.slow
def test_divergence_grows_with_the_level(case: Case) -> None:
    recipe = replace(case.recipe(6, 16, 44), batch_size=8)
    base = case.workshop.images(None, PROMPTS, SEEDS)
    ladder = [
        measured_divergence(base, case.workshop.images(Trained(recipe=recipe, step=step), PROMPTS, SEEDS))
        for step in recipe.steps
    ]
    assert ladder == sorted(ladder) and ladder[-1] > 1.2 * ladder[0]


@pytest.mark.parametrize("case", [pair for pair in CASES if pair[1] != "full"], indirect=True, ids="-".join)
def test_the_scale_of_an_adapter_leads_from_the_base_to_the_trained_model(case: Case) -> None:
    recipe = case.recipe(12)
    trained = case.workshop.images(Trained(recipe=recipe, step=12), PROMPTS, SEEDS)
    base = case.workshop.images(Trained(recipe=recipe, step=12, scale=0.0), PROMPTS, SEEDS)
    half = case.workshop.images(Trained(recipe=recipe, step=12, scale=0.5), PROMPTS, SEEDS)
    assert np.array_equal(base, case.workshop.images(None, PROMPTS, SEEDS))
    assert 0 < measured_divergence(base, half) < measured_divergence(base, trained)


def _kept(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("step_*.safetensors")}
