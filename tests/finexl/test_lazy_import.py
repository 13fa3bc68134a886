"""Importing the packages costs nothing."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import baselines
import benchmark
import finexl
import leaderboard


def test_importing_the_packages_does_not_import_torch():
    code = "import sys, finexl, baselines, finexl.settings, finexl.prompts; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("package", [finexl, baselines])
def test_every_public_name_exists(package):
    for name in package.__all__:
        assert getattr(package, name) is not None


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such"):
        finexl.no_such  # noqa: B018  # the access is what is tested


@pytest.mark.parametrize("package", [benchmark, finexl, leaderboard])
def test_a_package_has_the_version_of_the_distribution(package):
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))[
        "project"
    ]
    assert package.__version__ == project["version"]
