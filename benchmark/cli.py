"""The command line: what is run, shown and written. A command imports what it needs itself."""

import argparse
import errno
import os
import re
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark import manual
from finexl.errors import FinexlError, InvalidInputError
from finexl.explain.consoles import forgiving

if TYPE_CHECKING:
    from benchmark.config.settings import Settings
    from benchmark.paper.asking import Asked
    from benchmark.paper.specification import Kind, Specification

OK, FAILED, USAGE, UNSOUND, INTERRUPTED = 0, 1, 2, 3, 130

_RUNS = "runs"
"""Where runs are written to if nothing else is said."""
_OFFLINE = "HF_HUB_OFFLINE"
_WIDE = 110
"""Columns where there is no terminal."""
_NUMBER = re.compile(r"-[0-9.][0-9.e+-]*")
_TOLERATED = 0.1
"""Share of explanations of a bundle that may have failed."""
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)


class UsageError(FinexlError):
    """The command line is not one that this program understands."""


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says; returns the exit code that `--help` documents."""
    words = list(sys.argv[1:] if argv is None else argv)
    with forgiving():
        return _result(words)
    return OK  # who reads what is printed has had enough


def _result(words: list[str]) -> int:
    try:
        return _dispatch(words)
    except UsageError as error:
        return _complain(error, USAGE)
    except FinexlError as error:
        return _complain(error, FAILED)
    except KeyboardInterrupt:
        return _complain(f"\nInterrupted. Finished work is kept; go on with: {_command(words)}", INTERRUPTED)
    except OSError as error:
        if error.errno not in _DISK:
            raise
        return _complain(
            f"The disk must take what the run makes: {error}. Free some space, or choose other folders with "
            f"output= and store=. Finished work is kept; go on with: {_command(words)}",
            FAILED,
        )


def _dispatch(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        print(manual.TOP)
        return OK
    name, *rest = words
    if name == "--version":
        from benchmark import __version__

        print(f"benchmark {__version__}")
        return OK
    if name not in COMMANDS:
        with _usage():
            if "=" in name or name.startswith("-"):
                raise InvalidInputError(f"A command must come first. Got {name!r}. {_meant('run', words)}")
            near = get_close_matches(name, COMMANDS, n=1)
            raise InvalidInputError(
                f"The command must be one of: {', '.join(COMMANDS)}. Got {name!r}."
                + (f" {_meant(near[0], rest)}" if near else "")
            )
    return COMMANDS[name](rest)


def _meant(command: str, words: list[str]) -> str:
    """The command line that was probably meant; where that would fail too, why, and where to look it up."""
    told = _settings(words)
    try:
        _read(command, [word for word in told if not word.startswith("-")])
    except FinexlError as error:
        return f"{error} `python -m benchmark {command} --help` shows what it takes."
    return f"Did you mean: {_command([command, *told])}"


def _read(command: str, words: list[str]) -> None:
    """Read the words of a command as it does itself.

    Raises:
        FinexlError: It does not understand them.
    """
    match command:
        case "run":
            from benchmark.config.loading import load_settings

            load_settings(words)
        case "curve":
            from benchmark.curve.points import read_words

            read_words(words)
        case "freeze":
            from benchmark.bundle.recipe import read_words

            read_words(words)
        case "explain":
            from benchmark.bundle.asked import read_words

            read_words(words)
        case "check":
            from benchmark.check.contract import read_words

            read_words(words)
        case "tune":
            from benchmark.tune.development import read_words

            read_words(words[words[:1] == ["robust"] :])
        case "paper" | "table" | "figure":
            from benchmark.paper.asking import read_words

            read_words([word for word in words if "=" in word])
        case "bench" if words[:1] != ["explainers"] and words:
            raise InvalidInputError("`bench` takes nothing, or `explainers` and its keys.")
        case "docs" if any(word.partition("=")[0] not in ("take", "run") for word in words):
            raise InvalidInputError("`docs` takes nothing, or one of take= and run=.")
        case _:
            return


def _settings(words: list[str]) -> list[str]:
    """Words as `run` takes them: `--seed 3` and `--seed=3` are `seed=3`."""
    told: list[str] = []
    waiting = ""
    for word in words:
        is_value = not word.startswith("-") or _NUMBER.fullmatch(word)
        name = "" if is_value else _named(word)
        if waiting and not name:
            told.append(f"{waiting}={word}")
            waiting = ""
            continue
        told += [f"{waiting}=true"] if waiting else []
        is_option = word in ("--dry-run", "--quiet", "-h", "--help")
        waiting = name if name and "=" not in name and not is_option else ""
        if not waiting:
            told.append(word if is_option or not name else name)
    return [*told, *([f"{waiting}=true"] if waiting else [])]


def _named(option: str) -> str:
    """An option's name as a key: dashes are no part of keys, but may be of values."""
    key, equals, value = option.lstrip("-").partition("=")
    return f"{key.replace('-', '_')}{equals}{value}"


def _run(words: list[str]) -> int:
    arguments = _parser("run", manual.RUN, options=("--dry-run", "--quiet")).parse_intermixed_args(words)
    given = [*arguments.words, *(["quiet=true"] if arguments.quiet else [])]
    with _usage():
        from benchmark.config.loading import load_settings

        settings = load_settings(given)
    if arguments.dry_run:
        print(_dry(settings))
        return OK
    from benchmark.run.runner import run

    result = run(settings)
    if not settings.quiet and not arguments.words:
        print(manual.NEXT)
    if not result.is_sound:
        return _complain(
            f"{result.failed_share:.0%} of the explanations failed, so the scores mean little. "
            f"The reasons are in {result.plan.files.report}. Run the same command again to ask those again: "
            f"{_command(['run', *words])}",
            UNSOUND,
        )
    return OK


def _curve(words: list[str]) -> int:
    arguments = _parser("curve", manual.CURVE, options=("--dry-run",)).parse_intermixed_args(words)
    with _usage():
        from benchmark.curve.points import read_words

        curve = read_words(arguments.words)
    from benchmark.curve.curves import points_preview, run_curve

    if arguments.dry_run:
        print("\n".join([_dry(curve.settings), *points_preview(curve)]))
        return OK
    quiet = curve.settings.quiet
    tell = (lambda _: None) if quiet else (lambda line: print(f"\n{line}", flush=True))
    for line in curve.left_out:
        tell(line)
    result = run_curve(curve, tell=tell)
    if not quiet:
        from rich.console import Console

        from benchmark.curve.table import curve_table

        console = Console(width=None if sys.stdout.isatty() else _WIDE)
        for table in curve_table(result.lines):
            console.print()
            console.print(table)
        print("\n".join(f"{curve.settings.output / f'curve.{kind}'}" for kind in ("json", "png", "svg")))
    if not result.is_sound:
        return _complain(
            "Too many explanations failed for the curves to mean much. Run the same command again to ask those "
            f"again: {_command(['curve', *words])}",
            UNSOUND,
        )
    return OK


def _freeze(words: list[str]) -> int:
    arguments = _parser("freeze", manual.FREEZE, options=("--dry-run",)).parse_intermixed_args(words)
    with _usage():
        from benchmark.bundle.recipe import read_words

        recipes = read_words(arguments.words)
    if arguments.dry_run:
        from benchmark.bundle.preview import bundle_preview
        from benchmark.record.files import check_place

        for recipe in recipes:
            check_place(recipe.output, "output")
        with _downloading_nothing():
            print(bundle_preview(recipes))
        return OK
    from benchmark.bundle.freezing import freeze

    for recipe in recipes:
        bundle = freeze(recipe, tell=_say)
        shown = bundle.manifest.trials()
        print(f"Wrote {bundle.folder}: {len(shown)} models, sha256 {bundle.sha256[:12]}.")
    if any(recipe.n_planted for recipe in recipes):
        print("Keep planted.json to yourself: it says which labels are wrong on purpose.")
    if len(recipes) > 1:
        print(f"Show {recipes[-1].output} to nobody: it is the private part.")
    return OK


def _explain(words: list[str]) -> int:
    arguments = _parser("explain", manual.EXPLAIN, options=("--dry-run",)).parse_intermixed_args(words)
    with _usage():
        from benchmark.bundle.asked import most_calls, read_words
        from benchmark.bundle.explaining import explain_bundle

        asked = read_words(arguments.words)
    n_models = sum(len(group.trials) for group in asked.groups)
    if arguments.dry_run:
        asked.bundle.check()
        print(f"{len(asked.groups)} groups, {n_models} models, at most {most_calls(asked)} VLM calls.")
        return OK
    n_failed = explain_bundle(asked, tell=_say)
    print(
        f"Wrote {asked.output}: explanations of {n_models} models. Next: fill in {asked.output / 'facts.json'}, then "
        f"python -m leaderboard submit explained={shlex.quote(str(asked.output))} output=my-entry"
    )
    if n_failed > _TOLERATED * n_models:
        return _complain(
            f"{n_failed} of {n_models} explanations failed. Run the same command again to ask those again: "
            f"{_command(['explain', *words])}",
            UNSOUND,
        )
    return OK


def _say(line: str) -> None:
    print(line, flush=True)


def _table(words: list[str]) -> int:
    return _numbered("table", words)


def _figure(words: list[str]) -> int:
    return _numbered("figure", words)


def _numbered(kind: "Kind", words: list[str]) -> int:
    arguments = _parser(
        kind,
        manual.TABLE if kind == "table" else manual.FIGURE,
        positional="N [key=value ...]",
        options=("--dry-run", "--quiet"),
    ).parse_intermixed_args(words)
    with _usage():
        from benchmark.paper.asking import read_words
        from benchmark.paper.specification import listed, numbers, specification

        if not arguments.words or "=" in arguments.words[0]:
            raise InvalidInputError(
                f"`{kind}` takes a number, and then keys. Got {' '.join(arguments.words) or 'none'}. "
                f"{kind.capitalize()}s: {listed(numbers(kind))}."
            )
        number, *rest = arguments.words
        specs, asked = [specification(kind, number)], read_words(rest)
    return _reproduced(specs, asked, [kind, *words], dry=arguments.dry_run, quiet=arguments.quiet)


def _paper(words: list[str]) -> int:
    arguments = _parser(
        "paper",
        manual.PAPER,
        positional="[claims] [key=value ...]",
        options=("--dry-run", "--quiet"),
    ).parse_intermixed_args(words)
    with _usage():
        from benchmark.paper.asking import read_words, shown
        from benchmark.paper.specification import everything

        only_claims = arguments.words[:1] == ["claims"]
        first = next(iter(arguments.words), "=")
        if not only_claims and "=" not in first:
            near = get_close_matches(first, ["claims"], n=1)
            raise InvalidInputError(
                f"`paper` takes `claims` or nothing, and then keys. Got {first!r}."
                + (f" Did you mean: {_command(['paper', *near, *arguments.words[1:]])}" if near else "")
            )
        asked = read_words(arguments.words[int(only_claims) :])
    specs, code = [] if only_claims else [*everything()], OK
    if not only_claims or arguments.dry_run:
        code = _reproduced(specs, asked, ["paper", *words], dry=arguments.dry_run, quiet=arguments.quiet)
        if arguments.dry_run:
            return code
    from benchmark.paper.claims import lines
    from benchmark.paper.reproducing import check_claims

    found = check_claims(asked, command=_command(shown(["paper", *words])))
    if not arguments.quiet:
        print("\n".join(["", *lines(found), f"Wrote {asked.pages / 'claims.md'}."]))
    return code


def _reproduced(
    specs: "Sequence[Specification]", asked: "Asked", words: list[str], *, dry: bool, quiet: bool
) -> int:
    from benchmark.paper import reproducing
    from benchmark.paper.asking import shown

    if dry:
        with _downloading_nothing():
            print("\n".join(reproducing.dry(specs, asked)))
        return OK
    tell = (lambda _: None) if quiet else (lambda line: print(line, flush=True))
    made = reproducing.reproduce(specs, asked, command=_command(shown(words)), tell=tell)
    tell(f"Wrote {asked.pages}.")
    for heading, why in made.failed.items():
        print(f"{heading} could not be made: {why}", file=sys.stderr)
    return FAILED if made.failed else OK


def _dry(settings: "Settings") -> str:
    from benchmark.config.settings import check_models, check_parts
    from benchmark.record.files import check_place
    from benchmark.run.preview import preview
    from benchmark.run.workbench import SettingsWorkbench
    from finexl.notices import collected

    for key, folder in (("output", settings.output), ("store", settings.store)):
        check_place(folder, key)
    check_parts(settings)
    bench = SettingsWorkbench(settings)
    with _downloading_nothing(), collected() as told:
        bench.rehearse_dry()
        bench.tell_of_cut_prompts()
        lines = [preview(settings, bench.groups(), bench.workshop)]
    try:  # without a key the costs are still worth knowing
        check_models(settings)
    except FinexlError as error:
        lines.append(f"a run would be refused: {error}")
    return "\n".join([*lines, *(f"not as given: {one.line}" for one in told.values())])


@contextmanager
def _downloading_nothing() -> Iterator[None]:
    """Look ahead without the hub; what it says of the switch that we set is no advice for people."""
    from finetune.families.hub import HubError

    is_theirs = _OFFLINE in os.environ
    os.environ[_OFFLINE] = "1"
    try:
        yield
    except HubError as error:
        if is_theirs:
            raise
        told = re.sub(rf"[ \t]*[^.\n]*{_OFFLINE}[^.\n]*\.?", "", str(error))
        raise HubError(f"{told}\nA dry run downloads nothing; without --dry-run it is fetched.") from error


def _list(words: list[str]) -> int:
    arguments = _parser("list", manual.LIST, positional="[group | aspects [corpus=...]]").parse_args(words)
    from benchmark.config.choices import GROUPS
    from benchmark.show.listing import describe_group, describe_groups

    with _usage():
        match arguments.words:
            case []:
                print(describe_groups())
            case [group] if group in GROUPS:
                print(describe_group(group))
            case ["aspects", *given]:
                print(_aspects(given))
            case [group]:
                near = get_close_matches(group, (*GROUPS, "aspects"), n=1)
                raise InvalidInputError(
                    f"`list` takes nothing, or one of: {', '.join(sorted((*GROUPS, 'aspects')))}. Got {group!r}."
                    + (f" Did you mean: {_command(['list', *near])}" if near else "")
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


def _report(words: list[str]) -> int:
    arguments = _parser("report", manual.REPORT, positional="[folder ...]").parse_args(words)
    from benchmark.show.runs import RunFiles, folders_of_runs

    with _usage():
        folders = folders_of_runs([Path(word) for word in arguments.words or [_RUNS]])
    from benchmark.run.rerender import render_again

    # the page of a single run lies in its folder; one of several beside them
    above = (
        folders[0] if len(folders) == 1 else Path(os.path.commonpath([each.absolute() for each in folders]))
    )
    page = RunFiles(folder=above).report
    render_again(folders, page)
    print(f"Wrote {page}: {'1 run' if len(folders) == 1 else f'{len(folders)} runs'}, {_size(page)}.")
    return OK


def _size(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f} MB"


def _sync(words: list[str]) -> int:
    arguments = _parser("sync", manual.SYNC, positional="folder [folder ...]").parse_args(words)
    from benchmark.show.runs import folders_of_runs

    with _usage():
        if not arguments.words:
            raise InvalidInputError("`sync` takes the folders of runs, as in: sync runs/multi_aspect-lite")
        folders = folders_of_runs([Path(word) for word in arguments.words])
    from benchmark.record.files import sole_writer
    from benchmark.run.rerender import finished
    from benchmark.show.wandb_sink import check_server, is_sent, send, stories_of

    check_server(os.environ)
    failed = 0
    for folder in folders:
        with sole_writer(folder):
            told = stories_of(finished(folder))
            known = [story for story in told if is_sent(story, folder)]
            unsent = list(send(told, folder))
        for story in told:
            state = "not sent" if story in unsent else "sent before" if story in known else "sent"
            print(f"{folder}: {story.scenario} {state} (W&B run {story.id})")
        failed += len(unsent)
    if failed:
        return _complain(f"{failed} W&B runs could not be sent; the same command tries them again.", FAILED)
    return OK


def _bench(words: list[str]) -> int:
    arguments = _parser("bench", manual.BENCH, positional="[explainers|outside [key=value ...]]").parse_args(
        words
    )
    match arguments.words:
        case []:
            from benchmark.speed.parts import speeds

            for speed in speeds():
                print(f"{speed.part:32s} {speed.per_second:10,.0f} {speed.unit}/s", flush=True)
        case ["explainers", *rest]:
            _bench_explainers(rest)
        case ["outside", *rest]:
            from benchmark.speed import outside

            with _usage():
                settings = outside.read_words(rest)
            print("\n".join(outside.lines(outside.outside_cost(settings))))
        case given:
            with _usage():
                raise InvalidInputError(
                    f"`bench` takes nothing, or `explainers` or `outside` and their keys. Got {' '.join(given)!r}."
                )
    return OK


def _bench_explainers(words: list[str]) -> None:
    from rich.console import Console

    from benchmark.speed.explainers import cost_table, explainer_costs, read_words

    with _usage():
        settings, threads = read_words(words)
    costs = []
    for cost in explainer_costs(settings, threads=threads):
        print(f"{cost.name}: measured", flush=True)
        costs.append(cost)
    console = Console(width=None if sys.stdout.isatty() else _WIDE)
    console.print()
    console.print(cost_table(costs, threads=threads))


def _check(words: list[str]) -> int:
    arguments = _parser("check", manual.CHECK).parse_args(words)
    from rich.console import Console

    from benchmark.check import contract_table
    from benchmark.check.contract import check, read_words

    with _usage():
        settings, limits = read_words(arguments.words)
        (explainer,) = settings.explainers
        findings = []
        for finding in check(settings, limits=limits):
            print(contract_table.line(finding), flush=True)
            findings.append(finding)
    console = Console(width=None if sys.stdout.isatty() else _WIDE)
    console.print()
    console.print(contract_table.contract_table(findings, name=explainer.name, kind=explainer.kind))
    print(contract_table.verdict(findings, name=explainer.name))
    return UNSOUND if any(finding.status == "fail" for finding in findings) else OK


def _tune(words: list[str]) -> int:
    arguments = _parser("tune", manual.TUNE, positional="[robust] [KEY=VALUE ...]").parse_args(words)
    if arguments.words[:1] == ["robust"]:
        return _tune_robust(arguments.words[1:])
    from benchmark.record.recording import write_json
    from benchmark.tune.admission import lines, sweep
    from benchmark.tune.development import read_words
    from benchmark.tune.figure import draw_sweep

    with _usage():
        settings = read_words(arguments.words)
    found = sweep(settings, lambda done: print(done, flush=True))
    kept, drawn = (settings.output / f"finexl.{suffix}" for suffix in ("json", "png"))
    write_json(kept, found.as_json(settings))
    draw_sweep(found, drawn)
    print("\n".join(["", *lines(found), "", f"Wrote {kept} and {drawn}."]))
    return OK


def _tune_robust(words: list[str]) -> int:
    from benchmark.record.files import write_atomically
    from benchmark.record.recording import write_json
    from benchmark.tune.development import read_words
    from benchmark.tune.robust import START, ablation, as_json, chosen, markdown
    from benchmark.tune.study import study
    from finexl.robust.settings import TUNED

    # two rounds of pairs and a ladder of every aspect; painted ones of all stand beside them
    usual = (
        [] if any(word.startswith("preset") for word in words) else ["preset.n_pairs=6", "preset.n_series=6"]
    )
    with _usage():
        settings = read_words([*usual, *words])

    def tell(done: str) -> None:
        print(done, flush=True)

    found = study(settings, tell)
    best = chosen(found, START, tell)
    table = ablation(found, best)
    kept, shown = (settings.output / f"robust.{suffix}" for suffix in ("json", "md"))
    told = as_json(best, table, found, settings)
    text = markdown(table, found)
    write_json(kept, told)
    write_atomically(shown, text.encode())
    write_json(TUNED, {"chosen": told["chosen"]})
    print(f"\n{text}\nChosen: {told['chosen']}. Wrote {kept}, {shown} and {TUNED}.")
    return OK


def _docs(words: list[str]) -> int:
    arguments = _parser("docs", manual.DOCS, positional="[take=FOLDER | run=COMMAND]").parse_args(words)
    from benchmark.show.docs import keep_output, rewrite, take

    with _usage():
        match [word.partition("=")[::2] for word in arguments.words]:
            case []:
                written = rewrite()
            case [("take", folder)] if folder:
                written = [take(Path(folder))]
            case [("run", command)] if command:
                written = [keep_output(command)]
            case _:
                raise InvalidInputError(
                    f"`docs` takes nothing, or one of take= and run=. Got {' '.join(arguments.words)!r}."
                )
    print("\n".join(f"Wrote {path}." for path in written) or "Every number is as in docs/results.")
    return OK


def _simulate(words: list[str]) -> int:
    arguments = _parser("simulate", manual.SIMULATE, positional="").parse_args(words)
    from benchmark.simulate.simulations import lines, simulations

    with _usage():
        if arguments.words:
            raise InvalidInputError(f"`simulate` takes nothing. Got {' '.join(arguments.words)!r}.")
    for found in simulations():
        print("\n".join([*lines(found), ""]), flush=True)
    return OK


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "run": _run,
    "curve": _curve,
    "freeze": _freeze,
    "explain": _explain,
    "table": _table,
    "figure": _figure,
    "paper": _paper,
    "list": _list,
    "report": _report,
    "sync": _sync,
    "bench": _bench,
    "check": _check,
    "tune": _tune,
    "simulate": _simulate,
    "docs": _docs,
}


def _parser(
    name: str, text: str, *, positional: str = "[key=value ...]", options: Sequence[str] = ()
) -> argparse.ArgumentParser:
    program = f"python -m benchmark {name}"
    parser = _Parser(
        prog=program,
        usage=" ".join([program, positional, *(f"[{option}]" for option in options)]),
        description=text,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("words", nargs="*", help=argparse.SUPPRESS)
    for option in options:
        parser.add_argument(option, action="store_true", help=manual.OPTIONS[option])
    parser.known = ("-h", "--help", *options)
    return parser


class _Parser(argparse.ArgumentParser):
    """Tells of settings that are written as options how they are written."""

    known: tuple[str, ...] = ()

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:  # type: ignore[override]  # overloads
        words = list(args or [])
        for word in words:
            if word.startswith("-") and not any(option.startswith(word) for option in self.known):
                command = self.prog.rpartition(" ")[2]
                if near := get_close_matches(word, self.known, n=1, cutoff=0.8):
                    raise UsageError(f"`{command}` has no option {word!r}. Did you mean {near[0]}?")
                if "[key=value" not in (self.usage or ""):
                    raise UsageError(
                        f"`{command}` has no option {word!r}. `{self.prog} --help` shows what it takes."
                    )
                raise UsageError(
                    f"Settings must be written key=value, without dashes. Got {word!r}. {_meant(command, words)}"
                )
        return super().parse_known_args(words, namespace)


@contextmanager
def _usage() -> Iterator[None]:
    """Errors in here are the command line's."""
    try:
        yield
    except FinexlError as error:
        raise UsageError(str(error)) from error


def _complain(message: object, code: int) -> int:
    print(message, file=sys.stderr)
    return code


def _command(words: Sequence[str]) -> str:
    return f"python -m benchmark {shlex.join(words)}"
