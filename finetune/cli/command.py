"""A command of `python -m finetune`, and the arguments that it takes."""

import argparse
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass

from finexl.explain.folding import FoldedHelp


@dataclass(frozen=True, slots=True)
class Command:
    """A command: what it does, and how it is asked for."""

    do: Callable[[argparse.Namespace], None]
    what: str
    """Its line of the program's help."""
    arguments: Callable[[argparse.ArgumentParser], None] = lambda _: None
    """Adds its arguments."""
    _: KW_ONLY
    description: str | None = None
    """Above its arguments, wrapped."""
    below: str | None = None
    """Below its arguments, as it stands."""

    def add(self, name: str, commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
        """Make it one of a program's commands."""
        parser = commands.add_parser(
            name,
            help=self.what,
            description=self.description,
            epilog=self.below,
            formatter_class=argparse.HelpFormatter if self.below is None else FoldedHelp,
        )
        self.arguments(parser)
        parser.set_defaults(run=self.do)


def of_models(
    do: Callable[[argparse.Namespace], None],
    what: str,
    arguments: Callable[[argparse.ArgumentParser], None],
    *,
    examples: str,
) -> Command:
    """A command of people who have a model: its help says what it does, and has examples."""
    return Command(
        do,
        what,
        arguments,
        description=f"{what[0].upper()}{what[1:]}.",
        below=f"examples:\n{examples}\n\nMore: docs/adapters.md",
    )
