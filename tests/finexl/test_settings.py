"""The settings refuse what cannot work."""

import pytest

from finexl.errors import InvalidInputError, UnknownNameError
from finexl.settings import FineXLSettings


def test_the_defaults_are_those_of_the_paper_where_it_gives_any():
    settings = FineXLSettings()
    assert (settings.mode, settings.projection, settings.e_decomp) == ("paper", "signed", 0.2)


@pytest.mark.parametrize("name", ["mode", "reduction", "projection", "embeddings", "order", "prompt"])
def test_an_unknown_choice_is_refused_by_name(name):
    # Where signatures are checked as well, the check speaks first, with a TypeError.
    with pytest.raises((UnknownNameError, TypeError), match=f"(?s){name}.*no_such"):
        FineXLSettings(**{name: "no_such"})


@pytest.mark.parametrize(
    "wrong",
    [
        {"e_ortho": 0.0},
        {"e_ortho": float("nan")},
        {"e_decomp": -0.1},
        {"e_decomp": float("nan")},
        {"n_vlm_pairs": 0},
        {"pairs_per_question": 0},
    ],
)
def test_a_number_that_cannot_work_is_refused(wrong):
    with pytest.raises(InvalidInputError):
        FineXLSettings(**wrong)
