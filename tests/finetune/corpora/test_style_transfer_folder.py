"""Contents, styles and stylised images are matched by their names."""

from collections.abc import Callable
from pathlib import Path

import pytest

from finetune.corpora import PairedCorpus
from finetune.corpora.coco_prompts import CaptionPool
from finetune.corpora.pictures import Treatment
from finetune.corpora.style_transfer_folder import StyleTransferFolder, style_transfer_corpus
from finexl.errors import InvalidInputError

CONTENTS, STYLES = ("house", "old_house", "fish", "cat", "dog"), ("la_muse", "wave")
POOL = CaptionPool(("a boat", "a tree"))


@pytest.fixture
def transfer(tmp_path: Path, draw) -> Callable[..., Path]:
    """Content k has value k, and k + 100 (la_muse) or k + 200 (wave) when stylised."""

    def build(pattern: str = "stylized/{content}_{style}.jpg", **names: str) -> Path:
        root = tmp_path / "transfer"
        for number, content in enumerate(CONTENTS):
            path = root / names.get("content", "content") / f"{content}.png"
            draw(path, number)
            path.with_suffix(".txt").write_text(f"a {content.replace('_', ' ')}")
            for place, style in enumerate(STYLES, start=1):
                draw(root / names.get("style", "style") / f"{style}.png", 0)
                draw(root / pattern.format(content=content, style=style), number + 100 * place)
        return root

    return build


def opened(folder: Path, prompts: CaptionPool | None = POOL) -> StyleTransferFolder:
    return style_transfer_corpus(folder, Treatment(size=8, prompts=prompts))


def values(images) -> list[int]:
    return images[:, 4, 4, 0].tolist()


@pytest.mark.parametrize(
    "pattern",
    [
        "stylized/{content}_{style}.jpg",
        "Stylised/{content}-{style}.png",
        "stylized/{content}_stylized_{style}.png",
        "stylized/size 512/{content}_{style}_512.png",
        "stylized/{style}/{content}.png",
    ],
)
def test_stylised_images_are_paired_with_their_contents(transfer, pattern: str) -> None:
    corpus = opened(transfer(pattern))
    images, captions = corpus.images("wave", 5, 3)
    contents = corpus.contents("wave", 5, 3)
    assert values(images) == [value + 200 for value in values(contents)]
    assert captions == tuple(f"a {CONTENTS[value].replace('_', ' ')}" for value in values(contents))
    assert corpus.aspects == STYLES and not corpus.skipped


def test_it_is_a_paired_corpus_and_styles_are_named_in_words(transfer) -> None:
    corpus = opened(transfer(content="contents", style="Styles"))
    assert isinstance(corpus, PairedCorpus) and corpus.names["la_muse"] == ("la muse",)


def test_held_out_contents_are_held_out_in_every_style(transfer) -> None:
    corpus = opened(transfer(), prompts=None)
    (prompt,) = corpus.prompts(1, 0)
    trained = [set(corpus.images(style, 4, 0)[1]) for style in STYLES]
    assert corpus.n_images == 4 and trained[0] == trained[1] and prompt not in trained[0]


def test_a_pair_with_a_broken_half_is_left_out_whole(transfer) -> None:
    folder = transfer()
    (folder / "content" / "fish.png").write_bytes(b"broken")
    corpus = opened(folder)
    assert 2 not in values(corpus.contents("wave", 4, 0))
    assert values(corpus.images("wave", 4, 0)[0]) == [v + 200 for v in values(corpus.contents("wave", 4, 0))]


def test_files_of_no_pair_or_of_a_pair_again_are_reported(transfer, draw) -> None:
    folder = transfer()
    draw(folder / "stylized" / "boat_wave.png", 1)
    draw(folder / "stylized" / "fish_wave_256.png", 1)
    reasons = {file.name: file.reason for file in opened(folder).skipped}
    assert reasons["stylized/boat_wave.png"] == "its name is no content and style"
    assert "same pair" in reasons["stylized/fish_wave_256.png"]


def test_missing_folders_are_named(tmp_path: Path) -> None:
    (tmp_path / "content").mkdir()
    with pytest.raises(InvalidInputError, match="has no style or styles"):
        opened(tmp_path)


def test_the_id_covers_contents_and_stylised_images(transfer, draw) -> None:
    folder, ids = transfer(), set()
    for path in ("content/cat.png", "stylized/cat_wave.jpg", "content/cat.png"):
        ids.add(opened(folder).id)
        draw(folder / path, 77)
    assert len(ids) == 3
