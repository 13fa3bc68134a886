"""How large things may get: a function is read on one screen, a folder at one glance."""

import ast
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("finexl", "baselines", "finetune", "leaderboard", "benchmark")
FILES = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
FORBIDDEN = {"utils", "common", "helpers", "misc", "base"}
LISTS = {"finetune/cli", "finetune/corpora", "finexl/vlms"}
"""Folders that hold one module for each kind of a thing, or for each command, however many there are."""


def test_no_function_body_is_longer_than_50_lines() -> None:
    long = []
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                code = node.body[1:] if ast.get_docstring(node) is not None else node.body
                if code and code[-1].end_lineno - code[0].lineno + 1 > 50:
                    long.append(f"{path.name}:{node.name}")
    assert not long


def test_no_folder_holds_more_than_22_modules() -> None:
    counts = Counter(path.parent.relative_to(ROOT).as_posix() for path in FILES)
    assert not {folder: n for folder, n in counts.items() if n > 22 and folder not in LISTS}


def test_no_module_is_named_for_having_no_idea() -> None:
    assert not [path for path in FILES if path.stem in FORBIDDEN]


def test_shipped_weights_stay_within_48_megabytes() -> None:
    folders = (ROOT / "finetune" / "miniature" / "weights", ROOT / "baselines" / "weights")
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert 0 < sum(path.stat().st_size for path in files) <= 48e6
