"""Whoever looks for the truth anywhere but in the images meets a planted one, and is found out."""

from pathlib import Path

import pytest

from benchmark.check.answers import ANSWERS
from benchmark.check.canaries import TRUTHS, Witness, judge, plant
from benchmark.check.contract_rules import Finding
from benchmark.explain.children import messages

SEEN = {
    "ReadsTheFrames": "its answer holds the planted word",
    "AsksTheGarbageCollector": "its answer holds the planted word",
    "ReadsOpenFiles": "its answer holds the planted word",
    "ReadsTheStore": "it opened",
    "ReadsTheRecords": "it opened runs/single_aspect-lite/certificates.jsonl",
    "ReadsTheEnvironment": "with another planted truth",
    "ImportsThePlanner": "it imported benchmark.plan",
    "PatchesTheScorer": "benchmark.score",
    "Honest": "planted truths changed nothing",
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Finding]:
    """What `check` finds of each, from two processes that ask them all."""
    witnesses: dict[str, list[Witness]] = {name: [] for name in SEEN}
    for number, truth in enumerate(TRUTHS):
        folder = tmp_path_factory.mktemp("decoy").resolve()
        given = {"decoy": str(folder), "number": number, "names": list(SEEN)}
        around = plant(folder, truth)
        for said in messages("child_tasks:testify_all", given, patience_s=300.0, surroundings=around):
            witnesses[said["name"]].append(
                Witness(
                    answers=ANSWERS.validate_python(said["answers"]),
                    opened=tuple(said["opened"]),
                    imported=tuple(said["imported"]),
                )
            )
    return {name: judge(both[0].answers, both)[0] for name, both in witnesses.items()}


@pytest.mark.parametrize("name", SEEN)
def test_who_looks_for_the_truth_fails_and_is_told_how(found: dict[str, Finding], name: str) -> None:
    assert found[name].status == ("pass" if name == "Honest" else "fail")
    assert SEEN[name] in found[name].seen


def test_decoys_lie_where_stores_and_runs_do(tmp_path: Path) -> None:
    around = plant(tmp_path, TRUTHS[0])
    assert around.environment["HOME"] == str(tmp_path)
    assert list(tmp_path.rglob(".cache/finexl/models/*/entry.json"))
    assert any(TRUTHS[0].aspect in path.name for path in tmp_path.rglob("*"))


def test_planted_levels_differ_from_model_to_model_and_from_truth_to_truth() -> None:
    first, second = ([truth.of(number) for number in range(3)] for truth in TRUTHS)
    assert len(set(first)) == len(set(second)) == 3
    assert all(a != b for a, b in zip(first, second, strict=True))
