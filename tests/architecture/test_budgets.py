"""How large things may get: a file is read in one sitting, a function on one screen."""

import ast
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
FILES = [
    p
    for d in ("finexl", "baselines", "finetune", "leaderboard", "benchmark")
    for p in (ROOT / d).rglob("*.py")
]
FORBIDDEN = {"utils", "common", "helpers", "misc", "base"}


def bodies() -> list[tuple[int, str]]:
    """Lines of every function's body without its docstring."""
    found = []
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                has_docstring = ast.get_docstring(node) is not None
                code = node.body[1:] if has_docstring else node.body
                lines = code[-1].end_lineno - code[0].lineno + 1 if code else 0
                found.append((lines, f"{path.name}:{node.name}"))
    return found


def test_no_file_is_longer_than_350_lines() -> None:
    assert not [path for path in FILES if len(path.read_text(encoding="utf-8").splitlines()) > 350]


def test_the_median_file_has_at_most_120_lines() -> None:
    assert median(len(path.read_text(encoding="utf-8").splitlines()) for path in FILES) <= 120


def test_no_function_body_is_longer_than_50_lines() -> None:
    assert not [name for lines, name in bodies() if lines > 50]


def test_the_median_function_body_has_at_most_8_lines() -> None:
    assert median(lines for lines, _ in bodies()) <= 8


def test_no_module_is_named_for_having_no_idea() -> None:
    assert not [path for path in FILES if path.stem in FORBIDDEN]


def test_shipped_weights_stay_within_32_megabytes() -> None:
    folders = (ROOT / "finetune" / "miniature" / "weights", ROOT / "baselines" / "weights")
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert 0 < sum(path.stat().st_size for path in files) <= 32e6
