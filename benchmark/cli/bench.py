"""`bench`: how fast parts and explainers are on this machine."""

from functools import partial

from benchmark.cli.exits import OK, usage
from benchmark.cli.parsing import parser
from benchmark.cli.printing import show
from finexl.errors import InvalidInputError
from finexl.explain.folding import say
from finexl.explain.progress import progress

HELP = """\
Measure rendering, encoding, sampling and fine-tuning of the miniature, one thread each, for about a minute.

`bench explainers` measures what one explanation costs, every explainer side by side and each in a process of
its own: seconds, VLM calls, tokens and peak memory of the process for one model of 100 pairs of rendered
scenes. Seconds are given for three states of the cache of embeddings:
  cold            nothing is embedded yet
  images known    the model's images are embedded, as when several explainers share them; texts are new
  all known       the same model again
FineXL has a second row with 40 candidate concepts. Loading models is not timed.

`bench outside` measures what a process of its own costs an explainer from elsewhere: seconds of start-up, and how much
longer an explanation takes there than in the process of a run.

keys of `bench explainers`
  explainer= explainer_settings.NAME.KEY= encoder= vlm= seed=   as for run (default: all of the suite)
  threads=1        a run gives each of its workers one thread
keys of `bench outside`
  explainer=       one from elsewhere (default: finexl:PaperFineXL); the others as above, without threads

examples
  python -m benchmark bench
  python -m benchmark bench explainers
  python -m benchmark bench explainers explainer=finexl,mine.py:Mine threads=2
  python -m benchmark bench outside
  python -m benchmark bench outside explainer=mine.py:Mine"""


_still = partial(progress, moves=False)
"""What is timed here in this process must not be held up by a bar that moves."""


def main(words: list[str]) -> int:
    arguments = parser("bench", HELP, positional="[explainers|outside [key=value ...]]").parse_args(words)
    match arguments.words:
        case []:
            from benchmark.speed.parts import speeds

            for speed in speeds(_still):
                say(f"{speed.part:32s} {speed.per_second:10,.0f} {speed.unit}/s")
        case ["explainers", *rest]:
            _bench_explainers(rest)
        case ["outside", *rest]:
            with usage(), progress("loading"):
                from benchmark.speed import outside

                settings = outside.read_words(rest)
            say("\n".join(outside.lines(outside.outside_cost(settings, progress=_still))))
        case given:
            with usage():
                raise InvalidInputError(
                    f"`bench` takes nothing, or `explainers` or `outside` and their keys. Got {' '.join(given)!r}."
                )
    return OK


def _bench_explainers(words: list[str]) -> None:
    with usage(), progress("loading"):
        from benchmark.speed.explainers import cost_table, explainer_costs, read_words

        settings, threads = read_words(words)
    costs = []
    for cost in explainer_costs(settings, threads=threads, progress=_still):
        say(f"{cost.name}: measured")
        costs.append(cost)
    show(cost_table(costs, threads=threads))
