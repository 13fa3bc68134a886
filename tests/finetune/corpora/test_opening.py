"""Every kind of corpus opens from its settings, the miniature's without a folder."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from finetune.corpora import Corpus, NamedCorpus, PairedCorpus
from finetune.corpora.drawn import DrawnCorpus
from finetune.corpora.kinds import CORPORA, CorpusKind, FolderSettings, WikiArtTableSettings
from finetune.corpora.opening import AnyCorpusSettings, corpus_settings, open_corpus
from finetune.corpora.style_transfer import StyleTransferCorpus
from finetune.corpora.style_transfer_folder import StyleTransferFolder
from finetune.corpora.synthetic import SyntheticCorpus
from finetune.corpora.wikiart import WikiArtCorpus
from finexl.errors import InvalidInputError, UnknownNameError


def opened(store: Path = Path("store"), **values: Any) -> Corpus:
    return open_corpus(corpus_settings(values), store=store)


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
    assert opened(kind=kind) == corpus
    assert isinstance(corpus, NamedCorpus) and isinstance(corpus, PairedCorpus)


def test_aspects_of_the_miniature_can_be_chosen() -> None:
    assert opened(kind="synthetic", aspects=("sepia",)).aspects == ("sepia",)


@pytest.mark.parametrize("kind", ["folder", "table"])
def test_other_kinds_need_a_folder(kind: str) -> None:
    with pytest.raises(InvalidInputError, match=r"`corpus\.folder` must be given"):
        opened(kind=kind)


def test_what_is_real_does_not_go_with_the_miniature(coco: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"`corpus\.prompts_from` must not be given.*folder"):
        corpus_settings({"kind": "wikiart", "prompts_from": coco})


def test_a_folder_opens_with_prompts_from_coco(photos: Path, coco: Path) -> None:
    corpus = opened(kind="folder", folder=photos, size=8, prompts_from=coco, names={"vivid": ["lively"]})
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
    corpus = opened(kind="table", folder=path, size=8, columns={"text": "said", "label": "kind"})
    assert corpus.aspects == ("a",) and len(corpus.images("a", 8, 0)[0]) == 8


def test_style_transfer_opens_from_a_folder(tmp_path: Path, draw) -> None:
    for name in ("content/cat", "style/wave", "stylized/cat_wave"):
        draw(tmp_path / f"{name}.png", 1)
    (tmp_path / "content" / "cat.txt").write_text("a cat")
    corpus = opened(kind="style_transfer", folder=tmp_path, size=8)
    assert isinstance(corpus, StyleTransferFolder) and corpus.aspects == ("wave",)


def test_wikiart_opens_from_parquet_with_a_captioner(parquet, image_cell, tmp_path: Path) -> None:
    rows = {"image": [image_cell(value) for value in range(4)], "artist": [0, 1, 1, 1]}
    path = parquet("data/train.parquet", rows, {"artist": ("Unknown Artist", "sam-francis")})
    (tmp_path / "config.json").write_text("{}")
    values = {"kind": "wikiart", "folder": path.parent, "size": 8, "captioner": tmp_path}
    assert opened(tmp_path / "store", **values).aspects == ("sam-francis",)


def test_the_synthetic_corpus_is_drawn_by_a_pipeline(tmp_path: Path, coco: Path) -> None:
    (tmp_path / "model_index.json").write_text('{"_class_name": "StableDiffusion3Pipeline"}')
    corpus = opened(tmp_path / "store", kind="synthetic", folder=tmp_path, prompts_from=coco)
    assert isinstance(corpus, DrawnCorpus) and len(corpus.aspects) == 15 and len(corpus.prompts(3, 0)) == 3


def test_drawing_needs_captions(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"`corpus\.prompts_from` must be given for the corpus drawn"):
        corpus_settings({"kind": "synthetic", "folder": tmp_path})


@pytest.fixture
def capped(tmp_path: Path, parquet) -> Path:
    """A caption file whose column has a name of its own, as no known layout does."""
    return parquet(
        "prompts/coco.parquet", {"cap": [f"a cat number {n}" for n in range(20)], "url": ["x"] * 20}
    )


def test_the_advice_for_a_caption_file_with_another_column_works(photos: Path, capped: Path) -> None:
    values = {"kind": "folder", "folder": photos, "size": 8, "prompts_from": capped}
    with pytest.raises(
        InvalidInputError, match=r"has \('cap', 'url'\)\. Name the column \(`columns\.prompts`\)"
    ):
        opened(**values)
    advised = opened(**values, columns={"prompts": "cap"})
    assert len(advised.prompts(20, 0)) == 20 and len(advised.images("vivid", 10, 0)[0]) == 10


def test_the_columns_of_images_and_of_prompts_are_told_apart(parquet, image_cell, capped: Path) -> None:
    rows = {"image": [image_cell(v) for v in range(5)], "cap": ["thing"] * 5, "label": ["vivid"] * 5}
    corpus = opened(
        kind="table", folder=parquet("one.parquet", rows), size=8, prompts_from=capped,
        columns={"text": "cap", "prompts": "cap"},
    )  # fmt: skip
    assert corpus.images("vivid", 5, 0)[1] == ("thing",) * 5 and corpus.prompts(1, 0)[0].startswith("a cat")


def test_drawn_images_take_the_named_column_too(tmp_path: Path, capped: Path) -> None:
    (tmp_path / "model_index.json").write_text('{"_class_name": "StableDiffusion3Pipeline"}')
    values = {"kind": "synthetic", "folder": tmp_path, "prompts_from": capped, "columns": {"prompts": "cap"}}
    assert opened(tmp_path / "store", **values).prompts(1, 0)[0].startswith("a cat number")


def test_a_column_of_prompts_needs_their_file(photos: Path) -> None:
    with pytest.raises(
        InvalidInputError, match=r"`columns\.prompts` must name a column of the file in `prompts_from`"
    ):
        opened(kind="folder", folder=photos, columns={"prompts": "cap"})


@pytest.mark.parametrize("kind", ["folder", "style_transfer", "synthetic", "table", "wikiart"])
def test_the_configuration_of_every_real_corpus_says_how_to_probe_with_coco(kind: str) -> None:
    told = (Path(__file__).parents[3] / "configs" / "corpus" / f"{kind}.yaml").read_text()
    assert "corpus.prompts_from=" in told and "corpus.columns.prompts=" in told


def test_a_mistyped_kind_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean corpus=wikiart"):
        corpus_settings({"kind": "wiki_art"})


@pytest.mark.parametrize("kind", CORPORA)
def test_a_row_is_named_for_the_kind_of_its_settings(kind: str) -> None:
    assert CORPORA[kind].settings.__dataclass_fields__["kind"].default == kind


@pytest.mark.parametrize("kind", ["portraits", "folder"])
def test_what_a_kind_does_not_read_is_refused(kind: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"`corpus\.n_drawn` must not be given"):
        corpus_settings({"kind": kind, "n_drawn": 3, **({"folder": tmp_path} if kind == "folder" else {})})


def test_a_value_of_another_type_is_refused_by_its_full_key(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"`corpus\.size` must be .*8"):
        corpus_settings({"kind": "folder", "folder": tmp_path, "size": 4})


def test_a_role_that_no_column_plays_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"Did you mean corpus\.columns=image"):
        corpus_settings({"kind": "folder", "folder": tmp_path, "columns": {"imag": "x"}})


@pytest.mark.parametrize("place", ["nope", "empty", "config.json"])
def test_a_captioner_that_is_none_is_told_before_any_picture_is_read(tmp_path: Path, place: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(InvalidInputError, match=rf"`captioner` must be the folder of a BLIP-2.*{place}'"):
        opened(kind="folder", folder=tmp_path, captioner=tmp_path / place)


def test_a_column_is_refused_where_there_is_no_list_to_have_it(tmp_path: Path, draw) -> None:
    for value, name in enumerate(("vivid/a", "dull/b"), start=1):
        draw(tmp_path / f"{name}.png", value)
        (tmp_path / f"{name}.txt").write_text("a cat")
    values = {"kind": "folder", "folder": tmp_path, "size": 8}
    with pytest.raises(InvalidInputError, match=r"`columns\.text` must .*Got 'foo', and .* holds neither"):
        opened(**values, columns={"text": "foo"})
    assert opened(**values).aspects == ("dull", "vivid")


def test_settings_of_any_kind_are_told_apart_by_their_kind(tmp_path: Path) -> None:
    union = TypeAdapter(AnyCorpusSettings)
    for kind, owner in (("folder", FolderSettings), ("wikiart", WikiArtTableSettings)):
        assert isinstance(union.validate_python({"kind": kind, "folder": tmp_path}), owner)
    with pytest.raises(ValidationError, match="captioner"):
        union.validate_python({"kind": "portraits", "captioner": tmp_path})


def test_a_kind_is_its_file_and_its_row(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, photos: Path
) -> None:
    (tmp_path / "mine.py").write_text(
        "from dataclasses import dataclass\n"
        "from typing import Literal\n"
        "from finetune.corpora.folder import folder_corpus\n"
        "from finetune.corpora.kinds import LabelledSettings\n"
        "from finetune.corpora.pictures import treatment_of\n"
        "@dataclass(frozen=True, slots=True, kw_only=True)\n"
        "class MineSettings(LabelledSettings):\n"
        "    kind: Literal['mine'] = 'mine'\n"
        "    shelf: str\n"
        "def open_mine(settings, *, store):\n"
        "    return folder_corpus(settings.folder / settings.shelf, treatment_of(settings, store=store))\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    from mine import MineSettings  # pyright: ignore[reportMissingImports]  # written above

    monkeypatch.setitem(CORPORA, "mine", CorpusKind(MineSettings, "mine:open_mine"))
    assert opened(kind="mine", folder=photos.parent, shelf="photos").aspects == ("faded", "vivid")
    with pytest.raises(InvalidInputError, match=r"`corpus\.shelf` must be given for the corpus mine"):
        corpus_settings({"kind": "mine", "folder": photos})


def test_opening_brings_no_heavy_library() -> None:
    heavy = ("torch", "diffusers", "transformers", "datasets", "pyarrow", "lightning")
    check = f"import sys, finetune.corpora.opening; sys.exit(any(name in sys.modules for name in {heavy!r}))"
    root = Path(__file__).parents[3]
    assert subprocess.run([sys.executable, "-c", check], cwd=root, check=False).returncode == 0
