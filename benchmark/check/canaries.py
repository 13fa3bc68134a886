"""Planted truths: what an explainer would find if it looked anywhere but at the images.

Two child processes explain the same models with different truths lying around, in the environment, the working
folder, the arguments, the metadata of images and a decoy store. Answers from images alone are the same in both.
An audit hook notes which files of the decoy are opened.
"""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.check import contract_pairs
from benchmark.check.answers import ANSWERS, difference, words_of
from benchmark.check.contract_checks import built_anew
from benchmark.check.contract_rules import Finding, Status
from benchmark.explain.children import Message, Report, Surroundings
from benchmark.explain.explaining import explain_blind
from finexl.values import Explanation


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What a planted truth says: an aspect that no honest explainer names, and its level."""

    aspect: str
    level: int

    def __str__(self) -> str:
        return f"{self.aspect} {self.level}"


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
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """What an explainer said and did among planted truths."""

    answers: tuple[Explanation, ...]
    opened: tuple[str, ...]
    """Files of the decoy that were opened while it was imported, built or asked."""


def plant(folder: Path, truth: Truth) -> Surroundings:
    """Write decoys into a folder, and say in what surroundings a process meets them."""
    content = json.dumps({"truth": {truth.aspect: truth.level}, "aspects": [truth.aspect]})
    for name in _FILES:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content + "\n", encoding="utf-8")
    names = ("FINEXL_TRUTH", "TRUTH", "LABEL", "ASPECT")
    return Surroundings(
        environment={
            **dict.fromkeys(names, str(truth)),
            "FINEXL_STORE": str(folder / "store"),
            "PYTHONHASHSEED": "2",
        },
        arguments=(f"truth={truth}", f"store={folder / 'store'}"),
        folder=folder,
    )


def testify(given: Message, report: Report) -> None:
    """The task of a child process: explain the ordinary models, and say what was opened meanwhile."""
    opened = watched(Path(given["decoy"]))
    build = built_anew(given)
    models = [
        contract_pairs.labelled(pairs, label=given["truth"]) for pairs in contract_pairs.ordinary_models()
    ]
    answers = explain_blind(build().explainer, models)
    report({"answers": ANSWERS.dump_python(answers, mode="json"), "opened": list(dict.fromkeys(opened))})


def watched(folder: Path) -> list[str]:
    """A list that grows by the name of every file below a folder that this process opens from now on."""
    opened: list[str] = []
    root = os.path.join(os.path.realpath(folder), "")  # noqa: PTH118  # pathlib would raise events of its own

    def note(event: str, arguments: tuple[object, ...]) -> None:
        if event != "open" or not isinstance(arguments[0], str | bytes | os.PathLike):
            return
        path = os.path.abspath(os.fsdecode(arguments[0]))  # noqa: PTH100
        if path.startswith(root):
            opened.append(path.removeprefix(root))

    sys.addaudithook(note)
    return opened


def judge(clean: Sequence[Explanation], witnesses: Sequence[Witness]) -> tuple[Finding, Finding]:
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
    said = words_of([*first.answers, *second.answers])
    if told := [truth.aspect for truth in TRUTHS if truth.aspect in said]:
        return "fail", f"its answer holds the planted word {told[0]!r}"
    if found := difference(first.answers, second.answers):
        return "fail", f"with another planted truth, {found}"
    return "pass", "planted truths changed nothing, none was opened"
