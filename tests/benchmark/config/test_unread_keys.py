"""A key that the chosen part would not read is refused by the class of its settings, with who does read it."""

import pytest

from benchmark import cli
from benchmark.config.loading import load_settings
from finexl.errors import InvalidInputError

UNREAD = [
    (("vlm.device=cuda",), "vlm.device", "transformers"),
    (("vlm.temperature=1",), "vlm.temperature", "chat, transformers"),
    (("vlm=miniature_small", "vlm.seed=3"), "vlm.seed", "chat, transformers"),
    (("vlm.max_tokens=9",), "vlm.max_tokens", "chat, transformers"),
    (("vlm.budget_calls=9",), "vlm.budget_calls", "chat"),
    (("vlm.deadline_s=9",), "vlm.deadline_s", "chat"),
    (("vlm=qwen2_vl", "vlm.budget_dollars=1"), "vlm.budget_dollars", "chat"),
    (("vlm=qwen2_vl", "vlm.n_attempts=2"), "vlm.n_attempts", "chat"),
    (("vlm=llama32_vision", "vlm.deadline_s=9"), "vlm.deadline_s", "chat"),
    (("vlm=openai", "vlm.dtype=bfloat16"), "vlm.dtype", "transformers"),
    (("vlm=openai", "vlm.folder=w"), "vlm.folder", "miniature, transformers"),
    (("vlm=replay", "vlm.record=r", "vlm.model=m"), "vlm.model", "chat, miniature, transformers"),
    (
        ("corpus=portraits", "corpus.folder=f"),
        "corpus.folder",
        "drawn, folder, style_transfer_folder, table, wikiart_table",
    ),
    (("corpus.captioner=f",), "corpus.captioner", "folder, style_transfer_folder, table, wikiart_table"),
    (("reader=gpt_judge", "reader.vlm.device=cuda"), "reader.vlm.device", "transformers"),
    (("encoder.weights=foo",), "encoder.weights", "architecture"),
    (("encoder.folder=e", "encoder.weights=foo"), "encoder.weights", "architecture"),
    (("encoder.folder=e", "encoder.miniature=encoder_eva"), "encoder.miniature", "miniature"),
    (("encoder=clip_hf", "encoder.miniature=encoder_eva"), "encoder.miniature", "miniature"),
]


@pytest.mark.parametrize(("words", "key", "readers"), UNREAD)
def test_a_key_that_nothing_would_read_is_refused_with_who_reads_it(
    words: tuple[str, ...], key: str, readers: str
) -> None:
    with pytest.raises(InvalidInputError, match=rf"`{key}`.*read for: {readers}\."):
        load_settings(["preset=smoke", *words])


@pytest.mark.parametrize("command", [["run", "--dry-run"], ["run"], ["check"], ["bench", "explainers"]])
def test_every_command_refuses_it_before_any_work(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*command, "explainer=naive_vlm", "vlm.temperature=1"]) == cli.USAGE
    assert "vlm.temperature" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ("vlm=openai", "vlm.temperature=1", "vlm.budget_calls=9", "vlm.deadline_s=9"),
        ("vlm=qwen2_vl", "vlm.temperature=1", "vlm.seed=3", "vlm.device=cpu", "vlm.folder=w"),
        ("vlm=miniature", "vlm.model=captioner_small", "vlm.record=r"),
        ("vlm=replay", "vlm.record=r"),
        ("vlm=openai", "vlm.record=r", "vlm.replay=true", "vlm.budget_calls=9"),
        ("encoder=clip_hf", "encoder.folder=e"),
        ("encoder.miniature=encoder_eva", "encoder.batch_size=8"),
    ],
)
def test_keys_that_are_read_are_taken(words: tuple[str, ...]) -> None:
    load_settings(["preset=smoke", *words])
