"""Imports point one way, and each heavy library has few doors."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("finexl", "baselines", "finetune", "leaderboard", "benchmark")
ARROWS = {
    "finexl": set(),
    "baselines": {"finexl"},
    "finetune": {"finexl"},
    "benchmark": {"finexl", "baselines", "finetune"},
    "leaderboard": {"finexl", "finetune", "benchmark"},
}
DOORS = {
    "open_clip": ("finexl/encoders/", "finetune/pretraining/"),
    "wandb": ("benchmark/show/wandb_sink.py",),
    "lightning": ("finetune/", "baselines/captioning/training.py"),
    "diffusers": ("finetune/",),
    "transformers": ("finexl/encoders/transformers.py", "finexl/vlms/", "finetune/"),
    "peft": ("finetune/",),
    "datasets": ("finetune/corpora/table.py",),
    "pyarrow": ("finetune/corpora/parquet_table.py",),
    "openai": ("finexl/vlms/chat",),
    "httpx2": (),
    "tenacity": ("finexl/vlms/retries.py",),
    "ray": ("benchmark/run/executors/ray.py",),
    "submitit": ("benchmark/run/executors/submitit.py",),
}
PUBLISHED_FILES = ("finetune/families/convert.py", "baselines/convert.py")
"""The doors for published files: one in each package that has such models, since neither imports the other."""


def sources(package: str) -> Iterator[Path]:
    yield from sorted((ROOT / package).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Full names of every module a file imports, wherever in the file."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide where a thing comes from"
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_only_along_the_arrows(package: str) -> None:
    for path in sources(package):
        siblings = {name.partition(".")[0] for name in imported(path)} & set(PACKAGES)
        assert siblings <= ARROWS[package] | {package}, path


@pytest.mark.parametrize("library", DOORS)
def test_a_heavy_library_is_imported_only_behind_its_doors(library: str) -> None:
    users = [path for package in PACKAGES for path in sources(package) if uses(path, library)]
    strays = [path for path in users if not str(path.relative_to(ROOT)).startswith(DOORS[library])]
    assert not strays


def uses(path: Path, library: str) -> bool:
    return any(name == library or name.startswith(f"{library}.") for name in imported(path))


@pytest.mark.parametrize(
    "module",
    [
        "finexl",
        "leaderboard.cli",
        "leaderboard.verify.verifying",
        "leaderboard.site.building",
        "leaderboard.scores",
        "benchmark.cli",
        "benchmark.show.listing",
        "benchmark.read.readers",
        "benchmark.score.scores",
        "finetune.cli",
        "finetune.recipe",
    ],
)
def test_light_modules_start_without_torch(module: str) -> None:
    check = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], cwd=ROOT, check=False).returncode == 0


def test_nothing_trusts_remote_code_or_pickled_weights() -> None:
    for package in PACKAGES:
        for path in sources(package):
            text = path.read_text(encoding="utf-8")
            assert "trust_remote_code" not in text, path
            assert "torch.save(" not in text, path
            if path.relative_to(ROOT).as_posix() in PUBLISHED_FILES:
                text = text.replace('torch.load(path, map_location="cpu", weights_only=True)', "")
                text = text.replace("torch.load(weights_only=True)", "")
            assert "torch.load(" not in text, path
