"""`list`: which scenarios, presets, explainers and other choices there are."""

from difflib import get_close_matches

from benchmark.cli.exits import OK, usage
from benchmark.cli.parsing import parser
from benchmark.cli.suggesting import command_line
from finexl.errors import InvalidInputError
from finexl.explain.folding import say

HELP = """\
Show what exists: every group of choices, the choices of one group with a line on each, or the aspects of a
corpus: the words that readers take for each, what it looks like, and what composite styles are made of.

examples
  python -m benchmark list
  python -m benchmark list preset
  python -m benchmark list explainer
  python -m benchmark list aspects
  python -m benchmark list aspects corpus=wikiart
  python -m benchmark list aspects corpus=folder corpus.folder=photos"""


def main(words: list[str]) -> int:
    arguments = parser("list", HELP, positional="[group | aspects [corpus=...]]").parse_args(words)
    from benchmark.config.choices import GROUPS
    from benchmark.show.listing import describe_group, describe_groups

    with usage():
        match arguments.words:
            case []:
                say(describe_groups())
            case [group] if group in GROUPS:
                say(describe_group(group))
            case ["aspects", *given]:
                say(_aspects(given))
            case [group]:
                near = get_close_matches(group, (*GROUPS, "aspects"), n=1)
                raise InvalidInputError(
                    f"`list` takes nothing, or one of: {', '.join(sorted((*GROUPS, 'aspects')))}. Got {group!r}."
                    + (f" Did you mean: {command_line(['list', *near])}" if near else "")
                )
            case _:
                raise InvalidInputError(f"`list` takes one group. Got {' '.join(arguments.words)!r}.")
    return OK


def _aspects(words: list[str]) -> str:
    from benchmark.config.loading import load_settings
    from benchmark.parts.corpora import open_corpus
    from benchmark.show.listing import describe_aspects

    if other := [word for word in words if not word.startswith("corpus")]:
        raise InvalidInputError(f"`list aspects` takes a corpus and its settings. Got {other[0]!r}.")
    settings = load_settings(words)
    return describe_aspects(open_corpus(settings.corpus, store=settings.store), name=settings.corpus.name)
