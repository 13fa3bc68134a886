"""Importing the packages costs nothing."""

import subprocess
import sys

import pytest

import baselines
import finexl


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
