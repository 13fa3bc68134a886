"""`python -m finexl`."""

from finexl.explain.command_line import main
from finexl.explain.consoles import leave

if __name__ == "__main__":
    leave(main())
