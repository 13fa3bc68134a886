"""A sweep says which levels show the target without drift, and calls none the best that others tie with."""

from pathlib import Path

import pytest

from finetune.explaining.sweeps.sweep import (
    Explained,
    SweepSettings,
    checkpoint_name,
    checkpoints_in,
    read_strengths,
    strengths_of,
    summarised,
    told,
    write_sweep,
)
from finexl.errors import InvalidInputError
from finexl.explanation import ExplainedClaim, Explanation, Verdict


def explanation(*amounts: tuple[str, float], half: float = 0.05, smallest: float | None = 0.1) -> Explanation:
    claims = tuple(
        ExplainedClaim(
            concept=name,
            amount=amount,
            interval=(amount - half, amount + half),
            p_value=0.0,
            verdict=Verdict.CHANGED,
        )
        for name, amount in amounts
    )
    return Explanation(
        verdict=Verdict.CHANGED if claims else Verdict.UNCHANGED, claims=claims, n_pairs=8, shift=0.1, encoder="e",
        vocabulary="v", smallest_change=smallest,
    )  # fmt: skip


def level(label: str, *amounts: tuple[str, float]) -> Explained:
    return Explained(label=label, explanation=explanation(*amounts))


LADDER = (
    level("0"),
    level("0.5", ("vivid", 0.3)),
    level("1", ("vivid", 0.6), ("grainy", -0.1)),
    level("1.5", ("vivid", 0.9), ("grainy", -0.5)),
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0:1.4:0.2", (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.4)),
        ("-1:1:1", (-1.0, 0.0, 1.0)),
        ("1:0:-0.5", (1.0, 0.5, 0.0)),
        ("0.3", (0.3,)),
    ],
)
def test_strengths_include_both_ends(text: str, found: tuple[float, ...]) -> None:
    assert strengths_of(text) == found


@pytest.mark.parametrize(
    "text", ["", "a", "0:1", "0:1:0", "0:1:-1", "0:inf:1", "nan", "0:1:0.0001", "1:2:3:4", "1e999"]
)
def test_strengths_that_cannot_be_are_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match="START:END:STEP"):
        strengths_of(text)


def test_the_target_is_the_strongest_change_unless_one_is_asked_for() -> None:
    assert summarised(LADDER, target=None, most_drift=1.0).target == "vivid"
    assert summarised(LADDER, target="grainy", most_drift=9.0).target == "grainy"


def test_levels_that_drift_beyond_the_bound_are_not_usable() -> None:
    found = summarised(LADDER, target=None, most_drift=0.2)
    assert found.usable == ("0", "0.5", "1") and found.best == ("1",)
    assert [level.drift for level in found.levels] == [0, 0, 0.1, 0.5]


def test_a_level_that_others_tie_with_is_not_called_the_best() -> None:
    near = (
        level("a", ("vivid", 0.6)),
        level("b", ("vivid", 0.65)),
        level("c", ("vivid", 0.3)),
    )
    found = summarised(near, target=None, most_drift=1.0)
    assert found.best == ("a", "b")
    assert "these 2 cannot be told apart: a, b" in "\n".join(told(found, most_drift=1.0))


def test_a_target_that_is_not_seen_has_the_band_of_what_could_have_been_missed() -> None:
    assert summarised(LADDER, target=None, most_drift=1.0).levels[0].target_band == (-0.1, 0.1)


def test_where_nothing_changes_no_level_is_best() -> None:
    found = summarised([level("0"), level("1")], target=None, most_drift=1.0)
    assert found.best == () and "no level shows a change" in next(told(found, most_drift=1.0))


def test_a_target_may_be_lowered() -> None:
    found = summarised([level("-1", ("vivid", -0.5)), level("0")], target="vivid", most_drift=1.0)
    assert found.best == ("-1",)


def test_a_level_that_goes_the_other_way_ties_with_none() -> None:
    found = summarised(
        [level("-1", ("vivid", -0.45)), level("1", ("vivid", 0.5))], target=None, most_drift=1.0
    )
    assert found.best == ("1",)


def test_checkpoints_come_by_their_numbers_and_the_last_one_last(tmp_path: Path) -> None:
    for name in ("mine-000010", "mine-000002", "mine"):
        (tmp_path / f"{name}.safetensors").write_bytes(b"")
    assert [file.stem for file in checkpoints_in(tmp_path)] == ["mine-000002", "mine-000010", "mine"]


def test_checkpoints_in_folders_are_called_by_their_folders(tmp_path: Path) -> None:
    files = [f"checkpoint-{step}/pytorch_lora_weights.safetensors" for step in (500, 1000)]
    files += ["checkpoint-1500/adapter_model.safetensors", "pytorch_lora_weights.safetensors"]
    for name in (*files, "checkpoint-500/optimizer.safetensors", "unet/old/adapter_model.safetensors"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = checkpoints_in(tmp_path)
    assert [str(file.relative_to(tmp_path)) for file in found] == files
    names = [checkpoint_name(file, tmp_path) for file in found]
    assert names == ["checkpoint-500", "checkpoint-1000", "checkpoint-1500", "pytorch_lora_weights"]


def test_hostile_labels_are_harmless() -> None:
    found = summarised([level("\x1b[2J\u202e", ("vivid\x07", 0.5))], target=None, most_drift=1.0)
    assert all(line.isprintable() for line in told(found, most_drift=1.0))


def test_several_seeds_show_how_a_level_varies() -> None:
    seeds = tuple(explanation(("vivid", amount), ("grainy", 0.1)) for amount in (0.2, 0.4))
    found = summarised(
        [Explained(label="1", explanation=explanation(("vivid", 0.3)), by_seed=seeds)],
        target=None,
        most_drift=1.0,
    )
    assert found.levels[0].target_by_seed == (0.2, 0.4) and found.levels[0].drift_by_seed == (0.1, 0.1)
    assert "by seed  +0.20 to +0.40; drift 0.10 to 0.10" in "\n".join(told(found, most_drift=1.0))


def test_a_card_reads_the_strengths_that_a_sweep_wrote(tmp_path: Path) -> None:
    write_sweep(tmp_path / "s.json", summarised(LADDER, target=None, most_drift=0.2), SweepSettings())
    found = read_strengths(tmp_path / "s.json")
    assert (found.target, found.usable, found.best) == ("vivid", ("0", "0.5", "1"), ("1",))


@pytest.mark.parametrize("text", ["", "[]", '{"target": 1, "usable": [], "best": []}', "[" * 9999])
def test_what_no_sweep_wrote_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "s.json").write_text(text)
    with pytest.raises(InvalidInputError, match="--sweep"):
        read_strengths(tmp_path / "s.json")
