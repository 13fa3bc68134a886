"""Imports point one way between the rooms of a folder: a room is a sub-folder, or a module at its top."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
Edges = Mapping[tuple[str, str], set[str]]
"""From a room to another that it imports, with the files that do."""


def edges(folder: Path, *, root: Path) -> Edges:
    """Every import of one room by another, wherever in a file: those inside functions make rings too."""
    found: dict[tuple[str, str], set[str]] = {}
    rooms = {path.stem for path in folder.iterdir() if path.suffix == ".py" or any(path.rglob("*.py"))}
    place = ".".join(folder.relative_to(root).parts)
    for path in sorted(folder.rglob("*.py")):
        room = path.relative_to(folder).parts[0].removesuffix(".py")
        for name in imported(path):
            inside = name.removeprefix(f"{place}.")
            other = inside.split(".")[0]
            if inside != name and other in rooms - {room}:
                found.setdefault((room, other), set()).add(path.relative_to(folder).as_posix())
    return found


def imported(path: Path) -> Iterator[str]:
    """Full names of what a file imports; of `from package import name` the name too, which may be a room."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom(module=str(module), level=0):
                yield from (f"{module}.{alias.name}" for alias in node.names)
            case _:
                pass


def rings(edges: Edges) -> list[str]:
    """The imports between rooms that lie on a ring, in words."""
    reached: dict[str, set[str]] = {}
    for room, other in edges:
        reached.setdefault(room, set()).add(other)
    grown = True
    while grown:
        before = sum(map(len, reached.values()))
        for others in reached.values():
            others |= {further for other in tuple(others) for further in reached.get(other, ())}
        grown = sum(map(len, reached.values())) > before
    return [
        f"{room} -> {other} ({', '.join(sorted(files))})"
        for (room, other), files in sorted(edges.items())
        if room in reached.get(other, ())
    ]


@pytest.mark.parametrize(
    "folder", ["benchmark", "finetune", "finetune/explaining", "finetune/pretraining", "leaderboard"]
)
def test_no_rooms_import_each_other_in_a_ring(folder: str) -> None:
    found = rings(edges(ROOT / folder, root=ROOT))
    assert not found, "These imports make a ring of rooms:\n" + "\n".join(found)


def written(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / "house" / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root / "house"


def test_a_ring_is_found_over_several_rooms_and_inside_functions(tmp_path: Path) -> None:
    house = written(
        tmp_path,
        hall__door="from house.kitchen.stove import heat",
        kitchen__stove="def heat():\n    import house.cellar.stairs",
        cellar__stairs="from house import hall, roof",
        roof="from house.roof import tiles",
    )
    assert rings(edges(house, root=tmp_path)) == [
        "cellar -> hall (cellar/stairs.py)",
        "hall -> kitchen (hall/door.py)",
        "kitchen -> cellar (kitchen/stove.py)",
    ]


def test_rooms_that_import_one_way_make_no_ring(tmp_path: Path) -> None:
    house = written(tmp_path, hall__door="from house.kitchen import stove", kitchen__stove="import os")
    found = edges(house, root=tmp_path)
    assert list(found) == [("hall", "kitchen")] and rings(found) == []
