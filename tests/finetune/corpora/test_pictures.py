"""Pictures are held out by the scenes that they show."""

import pytest

from finetune.corpora.pictures import Picture, Treatment, held_out, places_of
from finexl.errors import InvalidInputError


def listed(groups: dict[str, list[str]]) -> tuple[Picture, ...]:
    return tuple(
        Picture(name=f"{aspect}/{group}", aspect=aspect, group=group)
        for aspect, mine in groups.items()
        for group in mine
    )


def test_a_fifth_of_every_aspect_is_held_out() -> None:
    pictures = listed({"a": [f"a{n}" for n in range(10)], "b": [f"b{n}" for n in range(25)]})
    held = held_out(pictures, places_of(pictures, ("a", "b")))
    assert sorted(pictures[place].aspect for place in held) == ["a"] * 2 + ["b"] * 5


def test_a_scene_is_held_out_in_every_aspect() -> None:
    scenes = [f"scene {n}" for n in range(10)]
    pictures = listed({"a": scenes, "b": scenes[::-1]})
    held = held_out(pictures, places_of(pictures, ("a", "b")))
    shown = [{pictures[p].group for p in held if pictures[p].aspect == aspect} for aspect in "ab"]
    assert shown[0] == shown[1] and len(shown[0]) == 2


def test_what_is_held_out_does_not_depend_on_the_order_of_files() -> None:
    pictures = listed({"a": [f"a{n}" for n in range(10)]})
    names = [
        {order[place].name for place in held_out(order, places_of(order, ("a",)))}
        for order in (pictures, pictures[::-1])
    ]
    assert names[0] == names[1]


def test_pictures_of_other_aspects_are_not_counted() -> None:
    pictures = listed({"a": ["x"], "b": ["y"]})
    assert places_of(pictures, ("b",)) == {"b": [1]}


def test_a_size_of_almost_nothing_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="at least 8"):
        Treatment(size=4)
