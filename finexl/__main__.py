"""`python -m finexl`."""

import sys

from finexl.explain.command_line import main

if __name__ == "__main__":
    sys.exit(main())
