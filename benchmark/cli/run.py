"""`run`: make models and images, explain, read, score."""

from typing import TYPE_CHECKING

from benchmark.cli.exits import OK, UNSOUND, complain, refusals, usage
from benchmark.cli.offline import downloading_nothing
from benchmark.cli.parsing import parser
from benchmark.cli.suggesting import command_line
from finexl.explain.folding import say
from finexl.explain.progress import no_progress, progress

if TYPE_CHECKING:
    from benchmark.config.settings import Settings

HELP = """\
Make the models of a scenario, let explainers explain them blind, and print how right they were.
Finished work is kept: the same command goes on where it stopped, and repeats only what failed.

keys
  scenario=single_aspect,multi_aspect    one or several (default: these two); also fine_grained, nuisance,
                                         nuisance_free, sparse, strength, subject, unchanged, versions
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
_NEXT = """
That was the smoke preset, a first look: its numbers are too few to mean much. Next:
  python -m benchmark run scenario=multi_aspect     18 selection trials, about 10 minutes on two cores
  python -m benchmark run scenario=single_aspect    3 series of 10 levels
  python -m benchmark list explainer                who was asked
  python -m benchmark run --help                    every key, with examples"""


def main(words: list[str]) -> int:
    arguments = parser("run", HELP, options=("--dry-run", "--quiet")).parse_intermixed_args(words)
    given = [*arguments.words, *(["quiet=true"] if arguments.quiet else [])]
    with usage():
        from benchmark.config.loading import load_settings

        settings = load_settings(given)
    if arguments.dry_run:
        with (no_progress if settings.quiet else progress)("planning"):
            told = dry_run(settings)
        say(told)
        return OK
    with (no_progress if settings.quiet else progress)("starting"):
        from benchmark.run.runner import run

    result = run(settings)
    if not settings.quiet and not arguments.words:
        say(_NEXT)
    if not result.is_sound:
        from benchmark.parts.vlms import ChatVLMSettings

        is_lost = isinstance(settings.vlm, ChatVLMSettings) and settings.vlm.record is None
        kept = " (with vlm.record=FILE an answer is kept, and never asked for again)" if is_lost else ""
        return complain(
            f"{result.failed_share:.0%} of the explanations failed, so the scores mean little. "
            f"The reasons are in {result.plan.files.report}. Run the same command again to ask those again{kept}: "
            f"{command_line(['run', *words])}",
            UNSOUND,
        )
    return OK


def dry_run(settings: "Settings") -> str:
    """What a run would take, in lines."""
    from benchmark.config.settings import check_models, check_parts
    from benchmark.record.files import check_place
    from benchmark.run.preview import preview
    from benchmark.run.workbench import SettingsWorkbench
    from finexl.explain.harmless import shown
    from finexl.notices import LONGEST, collected

    for key, folder in (("output", settings.output), ("store", settings.store)):
        check_place(folder, key)
    check_parts(settings)
    bench = SettingsWorkbench(settings)
    with downloading_nothing(), collected() as told:
        bench.rehearse_dry()
        bench.tell_of_cut_prompts()
        plan = preview(settings, bench.groups(), bench.workshop)
    refused = refusals(lambda: check_models(settings))
    return "\n".join(
        [plan, *refused, *(f"not as given: {shown(one.line, longest=LONGEST)}" for one in told.values())]
    )
