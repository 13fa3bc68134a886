"""`python -m finetune`."""

from finexl.explain.consoles import leave
from finexl.extras import told_if_missing


def _main() -> int:
    from finetune.cli import main

    return main()


if __name__ == "__main__":
    leave(told_if_missing(_main, program="python -m finetune"))
