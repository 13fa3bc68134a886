"""A bundle is what its manifest says, and its truth the one that the manifest was made with."""

import json
from hashlib import sha256
from pathlib import Path

import pytest
from pydantic import ValidationError

from benchmark.bundle.manifest import (
    Bundle,
    FrozenGroup,
    FrozenTrial,
    GroupTruth,
    Manifest,
    TrialTruth,
    Truth,
)
from finexl.errors import InvalidInputError

IMAGE, OTHER = "a" * 64, "b" * 64


def group(id: str = "1" * 16, *trials: str, images: tuple[str, ...] = (IMAGE,)) -> FrozenGroup:
    found = tuple(FrozenTrial(id=trial, images=images) for trial in trials or ("2" * 16, "3" * 16))
    return FrozenGroup(id=id, part="public", prompts=("a house",), base=(OTHER,), trials=found)


def truth_of(trials: tuple[str, ...] = ("2" * 16, "3" * 16)) -> Truth:
    levels = tuple(TrialTruth(trial=trial, levels=(place,)) for place, trial in enumerate(trials))
    one = GroupTruth(
        group="1" * 16, scenario="single_aspect", aspects=("vivid",), certified_aspects=(True,), trials=levels
    )
    return Truth(part="public", names={"vivid": ()}, groups=(one,))


def written(folder: Path, truth: Truth, **changed: object) -> Bundle:
    content = truth.model_dump_json().encode()
    (folder / "truth-public.json").write_bytes(content)
    facts = {
        "name": "small",
        "benchmark": "1",
        "truths": {"public": sha256(content).hexdigest()},
        "groups": [group()],
    }
    (folder / "manifest.json").write_text(
        Manifest.model_validate({**facts, **changed}).model_dump_json(), encoding="utf-8"
    )
    return Bundle(folder)


def test_a_bundle_is_read_as_it_was_written(tmp_path: Path) -> None:
    bundle = written(tmp_path, truth_of())
    assert bundle.manifest.groups == (group(),) and bundle.truth("public") == truth_of()
    assert [*bundle.manifest.trials("public")] == ["2" * 16, "3" * 16]


def test_its_hash_is_that_of_the_manifest(tmp_path: Path) -> None:
    bundle = written(tmp_path, truth_of())
    assert bundle.sha256 == sha256((tmp_path / "manifest.json").read_bytes()).hexdigest()


def test_a_truth_that_was_changed_is_refused(tmp_path: Path) -> None:
    bundle = written(tmp_path, truth_of())
    path = tmp_path / "truth-public.json"
    path.write_text(path.read_text(encoding="utf-8").replace("[1]", "[9]"), encoding="utf-8")
    with pytest.raises(InvalidInputError, match="has another hash"):
        bundle.truth("public")


def test_a_truth_of_other_trials_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="in the order of the manifest"):
        written(tmp_path, truth_of(("3" * 16, "2" * 16))).truth("public")


def test_a_truth_that_is_kept_elsewhere_is_named(tmp_path: Path) -> None:
    bundle = written(tmp_path, truth_of())
    (tmp_path / "truth-public.json").unlink()
    assert bundle.known_parts == ()
    with pytest.raises(InvalidInputError, match=r"folder with truth-public\.json"):
        bundle.truth("public")


def test_a_folder_without_a_manifest_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"must be a folder with manifest\.json"):
        assert Bundle(tmp_path).manifest


def test_every_model_has_an_image_for_every_prompt() -> None:
    with pytest.raises(ValidationError, match="one image for each of 1 prompts"):
        group(images=(IMAGE, IMAGE))


def test_no_id_is_there_twice() -> None:
    with pytest.raises(ValidationError, match="an id of its own"):
        Manifest(name="small", benchmark="1", truths={"public": IMAGE}, groups=(group(), group("4" * 16)))


def test_a_part_without_a_hash_of_its_truth_is_refused() -> None:
    with pytest.raises(ValidationError, match="hash of its truth"):
        Manifest(name="small", benchmark="1", truths={}, groups=(group(),))


def test_an_id_that_tells_something_is_refused() -> None:
    with pytest.raises(ValidationError):
        FrozenTrial(id="vivid-level-3", images=(IMAGE,))


def test_planted_labels_are_those_of_the_manifest(tmp_path: Path) -> None:
    content = json.dumps({"2" * 16: [5]}).encode()
    bundle = written(tmp_path, truth_of(), planted=sha256(content).hexdigest())
    assert bundle.planted() == {}
    (tmp_path / "planted.json").write_bytes(content)
    assert bundle.planted() == {"2" * 16: (5,)}
    (tmp_path / "planted.json").write_bytes(b"{}")
    with pytest.raises(InvalidInputError, match="another hash"):
        bundle.planted()
