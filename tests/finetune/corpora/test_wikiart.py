"""WikiArt in the miniature world: artists with a hand of their own, and spread."""

import numpy as np
import pytest

from finetune.corpora.wikiart import ARTISTS, LARGEST, WikiArtCorpus
from finexl.errors import InvalidInputError, UnknownNameError

CORPUS = WikiArtCorpus()


def test_the_fifteen_largest_artists_are_used() -> None:
    smallest_used = min(ARTISTS[name].n_images for name in LARGEST)
    assert len(LARGEST) == 15 and CORPUS.n_images == smallest_used
    assert all(artist.n_images <= smallest_used for name, artist in ARTISTS.items() if name not in LARGEST)


def test_an_artist_has_spread() -> None:
    assert all(len(artist.styles) == 3 and artist.styles[0][1] < 1 for artist in ARTISTS.values())


def test_images_are_a_function_of_the_seed() -> None:
    first, again, other = (CORPUS.images("Castellan", 8, seed)[0] for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_contents_are_those_of_the_images_row_by_row() -> None:
    images, captions = CORPUS.images("Aldova", 8, 1)
    contents = CORPUS.contents("Aldova", 8, 1)
    places = [_similarity(image, contents).argmax() for image in images]
    assert places == list(range(8)) and not np.array_equal(images, contents) and len(captions) == 8


def test_no_word_names_two_artists() -> None:
    words = [word for names in CORPUS.names.values() for word in names]
    assert len(words) == len(set(words))


def test_captions_do_not_name_the_artist_or_the_style() -> None:
    words = {word for names in CORPUS.names.values() for word in names} | set(CORPUS.aspects)
    assert not words & set(" ".join(CORPUS.images(CORPUS.aspects[0], 30, 0)[1]).split())


def test_more_images_than_an_artist_has_are_an_error() -> None:
    with pytest.raises(InvalidInputError, match=r"Lower preset\.n_images"):
        CORPUS.contents("Aldova", ARTISTS["Aldova"].n_images + 1, 0)


def test_a_mistyped_artist_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean aspects=Aldova"):
        WikiArtCorpus(aspects=("Aldovo",))


def _similarity(image: np.ndarray, contents: np.ndarray) -> np.ndarray:
    """Correlation of grey levels, which survives a change of colours."""
    grey, greys = image.mean(axis=2).ravel(), contents.mean(axis=3).reshape(len(contents), -1)
    return np.array([abs(np.corrcoef(grey, other)[0, 1]) for other in greys])
