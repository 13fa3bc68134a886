"""Two models are compared from the same prompts and noise, each with its own words, at their own or at equal effect."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from finetune.explaining.arms import Request, read_request
from finetune.explaining.comparison import RESULT, EqualEffect, compare, matched, shared_target, told
from finetune.explaining.models import Adapted, Sampling
from finexl.errors import InvalidInputError
from finexl.explanation import ExplainedClaim, Explanation, Verdict
from finexl.values import ImagePairs

LAYER = "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_v"


def explanation(*amounts: tuple[str, float], n: int = 2) -> Explanation:
    claims = tuple(
        ExplainedClaim(
            concept=name, amount=amount, interval=(amount - 0.1, amount + 0.1), p_value=0.0, verdict=Verdict.CHANGED
        )
        for name, amount in amounts
    )  # fmt: skip
    return Explanation(
        verdict=Verdict.CHANGED if claims else Verdict.UNCHANGED, claims=claims, n_pairs=n, shift=0.1, encoder="e",
        vocabulary="v",
    )  # fmt: skip


class Scripted:
    """Sees adapters by the ids of their pairs: A shows 0.4 of vivid, B 0.8 at each unit of its strength."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def __call__(self, pairs: ImagePairs) -> Explanation:
        self.ids.append(pairs.id)
        place = pairs.id.removeprefix("base-")
        if place == "a":
            return explanation(("faded", 0.9), ("vivid", 0.4))
        _, _, strength = place.rpartition("_")
        return explanation(("vivid", 0.8 * float(strength))) if place.startswith("b_") else explanation()


@pytest.fixture
def requests(sd15: Path, tmp_path: Path) -> tuple[Request, Request]:
    found = []
    for seed, words in enumerate(("zxc", "none")):
        chance = torch.Generator().manual_seed(seed)
        a, b = torch.randn(2, 32, generator=chance), torch.randn(8, 2, generator=chance)
        file = tmp_path / f"lora{seed}.safetensors"
        save_file({f"{LAYER}.lora_A.weight": a, f"{LAYER}.lora_B.weight": b}, file)
        found.append(
            read_request(
                str(file), str(sd15), words=words, sampling=Sampling(steps=1, guidance=1.0, batch_size=8)
            )
        )
    return found[0], found[1]


def test_each_has_its_own_words_and_both_the_same_noise(requests, tmp_path: Path) -> None:
    explain = Scripted()
    found = compare(*requests, tmp_path / "out", explain=explain, n_pairs=2)
    prompts = [(tmp_path / "out" / name / "0000.txt").read_text() for name in ("base", "a", "b")]
    assert prompts == [prompts[0], f"zxc, {prompts[0]}", prompts[0]]
    assert explain.ids == ["base-a", "base-b", "a-b"] and found.target is None
    text = told(found, card=lambda one: str(one.verdict))
    assert "with the words 'zxc'" in text and "B: lora1@1, without words" in text


def test_at_equal_effect_the_second_has_the_strength_that_shows_as_much(requests, tmp_path: Path) -> None:
    found = compare(*requests, tmp_path / "out", explain=Scripted(), n_pairs=2, equal=EqualEffect())
    assert found.target == "vivid" and isinstance(found.b.model, Adapted) and found.b.model.weight == 0.5
    held = json.loads((tmp_path / "out" / RESULT).read_text())
    assert held["equal_effect"]["target"] == "vivid" and held["b"]["named"] == "lora1@0.5"


def test_models_of_different_noise_are_not_compared(requests, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="one base, prompts and noise"):
        compare(requests[0], replace(requests[1], seed=1), tmp_path, explain=Scripted(), n_pairs=2)


def test_an_effect_beyond_every_strength_is_told_with_what_there_is() -> None:
    with pytest.raises(InvalidInputError, match=r"\+0.20 at 1"):
        matched([(0.5, 0.1), (1.0, 0.2)], 0.9, target="vivid")


def test_models_without_a_common_change_cannot_have_an_equal_effect() -> None:
    with pytest.raises(InvalidInputError, match="share no change"):
        shared_target(explanation(("vivid", 0.4)), [explanation(("vivid", -0.4)), explanation()])
