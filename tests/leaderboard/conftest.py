"""The small board of these tests is a module beside them, so that tests in folders can import it too."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
