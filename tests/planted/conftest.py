"""What plants bugs is a module beside its tests, so that it can also be run as a script."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
