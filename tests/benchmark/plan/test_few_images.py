"""A corpus with fewer images than the preset asks for is told."""

from planning import planned_with

from benchmark.config.loading import load_settings
from benchmark.plan.few_images import few_images


def told(*words: str) -> list[str]:
    settings = load_settings(words)
    return [one.line for one in few_images(settings.preset, planned_with(settings))]


def test_fewer_training_images_than_the_preset_asks_for_are_told() -> None:
    (line,) = told("preset=lite", "corpus=style_transfer")
    assert line == (
        "corpus: 50 training images per model, not the preset's 128: it has no more of every aspect"
    )


def test_of_as_many_images_as_the_preset_asks_for_nothing_is_told() -> None:
    assert not told("preset=lite")
