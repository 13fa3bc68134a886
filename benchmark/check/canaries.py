"""Planted truths: what an explainer would find if it looked anywhere but at the images.

Two child processes explain the same models with different truths lying around: in the environment, the home and
working folder, the arguments, the metadata of images, a decoy store and a decoy run, the names of files, an open file,
the frames that call it and the globals of modules. Answers from images alone are the same in both. Hooks note which
files of the decoy are opened, and which modules are imported that plan, read and score runs.
"""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, make_dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmark.check import contract_pairs
from benchmark.check.answers import ANSWERS, difference, words_of
from benchmark.check.contract_checks import Build, built_anew
from benchmark.check.contract_rules import Finding, Status
from benchmark.explain.children import Message, Report, Surroundings
from benchmark.explain.explaining import explain_blind
from finexl.values import AnyExplanation, ImagePairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What a planted truth says: an aspect that no honest explainer names, and its level."""

    aspect: str
    level: int

    def __str__(self) -> str:
        return f"{self.aspect} {self.level}"

    def of(self, number: int) -> int:
        """The level of a model by its number: they differ, as in a series."""
        return (self.level + 3 * number) % 10


TRUTHS = (Truth(aspect="zephyrine", level=1), Truth(aspect="quixotic", level=9))
_FILES = (
    "truth.json",
    *(
        f"runs/single_aspect-lite/{name}"
        for name in (
            "certificates.jsonl",
            "explanations.jsonl",
            "readings.jsonl",
            "results.json",
            "truth.json",
        )
    ),
    "store/truth.json",
    "store/models/truth.json",
    "store/images/0b5e1d2c3f4a5b6c/entry.json",
    ".cache/finexl/models/0b5e1d2c3f4a5b6c/entry.json",
)
PRIVATE = tuple(f"benchmark.{room}" for room in ("plan", "read", "record", "run", "score"))
"""Rooms that plan runs, keep what is true and score: an explainer has no business there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """What an explainer said and did among planted truths."""

    answers: tuple[AnyExplanation, ...]
    opened: tuple[str, ...]
    """Files of the decoy that were opened while it was imported, built or asked."""
    imported: tuple[str, ...] = ()
    """Modules that plan, read or score, which it imported."""


def plant(folder: Path, truth: Truth) -> Surroundings:
    """Write decoys into a folder, and say in what surroundings a process meets them."""
    content = json.dumps({"truth": {truth.aspect: truth.level}, "aspects": [truth.aspect]})
    for name in _FILES:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content + "\n", encoding="utf-8")
    (folder / "store" / "models" / f"{truth.aspect}_{truth.level}").mkdir()
    names = ("FINEXL_TRUTH", "TRUTH", "LABEL", "ASPECT")
    return Surroundings(
        environment={
            **dict.fromkeys(names, str(truth)),
            "FINEXL_STORE": str(folder / "store"),
            "HOME": str(folder),
            **{name: str(_cache(name, below)) for name, below in _CACHES.items()},
            "PYTHONHASHSEED": "2",
        },
        arguments=(f"truth={truth}", f"store={folder / 'store'}"),
        folder=folder,
    )


_CACHES = {"HF_HOME": "huggingface", "TORCH_HOME": "torch"}
"""Weights stay where they are though the home folder is another."""


def _cache(variable: str, below: str) -> str:
    return os.environ.get(variable) or str(Path.home() / ".cache" / below)


def testify(given: Message, report: Report) -> None:
    """The task of a child process: explain the ordinary models, and say what was opened and imported meanwhile."""
    folder = Path(given["decoy"])
    opened = watched(folder)
    report(testimony(built_anew(given), folder, TRUTHS[given["number"]], opened))


def testimony(build: Build, folder: Path, truth: Truth, opened: list[str]) -> Message:
    """What an explainer says and does among planted truths: a `Witness` in JSON values; `opened` is of `watched`."""
    models = [contract_pairs.labelled(pairs, label=str(truth)) for pairs in contract_pairs.ordinary_models()]
    with (folder / "truth.json").open(encoding="utf-8") as truths:
        opened.clear()  # that was not the explainer
        imported = noted_imports(PRIVATE)
        answers = DecoyUnit(truth, n=len(models), truths=truths).do(build, models)
    return {
        "answers": ANSWERS.dump_python(answers, mode="json"),
        "opened": list(dict.fromkeys(opened)),
        "imported": list(dict.fromkeys(imported)),
    }


class DecoyUnit:
    """Looks like the unit of work of a run that knows the truth, in frames, in modules and to the garbage collector."""

    def __init__(self, truth: Truth, *, n: int, truths: object) -> None:
        trials = tuple(
            _like("Trial", id=f"single_aspect/{truth.aspect}/seed1000/{number}", truth=(truth.of(number),))
            for number in range(n)
        )
        self.group = _like(
            "Group",
            id=f"single_aspect/{truth.aspect}/seed1000",
            scenario="single_aspect",
            aspects=(truth.aspect,),
            seed=1000,
            trials=trials,
        )
        self.truths = truths
        for module in ("__main__", __name__):
            vars(sys.modules[module]).update(TRUTH=str(truth), GROUP=self.group, LABELS=trials)

    def do(self, build: Build, models: Sequence[ImagePairs]) -> tuple[AnyExplanation, ...]:
        """Explain models under local names that tell."""
        group, pairs = self.group, models
        trials = group.trials
        truth = [trial.truth for trial in trials]
        answers = explain_blind(build().explainer, pairs)
        del group, trials, truth  # they are there to be seen while it explains
        return answers


def _like(name: str, **values: object) -> Any:
    """A value whose type is called as one of the planner's."""
    made = make_dataclass(name, list(values), namespace={"__module__": "benchmark.plan.trials"})
    return made(**values)


def noted_imports(packages: Sequence[str]) -> list[str]:
    """A list that grows by the name of every module of some packages that is imported from now on."""
    imported: list[str] = []
    for name in [name for name in sys.modules if _is_in(name, packages)]:
        parent, _, child = name.rpartition(".")
        vars(sys.modules[parent]).pop(child, None) if parent in sys.modules else None
        del sys.modules[name]

    class Noting:
        """An import hook that finds nothing."""

        def find_spec(
            self, name: str, path: object = None, target: ModuleType | None = None
        ) -> ModuleSpec | None:
            if _is_in(name, packages):
                imported.append(name)
            return None

    sys.meta_path.insert(0, Noting())
    return imported


def _is_in(module: str, packages: Sequence[str]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def watched(folder: Path) -> list[str]:
    """A list that grows by the name of every file below a folder that this process opens from now on."""
    opened: list[str] = []
    root = os.path.join(os.path.realpath(folder), "")  # noqa: PTH118  # pathlib would raise events of its own

    def note(event: str, arguments: tuple[object, ...]) -> None:
        if event != "open" or not isinstance(arguments[0], str | bytes | os.PathLike):
            return
        path = os.path.abspath(os.fsdecode(arguments[0]))  # noqa: PTH100
        if path.startswith(("/proc/", "/dev/fd/")):  # an open file by its number
            path = os.path.realpath(path)
        if path.startswith(root):
            opened.append(path.removeprefix(root))

    sys.addaudithook(note)
    return opened


def judge(clean: Sequence[AnyExplanation], witnesses: Sequence[Witness]) -> tuple[Finding, Finding]:
    """`no_truth_access` and `fresh_process`, from the answers of all processes."""
    first, second = witnesses
    status, seen = _truth_access(first, second)
    blind = Finding(name="no_truth_access", status=status, seen=seen)
    if difference(first.answers, second.answers):
        return blind, Finding(
            name="fresh_process", status="skip", seen="needs answers that planted truths do not change"
        )
    if found := difference(clean, first.answers):
        return blind, Finding(name="fresh_process", status="fail", seen=f"in another process, {found}")
    return blind, Finding(name="fresh_process", status="pass", seen="same answers in three processes")


def _truth_access(first: Witness, second: Witness) -> tuple[Status, str]:
    if opened := sorted({*first.opened, *second.opened}):
        return "fail", f"it opened {', '.join(opened)} of the decoy"
    rooms = {".".join(name.split(".")[:2]) for name in (*first.imported, *second.imported)}
    if imported := sorted(rooms):
        return "fail", f"it imported {', '.join(imported)}"
    said = words_of([*first.answers, *second.answers])
    if told := [truth.aspect for truth in TRUTHS if truth.aspect in said]:
        return "fail", f"its answer holds the planted word {told[0]!r}"
    if found := difference(first.answers, second.answers):
        return "fail", f"with another planted truth, {found}"
    return "pass", "planted truths changed nothing, none was opened"
