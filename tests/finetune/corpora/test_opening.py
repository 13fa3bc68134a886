"""Every kind of corpus opens from its settings, the miniature's without a folder."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from finetune.corpora import Corpus, NamedCorpus, PairedCorpus
from finetune.corpora.drawn import DrawnCorpus
from finetune.corpora.opening import CorpusSource, open_corpus
from finetune.corpora.style_transfer import StyleTransferCorpus
from finetune.corpora.style_transfer_folder import StyleTransferFolder
from finetune.corpora.synthetic import SyntheticCorpus
from finetune.corpora.wikiart import WikiArtCorpus
from finexl.errors import InvalidInputError, UnknownNameError


@pytest.fixture
def coco(tmp_path: Path) -> Path:
    path = tmp_path / "captions.json"
    path.write_text(json.dumps([f"a cat number {number}" for number in range(20)]))
    return path


@pytest.mark.parametrize(
    ("kind", "corpus"),
    [
        ("synthetic", SyntheticCorpus()),
        ("style_transfer", StyleTransferCorpus()),
        ("wikiart", WikiArtCorpus()),
    ],
)
def test_without_a_folder_the_miniature_opens(kind: str, corpus: Corpus) -> None:
    assert open_corpus(CorpusSource(kind=kind)) == corpus
    assert isinstance(corpus, NamedCorpus) and isinstance(corpus, PairedCorpus)


def test_aspects_of_the_miniature_can_be_chosen() -> None:
    assert open_corpus(CorpusSource(kind="synthetic", aspects=("sepia",))).aspects == ("sepia",)


@pytest.mark.parametrize("kind", ["folder", "table"])
def test_other_kinds_need_a_folder(kind: str) -> None:
    with pytest.raises(InvalidInputError, match="`folder` must say where"):
        open_corpus(CorpusSource(kind=kind))


def test_what_is_real_does_not_go_with_the_miniature(coco: Path) -> None:
    with pytest.raises(InvalidInputError, match="`prompts_from` must not be given"):
        open_corpus(CorpusSource(kind="wikiart", prompts_from=coco))


def test_a_folder_opens_with_prompts_from_coco(photos: Path, coco: Path) -> None:
    source = CorpusSource(
        kind="folder", folder=photos, size=8, prompts_from=coco, names={"vivid": ["lively"]}
    )
    corpus = open_corpus(source)
    assert corpus.images("vivid", 10, 0)[0].shape == (10, 8, 8, 3)
    assert corpus.prompts(1, 0)[0].startswith("a cat number")
    assert isinstance(corpus, NamedCorpus) and corpus.names["vivid"] == ("lively",)


def test_a_table_opens_by_its_columns(parquet, image_cell) -> None:
    rows = {
        "image": [image_cell(v) for v in range(10)],
        "said": [f"thing {v}" for v in range(10)],
        "kind": ["a"] * 10,
    }
    path = parquet("one.parquet", rows)
    source = CorpusSource(kind="table", folder=path, size=8, columns={"text": "said", "label": "kind"})
    corpus = open_corpus(source)
    assert corpus.aspects == ("a",) and len(corpus.images("a", 8, 0)[0]) == 8


def test_style_transfer_opens_from_a_folder(tmp_path: Path, draw) -> None:
    for name in ("content/cat", "style/wave", "stylized/cat_wave"):
        draw(tmp_path / f"{name}.png", 1)
    (tmp_path / "content" / "cat.txt").write_text("a cat")
    corpus = open_corpus(CorpusSource(kind="style_transfer", folder=tmp_path, size=8))
    assert isinstance(corpus, StyleTransferFolder) and corpus.aspects == ("wave",)


def test_wikiart_opens_from_parquet_with_a_captioner(parquet, image_cell, tmp_path: Path) -> None:
    rows = {"image": [image_cell(value) for value in range(4)], "artist": [0, 1, 1, 1]}
    path = parquet("data/train.parquet", rows, {"artist": ("Unknown Artist", "sam-francis")})
    source = CorpusSource(
        kind="wikiart", folder=path.parent, size=8, captioner=tmp_path, store=tmp_path / "store"
    )
    assert open_corpus(source).aspects == ("sam-francis",)


def test_a_captioner_needs_a_store(photos: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="`store`"):
        open_corpus(CorpusSource(kind="folder", folder=photos, captioner=tmp_path))


def test_the_synthetic_corpus_is_drawn_by_a_pipeline(tmp_path: Path, coco: Path) -> None:
    (tmp_path / "model_index.json").write_text('{"_class_name": "StableDiffusion3Pipeline"}')
    source = CorpusSource(kind="synthetic", folder=tmp_path, prompts_from=coco, store=tmp_path / "store")
    corpus = open_corpus(source)
    assert isinstance(corpus, DrawnCorpus) and len(corpus.aspects) == 15 and len(corpus.prompts(3, 0)) == 3


def test_drawing_needs_captions_and_a_store(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"`prompts_from`.*`store`"):
        open_corpus(CorpusSource(kind="synthetic", folder=tmp_path))


@pytest.fixture
def capped(tmp_path: Path, parquet) -> Path:
    """A caption file whose column has a name of its own, as no known layout does."""
    return parquet(
        "prompts/coco.parquet", {"cap": [f"a cat number {n}" for n in range(20)], "url": ["x"] * 20}
    )


def test_the_advice_for_a_caption_file_with_another_column_works(photos: Path, capped: Path) -> None:
    source = CorpusSource(kind="folder", folder=photos, size=8, prompts_from=capped)
    with pytest.raises(
        InvalidInputError, match=r"has \('cap', 'url'\)\. Name the column \(`columns\.prompts`\)"
    ):
        open_corpus(source)
    advised = open_corpus(replace(source, columns={"prompts": "cap"}))
    assert len(advised.prompts(20, 0)) == 20 and len(advised.images("vivid", 10, 0)[0]) == 10


def test_the_columns_of_images_and_of_prompts_are_told_apart(parquet, image_cell, capped: Path) -> None:
    rows = {"image": [image_cell(v) for v in range(5)], "cap": ["thing"] * 5, "label": ["vivid"] * 5}
    source = CorpusSource(
        kind="table", folder=parquet("one.parquet", rows), size=8, prompts_from=capped,
        columns={"text": "cap", "prompts": "cap"},
    )  # fmt: skip
    corpus = open_corpus(source)
    assert corpus.images("vivid", 5, 0)[1] == ("thing",) * 5 and corpus.prompts(1, 0)[0].startswith("a cat")


def test_drawn_images_take_the_named_column_too(tmp_path: Path, capped: Path) -> None:
    (tmp_path / "model_index.json").write_text('{"_class_name": "StableDiffusion3Pipeline"}')
    source = CorpusSource(
        kind="synthetic", folder=tmp_path, prompts_from=capped, store=tmp_path / "store", columns={"prompts": "cap"}
    )  # fmt: skip
    assert open_corpus(source).prompts(1, 0)[0].startswith("a cat number")


def test_a_column_of_prompts_needs_their_file(photos: Path) -> None:
    with pytest.raises(
        InvalidInputError, match=r"`columns\.prompts` must name a column of the file in `prompts_from`"
    ):
        open_corpus(CorpusSource(kind="folder", folder=photos, columns={"prompts": "cap"}))


@pytest.mark.parametrize("kind", ["folder", "style_transfer", "synthetic", "table", "wikiart"])
def test_the_configuration_of_every_real_corpus_says_how_to_probe_with_coco(kind: str) -> None:
    told = (Path(__file__).parents[3] / "configs" / "corpus" / f"{kind}.yaml").read_text()
    assert "corpus.prompts_from=" in told and "corpus.columns.prompts=" in told


def test_a_mistyped_kind_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean corpus=wikiart"):
        open_corpus(CorpusSource(kind="wiki_art"))


def test_opening_brings_no_heavy_library() -> None:
    heavy = ("torch", "diffusers", "transformers", "datasets", "pyarrow", "lightning")
    check = f"import sys, finetune.corpora.opening; sys.exit(any(name in sys.modules for name in {heavy!r}))"
    root = Path(__file__).parents[3]
    assert subprocess.run([sys.executable, "-c", check], cwd=root, check=False).returncode == 0
