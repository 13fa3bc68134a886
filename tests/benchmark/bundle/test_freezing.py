"""A bundle shows what a run made and nothing of how, and is the same byte for byte when it is made again."""

import json
import shutil
import struct
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from frozen_world import WORDS, frozen_world, made_in, recipe
from ideal_bench import World, pair, series

from benchmark.bundle import freezing
from benchmark.bundle.freezing import check_output, publish
from benchmark.bundle.manifest import Bundle, TrialTruth
from benchmark.run.runner import certify
from finexl.errors import InvalidInputError


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return frozen_world(tmp_path_factory.mktemp("world"), n_planted=4)


def contents(folder: Path) -> dict[str, tuple[bytes, float]]:
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mtime)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_made_again_elsewhere_it_is_the_same_byte_for_byte(bundle: Bundle, tmp_path: Path) -> None:
    assert contents(frozen_world(tmp_path, n_planted=4).folder) == contents(bundle.folder)


def test_the_order_of_the_plan_is_in_no_byte(bundle: Bundle, tmp_path: Path) -> None:
    made = made_in(tmp_path)
    made["public"].reverse()
    again = publish(recipe(tmp_path / "other", n_planted=4), made, WORDS)
    assert contents(again.folder) == contents(bundle.folder)


def test_groups_and_models_stand_in_the_order_of_their_ids(bundle: Bundle) -> None:
    public = [group for group in bundle.manifest.groups if group.part == "public"]
    assert [group.id for group in public] == sorted(group.id for group in public)
    for group in public:
        assert [trial.id for trial in group.trials] == sorted(trial.id for trial in group.trials)


def brightness(bundle: Bundle, group: str, trial: TrialTruth, row: int) -> float:
    frozen = next(one for one in bundle.manifest.groups if one.id == group)
    images = next(one.images for one in frozen.trials if one.id == trial.trial)
    shift = bundle.pixels(images).astype(float) - bundle.pixels(frozen.base)
    return float(shift[:, row].mean())


def test_the_truth_of_a_model_is_what_its_images_show(bundle: Bundle) -> None:
    for group in bundle.truth("public").groups:
        if group.scenario == "single_aspect":
            for trial in group.trials:
                assert brightness(bundle, group.group, trial, 0) == pytest.approx(10 * trial.levels[0])


def test_what_nobody_asks_about_and_certificates_are_part_of_the_truth(bundle: Bundle) -> None:
    (group,) = [one for one in bundle.truth("public").groups if one.scenario == "nuisance"]
    assert all(trial.unasked == {"grainy": 1} for trial in group.trials)
    assert group.certified_aspects == (True,) and set(group.certified_unasked) == {"grainy"}
    assert all(trial.divergence is not None for trial in group.trials)


def test_the_manifest_names_no_truth(bundle: Bundle) -> None:
    text = (bundle.folder / "manifest.json").read_text(encoding="utf-8")
    assert not any(word in text for word in ("single_aspect", "levels", "seed", "certified"))


def test_images_hold_pixels_and_nothing_else(bundle: Bundle) -> None:
    for path in (bundle.folder / "images").iterdir():
        content, place, kinds = path.read_bytes(), 8, set()
        while place < len(content):
            (length,) = struct.unpack(">I", content[place : place + 4])
            kinds.add(content[place + 4 : place + 8])
            place += 12 + length
        assert kinds == {b"IHDR", b"IDAT", b"IEND"}


def test_every_file_has_one_time(bundle: Bundle) -> None:
    assert {path.stat().st_mtime for path in (bundle.folder, *bundle.folder.rglob("*"))} == {946_684_800}


def test_models_that_look_the_same_have_ids_of_their_own(tmp_path: Path) -> None:
    public = made_in(tmp_path)["public"]
    once = publish(recipe(tmp_path / "once"), {"public": public}, WORDS)
    twice = publish(recipe(tmp_path / "twice"), {"public": [*public, public[0]]}, WORDS)
    assert len(twice.manifest.trials()) == len(once.manifest.trials()) + len(public[0].models)


def test_planted_labels_are_in_the_labels_and_not_in_the_truth(bundle: Bundle) -> None:
    labels = {
        trial: tuple(levels)
        for trial, levels in json.loads((bundle.folder / "labels-public.json").read_bytes()).items()
    }
    truth = {trial.trial: trial.levels for group in bundle.truth("public").groups for trial in group.trials}
    wrong = bundle.planted()
    assert len(wrong) == 4
    assert {trial: levels for trial, levels in labels.items() if levels != truth[trial]} == wrong


def test_planted_labels_whose_file_is_lost_are_found_again(bundle: Bundle, tmp_path: Path) -> None:
    copy = Bundle(Path(shutil.copytree(bundle.folder, tmp_path / "copy")))
    (copy.folder / "planted.json").unlink()
    assert copy.planted() == bundle.planted() != {}
    labels = copy.folder / "labels-public.json"
    labels.write_bytes(labels.read_bytes().replace(b"[0", b"[1", 1))
    with pytest.raises(InvalidInputError, match="Planted labels must be those"):
        copy.planted()
    labels.unlink()
    assert copy.planted() == {}


def test_the_manifest_holds_the_hash_of_what_is_shown_later(bundle: Bundle) -> None:
    content = (bundle.folder / "planted.json").read_bytes()
    assert bundle.manifest.planted == sha256(content).hexdigest()


def test_a_bundle_that_is_too_large_is_not_put_in_place(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="must take at most"):
        frozen_world(tmp_path, at_most_mb=0.001)
    assert not (tmp_path / "bundle").exists()


def test_a_bundle_is_whole_or_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(frozen_world(tmp_path).folder)

    def fails(*_: object) -> None:
        raise RuntimeError("the lights went out")

    monkeypatch.setattr(freezing, "_check_size", fails)
    with pytest.raises(RuntimeError):
        frozen_world(tmp_path, n_planted=4)
    assert contents(tmp_path / "bundle") == before
    assert [path.name for path in tmp_path.iterdir() if "aside" in path.name] == []


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "one.png").write_bytes(b"")
    with pytest.raises(InvalidInputError, match="new or empty, or a bundle"):
        check_output(tmp_path / "photos")


def test_what_a_killed_run_certified_is_not_certified_again(tmp_path: Path) -> None:
    world = World(root=tmp_path, groups=(series(), pair()))
    certify(world.job())
    before = world.log()
    certify(world.job())
    assert world.log() == before


def test_certifying_asks_nobody_and_draws_nothing(tmp_path: Path) -> None:
    world = World(root=tmp_path, groups=(series(),))
    found = certify(world.job())
    assert [*found] == [series().id]
    assert not any(line.startswith(("explainer", "reader")) for line in world.log())
    assert not (tmp_path / "out" / "grids").exists()


def test_pixels_come_back_as_they_were(bundle: Bundle, tmp_path: Path) -> None:
    made = made_in(tmp_path)["development"][0]
    (group,) = [one for one in bundle.manifest.groups if one.part == "development"]
    assert np.array_equal(bundle.pixels(group.base), made.base)
