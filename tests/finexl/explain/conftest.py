"""Hand-made explanations and pictures are modules beside these tests, scripted servers beside those of models."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "vlms")]
