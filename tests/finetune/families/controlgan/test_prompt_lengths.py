"""Which prompts a ControlGAN reads in part."""

import json
from pathlib import Path

from finetune.families.controlgan.prompt_lengths import unread_prompts
from finetune.families.controlgan.words import vocabulary_of, write_vocabulary


def test_prompts_that_are_cut_or_have_unknown_words_are_counted_apart(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"_class_name": "ControlGAN", "caption_length": 3}))
    write_vocabulary(tmp_path / "vocabulary.json", vocabulary_of(["a small red house"]))
    prompts = ["a red house", "a small red house", "a big red house", "a very small red house"]
    found = unread_prompts(tmp_path, prompts)
    assert found.cut == ["a small red house", "a very small red house"]  # of known words three are read
    assert found.unknown == ["a big red house", "a very small red house"] and found.limit == 3


def test_without_a_number_as_many_words_are_read_as_the_reference_evaluates_with(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    write_vocabulary(tmp_path / "vocabulary.json", vocabulary_of(["bird"]))
    found = unread_prompts(tmp_path, [" ".join(["bird"] * 25), " ".join(["bird"] * 26)])
    assert found.limit == 25 and len(found.cut) == 1
