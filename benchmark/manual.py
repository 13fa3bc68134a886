"""What `--help` says."""

TOP = """\
usage: python -m benchmark {run,curve,freeze,explain,table,figure,paper,list,report,...} ...

Personalizes text-to-image models in known ways, lets explainers explain them blind, and says how right
they were.

  run      make models and images, explain, read, score        python -m benchmark run --help
  curve    how scores grow with the number of prompts          python -m benchmark curve --help
  freeze   the models of runs as images, for a leaderboard     python -m benchmark freeze --help
  explain  what an explainer says of frozen models             python -m benchmark explain --help
  table    a table of the paper, measured beside published     python -m benchmark table --help
  figure   a figure of the paper                               python -m benchmark figure --help
  paper    all of them, and whether the paper's claims hold    python -m benchmark paper --help
  list     scenarios, presets, explainers and other choices    python -m benchmark list --help
  report   one page of all finished runs, or of some           python -m benchmark report --help
  sync     send finished runs to Weights & Biases              python -m benchmark sync --help
  bench    how fast parts and explainers are on this machine   python -m benchmark bench --help
  check    whether an explainer keeps the contract of runs     python -m benchmark check --help
  tune     FineXL's order of trial and e_ortho, on development   python -m benchmark tune --help
  simulate what intervals, tests and guesses promise        python -m benchmark simulate --help
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
  explainer.seconds=600                  for one model; who takes longer has said nothing of it (`timeout`)
  explainer.memory_gb=8                  of an explainer of your own, which runs in a process of its own that
                                         sees pixels and prompts alone
  store=FOLDER                           trained models and images, shared by all runs
                                         (default: $FINEXL_STORE, else ~/.cache/finexl)
  wandb=auto|offline|off                 Weights & Biases (auto: sent if there is a key; else `sync` sends it later)
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

FREEZE = """\
Freeze the models of runs into a bundle, which anyone can explain without training anything: images without
metadata, prompts, ids that are hashes, and a manifest with the hash of every file. The truth is in files apart.
What is made is kept in the store, so the same command goes on where it stopped; made twice, a bundle is the
same byte for byte. It is put in place in one step.

written to the folder
  manifest.json          groups in a fixed order: prompts, ids, hashes of images and of the files below
  images/                every image once, named by its hash
  truth-development.json truth to tune on: development aspects and seeds only
  truth-public.json      truth of the scored part, for the board
  labels-public.json     levels to be passed round, some of them wrong on purpose
  planted.json           which of those are wrong: yours alone

keys
  bundle=official        a file of configs/bundle/; without it the words below are one run, all of it scored
  output=FOLDER          (default: bundles/<name>)
  secret=env:NAME|FILE   also make FOLDER-private: the same runs, or those of the file's private part, with prompts,
                         seeds and order that follow from the secret, which draws the planted labels too
  scenario= preset= generator= corpus= store= workers= executor= quiet= ...   as for run; for all runs of a bundle

examples
  python -m benchmark freeze bundle=official --dry-run
  python -m benchmark freeze bundle=official output=docs/board/bundle secret=env:BOARD_SECRET
  python -m benchmark freeze scenario=multi_aspect preset=smoke output=my-bundle"""

EXPLAIN = """\
Let an explainer explain the scored models of a bundle, blind as in a run: nothing is trained, no truth is opened.
Groups that are explained are kept: the same command goes on where it stopped, and repeats only what failed.

written to the folder
  explanations.jsonl     what was said of every model, word for word
  replies.jsonl          every reply of a model that was asked, refusals too
  measured.json          track, models asked, settings and costs
  facts.json             name, authors, link, licence: yours to fill in; stays as it is once it is there

keys
  bundle=FOLDER                the frozen models; every image is checked against its hash
  explainer=NAME               of the suite, or one of yours: package.module:Class, path/to/mine.py:Class
  output=FOLDER                (default: explained/<explainer>)
  explainer_settings.NAME.KEY= encoder= vlm= seed= explainer_seconds= explainer_memory_gb=   as for run

examples
  python -m benchmark explain bundle=board/bundle explainer=finexl --dry-run
  python -m benchmark explain bundle=board/bundle explainer=path/to/mine.py:Mine output=mine"""
_PAPER_KEYS = """\
keys
  preset=smoke|lite|full   how large (default: lite, three hours for `paper` on two cores; smoke is a first look)
  pages=FOLDER             where pages are written (default: docs/results/paper; of smoke <output>/pages)
  output=FOLDER            runs and measurements (default: runs/paper-<preset>)
  lora_shifts=FILE         a Parquet file of real LoRAs with a column `consistency`, for Table 11
  store= seed= workers= executor= encoder= vlm= reader= preset.KEY=   as for run, where a table does not decide them"""

TABLE = f"""\
Measure a table of the paper beside what it printed. Runs are done by the runner: the same command goes on where it
stopped, and what is recorded is not done again.

tables
  1   levels of one aspect                  7   three models to ask, 5, 10 and 15 alternatives
  2   the same with 3, 5, 8, 10 levels      8   four encoders: linearity, orthogonality, alignment
  3   mixtures of two aspects               9   ideal generators of growing quality
  4   edits of a face                      10   decomposition thresholds
  5   Table 1 with ControlGAN              11   prompts against the error of V_div, with its law
  6   Table 1 with Anole                   12   phrasings of the question

written to the pages: table_N.md, .tex, .csv, .json. Every cell has what was measured, an interval where there are
enough units, n, chance, the certified share, what was published, and the difference; or why there is no number.
What a table is made of: configs/table/N.yaml, configs/rows/; what was printed: configs/published/.

{_PAPER_KEYS}

examples
  python -m benchmark table 1 --dry-run
  python -m benchmark table 1
  python -m benchmark table 8 preset=smoke
  python -m benchmark table 11 lora_shifts=shifts.parquet"""

FIGURE = f"""\
Draw a figure of the paper from what is measured here, with the numbers behind it.

figures
  6   claims over the levels of an aspect   10   versions of a generator
  7   what baselines say                    12   images of the synthetic corpus
  8   claims over mixtures                  13   images of the other corpora
  9   amounts against scales of edits       14   the most discriminative patches

written to the pages: figure_N.png, .svg, .md, .json

{_PAPER_KEYS}

examples
  python -m benchmark figure 8 --dry-run
  python -m benchmark figure 12 preset=smoke"""

PAPER = f"""\
Make every table and figure of the paper, an index of them, and say of each claim of its prose whether it holds: in
what the paper printed, and here. `--dry-run` prints every run with its cost. Stopped at any point, the same command
goes on; from records alone it takes seconds.

`paper claims` only checks the claims again, on the tables that are written.

{_PAPER_KEYS}

examples
  python -m benchmark paper --dry-run
  python -m benchmark paper preset=smoke
  python -m benchmark paper claims"""

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

TUNE = """\
Choose in which order FineXL tries concepts and its e_ortho, on development aspects and seeds, which no score uses:
trains mixtures of `preset.n_pairs` pairs of them, asks the model once about each, and admits what it named in every
order at every threshold. Chosen is the order of the highest mean selection accuracy over all thresholds, and in it the
middle of the thresholds within one wish of the best. Writes finexl.json and finexl.png and prints the table; finished
models are kept.

The choice is not applied: it becomes the default by writing it into finexl/settings.py.

`tune robust` does the same for `finexl`, on mixtures and on ladders of `preset.n_series` development aspects: every
model is embedded once, each setting is taken at its best, and one ingredient is left out at a time. Beside the trained
models there are those of all pairs and aspects painted on base images, which take no training; faint halves, artists
and styles of several aspects, painted over what training on base images does; and changes that no word names. Writes
robust.json, the table robust.md, and finexl/robust/tuned.json, which the library reads.

keys
  output=FOLDER                 where both files go (default: docs/tuning)
  preset= preset.n_pairs=       how large; at most 15 pairs of the six aspects (default: lite, 3 pairs; `robust`: 6)
  preset.n_series=              ladders of `tune robust`; at most 6 (default: 6)
  generator= encoder= vlm= store= executor= workers= explainer_settings.finexl_paper.KEY=   as for run

examples
  python -m benchmark tune
  python -m benchmark tune robust
  python -m benchmark tune robust preset=lite            # three trained lattices and ladders in place of six
  python -m benchmark tune preset.n_pairs=15 workers=2
  python -m benchmark tune preset=smoke preset.n_pairs=3 output=/tmp/tuning"""

REPORT = """\
Write one HTML page of finished runs, from their records; nothing is trained or explained. Shown are tables with
tiers, levels against readings, confusion over the lattice, cost against quality, curves over prompts where `curve`
made them, and each group down to images, words and a judge's replies.

Folders are those of runs, or hold some (default: runs). The page of a single run is the report.html in its folder;
that of several is report.html in the folder that they have in common. It needs no other file and no network.

examples
  python -m benchmark report
  python -m benchmark report runs/multi_aspect-lite
  python -m benchmark report runs/multi_aspect-lite runs/single_aspect-lite"""

SYNC = """\
Send finished runs to Weights & Biases, from their records alone: also those made with wandb=off, on a machine
without network or with an earlier version. One W&B run for each scenario; its id is a hash of its results, so what
was sent before is not sent again (FOLDER/wandb/told.json says what was; without that file all is sent, to the
same W&B runs).

The key is WANDB_API_KEY or that of `wandb login`; WANDB_BASE_URL, WANDB_ENTITY and WANDB_PROJECT are heeded.

examples
  python -m benchmark sync runs/multi_aspect-lite
  python -m benchmark sync runs"""

SIMULATE = """\
Hold intervals, tests, tiers and chances against worlds in which the truth is known, with the functions that make
scores and fixed seeds, in about half a minute. docs/scoring.md shows what it prints:
  python -m benchmark docs run='python -m benchmark simulate' && python -m benchmark docs

examples
  python -m benchmark simulate"""

DOCS = """\
Write the numbers in README.md and docs/*.md anew from the results in docs/results, or keep a result there.
A page says in comments what it shows:
  <!-- results: multi_aspect-lite -->          the tables of a kept run, up to <!-- end -->
  <!-- output: python -m benchmark bench -->   what a kept command printed, up to <!-- end -->
  <!-- paper: table_1 -->                      a table of the paper, up to <!-- end -->
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
