"""`check`: whether an explainer keeps the contract of runs."""

from benchmark.cli.exits import OK, UNSOUND, usage
from benchmark.cli.parsing import parser
from benchmark.cli.printing import show
from finexl.explain.folding import say
from finexl.explain.progress import progress

HELP = """\
Check that an explainer keeps the contract that runs rely on, offline on the miniature, in seconds.
It explains rendered scenes and the same scenes with an aspect painted on, blind, as in a run: four
processes, about 30 models of 4 pairs and one of 100. What it prints meanwhile is not shown.

checks
  answers           explains ordinary pairs; raises nothing
  determinism       same pairs, same answer: asked twice, and of a new instance
  order_invariance  models of a group in another order: same answers
  name_invariance   other opaque ids: same answers
  one_pair          takes a single pair
  identical_pairs   finds nothing where nothing changed (within a tenth of its usual scores)
  constant_images   takes images of one colour
  timing            100 pairs within seconds= (default 60)
  memory            peak of the process within memory_mb= (default 8192)
  finite_numbers    NaN and infinity are refused
  no_truth_access   truths planted in environment, folders, arguments, image metadata, open files, frames,
                    globals, a decoy store and a decoy run neither change the answer nor appear in it; no
                    file of the decoy is opened, neither planner nor scorer imported
  fresh_process     same answers in other processes, whatever PYTHONHASHSEED
  own_process       same answers in a process without files, network or key, by a fresh copy for each model
A check that an earlier failure makes meaningless is skipped. Exit code 3 if a check fails.

keys
  explainer=NAME               of the suite, or one of yours: package.module:Class, path/to/mine.py:Class,
                               or a name that an installed package declares (entry points finexl.explainers)
  explainer_settings.NAME.KEY= encoder= vlm= seed=   as for run
  seconds=60 memory_mb=8192    limits for 100 pairs; seconds are 0.001 to 1e7

an explainer is a class; what its constructor names it is handed: encoder, vlm, dictionary, seed, and settings, a
dataclass whose fields explainer_settings.NAME.KEY= gives
  class Mine:
      name = "mine"
      def explain(self, pairs):  # pairs.prompts, pairs.base[i] and pairs.personalized[i] (PIL images)
          return ScoredExplanation(claims=(Claim(concept="bright", amount=0.3),))
or, for models that are compared together, `explain_jointly(self, group)` with one explanation for each.

examples
  python -m benchmark check explainer=finexl
  python -m benchmark check explainer=path/to/mine.py:Mine seconds=10
  PYTHONPATH=. python -m benchmark check explainer=mine:Mine"""


def main(words: list[str]) -> int:
    arguments = parser("check", HELP).parse_args(words)
    with usage():
        with progress("planning"):
            from benchmark.check import contract_table
            from benchmark.check.contract import check, read_words

        settings, limits = read_words(arguments.words)
        (explainer,) = settings.explainers
        findings = []
        for finding in check(settings, limits=limits):
            say(contract_table.line(finding))
            findings.append(finding)
    show(contract_table.contract_table(findings, name=explainer.name, kind=explainer.kind))
    say(contract_table.verdict(findings, name=explainer.name))
    return UNSOUND if any(finding.status == "fail" for finding in findings) else OK
