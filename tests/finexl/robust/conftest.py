"""The worlds of these tests are modules beside them, so that worker processes can import them too."""

import sys
from pathlib import Path

import jaxtyping
import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Types are not looked at, as outside of tests: what is wrong must be found by the code."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
