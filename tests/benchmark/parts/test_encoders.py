"""What is seen of an encoder before anything is made."""

from pathlib import Path

import pytest

from benchmark.config.loading import load_settings
from benchmark.config.settings import check_parts
from benchmark.parts.encoders import EncoderSettings, check_encoder
from finexl.errors import EncoderError, InvalidInputError, UnknownNameError

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def encoder(*words: str) -> EncoderSettings:
    return load_settings(["preset=smoke", *words]).encoder


@pytest.mark.parametrize("words", [(), ("encoder.weights=main",), ("encoder.weights=convert-refs",)])
def test_an_encoder_of_the_hub_without_a_commit_is_refused(words: tuple[str, ...]) -> None:
    settings = load_settings(["preset=smoke", "explainer=finexl", "encoder=align", *words])
    with pytest.raises(InvalidInputError, match=r"pinned to a commit.*align-base.*encoder\.weights=<commit>"):
        check_parts(settings)


@pytest.mark.parametrize(
    "words",
    [
        ("encoder=align", f"encoder.weights={COMMIT}"),
        ("encoder=align", "encoder.folder=here"),
        ("encoder=clip_hf",),
        ("encoder=miniature_align",),
        ("encoder=align", "explainer=random"),
    ],
)
def test_a_pinned_encoder_or_one_that_nobody_uses_is_taken(words: tuple[str, ...]) -> None:
    check_parts(load_settings(["preset=smoke", *words]))


def test_another_architecture_has_no_commit_of_the_one_in_the_file() -> None:
    assert encoder("encoder=clip_hf", "encoder.architecture=other/clip").weights is None  # type: ignore[attr-defined]


def test_an_architecture_that_its_library_does_not_know_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="ViT-B-33"):
        check_encoder(encoder("encoder=clip_vit_b32", "encoder.architecture=ViT-B-33"))


def test_a_folder_without_an_encoder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"open_clip_config\.json"):
        check_encoder(encoder(f"encoder.folder={tmp_path}"))
