"""Numbers in the README and `docs/`, written from committed results: `python -m benchmark docs`.

A result is a file of `docs/results/`: what a run scored (JSON) or what a command printed (text, the command first).
Pages name them in comments that a reader of the page does not see, and what stands between is written anew:

    <!-- results: multi_aspect-lite -->           the tables of a run
    <!-- output: python -m benchmark bench -->    what a command printed
    <!-- paper: table_1 -->                       a table of the paper, measured beside published
    <!-- end -->                                  after any of these
    <!--= multi_aspect-lite finexl value -->.41<!--/-->    one number
    <!--= board finexl multi_aspect.claim_f1 -->.90<!--/-->    one number of the board
"""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from io import StringIO
from itertools import takewhile
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmark.config.loading import load_settings
from benchmark.config.settings import public_settings
from benchmark.record.files import write_atomically
from benchmark.record.recording import write_json
from benchmark.score.scores import ScoreRow, row_from
from benchmark.show.applied import dotted
from benchmark.show.runs import RunFiles, left_whole, read_left
from benchmark.show.score_table import OTHER_SCORES, score_table
from finexl.errors import InvalidInputError

ROOT = Path(__file__).parents[2]
WIDTH = 124
"""Characters of a table."""
_RESULTS = Path("docs", "results")
_BLOCK = re.compile(r"(<!-- (results|output|paper): (.+?) -->\n).*?(<!-- end -->)", re.DOTALL)
_NUMBER = re.compile(r"(<!--= (\S+) (\S+) (\S+) -->)[^<\n]*(<!--/-->)")
_MARKS = re.compile(r"<!-- (?:results|output|paper):|<!--= ")
_BOARD = Path("docs", "board", "site", "board.json")
_CHOICES = ("generator", "corpus", "encoder", "vlm", "reader")


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What is committed, by the names that pages use."""

    runs: Mapping[str, tuple[ScoreRow, ...]]
    outputs: Mapping[str, str]
    """What commands printed."""
    papers: Mapping[str, str]
    """Tables of the paper as Markdown."""
    board: Mapping[str, Mapping[str, float | None]]
    """The scores of each explainer on the board, by scenario and metric."""


def take(folder: Path, *, root: Path = ROOT) -> Path:
    """Keep the scores of a finished run under the name of its folder; returns the file.

    Raises:
        InvalidInputError: The run has not left its results yet, or they are not whole.
    """
    files = RunFiles(folder=folder.resolve())
    found, costs = read_left(files.results), read_left(files.costs)
    with left_whole(files.results, files.costs):
        kept = _kept(found, costs["records"], on=date.fromtimestamp(files.results.stat().st_mtime))
    path = root / _RESULTS / f"{files.folder.name}.json"
    write_json(path, kept)
    return path


def _kept(found: dict[str, Any], costs: list[dict[str, Any]], *, on: date) -> dict[str, Any]:
    """The scores of a run with what they cost, and how it was made."""
    scenarios = {record["group"]: record["scenario"] for record in found["records"]}
    for row in found["scores"]:
        own = [
            cost
            for cost in costs
            if (scenarios[cost["group"]], cost["explainer"]) == (row["scenario"], row["explainer"])
        ]
        row |= {name: sum(cost[name] for cost in own) for name in ("seconds", "vlm_calls", "vlm_tokens")}
        prices = [cost["dollars"] for cost in own]
        row |= {"dollars": None if None in prices else sum(prices)}
        row |= {"peak_memory_mb": max(cost["peak_memory_mb"] for cost in own)}
        row_from(row)  # as pages will read it
    words, changed = _told(found["settings"])
    return {
        "command": shlex.join(["python", "-m", "benchmark", "run", *words]),
        "date": on.isoformat(),
        "versions": {name: found["provenance"].get(name) for name in ("benchmark", "python", "torch")},
        "settings": changed,
        "scores": found["scores"],
    }


def keep_output(command: str, *, root: Path = ROOT) -> Path:
    """Run a command at the top of the project and keep what it prints; returns the file.

    Raises:
        InvalidInputError: The command cannot be run, or fails.
    """
    try:
        words = [sys.executable if word == "python" else word for word in shlex.split(command)]
        done = subprocess.run(words or [""], cwd=root, capture_output=True, text=True)
    except (OSError, ValueError) as error:
        raise InvalidInputError(f"`run` must be a command. {command!r} cannot be run: {error}.") from error
    if done.returncode:
        raise InvalidInputError(
            f"What is shown must end well. {command!r} ended with code {done.returncode}: {done.stderr[-500:]}"
        )
    path = root / _RESULTS / f"{re.sub('[^a-z0-9]+', '-', command.lower()).strip('-')}.txt"
    write_atomically(path, f"{command}\n{_trimmed(done.stdout)}\n".encode())
    return path


def rewrite(*, root: Path = ROOT) -> list[Path]:
    """Write what pages show of results anew; returns the pages that changed."""
    stale = {path: text for path, text in rendered(root).items() if text != path.read_text(encoding="utf-8")}
    for path, text in stale.items():
        write_atomically(path, text.encode())
    return [*stale]


def rendered(root: Path = ROOT) -> dict[Path, str]:
    """Every page as it should be.

    Raises:
        InvalidInputError: A page names a result, an explainer or a column that there is not, or a mark has no end.
    """
    results = committed(root)
    pages = [root / "README.md", *sorted((root / "docs").glob("*.md"))]
    if not pages[0].is_file():  # an installed package has none
        raise InvalidInputError(
            f"`docs` must be run in a checkout, which has a README.md. {str(root)!r} has none."
        )
    return {path: _page(path.read_text(encoding="utf-8"), results, name=path.name) for path in pages}


def committed(root: Path = ROOT) -> Results:
    """The results that are kept."""
    runs, outputs = {}, {}
    for path in sorted((root / _RESULTS).glob("*.json")):
        scores = json.loads(path.read_text(encoding="utf-8"))["scores"]
        runs[path.stem] = tuple(map(row_from, scores))
    for path in sorted((root / _RESULTS).glob("*.txt")):
        command, _, printed = path.read_text(encoding="utf-8").partition("\n")
        outputs[command] = printed.rstrip("\n")
    papers = {
        path.stem: _first_table(path.read_text(encoding="utf-8"))
        for path in sorted((root / _RESULTS / "paper").glob("table_*.md"))
    }
    return Results(runs=runs, outputs=outputs, papers=papers, board=_board(root / _BOARD))


def _board(path: Path) -> dict[str, dict[str, float | None]]:
    tracks = json.loads(path.read_text(encoding="utf-8"))["tracks"] if path.is_file() else {}
    return {
        row["entry"]["name"]: {name: score["value"] for name, score in row["scores"].items()}
        for rows in tracks.values()
        for row in rows
    }


def tables(rows: tuple[ScoreRow, ...]) -> str:
    """The table of each scenario, as the console prints it."""
    text = StringIO()
    console = Console(file=text, width=WIDTH, color_system=None, force_terminal=False)
    for scenario in dict.fromkeys(row.scenario for row in rows):
        console.print(score_table([row for row in rows if row.scenario == scenario], width=WIDTH))
        console.print()
    return _trimmed(text.getvalue())


def _two_digits(value: float | None) -> str:
    return "–" if value is None else re.sub(r"^(−?)0\.", r"\1.", f"{value:z.2f}".replace("-", "−"))


def _score_named(name: str, row: ScoreRow) -> str:
    score = row.find(name)
    return _two_digits(None if score is None else score.value)


def _certified_named(name: str, row: ScoreRow) -> str:
    score = row.find(name)
    return _two_digits(None if score is None else score.certified_value)


COLUMNS: dict[str, Callable[[ScoreRow], str]] = {
    "value": lambda row: _two_digits(row.value),
    "low": lambda row: _two_digits(row.own.low),
    "high": lambda row: _two_digits(row.own.high),
    "certified": lambda row: _two_digits(row.own.certified_value),
    "n": lambda row: str(row.own.n),
    **{name: partial(_score_named, name) for name in OTHER_SCORES},
    **{f"{name}_certified": partial(_certified_named, name) for name in OTHER_SCORES},
    "unreadable": lambda row: str(row.n_unreadable),
    "seconds": lambda row: f"{row.seconds:.1f}",
    "vlm_calls": lambda row: str(row.vlm_calls),
    "naming": lambda row: _two_digits(row.naming_accuracy),
    "tau": lambda row: _two_digits(row.tau),
}
"""What a page can show of a row of scores."""


def _page(text: str, results: Results, *, name: str) -> str:
    n_marks = len(_MARKS.findall(text))
    text, n_blocks = _BLOCK.subn(partial(_block, results), text)
    text, n_numbers = _NUMBER.subn(partial(_number, results), text)
    if n_blocks + n_numbers != n_marks:
        raise InvalidInputError(
            f"Every mark for a result must be whole. {name} has {n_marks} marks, and {n_blocks + n_numbers} are. "
            "A block begins with <!-- results: NAME -->, <!-- output: COMMAND --> or <!-- paper: TABLE --> on a line "
            "and ends with <!-- end -->; a number is <!--= NAME EXPLAINER COLUMN -->.41<!--/-->."
        )
    return text


def _block(results: Results, found: re.Match[str]) -> str:
    start, kind, name, end = found.groups()
    if kind == "paper":
        make = f"python -m benchmark {name.replace('_', ' ')}"
        return f"{start}{_known('table', name, results.papers, make=make)}\n{end}"
    if kind == "results":
        shown = tables(_known("result", name, results.runs, make=_making(name)))
    else:
        shown = _known(
            "output", name, results.outputs, make=f"python -m benchmark docs run={shlex.quote(name)}"
        )
    return f"{start}```text\n{shown}\n```\n{end}"


def _first_table(page: str) -> str:
    """The first table of a page in Markdown, without spaces around bars: words are counted where it is shown."""
    lines = page.splitlines()
    start = next((place for place, line in enumerate(lines) if line.startswith("|")), len(lines))
    shown = takewhile(lambda line: line.startswith("|"), lines[start:])
    return "\n".join(re.sub(r" *\| *", "|", line) for line in shown)


def _number(results: Results, found: re.Match[str]) -> str:
    start, name, explainer, column, end = found.groups()
    if name == "board":
        own = _known("board explainer", explainer, results.board, make="")
        return f"{start}{_two_digits(_known('board score', column, own, make=''))}{end}"
    rows = _known("result", name, results.runs, make=_making(name))
    show = _known("column", column, COLUMNS, make="")
    own = [row for row in rows if row.explainer == explainer]
    if len(own) > 1:
        raise InvalidInputError(
            f"A number must be of one scenario. {name!r} has {explainer!r} in {len(own)}. "
            "Take a run of one scenario."
        )
    row = _known("explainer", explainer, {row.explainer: row for row in rows}, make=_making(name))
    return f"{start}{show(row)}{end}"


def _making(name: str) -> str:
    """The commands that make a result, told from the name that runs give their folders."""
    scenarios, _, preset = name.rpartition("-")
    run = f"python -m benchmark run scenario={scenarios.replace('+', ',')} preset={preset}"
    return f"{run} && python -m benchmark docs take=runs/{name}"


def _known(what: str, name: str, table: Mapping[str, Any], *, make: str) -> Any:
    if name not in table:
        raise InvalidInputError(
            f"A page must show {what}s that are known. Got {name!r}. There are: {', '.join(table) or 'none'}."
            + (f" Make it with: {make}" if make else "")
        )
    return table[name]


def _told(given: Mapping[str, Any]) -> tuple[list[str], dict[str, str]]:
    """The words that make a run of these settings, and the settings that are not as usual."""
    words = [f"scenario={','.join(scenario['name'] for scenario in given['scenarios'])}"]
    if given["preset"]["name"] != "lite":
        words.append(f"preset={given['preset']['name']}")
    usual = public_settings(load_settings(words))
    names, everyone = (
        [each["kind"] if ":" in each["kind"] else each["name"] for each in settings["explainers"]]
        for settings in (given, usual)
    )
    words += [f"explainer={','.join(names)}"] if names != everyone else []
    words += [
        f"{group}={given[group]['name']}"
        for group in _CHOICES
        if given[group]["name"] != usual[group]["name"]
    ]
    before, after = (_flat(settings) for settings in (public_settings(load_settings(words)), given))
    changed = {key: value for key, value in after.items() if before.get(key) != value}
    return [*words, *(f"{key}={value}" for key, value in changed.items())], changed


def _flat(settings: Mapping[str, Any]) -> dict[str, str]:
    """Settings under the keys of the command line."""
    rest = {name: value for name, value in settings.items() if name not in ("explainers", "scenarios")}
    explainers = {each["name"]: each["options"] for each in settings["explainers"]}
    scenarios = {each["name"]: each for each in settings["scenarios"]}
    return dotted({**rest, "explainer_settings": explainers, "scenario_settings": scenarios})


def _trimmed(text: str) -> str:
    """Text without spaces at the ends of lines, nor empty lines around it."""
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines()).strip("\n")
