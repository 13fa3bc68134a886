"""The most memory that this process has held."""

import re
import resource
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")


def peak_memory_mb() -> float:
    """Megabytes (2**20 bytes) of resident memory at their highest so far.

    On Linux the kernel's own high-water mark of this process: `ru_maxrss` begins there with what the parent held
    when it started this process, so that a small child of a large parent would be charged for its parent.
    """
    try:
        found = re.search(r"^VmHWM:\s*(\d+) kB", _STATUS.read_text(encoding="ascii"), flags=re.MULTILINE)
    except OSError:
        found = None
    if found is not None:
        return int(found[1]) / 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
