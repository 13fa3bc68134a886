"""Modules of tests that other tests use: published layouts, tiny networks and tiny pairs."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
