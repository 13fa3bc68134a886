"""What code a definition needs is read from sources: names lead to definitions, and nothing is run."""

from pathlib import Path

import pytest

from finexl.code_version import Code, Own, project
from finexl.errors import InvalidInputError

VALUES = """
\"\"\"Values.\"\"\"
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from finexl.explainer import FineXL

LIMIT = 3
OTHER = 4
TABLE = {}
TABLE["entry"] = LIMIT


@dataclass
class Settings:
    \"\"\"What is set.\"\"\"

    limit: "Limit | None" = None
    \"\"\"How much.\"\"\"


class Limit:
    n = LIMIT


class Family:
    def train(self, settings: Settings):
        return self._base() + 1

    def sample(self):
        from finexl.values import plain

        return plain(OTHER)

    def _base(self):
        return LIMIT


def plain(value: Settings) -> "FineXL":
    return value


def late():
    from finexl import values

    return values.plain(values.OTHER)


def listed():
    return TABLE
"""
PATH = project().module("finexl.values").path  # type: ignore[union-attr]  # it is there


def code(text: str = VALUES) -> Code:
    """The project with other content in `finexl/values.py`."""
    return project().edited(PATH, text.encode())


def names(target: str, text: str = VALUES) -> set[str]:
    """The definitions of the file that a target needs."""
    lines = code(text).reach(f"finexl.values:{target}").lines
    return {line.removeprefix("finexl.values:").partition(" ")[0] for line in lines}


def test_a_definition_needs_what_its_body_names() -> None:
    assert names("Limit") == {"Limit", "LIMIT"}


def test_the_annotation_of_a_field_counts_though_it_is_a_string() -> None:
    assert names("Settings") == {"Settings", "Limit", "LIMIT"}


def test_annotations_of_a_function_count_for_nothing() -> None:
    assert names("plain") == {"plain"}


def test_imports_inside_a_function_count_and_a_module_is_read_by_its_attributes() -> None:
    assert names("late") == {"late", "plain", "OTHER"}


def test_what_is_put_into_a_table_counts_with_it() -> None:
    assert names("listed") == {"listed", "TABLE", "LIMIT"}


def test_a_member_needs_what_self_reaches_and_no_other_method() -> None:
    assert names("Family.train") == {"Family.train", "LIMIT"}
    assert names("Family.sample") == {"Family.sample", "plain", "OTHER"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    n = LIMIT", "    n = LIMIT  # the most"),
        ("    n = LIMIT", '    """A limit."""\n\n    n = (\n        LIMIT\n    )'),
        ("LIMIT = 3\nOTHER = 4", "OTHER = 4\n\nLIMIT = 3"),
        ("OTHER = 4", "OTHER = 5"),
    ],
    ids=["comment", "docstring and layout", "order", "another constant"],
)
def test_a_version_does_not_depend_on(old: str, new: str) -> None:
    assert old in VALUES
    target = "finexl.values:Limit"
    assert code(VALUES.replace(old, new)).version(target) == code().version(target)


def test_a_version_depends_on_a_constant_that_is_reached() -> None:
    target = "finexl.values:Settings"
    assert code(VALUES.replace("LIMIT = 3", "LIMIT = 2")).version(target) != code().version(target)


def test_what_is_left_out_counts_for_nothing() -> None:
    left_out = ("finexl.values:LIMIT",)
    changed = code(VALUES.replace("LIMIT = 3", "LIMIT = 2"))
    assert changed.version("finexl.values:Limit", without=left_out) == code().version(
        "finexl.values:Limit", without=left_out
    )


def test_a_name_that_is_re_exported_lazily_leads_to_its_home() -> None:
    lines = project().reach("finexl:FineXLSettings").lines
    assert any(line.startswith("finexl.settings:FineXLSettings ") for line in lines)
    assert not any("finexl:" in line for line in lines)


def test_a_whole_module_counts_with_all_that_it_needs() -> None:
    lines = project().reach("finexl.template").lines
    assert {line.partition(" ")[0] for line in lines} >= {
        "finexl.template:ConceptTemplate",
        "finexl.template:_placeholders",
    }


@pytest.mark.parametrize(
    "target",
    ["finexl.nothing:X", "finexl.values:Nothing", "numpy:array", "finexl.template:ConceptTemplate.no"],
)
def test_a_target_that_is_not_there_is_an_error(target: str) -> None:
    with pytest.raises(InvalidInputError, match=target):
        project().version(target)


def test_only_prompts_that_are_named_count() -> None:
    lines = project().reach("baselines.naive_text:NaiveText").lines
    assert [line.partition(" ")[0] for line in lines if line.startswith("prompts/")] == [
        "prompts/compare.txt"
    ]


def test_no_module_of_the_project_does_anything_when_it_is_imported() -> None:
    """Or what it does would count only with names that are taken from it."""
    root = PATH.parents[1]
    effects = [
        path
        for package in ("baselines", "benchmark", "finetune", "finexl")
        for path in sorted((root / package).rglob("*.py"))
        if (module := project().module(".".join(path.relative_to(root).with_suffix("").parts)))
        and module.effects
    ]
    assert effects == []


def test_modules_outside_the_project_count_whole(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("import beside\nX = 1\nclass Mine: ...\n")
    (tmp_path / "beside.py").write_text("Y = 2\n")
    reach = Code(own=Own(folder=tmp_path)).reach("mine:Mine")
    assert {line.partition(" ")[0] for line in reach.lines} == {"mine:X", "mine:Mine", "beside:Y"}


def test_libraries_that_are_imported_are_told(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("import numpy as np\nfrom PIL import Image\n\nX = np.array(Image)\n")
    assert Code(own=Own(folder=tmp_path)).reach("mine").outside == {"numpy", "PIL"}


def test_a_file_that_cannot_be_read_as_code_counts_as_it_stands(tmp_path: Path) -> None:
    versions = set()
    for text in ("class Mine(:", "class Mine((:"):
        (tmp_path / "mine.py").write_text(text)
        versions.add(Code(own=Own(folder=tmp_path)).version("mine"))
    assert len(versions) == 2
