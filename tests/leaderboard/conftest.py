"""The small board of these tests is a module beside them, so that tests in folders can import it too."""

import sys
from pathlib import Path

import pytest

from benchmark.bundle.manifest import Bundle

sys.path.insert(0, str(Path(__file__).parent))

from small_board import write_bundle


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return write_bundle(tmp_path_factory.mktemp("bundles") / "small")
