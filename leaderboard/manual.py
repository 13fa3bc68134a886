"""What `--help` says."""

TOP = """\
usage: python -m leaderboard {submit,verify,audit,build,serve,...} ...

A board of explainers that nobody has to trust: entries hold what explainers said, word for word, and every score is
made again from it.

for who enters an explainer
  example   an entry, and the facts that authors fill in                  python -m leaderboard example --help
  submit    make an entry of what an explainer said                       python -m leaderboard submit --help
  verify    every rule that an entry breaks, with a fix                   python -m leaderboard verify --help
  rules     the rules                                                     python -m leaderboard rules
  schema    JSON Schema of an entry's files                               python -m leaderboard schema

for who looks at the board
  build     write its pages, Markdown, CSV, LaTeX and JSON                python -m leaderboard build --help
  serve     show the pages on this machine                                python -m leaderboard serve --help
  ledger    what was admitted, scored again, removed, and why             python -m leaderboard ledger --help

for who keeps it
  init      a repository for a board, with a workflow that verifies       python -m leaderboard init --help
  admit     verify and score an entry, and add it to the ledger           python -m leaderboard admit --help
  enter-shipped   explain, submit and admit what the suite ships          python -m leaderboard enter-shipped --help
  audit     run an entry's package again, and compare                     python -m leaderboard audit --help
  audit-shipped   run again what the suite ships and is on the board      python -m leaderboard audit-shipped --help
  rescore   score entries again                                           python -m leaderboard rescore --help
  remove    take an entry off the board, with the reason                  python -m leaderboard remove --help

examples
  python -m leaderboard example facts > facts.json
  python -m leaderboard submit explanations=answers.jsonl facts=facts.json code=mine.py output=my-entry
  python -m leaderboard verify my-entry

exit codes
  0   done, nothing wrong
  1   failed: a file that cannot be read or written, or a fault (with traceback)
  2   the command line names something that does not exist
  3   done, and found something wrong: an entry breaks a rule, a board is not as it should be"""

_PLACES = """\
  board=FOLDER    ledger.jsonl, entries/ and site/ of a board (default: board)
  bundle=FOLDER   the frozen trials (default: bundle/ in the board's folder)"""

VERIFY = f"""\
Check an entry, a folder or an archive (.zip, .tar, .tar.gz), against every rule. What was submitted is only read:
nothing of it is imported, run, fetched or unpacked to the disk. A problem has file, record, rule and fix.

keys
{_PLACES}
  scores=no       do not score what was said, which is done where the truth is in the bundle

examples
  python -m leaderboard verify my-entry
  python -m leaderboard verify my-entry.zip bundle=miniature-1"""

SUBMIT = f"""\
Make the folder of an entry and verify it. Hashes, environment, seconds and calls are filled in; a score has no place.

keys
  explained=FOLDER    what `python -m benchmark explain` wrote: the files below with all that it measured
  explanations=FILE   what the explainer said of every trial (explanations.jsonl), where it was run otherwise
  facts=FILE          name, authors, link, licence, track ... (`python -m leaderboard example facts` shows all)
  code=PATH           file or folder of the explainer's sources, for their hash
  output=FOLDER       the entry; new or empty
  replies=FILE        every reply of models that were asked (replies.jsonl), where any was
  authors= link= license= name= version=   facts that the file lacks; authors are divided by commas
  despite_copies=yes  say nothing of entries that said the same
{_PLACES}

examples
  python -m leaderboard submit explained=explained/mine authors='Ada Example' link=https://example.org/mine \\
      license=Apache-2.0 output=my-entry
  python -m leaderboard submit explanations=answers.jsonl facts=facts.json code=mine.py output=my-entry"""

AUDIT = f"""\
Run the explainer of an entry again and compare: reproduced, differs (with the numbers), or not run. Its package runs
where it finds nothing but what it is shown: no truth, file, network, home or other process, within limits. Amounts may
differ by a thousandth of the largest. Models are not asked again: the entry holds what they replied, and the same
question gets the same reply.

keys
  package=PATH    a wheel, or the folder of a project, which is built where it finds nothing either; or a word.
                  requirement: what the entry names is fetched, wheels alone. What it depends on is not fetched.
                  suite: the entry is an explainer of the suite, whose code is here; nothing is installed
  trials=N        run N trials only, drawn by a hash of the entry and later= (default: all)
  later=TEXT      something nobody knew when the entry was made, as the commit that admits it (default: the day)
  output=FOLDER   keeps what was said, so that the same command goes on where it stopped (default: audited)
  minutes=30      after which it stops
  rerun=FILE      instead of all this, what a second run said elsewhere, in the form of explanations.jsonl
  reason=TEXT     adds what was found to the ledger; for the id of an entry on the board
  day=2026-01-31  the day of that line (default: today)
{_PLACES}

examples
  python -m leaderboard audit my-entry package=mine-1.0.0-py3-none-any.whl
  python -m leaderboard audit my-entry package=mine trials=20 later=4f2a91c
  python -m leaderboard audit my-entry rerun=second.jsonl
  python -m leaderboard audit brightness@1.0.0+0123456789ab package=mine reason='asked for by a reader'"""

ADMIT = f"""\
Verify an entry, score it, copy it to entries/ under its id, and add a line to the ledger. Scoring needs the bundle's
truth.

keys
  reason=TEXT     why, for everybody to read
  role=entry      or control, or ceiling: shown without a rank
  package= rerun= trials= later= output= minutes=   a second run, as for audit
  why=TEXT        without one, why nothing was run again
  despite_copies=yes   admit it though it says what another entry says, for a reason= that everybody can read
  day=2026-01-31  the day of the line (default: today)
{_PLACES}

examples
  python -m leaderboard admit my-entry reason='first entry of its authors'"""

ENTER_SHIPPED = f"""\
Enter every explainer that comes with the suite: explain the bundle, submit, verify, score and admit each, with controls
and ceilings as such. Those on the board already are passed over, and what was explained is kept, so the same command
goes on where it stopped. `oracle_probe` is left out: it learns from models whose labels it is shown.

keys
  explainer=NAMES     some of them, divided by commas (default: all)
  work=FOLDER         what they say (default: explained)
  private_bundle=FOLDER  the private part, which they explain too; three numbers of it go on the board
  reason=TEXT day=... as for admit
{_PLACES}

examples
  python -m leaderboard enter-shipped
  python -m leaderboard enter-shipped board=docs/board explainer=finexl,visdiff"""

AUDIT_SHIPPED = f"""\
Run again every explainer of the suite that is on the board, as `audit package=suite` does, and add what is found to the
ledger, a line each as soon as it is known. Those that were run again already are passed over unless explainer= names
them, and what was said is kept, so the same command goes on where it stopped.

keys
  explainer=NAMES     some of them, divided by commas (default: all)
  trials=N later=TEXT output=FOLDER minutes=30   as for audit
  reason=TEXT day=... as for admit
{_PLACES}

examples
  python -m leaderboard audit-shipped board=docs/board
  python -m leaderboard audit-shipped board=docs/board explainer=random,constant"""

RESCORE = f"""\
Score an entry on the board again, and add a line to the ledger: after a change of a reader or metric, or when somebody
asks. `all` scores every entry.

keys
  reason=TEXT day=...     as for admit
  private=FILE            what one entry's explainer said of a private part, in the form of explanations.jsonl: of it
                          the first score of each of three scenarios is published, and no unit
  private_bundle=FOLDER   the bundle of that part, which is shown to nobody
{_PLACES}

examples
  python -m leaderboard rescore all reason='reader 2 reads degrees in brackets'
  python -m leaderboard rescore brightness@1.0.0+0123456789ab reason='asked for by its authors'"""

REMOVE = """\
Take an entry off the board. Its lines stay in the ledger, its name stays taken, and its copies stay copies.

keys
  reason=TEXT     why, shown on the board
  day=2026-01-31 board=FOLDER   as for admit

examples
  python -m leaderboard remove brightness@1.0.0+0123456789ab reason='withdrawn by its authors'"""

LEDGER = """\
Show what happened, and check that every line follows the one before.

keys
  board=FOLDER    the board (default: board)
  since=FILE      an older ledger, which must be its beginning; only what came after is shown
  scores=yes      also score every entry on the board again, and compare; needs the bundle's truth
  bundle=FOLDER   the frozen trials (default: bundle/ in the board's folder)

examples
  python -m leaderboard ledger
  python -m leaderboard ledger scores=yes
  python -m leaderboard ledger since=before.jsonl"""

BUILD = f"""\
Write site/: index.html, a page for each entry, trials.html with images where the bundle is there, and board.md, .csv,
.tex and .json. The same ledger, entries and bundle make the same bytes.

keys
{_PLACES}
  output=FOLDER   another place for the site
  check=yes       write nothing; exit code 3 if the site is not as it should be

examples
  python -m leaderboard build
  python -m leaderboard build check=yes"""

SERVE = """\
Show site/ at 127.0.0.1 until Ctrl-C.

keys
  board=FOLDER    the board (default: board)
  port=8000       0 takes any that is free

examples
  python -m leaderboard serve"""

INIT = """\
Make a repository for a board: an empty ledger, entries/, submissions/, a workflow that verifies every pull request
without a right to write, and a template for who enters. Files that are there stay.

examples
  python -m leaderboard init board"""

EXAMPLE = """\
Print an entry's files as an example, or the facts that authors fill in.

examples
  python -m leaderboard example
  python -m leaderboard example facts > facts.json"""

SCHEMA = """\
Print the JSON Schema of the records of every file of an entry.

examples
  python -m leaderboard schema > entry.schema.json"""

RULES = """\
Print the rules that an entry must keep.

examples
  python -m leaderboard rules"""
