"""WikiArt's shards give the artists with most images, and nobody unknown."""

import pytest

from finetune.corpora.captioning import RememberedCaptions
from finetune.corpora.labelled import LabelledCorpus
from finetune.corpora.parquet_table import open_parquet
from finetune.corpora.pictures import Treatment
from finetune.corpora.wikiart_table import wikiart_corpus
from finexl.errors import InvalidInputError

ARTISTS = ("Unknown Artist", *(f"artist-{number:02}" for number in range(16)), "joaquã\xadn-sorolla")
STYLES = ("Baroque", "Pop_Art")


@pytest.fixture
def columns(image_cell) -> dict[str, list]:
    """Artist k has 3 images where k is even, else 2, but artist-15 has 1; nobody knows 9; Sorolla has 5."""
    counts = [9, *(1 if number == 15 else 3 - number % 2 for number in range(16)), 5]
    artists = [artist for artist, count in enumerate(counts) for _ in range(count)]
    return {
        "image": [image_cell(row) for row in range(len(artists))],
        "artist": artists,
        "genre": [0] * len(artists),
        "style": [row % 2 for row in range(len(artists))],
    }


@pytest.fixture
def opened(columns, parquet, echo, tmp_path):
    def build(**options) -> LabelledCorpus:
        classes = options.pop("classes", {"artist": ARTISTS, "style": STYLES})
        path = parquet("data/train-00000-of-00001.parquet", columns, classes)
        captioner = RememberedCaptions(id="echo", captioner=echo, file=tmp_path / "said.jsonl")
        treatment = Treatment(size=8, captioner=captioner, aspects=options.pop("aspects", ()))
        return wikiart_corpus(open_parquet(path.parent), treatment, **options)

    return build


def test_fifteen_artists_are_used_largest_first(opened) -> None:
    aspects = opened().aspects
    assert len(aspects) == 15 and aspects[:2] == ("joaquín-sorolla", "artist-00")
    assert "artist-15" not in aspects and "Unknown Artist" not in aspects


def test_artists_are_named_in_words(opened) -> None:
    assert opened().names["joaquín-sorolla"] == ("joaquín sorolla",)


def test_only_chosen_images_are_described(opened, echo, columns) -> None:
    images, captions = opened().images("joaquín-sorolla", 3, 0)
    assert captions == tuple(f"a thing of value {value}" for value in images[:, 0, 0, 0])
    assert {columns["artist"][value] for value in images[:, 0, 0, 0]} == {17} and echo.n_described == 3


def test_other_classes_can_be_the_aspects(opened) -> None:
    assert set(opened(columns={"label": "style"}).aspects) == set(STYLES)


def test_artists_can_be_chosen(opened) -> None:
    assert opened(aspects=("artist-15",)).aspects == ("artist-15",)


@pytest.mark.parametrize("label", ["artist", "genre"])
def test_numbers_without_names_are_refused_since_one_of_them_is_nobody(opened, label: str) -> None:
    with pytest.raises(
        InvalidInputError, match=rf"'{label}' has \d+ numbers.*`huggingface`.*ClassLabel\(names"
    ):
        opened(columns={"label": label}, classes={"style": STYLES})


def test_a_table_saved_by_another_program_lost_the_names_and_is_refused(parquet, columns, tmp_path) -> None:
    from pyarrow import parquet as arrow

    whole = parquet("one.parquet", {**columns, "text": ["x"] * len(columns["artist"])}, {"artist": ARTISTS})
    (tmp_path / "again").mkdir()
    arrow.write_table(
        arrow.read_table(whole).replace_schema_metadata(None), tmp_path / "again" / "one.parquet"
    )
    with pytest.raises(InvalidInputError, match="Labels of WikiArt must be names"):
        wikiart_corpus(open_parquet(tmp_path / "again"), Treatment(size=8))


def test_names_in_a_column_of_text_serve_as_well(opened, columns) -> None:
    columns["who"] = [ARTISTS[artist] for artist in columns["artist"]]
    assert opened(columns={"label": "who"}, classes={}).aspects == opened().aspects
