"""Explainers from elsewhere are found by path, file and entry point, and hashed with their code."""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmark.config.loading import load_settings
from benchmark.explain.explaining import blind_pairs, explain_blind
from benchmark.explain.outside import OutsideProcess, Outsider
from benchmark.parts.code import stranger_code
from benchmark.parts.dictionary import public_dictionary
from benchmark.parts.explainers import Supplies, build_explainer, explainer_key
from benchmark.parts.strangers import absolute, declared, found, is_path, label, load_stranger
from benchmark.run.jobs import build_job
from benchmark.run.workbench import SettingsWorkbench
from benchmark.show.listing import describe_group
from finexl.errors import InvalidInputError, UnknownNameError
from finexl.toy import ToyWorld
from finexl.values import TextExplanation

SOURCE = """
from dataclasses import dataclass

from finexl import TextExplanation


@dataclass(frozen=True)
class Mine:
    name: str = "mine"

    def explain(self, pairs):
        return TextExplanation(text="{text}")
"""
Install = Callable[..., str]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(SOURCE.format(text="one"))
    return path


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Installs a package as pip leaves it: a folder of modules and a dist-info with its entry points."""

    def installed(package: str, *points: str, text: str = "one") -> str:
        site = tmp_path / f"site_{package}"
        (site / package).mkdir(parents=True)
        (site / package / "__init__.py").write_text("")
        (site / package / "told.py").write_text(SOURCE.format(text=text))
        info = site / f"{package}-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.2\n")
        (info / "entry_points.txt").write_text("\n".join(["[finexl.explainers]", *points, ""]))
        monkeypatch.syspath_prepend(str(site))
        return package

    yield installed
    for name in [name for name in sys.modules if name.startswith("tiny_")]:
        del sys.modules[name]


def kinds(*words: str) -> dict[str, str]:
    return {one.name: one.kind for one in load_settings(["preset=smoke", *words]).explainers}


@pytest.mark.parametrize("name", ["a.b:C", "mine:C", "mine.py:C", "../some where/mine.py:C", "~/x.py:C"])
def test_paths_are_told_by_their_form(name: str) -> None:
    assert is_path(name)


@pytest.mark.parametrize("name", ["finexl", "a.b", "mine.py", "mine.py:", ":C", "a/b:C", "mine.py:C.D"])
def test_anything_else_is_no_path(name: str) -> None:
    assert not is_path(name)


def test_an_explainer_in_a_file_is_built(file: Path) -> None:
    assert load_stranger(f"{file}:Mine")().explain(None).text == "one"


def test_a_file_that_changed_is_imported_again(file: Path) -> None:
    load_stranger(f"{file}:Mine")
    file.write_text(SOURCE.format(text="two"))
    assert load_stranger(f"{file}:Mine")().explain(None).text == "two"


def test_a_file_is_chosen_on_the_command_line_beside_others(file: Path) -> None:
    assert kinds(f"explainer=constant,{file}:Mine") == {
        "constant": "constant",
        f"{file}:Mine": f"{file}:Mine",
    }


def test_a_file_that_is_not_there_is_an_error_that_names_it() -> None:
    with pytest.raises(InvalidInputError, match=r"no/such/mine\.py"):
        load_stranger("no/such/mine.py:Mine")


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("import neighbour_that_is_not_there", "put its folder on PYTHONPATH"),
        ("class Mine(:", "invalid syntax"),
        ("class Other: ...", r"there is Other"),
        ("Mine = 3", "must be a class"),
    ],
)
def test_a_file_without_a_usable_class_is_an_error_for_people(file: Path, source: str, fault: str) -> None:
    file.write_text(source)
    with pytest.raises(InvalidInputError, match=f"(?i){fault}"):
        load_stranger(f"{file}:Mine")


def test_the_hash_of_a_file_is_its_content_and_not_its_folder(file: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere" / "mine.py"
    moved.parent.mkdir()
    moved.write_text(file.read_text())
    assert stranger_code(f"{moved}:Mine") == stranger_code(f"{file}:Mine")
    moved.write_text(SOURCE.format(text="two"))
    assert stranger_code(f"{moved}:Mine") != stranger_code(f"{file}:Mine")


def test_the_key_of_an_explanation_does_not_depend_on_the_folder_of_the_file(
    file: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "elsewhere" / "mine.py"
    moved.parent.mkdir()
    moved.write_text(file.read_text())
    keys = set()
    for path in (file, moved):
        settings = load_settings(["preset=smoke", f"explainer={path}:Mine"])
        keys.add(explainer_key(settings.explainers[0], settings, ("vivid",), probe=dict))
    assert len(keys) == 1


def test_the_hash_of_a_module_in_a_package_covers_its_neighbours(install: Install, tmp_path: Path) -> None:
    install("tiny_one", text="one")
    told = tmp_path / "site_tiny_one" / "tiny_one" / "told.py"
    told.write_text(f"from tiny_one.more import X\n{told.read_text()}")
    before = stranger_code("tiny_one.told:Mine")
    (tmp_path / "site_tiny_one" / "tiny_one" / "more.py").write_text("X = 1\n")
    assert stranger_code("tiny_one.told:Mine") != before


def test_an_installed_package_adds_an_explainer_by_name(install: Install) -> None:
    install("tiny_two", "my-own = tiny_two.told:Mine")
    assert kinds("explainer=my-own,random") == {"random": "random", "my-own": "tiny_two.told:Mine"}
    assert load_stranger(kinds("explainer=my-own")["my-own"])().explain(None).text == "one"


def test_the_list_of_explainers_shows_what_packages_declare(install: Install) -> None:
    install("tiny_three", "third = tiny_three.told:Mine", "finexl = tiny_three.told:Mine")
    listed = describe_group("explainer")
    assert "third  tiny_three.told:Mine of tiny_three 1.2" in listed
    assert "not reachable by name" in listed


def test_a_name_of_the_suite_is_never_taken_over(install: Install) -> None:
    install("tiny_four", "finexl = tiny_four.told:Mine")
    assert kinds("explainer=finexl") == {"finexl": "finexl"}


def test_two_packages_with_one_name_are_an_error_that_names_both(install: Install) -> None:
    install("tiny_five", "same = tiny_five.told:Mine")
    install("tiny_six", "same = tiny_six.told:Mine")
    with pytest.raises(InvalidInputError, match=r"tiny_five 1\.2 .*tiny_six 1\.2"):
        declared()


def test_an_entry_point_without_a_class_is_an_error_that_names_the_package(install: Install) -> None:
    install("tiny_seven", "whole = tiny_seven.told")
    with pytest.raises(InvalidInputError, match=r"tiny_seven 1\.2 declares whole = tiny_seven\.told"):
        load_settings(["preset=smoke", "explainer=whole"])


def test_a_mistyped_name_is_compared_with_declared_ones_too(install: Install) -> None:
    install("tiny_eight", "sharpness = tiny_eight.told:Mine")
    with pytest.raises(UnknownNameError, match="Did you mean explainer=sharpness"):
        load_settings(["explainer=sharpnes"])


def test_settings_that_a_constructor_does_not_ask_for_are_refused(file: Path, install: Install) -> None:
    install("tiny_nine", "ninth = tiny_nine.told:Mine")
    with pytest.raises(InvalidInputError, match=r"`explainer_settings\.ninth\.size` must be read"):
        load_settings(["preset=smoke", "explainer=ninth", "explainer_settings.ninth.size=3"])


DEMANDING = """
from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    size: int = 1
    folder: str = ""


class Mine:
    name = "mine"

    def __init__(self, encoder, vlm, settings: Options, seed=None, dictionary=(), other=5):
        self.encoder, self.vlm, self.settings, self.seed = encoder, vlm, settings, seed
        self.dictionary, self.other = dictionary, other

    def explain(self, pairs): ...
"""


@pytest.fixture
def demanding(tmp_path: Path) -> Path:
    path = tmp_path / "demanding.py"
    path.write_text(DEMANDING)
    return path


def built(*words: str):
    settings = load_settings(["preset=smoke", *words])
    (config,) = settings.explainers
    world = ToyWorld()
    supplies = Supplies(
        config=config,
        concepts=("vivid",),
        seed=7,
        encoder=lambda: world.encoder,
        vlm=lambda: world.vlm,
        probe=lambda: world.matrix,
    )
    return build_explainer(supplies)


def test_a_constructor_is_handed_what_it_asks_for_by_name(demanding: Path) -> None:
    mine = built(f"explainer={demanding}:Mine")
    assert (mine.encoder.id, mine.vlm.id) == (ToyWorld().encoder.id, ToyWorld().vlm.id)
    assert (mine.settings.size, mine.seed, mine.dictionary, mine.other) == (1, 7, public_dictionary(), 5)


def test_settings_of_ones_own_are_given_on_the_command_line_and_typed_by_their_class(demanding: Path) -> None:
    name = f"{demanding}:Mine"
    given = f"explainer_settings.{name}"
    mine = built(f"explainer={name}", f"{given}.size=3", f"{given}.folder=a=[b],1_1")
    assert (mine.settings.size, mine.settings.folder) == (3, "a=[b],1_1")


def test_a_mistyped_setting_of_ones_own_is_told_what_there_is(demanding: Path) -> None:
    name = f"{demanding}:Mine"
    with pytest.raises(UnknownNameError, match=r"size=3"):
        load_settings(["preset=smoke", f"explainer={name}", f"explainer_settings.{name}.sise=3"])
    with pytest.raises(InvalidInputError, match=r"size` must be a whole number\. Got 'x'"):
        load_settings(["preset=smoke", f"explainer={name}", f"explainer_settings.{name}.size=x"])


def test_the_truth_is_handed_to_nobody_from_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "curious.py"
    path.write_text("class Mine:\n    def __init__(self, concepts): ...\n")
    with pytest.raises(InvalidInputError, match=r"may ask for dictionary, encoder, seed, vlm.*concepts too"):
        built(f"explainer={path}:Mine")


def test_the_key_covers_what_a_constructor_asks_for_and_its_settings(demanding: Path, file: Path) -> None:
    def key(path: Path, *words: str) -> str:
        name = f"{path}:Mine"
        given = [word.replace("own.", f"explainer_settings.{name}.") for word in words]
        settings = load_settings(["preset=smoke", f"explainer={name}", *given])
        return explainer_key(settings.explainers[0], settings, ("vivid",), probe=dict)

    changes = ("encoder.batch_size=3", "vlm=miniature_small", "seed=4", "own.size=9")
    assert len({key(demanding), *(key(demanding, change) for change in changes)}) == 1 + len(changes)
    assert {key(file, change) for change in changes[:3]} == {key(file)}


def test_a_file_is_found_from_any_folder_once_its_path_is_absolute(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file.parent)
    assert absolute("mine.py:Mine") == f"{file}:Mine"
    assert absolute("a.b:C") == "a.b:C"


def test_a_run_starts_one_process_for_all_that_it_asks_of_an_explainer(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []

    class Counted(OutsideProcess):
        def __init__(self, outsider: Outsider) -> None:
            started.append(outsider.kind)
            super().__init__(outsider)

    monkeypatch.setattr("benchmark.explain.outside.OutsideProcess", Counted)
    words = [
        "preset=smoke",
        f"explainer={file}:Mine",
        f"store={tmp_path / 'store'}",
        f"output={tmp_path / 'out'}",
    ]
    job = build_job(load_settings(words))
    assert job.rehearse is not None
    ((name, _),) = job.explainers.items()
    job.rehearse([name])
    pixels = np.zeros((2, 8, 8, 3), np.uint8)
    (said,) = explain_blind(job.opener().explainer(name).explainer, [blind_pairs(("a", "b"), pixels, pixels)])
    assert said == TextExplanation(text="one") and len(started) == 1


def test_a_label_says_nothing_of_folders(file: Path) -> None:
    assert (label(f"{file}:Mine"), label("a.b:C")) == ("mine.py:Mine", "a.b:C")


@pytest.mark.parametrize("end", ["", ":"])
def test_a_file_without_a_class_is_told_how_to_name_one(file: Path, end: str) -> None:
    with pytest.raises(InvalidInputError, match=re.escape(f"as in explainer={file}:Mine")):
        load_settings(["preset=smoke", f"explainer={file}{end}"])


def test_a_constructor_that_wants_arguments_is_told_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "wants.py"
    path.write_text("class Mine:\n    name = 'mine'\n\n    def __init__(self, knob): ...\n")
    with pytest.raises(InvalidInputError, match=r"asks for knob too \(wants\.py, line 4\)"):
        found(f"{path}:Mine")


@pytest.mark.parametrize(
    ("source", "lacking"),
    [
        ("def explain(self, pairs): ...", 'lacks an attribute `name`, as in name = "mine".'),
        ("name = 'mine'", "lacks a method `explain` or `explain_jointly`."),
        ("pass", '"mine" and a method `explain`'),
        ("name = 'mine'\n    async def explain(self, pairs): ...", "lacks a `explain` that answers at once"),
    ],
)
def test_a_class_that_is_no_explainer_is_told_what_it_lacks(
    tmp_path: Path, source: str, lacking: str
) -> None:
    path = tmp_path / "lacking.py"
    path.write_text(f"class Mine:\n    {source}\n")
    settings = load_settings(["preset=smoke", f"explainer={path}:Mine", f"store={tmp_path}"])
    with pytest.raises(InvalidInputError, match=re.escape(lacking)):
        SettingsWorkbench(settings).rehearse([settings.explainers[0].name])
