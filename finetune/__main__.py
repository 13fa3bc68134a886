"""`python -m finetune`."""

import sys

from finexl.extras import told_if_missing


def _main() -> int:
    from finetune.cli import main

    return main()


if __name__ == "__main__":
    sys.exit(told_if_missing(_main, program="python -m finetune"))
