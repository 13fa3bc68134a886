"""The four encoders that ship with the package keep one contract, and know the miniature world."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from finetune.miniature.examples import plain_examples
from finetune.miniature.models import ENCODERS, MissingModelError, encoder_folder
from finetune.studies.encoder_figures import encoder_figures
from finetune.studies.loading import encoder, read_encoder
from finexl.encoders.embedding import CutsTexts
from finexl.errors import UnknownNameError
from finexl.interfaces import Encoder
from finexl.values import ImageStack

SCENES = plain_examples(5, seed=3)
TEXTS = ("a photo: a red fish in a field", "vivid", "a very grainy photo: a boat", "fish", "a")
EXPECTED = {
    "encoder": (0.9, 0.9),
    "encoder_vit": (0.7, 0.9),
    "encoder_eva": (0.7, 0.9),
    "encoder_align": (0.8, 0.9),
}
"""Shares of own captions and own names that each must reach; its card says what it reaches."""


@pytest.fixture(scope="module", params=ENCODERS)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def shipped(name: str) -> Iterator[Encoder]:
    yield read_encoder(encoder_folder(name), library=ENCODERS[name][0])


def images(order: list[int] | None = None) -> ImageStack:
    return ImageStack(SCENES.images[order] if order else SCENES.images)


def test_it_is_an_encoder_that_counts_the_texts_it_cuts(shipped: Encoder) -> None:
    assert isinstance(shipped, Encoder) and isinstance(shipped, CutsTexts)


def test_rows_are_float32_of_unit_length_in_one_space(shipped: Encoder) -> None:
    seen, said = shipped.embed_images(images()), shipped.embed_texts(TEXTS)
    assert seen.shape == said.shape and seen.dtype == said.dtype == torch.float32
    torch.testing.assert_close(torch.cat([seen, said]).norm(dim=1), torch.ones(10))


def test_a_row_does_not_depend_on_its_company(shipped: Encoder) -> None:
    alone = torch.cat([shipped.embed_texts([text]) for text in TEXTS])
    torch.testing.assert_close(shipped.embed_texts(TEXTS), alone, atol=1e-5, rtol=0)
    seen = torch.cat([shipped.embed_images(images([i])) for i in range(5)])
    torch.testing.assert_close(shipped.embed_images(images()), seen, atol=1e-5, rtol=0)


def test_rows_come_in_the_order_given(shipped: Encoder) -> None:
    order = [3, 0, 4, 2, 1]
    said = shipped.embed_texts([TEXTS[i] for i in order])
    torch.testing.assert_close(said, shipped.embed_texts(TEXTS)[order], atol=1e-5, rtol=0)
    seen = shipped.embed_images(images(order))
    torch.testing.assert_close(seen, shipped.embed_images(images())[order], atol=1e-5, rtol=0)


def test_duplicates_have_equal_rows(shipped: Encoder) -> None:
    said, seen = shipped.embed_texts(["vivid", "a", "vivid"]), shipped.embed_images(images([1, 0, 1]))
    for rows in (said, seen):  # where in a batch a row stands may move its last bit
        torch.testing.assert_close(rows[0], rows[2], atol=1e-6, rtol=0)
    assert not torch.equal(said[0], said[1]) and not torch.equal(seen[0], seen[1])


def test_a_text_that_is_too_long_is_counted(name: str) -> None:
    fresh = read_encoder(encoder_folder(name), library=ENCODERS[name][0])
    with pytest.warns(UserWarning, match="which was cut"):
        fresh.embed_texts(["fish " * 70, "fish"])
    assert isinstance(fresh, CutsTexts) and fresh.n_truncated == 1


def test_it_knows_scenes_by_their_captions_and_styles_by_their_names(name: str) -> None:
    found = encoder_figures(encoder(name), n_captions=64, n_scenes=8)
    captions, names = EXPECTED[name]
    assert found.captions >= captions and found.names >= names


def test_the_four_are_different_encoders() -> None:
    assert len({encoder(name).id for name in ENCODERS}) == 4


def test_the_encoder_that_published_tables_were_made_with_is_the_same() -> None:
    known = "open_clip:6b6c1a36a4dc67f087eb1148b18929287a46b63d96bd0bc1552ded3d84db7614"
    assert encoder().id == known


@pytest.mark.parametrize("name", ["encoder_vit", "encoder_eva", "encoder_align"])
def test_a_small_encoder_takes_little_room(name: str) -> None:
    files = [path for path in encoder_folder(name).rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 1_150_000


def test_a_mistyped_encoder_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean encoder=encoder_vit"):
        encoder("encoder_vitt")


def test_a_missing_encoder_says_how_to_make_it(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr("finetune.miniature.models.WEIGHTS", tmp_path)
    with pytest.raises(MissingModelError, match="finetune pretrain encoder_eva"):
        encoder_folder("encoder_eva")


def test_figures_of_an_encoder_that_sees_nothing_are_those_of_chance() -> None:
    class Blind:
        id = "blind"

        def embed_images(self, images):
            return torch.nn.functional.normalize(
                torch.from_numpy(np.eye(len(images), 9, dtype=np.float32)) + 1
            )

        def embed_texts(self, texts):
            return torch.nn.functional.normalize(torch.ones(len(texts), 9) + torch.arange(9))

    found = encoder_figures(Blind(), n_captions=32, n_scenes=2)
    assert found.captions <= 2 / 32 and found.names <= 2 / 52
