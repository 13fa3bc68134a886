"""What a bundle's folder holds is what was published: nothing changed, nothing linked, nothing beside it."""

import os
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmark.bundle import files
from benchmark.bundle.files import content_of
from benchmark.bundle.manifest import (
    LABELS,
    Bundle,
    FrozenGroup,
    FrozenTrial,
    GroupTruth,
    Manifest,
    TrialTruth,
    Truth,
)
from finexl.errors import InvalidInputError


def encoded(shade: int, *, mode: str = "RGB", side: int = 4, kind: str = "PNG") -> bytes:
    content = BytesIO()
    Image.new("RGB", (side, side), (shade, 90, 30)).convert(mode).save(content, kind)
    return content.getvalue()


def bundle(folder: Path, *images: bytes) -> Bundle:
    """One model with one image, the first of `images` being the base model's."""
    (folder / "images").mkdir(parents=True)
    digests = []
    for content in images or (encoded(1), encoded(2)):
        digests.append(sha256(content).hexdigest())
        (folder / "images" / f"{digests[-1]}.png").write_bytes(content)
    trial = FrozenTrial(id="2" * 16, images=(digests[1],))
    group = FrozenGroup(id="1" * 16, part="public", prompts=("a house",), base=(digests[0],), trials=(trial,))
    levels = (TrialTruth(trial="2" * 16, levels=(1,)),)
    one = GroupTruth(
        group="1" * 16, scenario="single_aspect", aspects=("vivid",), certified_aspects=(True,), trials=levels
    )
    truth = Truth(part="public", names={"vivid": ()}, groups=(one,)).model_dump_json().encode()
    (folder / "truth-public.json").write_bytes(truth)
    labels = b'{"2222222222222222": [1]}'
    (folder / LABELS).write_bytes(labels)
    manifest = Manifest(
        name="small",
        benchmark="1",
        truths={"public": sha256(truth).hexdigest()},
        labels=sha256(labels).hexdigest(),
        groups=(group,),
    )
    (folder / "manifest.json").write_text(manifest.model_dump_json(), encoding="utf-8")
    return Bundle(folder)


def digests(of: Bundle) -> list[str]:
    (group,) = of.manifest.groups
    return [*group.base, *group.trials[0].images]


def test_what_was_published_is_taken(tmp_path: Path) -> None:
    made = bundle(tmp_path / "b")
    made.check()
    assert np.array_equal(made.pixels(digests(made))[:, 0, 0, 0], [1, 2])


def test_a_bundle_may_be_linked_to_from_elsewhere(tmp_path: Path) -> None:
    bundle(tmp_path / "b")
    (tmp_path / "link").symlink_to(tmp_path / "b")
    Bundle(tmp_path / "link").check()


def test_an_image_that_was_changed_is_refused(tmp_path: Path) -> None:
    made = bundle(tmp_path / "b")
    made.image(digests(made)[1]).write_bytes(encoded(3))
    with pytest.raises(InvalidInputError, match="must have the hash that it is named by"):
        made.check()
    with pytest.raises(InvalidInputError, match="must have the hash that it is named by"):
        made.pixels(digests(made))


def test_an_image_that_is_missing_is_named(tmp_path: Path) -> None:
    made = bundle(tmp_path / "b")
    gone = digests(made)[0]
    made.image(gone).unlink()
    with pytest.raises(InvalidInputError, match=gone):
        made.check()


@pytest.mark.parametrize("place", ["note.txt", "images/note.txt", "truth-private.json"])
def test_a_file_that_is_not_named_is_refused(place: str, tmp_path: Path) -> None:
    made = bundle(tmp_path / "b")
    (made.folder / place).write_bytes(b"{}")
    with pytest.raises(InvalidInputError, match=r"not named by manifest\.json"):
        made.check()


def test_a_link_in_place_of_an_image_is_refused(tmp_path: Path) -> None:
    made = bundle(tmp_path / "b")
    image = made.image(digests(made)[0])
    image.rename(tmp_path / "elsewhere.png")
    image.symlink_to(tmp_path / "elsewhere.png")
    with pytest.raises(InvalidInputError, match="symbolic link"):
        made.check()
    with pytest.raises(InvalidInputError, match="symbolic link"):
        made.pixels(digests(made))


def test_a_linked_folder_of_images_is_refused(tmp_path: Path) -> None:
    made = bundle(tmp_path / "b")
    (made.folder / "images").rename(tmp_path / "images")
    (made.folder / "images").symlink_to(tmp_path / "images")
    with pytest.raises(InvalidInputError, match="symbolic link"):
        made.check()


def test_a_pipe_in_place_of_a_manifest_does_not_block(tmp_path: Path) -> None:
    made = bundle(tmp_path / "b")
    (made.folder / "manifest.json").unlink()
    os.mkfifo(made.folder / "manifest.json")
    with pytest.raises(InvalidInputError, match="no regular file"):
        made.check()


def test_labels_that_were_changed_are_refused(tmp_path: Path) -> None:
    made = bundle(tmp_path / "b")
    (made.folder / LABELS).write_bytes(b"{}")
    with pytest.raises(InvalidInputError, match="another hash"):
        made.check()


@pytest.mark.parametrize("name", ["../manifest.json", "/etc/hostname", "images/../manifest.json"])
def test_a_name_leads_nowhere_else(name: str, tmp_path: Path) -> None:
    bundle(tmp_path / "b")
    with pytest.raises(InvalidInputError, match="leads out of the folder"):
        content_of(tmp_path / "b", name)


def test_an_image_that_is_too_large_is_not_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = bundle(tmp_path / "b")
    monkeypatch.setattr(files, "LARGEST_IMAGE", 10)
    with pytest.raises(InvalidInputError, match="larger than 10 bytes"):
        made.pixels(digests(made))


@pytest.mark.parametrize("odd", [encoded(2, mode="L"), encoded(2, kind="BMP"), b"no image"])
def test_what_is_no_png_in_rgb_is_refused(odd: bytes, tmp_path: Path) -> None:
    made = bundle(tmp_path / "b", encoded(1), odd)
    with pytest.raises(InvalidInputError, match="must be a PNG in RGB"):
        made.pixels(digests(made))


def test_images_of_a_model_have_one_size(tmp_path: Path) -> None:
    made = bundle(tmp_path / "b", encoded(1), encoded(2, side=5))
    with pytest.raises(InvalidInputError, match="must have one size"):
        made.pixels(digests(made))
