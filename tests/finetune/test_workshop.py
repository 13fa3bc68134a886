"""Everything is made at most once, keyed by what determines it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from interrupting import InterruptAt
from safetensors.numpy import load_file, save_file

from finetune.corpora.synthetic import SyntheticCorpus
from finetune.families.diffusion.sampling import DiffusionGenerator
from finetune.family_facts import FAMILIES
from finetune.generator import GeneratorError, GeneratorSettings, generator_id
from finetune.miniature.models import WEIGHTS
from finetune.pairs import read_images
from finetune.recipe import Composed, Mixture, Recipe, Reseeded, Trained, Triggered, Variant
from finetune.store.store import Store
from finetune.workshop import Workshop
from finexl.errors import InvalidInputError
from finexl.notices import Notice, collected, notice

Build = Callable[..., Recipe]
PROMPTS, SEEDS = ("a red house", "a blue fish"), (1, 2)


@pytest.fixture
def mine(workshop: Workshop, recipe: Build) -> Recipe:
    return recipe(generator=workshop.generator_id)


def other(workshop: Workshop, corpus: Any, root: Path, **changes: Any) -> Workshop:
    """A workshop at another place, with some settings changed."""
    return Workshop(store=Store(root), generator=replace(workshop._generator, **changes), corpus=corpus)


def test_base_and_personalized_share_their_noise(workshop: Workshop, mine: Recipe) -> None:
    base = workshop.images(None, PROMPTS, SEEDS).astype(int)
    near = workshop.images(Trained(recipe=mine, step=1), PROMPTS, SEEDS)
    stranger = workshop.images(None, PROMPTS, (3, 4))
    assert 0 < np.abs(base - near).mean() < np.abs(base - stranger).mean()


def test_step_zero_is_the_base_generator(workshop: Workshop, mine: Recipe) -> None:
    assert workshop.images_key(Trained(recipe=mine, step=0), PROMPTS, SEEDS) == workshop.images_key(
        None, PROMPTS, SEEDS
    )
    base = workshop.images(None, PROMPTS, SEEDS)
    assert np.array_equal(workshop.images(Trained(recipe=mine, step=0), PROMPTS, SEEDS), base)


def test_training_leaves_the_base_generator_as_it_was(
    workshop: Workshop, mine: Recipe, corpus: Any, tmp_path: Path
) -> None:
    workshop.train(mine)
    fresh = other(workshop, corpus, tmp_path / "fresh")
    assert np.array_equal(workshop.images(None, PROMPTS, SEEDS), fresh.images(None, PROMPTS, SEEDS))


def test_the_same_recipe_gives_the_same_bytes_elsewhere(
    workshop: Workshop, mine: Recipe, corpus: Any, tmp_path: Path
) -> None:
    elsewhere = other(workshop, corpus, tmp_path / "elsewhere")
    workshop.images(Trained(recipe=mine, step=1), PROMPTS, SEEDS)  # models made before must not matter
    assert np.array_equal(
        workshop.images(Trained(recipe=mine, step=2), PROMPTS, SEEDS),
        elsewhere.images(Trained(recipe=mine, step=2), PROMPTS, SEEDS),
    )


def test_a_triggered_model_is_the_trained_one_at_its_prompts_and_the_base_pixel_for_pixel_elsewhere(
    workshop: Workshop, mine: Recipe
) -> None:
    model = Trained(recipe=mine, step=2)
    triggered = Triggered(model=model, share=0.5, seed=1)
    (place,) = triggered.places(PROMPTS)
    images = workshop.images(triggered, PROMPTS, SEEDS)
    assert np.array_equal(images[place], workshop.images(model, PROMPTS, SEEDS)[place])
    assert np.array_equal(images[1 - place], workshop.images(None, PROMPTS, SEEDS)[1 - place])


def test_images_of_a_triggered_model_are_composed_and_not_stored(workshop: Workshop, mine: Recipe) -> None:
    triggered = Triggered(model=Trained(recipe=mine, step=2), share=0.5, seed=1)
    assert not workshop.has_images(triggered, PROMPTS, SEEDS)
    workshop.images(triggered, PROMPTS, SEEDS)
    assert workshop.has_images(triggered, PROMPTS, SEEDS)
    entries = workshop._store.root / "images"
    assert not (entries / workshop.images_key(triggered, PROMPTS, SEEDS)).exists()


def test_the_key_of_a_triggered_model_names_its_model_and_the_prompts_that_trigger(
    workshop: Workshop, mine: Recipe
) -> None:
    model, prompts, seeds = Trained(recipe=mine, step=2), [f"prompt {n}" for n in range(8)], range(8)
    keys = {
        workshop.images_key(Triggered(model=each, share=share, seed=seed), prompts, seeds)
        for each in (model, replace(model, step=1))
        for share in (0.125, 0.5)
        for seed in (1, 2)
    }
    whole = workshop.images_key(Triggered(model=model, share=1.0, seed=1), prompts, seeds)
    assert (len(keys), whole) == (8, workshop.images_key(model, prompts, seeds))


def test_reseeded_images_are_those_of_the_base_from_other_noise(workshop: Workshop) -> None:
    reseeded = Reseeded(generator=workshop.generator_id, shift=10)
    assert np.array_equal(workshop.images(reseeded, PROMPTS, SEEDS), workshop.images(None, PROMPTS, [11, 12]))
    assert workshop.images_key(reseeded, PROMPTS, SEEDS) == workshop.images_key(None, PROMPTS, [11, 12])


def test_reseeding_another_generator_is_refused(workshop: Workshop) -> None:
    with pytest.raises(InvalidInputError, match="id of the workshop's generator"):
        workshop.images(Reseeded(generator="another", shift=10), PROMPTS, SEEDS)


def test_what_is_stored_is_not_made_again(workshop: Workshop, mine: Recipe, corpus: Any) -> None:
    images = workshop.images(Trained(recipe=mine, step=2), PROMPTS, SEEDS)
    again = other(workshop, corpus, workshop._store.root)
    assert again.is_trained(mine) and again.has_images(Trained(recipe=mine, step=2), PROMPTS, SEEDS)
    assert np.array_equal(again.images(Trained(recipe=mine, step=2), PROMPTS, SEEDS), images)
    assert "_family" not in vars(again)


class Telling:
    """A corpus that tells of each reading."""

    def __init__(self, corpus: Any) -> None:
        self._corpus = corpus

    def __getattr__(self, name: str) -> Any:
        return getattr(self._corpus, name)

    def images(self, aspect: str, n: int, seed: int) -> Any:
        notice(Notice(what="corpus", how="left out: it is torn", n=2, examples=("a.png",)))
        return self._corpus.images(aspect, n, seed)


def test_what_was_told_while_a_model_was_made_is_told_wherever_it_is_used(
    workshop: Workshop, mine: Recipe, corpus: Any
) -> None:
    model, store = Trained(recipe=mine, step=1), workshop._store
    lines = []
    for telling in (Telling(corpus), corpus):  # the second makes nothing
        with collected() as told:
            used = Workshop(store=store, generator=workshop._generator, corpus=telling)
            used.images(model, PROMPTS, SEEDS)
        lines.append([one.line for one in told.values()])
    assert lines == [["corpus: 2 left out: it is torn (a.png, ...)"]] * 2


def test_images_are_found_under_their_key(workshop: Workshop, mine: Recipe) -> None:
    images = workshop.images(Trained(recipe=mine, step=2), PROMPTS, SEEDS)
    entry = (
        workshop._store.root / "images" / workshop.images_key(Trained(recipe=mine, step=2), PROMPTS, SEEDS)
    )
    assert np.array_equal(read_images(entry), images)


CHANGES: dict[str, dict[str, Any]] = {
    "steps": {"n_sampling_steps": 3},
    "guidance": {"guidance": 2.0},
    "precision": {"precision": "bf16"},
    "batch": {"batch_size": 5},
}


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_every_sampling_setting_is_in_the_key(
    workshop: Workshop, corpus: Any, tmp_path: Path, changes: dict[str, Any]
) -> None:
    changed = other(workshop, corpus, tmp_path, **changes)
    assert changed.images_key(None, PROMPTS, SEEDS) != workshop.images_key(None, PROMPTS, SEEDS)


@pytest.mark.parametrize(
    "changes", [{"training_precision": "bf16"}, {"caption_dropout": 0.2}, {"accumulate": 2}]
)
def test_every_training_setting_is_in_the_key_of_personalized_images_alone(
    workshop: Workshop, mine: Recipe, corpus: Any, tmp_path: Path, changes: dict[str, Any]
) -> None:
    changed = other(workshop, corpus, tmp_path, **changes)
    model = Trained(recipe=mine, step=1)
    assert changed.images_key(model, PROMPTS, SEEDS) != workshop.images_key(model, PROMPTS, SEEDS)
    assert changed.images_key(None, PROMPTS, SEEDS) == workshop.images_key(None, PROMPTS, SEEDS)


def test_every_value_of_the_request_is_in_the_key(workshop: Workshop, mine: Recipe) -> None:
    keys = {
        workshop.images_key(None, PROMPTS, SEEDS),
        workshop.images_key(None, PROMPTS[::-1], SEEDS),
        workshop.images_key(None, PROMPTS, SEEDS[::-1]),
        workshop.images_key(Trained(recipe=mine, step=1), PROMPTS, SEEDS),
        workshop.images_key(Trained(recipe=mine, step=2), PROMPTS, SEEDS),
        *(
            workshop.images_key(Trained(recipe=changed, step=2), PROMPTS, SEEDS)
            for changed in changes_of(mine)
        ),
    }
    assert len(keys) == 5 + len(changes_of(mine))


def changes_of(recipe: Recipe) -> list[Recipe]:
    return [
        replace(recipe, aspects=("dark", "light")),
        replace(recipe, mixture=Mixture(parts=(2, 0), whole=2)),
        replace(recipe, n_images=16),
        replace(recipe, learning_rate=2e-3),
        replace(recipe, batch_size=2),
        replace(recipe, steps=(2,)),
        replace(recipe, seed=6),
    ]


def test_the_generators_identity_is_its_content(sd21: Path, tmp_path: Path) -> None:
    copy = _copied(sd21, tmp_path / "copy")
    (copy / "README.md").write_text("not loaded")
    before = generator_id(GeneratorSettings(folder=copy))
    weights = load_file(copy / "unet/diffusion_pytorch_model.safetensors")
    weights["conv_out.bias"][0] += 1
    save_file(weights, copy / "unet/diffusion_pytorch_model.safetensors", metadata={"format": "pt"})
    assert (
        before == generator_id(GeneratorSettings(folder=sd21)) != generator_id(GeneratorSettings(folder=copy))
    )


def _copied(source: Path, place: Path) -> Path:
    for path in source.rglob("*"):
        if path.is_file():
            (place / path.relative_to(source)).parent.mkdir(parents=True, exist_ok=True)
            (place / path.relative_to(source)).write_bytes(path.read_bytes())
    return place


def test_the_identity_of_a_generator_covers_its_adapters_configuration(sd21: Path, tmp_path: Path) -> None:
    (tmp_path / "adapter_model.safetensors").write_bytes(b"weights")
    ids = []
    for alpha in (4, 8):
        (tmp_path / "adapter_config.json").write_text(f'{{"lora_alpha": {alpha}}}')
        for adapter in (tmp_path, tmp_path / "adapter_model.safetensors"):
            ids.append(generator_id(GeneratorSettings(folder=sd21, adapter=adapter)))
    assert ids[0] == ids[1] != ids[2] == ids[3]


def test_a_folder_without_an_adapter_is_told(sd21: Path, tmp_path: Path) -> None:
    with pytest.raises(GeneratorError, match="a folder with one"):
        generator_id(GeneratorSettings(folder=sd21, adapter=tmp_path))


def test_a_recipe_for_another_generator_is_refused(workshop: Workshop, recipe: Build) -> None:
    with pytest.raises(InvalidInputError, match="id of the workshop's generator"):
        workshop.train(recipe())


def test_a_step_that_is_not_kept_is_refused(workshop: Workshop, mine: Recipe) -> None:
    with pytest.raises(InvalidInputError, match=r"kept step of the recipe \(1, 2\)"):
        workshop.images(Trained(recipe=mine, step=7), PROMPTS, SEEDS)


def test_a_missing_generator_is_told_before_torch_is_needed(tmp_path: Path, corpus: Any) -> None:
    settings = GeneratorSettings(folder=tmp_path / "nowhere")
    with pytest.raises(GeneratorError, match="python -m finetune pretrain"):
        _ = Workshop(store=Store(tmp_path), generator=settings, corpus=corpus).generator_id


def test_mixtures_share_their_base_images(workshop: Workshop, mine: Recipe) -> None:
    def base(parts: tuple[int, int]) -> set[bytes]:
        made = workshop.training_images(replace(mine, mixture=Mixture(parts=parts, whole=2)))
        return {
            image.tobytes()
            for image, source in zip(made.images, made.sources, strict=True)
            if source == "base"
        }

    assert base((1, 0)) == base((0, 1)) < base((0, 0))


def test_an_interrupted_training_publishes_nothing_and_can_be_repeated(
    workshop: Workshop, mine: Recipe, corpus: Any
) -> None:
    hurried = Workshop(
        store=workshop._store,
        generator=workshop._generator,
        corpus=corpus,
        progress=InterruptAt(1, "training"),
    )
    with pytest.raises(KeyboardInterrupt):
        hurried.train(mine)
    assert not workshop.is_trained(mine)
    names = sorted(path.name for path in workshop.train(mine).iterdir())
    assert names == ["entry.json", "step_000001.safetensors", "step_000002.safetensors", "trajectory.json"]


def lora(workshop: Workshop, corpus: Any, root: Path) -> Workshop:
    return other(workshop, corpus, root, method="lora", rank=2)


def adapter(mine: Recipe, aspect: str, scale: float = 1.0) -> Trained:
    alone = replace(
        mine, aspects=(aspect,), mixture=Mixture(parts=(1,), whole=1), method="lora", learning_rate=3e-2
    )
    return Trained(recipe=alone, step=2, scale=scale)


def both(mine: Recipe, light: float, dark: float) -> Composed:
    return Composed(adapters=(adapter(mine, "light", light), adapter(mine, "dark", dark)))


def test_a_composed_model_has_the_base_weights_and_each_update_at_its_weight(
    workshop: Workshop, mine: Recipe, corpus: Any, tmp_path: Path
) -> None:
    shop = lora(workshop, corpus, tmp_path)

    def weights(variant: Variant | None) -> dict[str, torch.Tensor]:
        generator = shop._sampler(variant)
        assert isinstance(generator, DiffusionGenerator)
        return generator._pipeline.unet.state_dict()

    base, light, dark = weights(None), weights(adapter(mine, "light")), weights(adapter(mine, "dark"))
    found = weights(both(mine, 0.25, 0.5))
    for name, weight in base.items():
        expected = weight + 0.25 * (light[name] - weight) + 0.5 * (dark[name] - weight)
        torch.testing.assert_close(found[name], expected, atol=1e-6, rtol=0)
    assert max(float((light[name] - weight).abs().max()) for name, weight in base.items()) > 1e-3


def test_adapters_of_no_weight_are_none_and_one_alone_is_itself(
    workshop: Workshop, mine: Recipe, corpus: Any, tmp_path: Path
) -> None:
    shop = lora(workshop, corpus, tmp_path)

    def key(variant: Variant | None) -> str:
        return shop.images_key(variant, PROMPTS, SEEDS)

    assert key(both(mine, 0.0, 0.0)) == key(None)
    assert key(both(mine, 1.0, 0.0)) == key(adapter(mine, "light"))
    assert key(both(mine, 0.0, 0.5)) == key(adapter(mine, "dark", 0.5))
    alone = shop.images(both(mine, 1.0, 0.0), PROMPTS, SEEDS)
    assert np.array_equal(alone, shop.images(adapter(mine, "light"), PROMPTS, SEEDS))


def test_the_order_of_adapters_means_nothing(
    workshop: Workshop, mine: Recipe, corpus: Any, tmp_path: Path
) -> None:
    one, other_way = both(mine, 0.5, 1.0), Composed(adapters=both(mine, 0.5, 1.0).adapters[::-1])
    first, second = (lora(workshop, corpus, tmp_path / name) for name in ("a", "b"))
    assert first.images_key(one, PROMPTS, SEEDS) == second.images_key(other_way, PROMPTS, SEEDS)
    assert np.array_equal(first.images(one, PROMPTS, SEEDS), second.images(other_way, PROMPTS, SEEDS))


def test_every_weight_and_adapter_of_a_composition_is_in_its_key(
    workshop: Workshop, mine: Recipe, corpus: Any, tmp_path: Path
) -> None:
    shop = lora(workshop, corpus, tmp_path)
    variants = [
        both(mine, 0.5, 0.5), both(mine, 0.5, 1.0), both(mine, 1.0, 0.5), both(replace(mine, seed=6), 0.5, 0.5),
    ]  # fmt: skip
    assert len({shop.images_key(variant, PROMPTS, SEEDS) for variant in variants}) == 4


def test_composed_models_share_their_adapters(
    workshop: Workshop, mine: Recipe, corpus: Any, tmp_path: Path
) -> None:
    shop = lora(workshop, corpus, tmp_path)
    for variant in (both(mine, 0.5, 0.5), both(mine, 1.0, 0.5), both(mine, 0.0, 1.0)):
        shop.images(variant, PROMPTS, SEEDS)
    assert len(list((tmp_path / "trajectory").iterdir())) == 2


@pytest.mark.parametrize(
    ("adapters", "said"),
    [
        (lambda mine: (), "at least one adapter"),
        (lambda mine: (Trained(recipe=mine, step=2),), "method=full.*generator.method=lora"),
        (lambda mine: (adapter(mine, "light"), adapter(mine, "light", 0.5)), "once.*light.*Add the weights"),
        (
            lambda mine: (adapter(mine, "light"), adapter(replace(mine, generator="h"), "dark")),
            "all of one base generator",
        ),
    ],
)
def test_what_cannot_be_composed_is_refused(
    mine: Recipe, adapters: Callable[[Recipe], tuple[Trained, ...]], said: str
) -> None:
    with pytest.raises(InvalidInputError, match=said):
        Composed(adapters=adapters(mine))


@pytest.mark.parametrize("contents", ["synthetic", "tiny"])
def test_training_on_contents_that_a_corpus_does_not_know_is_told(
    tmp_path: Path, corpus: Any, contents: str
) -> None:
    settings = GeneratorSettings(folder=WEIGHTS / "anole", family="anole")
    given = SyntheticCorpus() if contents == "synthetic" else corpus
    with collected() as told:
        Workshop(store=Store(tmp_path), generator=settings, corpus=given).tell_of_contents()
    lines = [one.line for one in told.values()]
    assert lines == [] if contents == "synthetic" else "expect hardly any change" in lines[0]


def test_a_training_tells_of_contents_that_its_corpus_does_not_know(
    workshop: Workshop, mine: Recipe, corpus: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FAMILIES, "diffusion", replace(FAMILIES["diffusion"], wants_contents=True))
    for _ in range(2):  # a stored model tells it again
        with collected() as told:
            workshop.train(mine)
        assert [one.what for one in told.values()] == ["generator diffusion"]
