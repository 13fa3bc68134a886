"""Nothing of a bundle but its pictures tells what is true: no name, size, order, time, encoding or label."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from frozen_world import WORDS, frozen_world, made_in, recipe

from benchmark.bundle.freezing import Made, png, publish, with_noise_of_their_own
from benchmark.bundle.manifest import Bundle
from benchmark.bundle.planting import labels_of


@pytest.fixture(scope="module")
def lattice(tmp_path_factory: pytest.TempPathFactory) -> Made:
    (found,) = [
        one
        for one in made_in(tmp_path_factory.mktemp("world"))["public"]
        if one.group.scenario == "multi_aspect"
    ]
    return found


def with_models(made: Made, name: str, *models: np.ndarray) -> Made:
    """The group under another name with other models."""
    return replace(made, group=replace(made.group, id=name), models=models)


def shifted(made: Made, amount: int) -> list[np.ndarray]:
    return [np.asarray(images) + np.uint8(amount) for images in made.models]


def models_of(bundle: Bundle) -> list[tuple[str, ...]]:
    return [trial.images for group in bundle.manifest.groups for trial in group.trials]


def test_groups_have_no_noise_in_common_so_that_a_model_they_share_never_looks_the_same(
    lattice: Made,
) -> None:
    groups = [lattice.group] * 3
    seeds = [seed for group in with_noise_of_their_own(groups, before=2) for seed in group.probe.seeds]
    assert len(set(seeds)) == len(seeds) == 3 * len(lattice.group.probe.seeds)
    assert not set(seeds) & {
        seed for group in with_noise_of_their_own(groups[:2], before=0) for seed in group.probe.seeds
    }


def test_the_first_group_has_the_noise_of_the_run(lattice: Made) -> None:
    (first,) = with_noise_of_their_own([lattice.group], before=0)
    assert first.probe == lattice.group.probe


def test_a_model_that_groups_share_is_shown_in_one_of_them(lattice: Made, tmp_path: Path) -> None:
    """Which of a group's models is the mixture of base images alone would else be seen by its coming again."""
    first, *others = shifted(lattice, 1)
    made = [
        with_models(lattice, "one", first, *others),
        with_models(lattice, "other", first, *shifted(lattice, 7)[1:]),
    ]
    bundle = publish(recipe(tmp_path / "bundle"), {"public": made}, WORDS)
    models = models_of(bundle)
    assert len(models) == len(set(models)) == 2 * len(lattice.models) - 1
    told = bundle.truth("public").groups
    assert sorted(len(group.trials) for group in told) == [len(lattice.models) - 1, len(lattice.models)]
    assert sum(trial.levels == (0, 0) for group in told for trial in group.trials) == 1


def test_which_group_shows_it_does_not_follow_the_plan(lattice: Made, tmp_path: Path) -> None:
    first, *others = shifted(lattice, 1)
    made = [
        with_models(lattice, "one", first, *others),
        with_models(lattice, "other", first, *shifted(lattice, 7)[1:]),
    ]
    there, back = (
        publish(recipe(tmp_path / name), {"public": groups}, WORDS).sha256
        for name, groups in (("there", made), ("back", made[::-1]))
    )
    assert there == back


def test_a_model_that_is_its_base_to_the_pixel_may_come_again(lattice: Made, tmp_path: Path) -> None:
    base = np.asarray(lattice.base)
    made = [
        with_models(lattice, "one", base, *shifted(lattice, 1)[1:]),
        with_models(lattice, "other", base, *shifted(lattice, 7)[1:]),
    ]
    bundle = publish(recipe(tmp_path / "bundle"), {"public": made}, WORDS)
    assert len(models_of(bundle)) == 2 * len(lattice.models)


def test_images_are_written_in_the_order_of_their_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers of files on a disk follow the order of writing, which would be that of the plan."""
    written: list[str] = []
    write = Path.write_bytes

    def noted(path: Path, content: bytes) -> int:
        written.append(path.name)
        return write(path, content)

    made = made_in(tmp_path)
    monkeypatch.setattr(Path, "write_bytes", noted)
    publish(recipe(tmp_path / "bundle"), made, WORDS)
    images = [name for name in written if name.endswith(".png")]
    assert images == sorted(images) and len(images) > 20


def test_a_file_is_its_pixels_and_nothing_else_decides_its_bytes_or_size(tmp_path: Path) -> None:
    bundle = frozen_world(tmp_path)
    for images in models_of(bundle):
        for digest, pixels in zip(images, bundle.pixels(images), strict=True):
            assert bundle.image(digest).read_bytes() == png(pixels)


def test_the_file_of_labels_has_one_form_for_right_and_wrong_ones(tmp_path: Path) -> None:
    bundle = frozen_world(tmp_path, n_planted=4)
    text = (bundle.folder / "labels-public.json").read_text(encoding="utf-8")
    labels = json.loads(text)
    assert [*labels] == sorted(labels_of(bundle.truth("public").groups))
    assert text == json.dumps(labels, separators=(",", ":")) + "\n"
    for group in bundle.truth("public").groups:  # nor do the levels of a group
        assert sorted(labels[trial.trial] for trial in group.trials) == sorted(
            [*trial.levels] for trial in group.trials
        )
