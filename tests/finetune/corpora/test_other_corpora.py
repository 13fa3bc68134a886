"""The Style Transfer and WikiArt corpora of the miniature world."""

import numpy as np
import pytest

from finetune.corpora.style_transfer import N_CONTENTS, StyleTransferCorpus
from finetune.corpora.wikiart import ARTISTS, LARGEST, WikiArtCorpus
from finexl.errors import InvalidInputError


def test_style_transfer_has_2500_images_in_50_styles() -> None:
    assert len(StyleTransferCorpus().aspects) * N_CONTENTS == 2500


def test_all_styles_share_their_contents() -> None:
    corpus = StyleTransferCorpus()
    assert corpus.images("vivid", 20, 3)[1] == corpus.images("sepia", 20, 3)[1]


def test_a_style_has_no_more_images_than_contents() -> None:
    with pytest.raises(InvalidInputError, match="n_images"):
        StyleTransferCorpus().images("vivid", N_CONTENTS + 1, 0)


def test_the_fifteen_largest_artists_are_used() -> None:
    smallest_used = min(ARTISTS[name].n_images for name in LARGEST)
    assert len(LARGEST) == 15
    assert all(artist.n_images <= smallest_used for name, artist in ARTISTS.items() if name not in LARGEST)


def test_an_artist_has_spread() -> None:
    assert all(len(artist.styles) == 3 and artist.styles[0][1] < 1 for artist in ARTISTS.values())


@pytest.mark.parametrize("corpus", [StyleTransferCorpus(), WikiArtCorpus()])
def test_images_are_a_function_of_the_seed(corpus) -> None:
    aspect = corpus.aspects[2]
    assert np.array_equal(corpus.images(aspect, 8, 1)[0], corpus.images(aspect, 8, 1)[0])
    assert not np.array_equal(corpus.images(aspect, 8, 1)[0], corpus.images(aspect, 8, 2)[0])


@pytest.mark.parametrize("corpus", [StyleTransferCorpus(), WikiArtCorpus()])
def test_no_word_names_two_aspects(corpus) -> None:
    words = [word for names in corpus.names.values() for word in names]
    assert len(words) == len(set(words))


def test_captions_do_not_name_the_artist_or_the_style() -> None:
    corpus = WikiArtCorpus()
    words = {word for names in corpus.names.values() for word in names} | set(corpus.aspects)
    assert not words & set(" ".join(corpus.images(corpus.aspects[0], 30, 0)[1]).split())
