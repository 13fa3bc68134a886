"""Values of the command line are read by the type of their field; paths and free text are taken as they are typed."""

from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest

from benchmark.config.choices import GROUPS, LISTED, names_in, settings_class
from benchmark.config.fields import _alternatives, hints_of
from benchmark.config.loading import load_settings
from benchmark.config.overrides import SCALARS
from benchmark.config.settings import Settings
from benchmark.parts.table import Part, row
from finexl.errors import InvalidInputError

HOSTILE = (
    "epoch=9-step=8.ckpt", "über/日本.ckpt", "[1]", "(a)", "x~", "a#b", "a&b", "a,b", "1_1_1", "nan", "null", "True",
    "no", "1e5", "0x10", "{a: b}", "it's", '"', "${HOME}", " a  b ", "a\\b", "*", "?", "%", "!x", "-", "a: b", "|", "@",
)  # fmt: skip
"""Texts that shells, YAML or Hydra would make something else of."""


def text_fields(owner: type, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths to fields of free text and paths inside some settings."""
    for name, hint in hints_of(owner).items():
        yield from text_in(hint, (*path, name))


def text_in(hint: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    kinds, table = _alternatives(hint)
    if table:
        yield from text_fields(row("kind", "chat", table).settings, path)
    for kind in kinds:
        if kind in (str, Path):
            yield path
        elif get_origin(kind) is dict:
            yield from text_in(get_args(kind)[1], (*path, "x"))
        elif is_dataclass(kind) and not table:
            yield from text_fields(kind, path)


def keys() -> Iterator[tuple[str, str]]:
    """Each key of free text or a path, beside the words that choose its part."""
    for group, table in GROUPS.items():
        kinds: dict[type, str] = {}
        for name in names_in(group):
            part = _part(group, name)
            kinds.setdefault(settings_class(group, part), name)
        for owner, name in kinds.items():
            start = f"{group}_settings.{name}" if group in LISTED else group
            for path in text_fields(owner):
                yield f"{group}={name}", ".".join([start, *path])
        assert not table or kinds
    yield from (("preset=smoke", key) for key in ("output", "store"))


def _part(group: str, name: str) -> dict[str, Any]:
    from benchmark.config.loading import _chosen

    return _chosen(group, name)


KEYS = sorted(set(keys()))


def composed(*words: str) -> dict[str, Any]:
    from benchmark.config.choices import usual_choices
    from benchmark.config.loading import _composed
    from benchmark.config.overrides import parse_overrides

    given = parse_overrides(words)
    return _composed({**usual_choices(), **given.choices}, given)


@pytest.mark.parametrize(("choice", "key"), KEYS)
def test_free_text_and_paths_are_taken_as_typed(choice: str, key: str) -> None:
    for text in HOSTILE:
        found: Any = composed(choice, f"{key}={text}")
        first, *rest = key.split(".")
        if first.endswith("_settings"):
            group, (name, *rest) = first.removesuffix("_settings"), rest
            found = next(part for part in found[group] if part["name"] == name)
            found = found["options"] if group == "explainer" else found
        else:
            found = found[first]
        for each in rest:
            found = found[each]
        assert found == text


def test_many_fields_were_tried() -> None:
    assert len(KEYS) > 60
    assert {"vlm.base_url", "corpus.columns.x", "generator.versions.x.folder", "reader.vlm.record"} <= {
        key for _, key in KEYS
    }


@pytest.mark.parametrize("text", HOSTILE)
def test_a_path_arrives_in_the_settings_as_it_was_typed(text: str) -> None:
    settings = load_settings(["preset=smoke", f"output={text}", f"generator.folder={text}"])
    assert settings.output == settings.generator.folder == Path(text)


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("corpus.aspects=vivid,warm", ("vivid", "warm")),
        ("corpus.aspects=[vivid, warm]", ("vivid", "warm")),
        ('corpus.aspects=["very, vivid"]', ("very, vivid",)),
    ],
)
def test_a_list_is_written_with_commas(word: str, found: tuple[str, ...]) -> None:
    assert load_settings(["preset=smoke", word]).corpus.aspects == found


def test_numbers_in_a_mapping_are_numbers_and_texts_stay_texts() -> None:
    words = [
        "generator.learning_rates={vivid: 3e-5}",
        "generator.versions={a: {folder: null, aspects: {x: 1}}}",
    ]
    generator = load_settings(["preset=smoke", *words]).generator
    assert generator.learning_rates == {"vivid": 3e-5}
    assert (generator.versions["a"].folder, generator.versions["a"].aspects) == (Path("null"), {"x": 1})


@pytest.mark.parametrize("word", ["vlm.temperature=null", "vlm.seed=none"])
def test_a_number_that_may_be_missing_is_taken_away_by_null(word: str) -> None:
    vlm = load_settings(["preset=smoke", "vlm=openai", word]).vlm
    assert getattr(vlm, word.partition("=")[0].rpartition(".")[2]) is None


def test_a_name_in_a_mapping_may_have_dots() -> None:
    word = "generator.learning_rates.St. Ives=1e-3"
    assert load_settings(["preset=smoke", word]).generator.learning_rates == {"St. Ives": 1e-3}


def test_a_home_folder_is_found() -> None:
    assert load_settings(["preset=smoke", "store=~/x"]).store == Path.home() / "x"


@pytest.mark.parametrize("word", ["corpus.aspects=[a", "generator.directions={a: {}"])
def test_a_list_or_mapping_that_does_not_end_says_how_it_is_written(word: str) -> None:
    with pytest.raises(InvalidInputError, match=r"must be written as in .* quotes"):
        load_settings(["preset=smoke", word])


def test_every_scalar_is_a_field_of_the_settings() -> None:
    assert set(SCALARS) <= set(hints_of(Settings))
    assert all(isinstance(each, Part) for each in GROUPS["vlm"].values())
