"""A bundle of 24 models, and entries on it by hand: what tests verify, tamper with, admit and show."""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from PIL import Image

from benchmark.bundle.manifest import (
    Bundle,
    FrozenGroup,
    FrozenTrial,
    GroupTruth,
    Manifest,
    TrialTruth,
    Truth,
)
from leaderboard.entry.example import FACTS, json_lines
from leaderboard.entry.making import entry_files, write_entry
from leaderboard.ledger.events import Admission, Audit, Readability, Score, Scored
from leaderboard.verify.copies import sketch
from leaderboard.verify.verifying import Frozen, Submission, read

LATTICE = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (2, 0))
NAMES = {"vivid": ("saturated",), "grainy": ("noisy",), "sepia": ("brownish",), "blurry": ("soft",)}
PROMPTS = ("a red house", "a tree by a lake")
Files = dict[str, bytes]


def opaque(*parts: object) -> str:
    return sha256(" ".join(map(str, parts)).encode()).hexdigest()[:16]


def groups() -> list[tuple[str, str, tuple[str, ...], tuple[tuple[int, ...], ...]]]:
    """Part, scenario, aspects and levels of each group."""
    return [
        ("development", "single_aspect", ("blurry",), tuple((level,) for level in range(1, 4))),
        ("public", "single_aspect", ("vivid",), tuple((level,) for level in range(1, 6))),
        ("public", "single_aspect", ("sepia",), tuple((level,) for level in range(1, 6))),
        ("public", "multi_aspect", ("vivid", "grainy"), LATTICE),
    ]


def write_bundle(folder: Path, *, test_part: str = "public") -> Bundle:
    """A bundle with images, a manifest, and the truth of its parts; what is scored is in `test_part`."""
    (folder / "images").mkdir(parents=True)

    def image(shade: int) -> str:
        content = io.BytesIO()
        Image.new("RGB", (8, 8), (shade, 90, 255 - shade)).save(content, "PNG")
        digest = sha256(content.getvalue()).hexdigest()
        (folder / "images" / f"{digest}.png").write_bytes(content.getvalue())
        return digest

    base = tuple(image(shade) for shade in range(len(PROMPTS)))
    frozen: list[FrozenGroup] = []
    truths: dict[str, list[GroupTruth]] = {}
    for number, (named, scenario, aspects, lattice) in enumerate(groups()):
        part = test_part if named == "public" else named
        id = opaque("group", number)
        ids = [opaque("trial", number, levels) for levels in lattice]
        trials = tuple(
            FrozenTrial(id=trial, images=tuple(image(9 * number + 20 * place + 3) for place in range(2)))
            for trial in ids
        )
        frozen.append(FrozenGroup(id=id, part=part, prompts=PROMPTS, base=base, trials=trials))  # type: ignore[arg-type]
        truths.setdefault(part, []).append(
            GroupTruth(
                group=id,
                scenario=scenario,
                aspects=aspects,
                certified_aspects=tuple(aspect != "sepia" for aspect in aspects),
                trials=tuple(
                    TrialTruth(trial=trial, levels=levels) for trial, levels in zip(ids, lattice, strict=True)
                ),
            )
        )
    hashes = {}
    for part, own in truths.items():
        content = Truth(part=part, names=NAMES, groups=tuple(own)).model_dump_json().encode()  # type: ignore[arg-type]
        (folder / f"truth-{part}.json").write_bytes(content)
        hashes[part] = sha256(content).hexdigest()
    manifest = Manifest(name="small-1", benchmark="0.1.0", truths=hashes, groups=tuple(frozen))
    (folder / "manifest.json").write_text(manifest.model_dump_json(), encoding="utf-8")
    return Bundle(folder)


def right(truth: GroupTruth, place: int) -> dict[str, Any]:
    """Claims that say what is true, each amount different from all others."""
    levels = truth.trials[place].levels
    jitter = int(truth.group[:4], 16) / 1e6 + place / 1e3
    claims = [
        {"concept": aspect, "amount": level + jitter}
        for aspect, level in zip(truth.aspects, levels, strict=True)
        if level
    ]
    return {"kind": "claims", "claims": claims}


def wrong(truth: GroupTruth, place: int) -> dict[str, Any]:
    """Claims of something that is no aspect of the group."""
    return {"kind": "claims", "claims": [{"concept": "striped", "amount": 1 + 0.07 * place**2}]}


def in_words(truth: GroupTruth, place: int) -> dict[str, Any]:
    """A text that says how much of each aspect there is."""
    levels = zip(truth.aspects, truth.trials[place].levels, strict=True)
    return {"kind": "text", "text": "\n".join(f"{aspect}: {level}/10" for aspect, level in levels)}


def answers(
    bundle: Bundle, say: Callable[[GroupTruth, int], dict[str, Any]], *, part: Any = "public"
) -> list[dict[str, Any]]:
    return [
        {"trial": trial.trial, "said": say(truth, place), "seconds": 0.25}
        for truth in bundle.truth(part).groups
        for place, trial in enumerate(truth.trials)
    ]


def facts(bundle: Bundle, **changed: Any) -> dict[str, Any]:
    """The fields of an entry.json that asked no model."""
    found = {
        "schema_version": 1,
        "bundle": {"name": bundle.manifest.name, "sha256": bundle.sha256},
        **FACTS,
        "vlms": [],
        "claimed": [],
        "code_sha256": "cd" * 32,
        "costs": {
            "seconds": 4.0,
            "vlm_calls": 0,
            "vlm_tokens": 0,
            "dollars": None,
            "peak_memory_mb": 100.0,
        },
        "environment": {"python": "3.12.1", "platform": "Linux x86_64", "packages": {"finexl": "0.1.0"}},
    }
    return {**found, **changed}


def entry(bundle: Bundle, said: Sequence[Mapping[str, Any]] | None = None, **changed: Any) -> Files:
    """The files of an entry that says what is true."""
    lines = json_lines(answers(bundle, right) if said is None else said)
    return entry_files(facts(bundle, **changed), explanations=lines)


def sealed(files: Files, **changed: Any) -> Files:
    """The entry with other facts and every hash right again, as who tampers would write it."""
    found = {**json.loads(files["entry.json"]), **changed}
    found.pop("files")
    return entry_files(found, explanations=files["explanations.jsonl"], replies=files.get("replies.jsonl"))


def written(folder: Path, files: Files) -> Path:
    write_entry(folder, files)
    return folder


def submission(files: Files) -> Submission:
    problems, found = read(files)
    assert found is not None, problems
    return found


def frozen(bundle: Bundle) -> Frozen:
    return Frozen(manifest=bundle.manifest, sha256=bundle.sha256)


@dataclass(frozen=True)
class Made:
    """Scores by hand."""

    value: float
    units: tuple[float, ...] = ()
    direction: str = "higher"
    metric: str = "selection_accuracy"
    scenario: str = "multi_aspect"


def scored(*made: Made, n_unreadable: int = 0) -> Scored:
    return Scored(
        code="test",
        scores=tuple(
            Score(
                scenario=one.scenario,
                metric=one.metric,
                direction=one.direction,  # type: ignore[arg-type]
                unit="ranks" if one.metric == "rank_mae" else "share",
                value=one.value,
                low=max(0.0, one.value - 0.1),
                high=one.value + 0.1,
                chance=0.17,
                n=len(one.units) or 1,
                units={f"g{place}": worth for place, worth in enumerate(one.units)},
                certified=one.value / 2,
                n_certified=1,
                n_groups=2,
            )
            for one in made
        ),
        readability=Readability(n_models=16, n_unreadable=n_unreadable, outcomes={"ok": 16 - n_unreadable}),
    )


def admission(found: Submission, found_scores: Scored | None = None, *, role: Any = "entry") -> Admission:
    return Admission(
        entry=found.id,
        sha256=found.digest,
        bundle=found.entry.bundle,
        authors=found.entry.authors,
        role=role,
        scored=scored(Made(0.5)) if found_scores is None else found_scores,
        audit=Audit(status="not run", why="no package"),
        sketch=sketch(found.answers),
    )
