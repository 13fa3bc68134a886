"""`tune`: what FineXL's settings are chosen by, on development aspects."""

from benchmark.cli.exits import OK, usage
from benchmark.cli.parsing import parser
from finexl.explain.folding import say
from finexl.explain.progress import progress

HELP = """\
Choose in which order FineXL tries concepts and its e_ortho, on development aspects and seeds, which no score uses:
trains mixtures of `preset.n_pairs` pairs of them, asks the model once about each, and admits what it named in every
order at every threshold. Chosen is the order of the highest mean selection accuracy over all thresholds, and in it the
middle of the thresholds within one wish of the best. Writes finexl.json and finexl.png and prints the table; finished
models are kept.

The choice is not applied: it becomes the default by writing it into finexl/settings.py.

`tune robust` does the same for `finexl`, on mixtures, on ladders of `preset.n_series` development aspects, and on finer
lattices of adapters: every model is embedded once, each setting is taken at its best, and one ingredient is left out at
a time. Beside the trained models there are those of all pairs and aspects painted on base images, which take no
training; faint halves, artists and styles of several aspects, painted over what training on base images does; and
changes that no word names. Writes robust.json, the table robust.md, and finexl/robust/tuned.json, which the library
reads.

`tune ladders` chooses the checkpoints that a series keeps (`preset.first_step`, `preset.steps_per_level`): trains each
development aspect alone and looks every ten steps at how far it is. Writes ladders.json and the tables ladders.md, and
keeps what it measured in runs/ladders; the choice becomes the default by writing it into benchmark/plan/preset.py.

keys
  output=FOLDER                 where the files go (default: docs/tuning)
  preset= preset.n_pairs=       how large; at most 15 pairs of the six aspects (default: lite, 3 pairs; `robust`: 6)
  preset.n_series=              ladders of `tune robust`; at most 6 (default: 6)
  preset.n_levels=              levels of a series; `tune ladders` finds the room for so many (default: 10)
  generator= encoder= vlm= store= executor= workers= explainer_settings.finexl_paper.KEY=   as for run

examples
  python -m benchmark tune
  python -m benchmark tune robust
  python -m benchmark tune robust preset=lite            # three trained lattices and ladders in place of six
  python -m benchmark tune ladders                       # about 20 minutes on two cores
  python -m benchmark tune preset.n_pairs=15 workers=2
  python -m benchmark tune preset=smoke preset.n_pairs=3 output=/tmp/tuning"""


def main(words: list[str]) -> int:
    arguments = parser("tune", HELP, positional="[robust|ladders] [KEY=VALUE ...]").parse_args(words)
    if arguments.words[:1] == ["robust"]:
        return _tune_robust(arguments.words[1:])
    if arguments.words[:1] == ["ladders"]:
        return _tune_ladders(arguments.words[1:])
    with usage(), progress("planning"):
        from benchmark.record.recording import write_json
        from benchmark.tune.admission import lines, sweep
        from benchmark.tune.development import read_words
        from benchmark.tune.figure import draw_sweep

        settings = read_words(arguments.words)
    found = sweep(settings, say)
    kept, drawn = (settings.output / f"finexl.{suffix}" for suffix in ("json", "png"))
    write_json(kept, found.as_json(settings))
    draw_sweep(found, drawn)
    say("\n".join(["", *lines(found), "", f"Wrote {kept} and {drawn}."]))
    return OK


def _tune_robust(words: list[str]) -> int:
    with usage(), progress("planning"):
        from benchmark.record.files import write_atomically
        from benchmark.record.recording import write_json
        from benchmark.tune.development import read_words
        from benchmark.tune.robust import START, ablation, as_json, chosen, markdown
        from benchmark.tune.study import study
        from finexl.robust.settings import TUNED

        settings = read_words([*_usual_size(words), *words])
    found = study(settings, say)
    best = chosen(found, START, say)
    table = ablation(found, best)
    told, text = as_json(best, table, found, settings), markdown(table, found)
    kept, shown = (settings.output / f"robust.{suffix}" for suffix in ("json", "md"))
    write_json(kept, told)
    write_atomically(shown, text.encode())
    write_json(TUNED, {"chosen": told["chosen"]})
    say(f"\n{text}\nChosen: {told['chosen']}. Wrote {kept}, {shown} and {TUNED}.")
    return OK


def _usual_size(words: list[str]) -> list[str]:
    """Two rounds of pairs and a ladder of every aspect, unless another number or a preset is given."""
    given = {word.partition("=")[0] for word in words}
    return [f"{key}=6" for key in ("preset.n_pairs", "preset.n_series") if given.isdisjoint((key, "preset"))]


def _tune_ladders(words: list[str]) -> int:
    with usage(), progress("planning"):
        from benchmark.record.files import write_atomically
        from benchmark.record.recording import write_json
        from benchmark.run.jobs import build_job
        from benchmark.run.runner import certify
        from benchmark.tune.ladders import as_json, ladders, markdown, read_words

        asked, looked = read_words(words)
        job = build_job(looked)
    found = ladders(tuple(certify(job).values()), n_levels=asked.preset.n_levels)
    kept, shown = (asked.output / f"ladders.{suffix}" for suffix in ("json", "md"))
    text = markdown(found)
    write_json(kept, as_json(found, looked))
    write_atomically(shown, text.encode())
    say(f"\n{text}\nWrote {kept} and {shown}.")
    return OK
