"""What `--help` says."""

TOP = """\
usage: python -m benchmark {run,curve,list,report,bench,check,tune,docs} ...

Personalizes text-to-image models in known ways, lets explainers explain them blind, and says how right
they were.

  run      make models and images, explain, read, score        python -m benchmark run --help
  curve    how scores grow with the number of prompts          python -m benchmark curve --help
  list     scenarios, presets, explainers and other choices    python -m benchmark list --help
  report   write a finished run's report again                 python -m benchmark report --help
  bench    how fast parts and explainers are on this machine   python -m benchmark bench --help
  check    whether an explainer keeps the contract of runs     python -m benchmark check --help
  tune     FineXL's order of trial and e_ortho, on development   python -m benchmark tune --help
  docs     numbers in README and docs, from kept results       python -m benchmark docs --help

examples
  python -m benchmark run                                  a first look in about a minute (preset smoke)
  python -m benchmark run scenario=multi_aspect            18 selection trials (preset lite)
  python -m benchmark run scenario=multi_aspect --dry-run  what that would take
  python -m benchmark list explainer                       who can be asked

exit codes
  0    done
  1    failed: no room on the disk, unwritable folder, missing weights, or a fault (with traceback)
  2    the command line names something that does not exist
  3    done, but more than 10% of the explanations failed (the same command asks those again), or a check did
  130  interrupted; the same command goes on where it stopped"""

RUN = """\
Make the models of a scenario, let explainers explain them blind, and print how right they were.
Finished work is kept: the same command goes on where it stopped, and repeats only what failed.

keys
  scenario=single_aspect,multi_aspect    one or several (default: these two); also fine_grained, nuisance, sparse,
                                         strength, subject, unchanged, versions
  preset=smoke|lite|full                 how large (default: lite; smoke if no scenario is given either)
  explainer=finexl,random                one, several or `all` (default: the paper's, controls and ceilings);
                                         also one of your own: package.module:Class,
                                         path/to/mine.py:Class, or a name that an installed
                                         package declares (entry points finexl.explainers)
  generator=miniature_sd                 what is personalized; generator.method=full|lora|finestyle says how
  corpus=synthetic                       on what; corpus=folder corpus.folder=PATH takes pictures of yours
  encoder= vlm= reader=                  other parts; `python -m benchmark list` shows them
  reader.n_claims=5                      how many claims of an explanation are read, strongest first; null: all
  executor=local|inline                  worker processes, or everything in this process;
                                         ray or submitit for more machines: docs/executors-*.md
  workers=2                              workers, or jobs, at a time (default: this machine's cores, at most 2)
  seed=0                                 training seeds, prompts and noise
  n_shown=8                              show explainers the first so many image pairs (default: all of the preset)
  paired=false                           personalized images of other prompts than the base images: two folders
  output=FOLDER                          results (default: runs/<scenario>-<preset>)
  secret=env:NAME|FILE                   prompts, noise, training seeds and order follow from a secret, which
                                         is kept nowhere: for results that no public recipe foretells
  explainer_seconds=600                  for one model, of an explainer of your own; it runs in a process of
  explainer_memory_gb=8                  its own that sees pixels and prompts alone
  store=FOLDER                           trained models and images, shared by all runs
                                         (default: $FINEXL_STORE, else ~/.cache/finexl)
  wandb=auto|offline|off                 Weights & Biases (auto: online if there is a key)
  redo=explanations|all                  ask every explainer again, or also make every model and image again
  explainer_settings.finexl_paper.e_ortho=0.3  a setting of one explainer
  preset.n_prompts=48                    a setting of a part, likewise generator.guidance=...
Paths and texts are taken as they stand behind the first =; lists are a,b or [a, b], mappings {key: value}.
Minutes and disk space of presets are for the default generator; others differ.

examples
  python -m benchmark run
  python -m benchmark run scenario=multi_aspect
  python -m benchmark run scenario=single_aspect explainer=finexl,constant preset=smoke
  python -m benchmark run scenario=single_aspect generator=miniature_anole corpus=style_transfer
  python -m benchmark run scenario=strength generator.method=lora
  python -m benchmark run scenario=subject
  python -m benchmark run preset=full output=/data/full store=/data/store --dry-run"""

CURVE = """\
Run a scenario at several numbers of prompts, with pairs of one prompt and noise and with unpaired images (two
folders of a user, which have no prompt in common), and draw each score over them.
Models and images are made once; every point asks for explanations of its own. Finished work is kept: the same
command goes on where it stopped.

written to the folder, beside what the run of the last point leaves
  curve.json             every score at every point, with intervals where there are enough groups
  curve.png, curve.svg   the same as charts, one for each explainer

keys: those of `run`, and
  n_shown=4,8,16,32      numbers of prompts (default: these); what a preset has too few prompts for is left out,
                         which is said: unpaired images take twice the prompts
  paired=true|false      only pairs, or only unpaired images (default: both)
  output=FOLDER          (default: runs/<scenario>-<preset>-curve)

examples
  python -m benchmark curve scenario=single_aspect explainer=finexl,constant
  python -m benchmark curve scenario=multi_aspect preset.n_prompts=64 --dry-run"""

LIST = """\
Show what exists: every group of choices, the choices of one group with a line on each, or the aspects of a
corpus: the words that readers take for each, what it looks like, and what composite styles are made of.

examples
  python -m benchmark list
  python -m benchmark list preset
  python -m benchmark list explainer
  python -m benchmark list aspects
  python -m benchmark list aspects corpus=wikiart
  python -m benchmark list aspects corpus=folder corpus.folder=photos"""

CHECK = """\
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
  seconds=60 memory_mb=8192    limits for 100 pairs

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

BENCH = """\
Measure rendering, encoding, sampling and fine-tuning of the miniature, one thread each, for about a minute.

`bench explainers` measures what one explanation costs, every explainer side by side and each in a process of
its own: seconds, VLM calls, tokens and peak memory of the process for one model of 100 pairs of rendered
scenes. Seconds are given for three states of the cache of embeddings:
  cold            nothing is embedded yet
  images known    the model's images are embedded, as when several explainers share them; texts are new
  all known       the same model again
FineXL has a second row with 40 candidate concepts. Loading models is not timed.

keys of `bench explainers`
  explainer= explainer_settings.NAME.KEY= encoder= vlm= seed=   as for run (default: all of the suite)
  threads=1        a run gives each of its workers one thread

examples
  python -m benchmark bench
  python -m benchmark bench explainers
  python -m benchmark bench explainers explainer=finexl,mine.py:Mine threads=2"""

TUNE = """\
Choose in which order FineXL tries concepts and its e_ortho, on development aspects and seeds, which no score uses:
trains mixtures of `preset.n_pairs` pairs of them, asks the model once about each, and admits what it named in every
order at every threshold. Chosen is the order of the highest mean selection accuracy over all thresholds, and in it the
middle of the thresholds within one wish of the best. Writes finexl.json and finexl.png and prints the table; finished
models are kept.

The choice is not applied: it becomes the default by writing it into finexl/settings.py.

`tune robust` does the same for `finexl`: every development model is embedded once, each setting is taken at its best,
and one ingredient is left out at a time. Writes robust.json, the table robust.md, and finexl/robust/tuned.json, which
the library reads.

keys
  output=FOLDER                 where both files go (default: docs/tuning)
  preset= preset.n_pairs=       how large; at most 15 pairs of the six aspects (default: lite, 3 pairs)
  generator= encoder= vlm= store= executor= workers= explainer_settings.finexl_paper.KEY=   as for run

examples
  python -m benchmark tune
  python -m benchmark tune robust
  python -m benchmark tune preset.n_pairs=15 workers=2
  python -m benchmark tune preset=smoke preset.n_pairs=3 output=/tmp/tuning"""

REPORT = """\
Write the report.html of a finished run again, from its records; nothing is trained or explained.

examples
  python -m benchmark report runs/multi_aspect-lite"""

DOCS = """\
Write the numbers in README.md and docs/*.md anew from the results in docs/results, or keep a result there.
A page says in comments what it shows:
  <!-- results: multi_aspect-lite -->          the tables of a kept run, up to <!-- end -->
  <!-- output: python -m benchmark bench -->   what a kept command printed, up to <!-- end -->
  <!--= multi_aspect-lite finexl value -->.41<!--/-->
                                               one number: value, low, high, n, unreadable, seconds,
                                               vlm_calls, naming or tau of an explainer

keys
  take=FOLDER    keep the scores of a finished run, as docs/results/<name of the folder>.json
  run=COMMAND    run a command and keep what it prints, as a text file there

examples
  python -m benchmark docs
  python -m benchmark docs take=runs/multi_aspect-lite
  python -m benchmark docs run='python -m benchmark bench'"""

OPTIONS = {
    "--dry-run": "print trials, what the store already has, minutes, disk and VLM calls; do nothing",
    "--quiet": "print nothing but errors",
}

NEXT = """
That was the smoke preset, a first look: its numbers are too few to mean much. Next:
  python -m benchmark run scenario=multi_aspect     18 selection trials, about 10 minutes on two cores
  python -m benchmark run scenario=single_aspect    3 series of 10 levels
  python -m benchmark list explainer                who was asked
  python -m benchmark run --help                    every key, with examples"""
