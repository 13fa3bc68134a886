"""Questions about a model are asked with as many pairs as they need, and what is there is used."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from finetune.explaining.arms import Request, read_request
from finetune.explaining.explainers import encoder_for
from finetune.explaining.model_explaining import RESULT, cost, explain_model, told
from finetune.explaining.models import Sampling, read_base
from finexl.errors import InvalidInputError, UnknownNameError
from finexl.explain.terminal import plain_card
from finexl.explanation import ExplainedClaim, Explanation, Verdict
from finexl.values import ImagePairs

LAYER = "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_v"
CLAIM = ExplainedClaim(
    concept="vivid\x1b[2J\u202e", amount=0.4, interval=(0.3, 0.5), p_value=0.001, verdict=Verdict.CHANGED
)


class Scripted:
    """Says the same of all pairs, and remembers how many there were."""

    def __init__(self, enough: int = 0, pairs_needed: int | None = None) -> None:
        self.enough = enough
        self.pairs_needed = pairs_needed
        self.seen: list[tuple[int, str]] = []

    def __call__(self, pairs: ImagePairs) -> Explanation:
        self.seen.append((len(pairs), pairs.prompts[0]))
        verdict = Verdict.CHANGED if len(pairs) >= self.enough else Verdict.NOT_ENOUGH_DATA
        return Explanation(
            verdict=verdict, claims=(CLAIM,), n_pairs=len(pairs), shift=0.1, encoder="e", vocabulary="v",
            pairs_needed=self.pairs_needed, explained=0.5, notes={"said": "<b>"},
        )  # fmt: skip


@pytest.fixture
def request_of(sd15: Path, tmp_path: Path):
    chance = torch.Generator().manual_seed(0)
    a, b = torch.randn(2, 32, generator=chance), torch.randn(8, 2, generator=chance)
    save_file({f"{LAYER}.lora_A.weight": a, f"{LAYER}.lora_B.weight": b}, tmp_path / "lora.safetensors")

    def build(words: str = "none") -> Request:
        return read_request(
            str(tmp_path / "lora.safetensors"), str(sd15), words=words,
            sampling=Sampling(steps=1, guidance=1.0, batch_size=8),
        )  # fmt: skip

    return build


def test_without_words_there_is_one_question(request_of, tmp_path: Path) -> None:
    explain = Scripted()
    (answer,) = explain_model(request_of(), tmp_path / "out", explain=explain, most_pairs=4)
    assert answer.contrast.name == "model" and [n for n, _ in explain.seen] == [4]


def test_with_words_three_questions_show_which_prompts_are_meant(request_of, tmp_path: Path) -> None:
    explain = Scripted()
    answers = explain_model(request_of("zxc"), tmp_path / "out", explain=explain, most_pairs=2)
    assert [one.contrast.name for one in answers] == ["words", "model", "leak"]
    assert [prompt.startswith("zxc, ") for _, prompt in explain.seen] == [False, True, False]


def test_rounds_go_on_until_a_question_is_settled(request_of, tmp_path: Path) -> None:
    explain = Scripted(enough=30)
    explain_model(request_of(), tmp_path / "out", explain=explain, most_pairs=64)
    assert [n for n, _ in explain.seen] == [16, 32]


def test_rounds_stop_at_the_cap(request_of, tmp_path: Path) -> None:
    explain = Scripted(enough=1000, pairs_needed=500)
    (answer,) = explain_model(request_of(), tmp_path / "out", explain=explain, most_pairs=20)
    assert [n for n, _ in explain.seen] == [16, 20]
    assert "About 500 would settle it" in told((answer,), card=plain_card)


def test_the_cost_is_told_before_and_falls_to_nothing(request_of, tmp_path: Path) -> None:
    request = request_of("zxc")
    assert "16 pictures (base, model, base_words, model_words)" in cost(
        request, tmp_path / "out", most_pairs=4
    )
    explain_model(request, tmp_path / "out", explain=Scripted(), most_pairs=4)
    assert cost(request, tmp_path / "out", most_pairs=4).startswith("0 pictures (base, model, ")


def test_a_repeated_command_gives_the_same_file(request_of, tmp_path: Path) -> None:
    written = []
    for _ in range(2):
        explain_model(request_of(), tmp_path / "out", explain=Scripted(), most_pairs=2)
        written.append((tmp_path / "out" / RESULT).read_bytes())
    assert written[0] == written[1]


def test_words_of_strangers_are_harmless_on_the_terminal_and_in_json(request_of, tmp_path: Path) -> None:
    answers = explain_model(request_of(), tmp_path / "out", explain=Scripted(), most_pairs=2)
    assert "\x1b" not in told(answers, card=plain_card) and "\u202e" not in told(answers, card=plain_card)
    text = (tmp_path / "out" / RESULT).read_text()
    assert text.isascii() and "\x1b" not in text
    assert json.loads(text)["answers"]["model"]["explanation"]["verdict"] == "changed"


def test_no_change_says_how_small_a_change_would_have_been_seen(request_of, tmp_path: Path) -> None:
    (answer,) = explain_model(request_of(), tmp_path / "out", explain=Scripted(), most_pairs=2)
    found = replace(answer.explanation, verdict=Verdict.UNCHANGED, claims=(), smallest_change=0.07)
    assert "A change of 0.070 would have been seen" in told(
        (replace(answer, explanation=found),), card=plain_card
    )


def test_a_cap_below_two_pairs_is_refused(request_of, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="most-pairs"):
        cost(request_of(), tmp_path / "out", most_pairs=1)


def test_a_folder_without_an_encoder_is_refused(request_of, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="open_clip or transformers"):
        encoder_for(str(tmp_path), request_of().base)


def test_models_of_the_miniature_are_seen_by_its_encoder_and_its_words() -> None:
    chosen = encoder_for("auto", read_base("miniature", Sampling()))
    assert chosen.is_miniature and "vivid" in chosen.dictionary()
