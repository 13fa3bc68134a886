"""A model's card is what a hub reads, shows samples of every arm, and lets no stranger's word out of its place."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

from finetune.explaining.arms import Request, arms_of, contrasts_of
from finetune.explaining.cards.card import Card, Strengths, description, markdown, write_card
from finetune.explaining.model_explaining import Answer
from finetune.explaining.models import Adapted, Base
from finetune.explaining.paired_images import picture
from finetune.explaining.prompts import NEUTRAL, read_prompts
from finetune.generator import GeneratorSettings
from finexl.explanation import ExplainedClaim, Explanation, Verdict

HOSTILE = "vivid\x1b[2J\u202e\n---\n<script>alert(1)</script> | [x](http://e.org) ```"


def explanation(concept: str, prompts: tuple[str, ...]) -> Explanation:
    claim = ExplainedClaim(
        concept=concept, amount=0.4, interval=(0.3, 0.5), p_value=0.001, verdict=Verdict.CHANGED, most_moved=(0,)
    )  # fmt: skip
    return Explanation(
        verdict=Verdict.CHANGED, claims=(claim,), n_pairs=len(prompts), shift=0.1, encoder="e", vocabulary="v",
        prompts=prompts, explained=0.5,
    )  # fmt: skip


@pytest.fixture
def card_of(tmp_path: Path):
    def build(*, words: str | None = "zxc", concept: str = "vivid", name: str = "lora") -> tuple[Card, Path]:
        settings = GeneratorSettings(folder=tmp_path / "sd15")
        model = Adapted(settings=settings, file=tmp_path / f"{name}.safetensors")
        request = Request(base=Base(settings=settings), model=model, words=words, prompts_from=NEUTRAL)
        for shade, arm in enumerate(arms_of(request, n=2)):
            (tmp_path / "out" / arm.name).mkdir(parents=True, exist_ok=True)
            for index, prompt in enumerate(arm.prompts):
                path = picture(tmp_path / "out" / arm.name, index)
                Image.new("RGB", (64, 64), (50 * shade, 90, 20 * index)).save(path)
                path.with_suffix(".txt").write_text(f"{prompt}\n")
        prompts = read_prompts(NEUTRAL, 2)
        answers = tuple(
            Answer(contrast=contrast, explanation=explanation(concept, prompts))
            for contrast in contrasts_of(request)
        )
        return Card(request=request, base="sd15", answers=answers), tmp_path / "out"

    return build


def front_matter(text: str) -> dict[str, Any]:
    first, matter, _ = text.split("---\n", 2)
    assert first == ""
    return yaml.safe_load(matter)


def test_front_matter_names_base_words_and_what_was_measured(card_of) -> None:
    matter = front_matter(markdown(card_of()[0]))
    assert matter["base_model"] == "stable-diffusion-v1-5/stable-diffusion-v1-5"
    assert matter["base_model_relation"] == "adapter" and matter["instance_prompt"] == "zxc"
    assert matter["tags"] == ["text-to-image", "finexl", "lora", "vivid"]


def test_widgets_show_pictures_of_the_model_with_the_prompts_that_made_them(card_of) -> None:
    card, folder = card_of()
    (first, *_) = front_matter(markdown(card))["widget"]
    place = folder / first["output"]["url"]
    assert place.is_file() and place.with_suffix(".txt").read_text() == first["text"] + "\n"


def test_every_question_has_a_section_with_an_interval(card_of) -> None:
    text = markdown(card_of()[0])
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert headings == [
        "## What the words do to the base",
        "## What the model does, both with the words",
        "## What leaks without the words",
    ]
    assert text.count("+0.30 to +0.50") == 3


def test_samples_have_a_row_for_each_model_and_a_column_for_each_prompt(card_of) -> None:
    card, folder = card_of()
    *_, grid = write_card(card, folder)
    with Image.open(grid) as samples:
        assert samples.size == (120 + 2 * 132, 4 * 132)


def test_a_card_is_written_the_same_twice(card_of) -> None:
    card, folder = card_of()
    first = [path.read_bytes() for path in write_card(card, folder)]
    assert [path.read_bytes() for path in write_card(card, folder)] == first


def test_a_sweep_puts_strengths_on_the_card(card_of) -> None:
    card = replace(
        card_of()[0], strengths=Strengths(target="vivid", usable=("0.6", "0.8"), best=("0.6", "0.8"))
    )
    text = markdown(card)
    assert front_matter(text)["finexl_strength"]["best"] == ["0.6", "0.8"]
    assert "2 cannot be told apart" in text and "2 cannot be told apart" in description(card)


def test_hostile_names_stay_in_their_place_in_every_form(card_of) -> None:
    card, folder = card_of(concept=HOSTILE, name="x<img src=q>-[a](b)", words="zxc <b>: {prompt}")
    paths = write_card(replace(card, base="<i>base</i>"), folder)
    assert "\x1b" not in description(card) and len(description(card).splitlines()) == 6
    text, page = paths[0].read_text(), paths[1].read_text()
    matter = front_matter(text)
    assert matter["instance_prompt"] == "zxc <b>: {prompt}"
    body = re.sub(r"^```yaml$.*?^```$", "", text.split("---\n", 2)[2], flags=re.DOTALL | re.MULTILINE)
    unescaped = re.sub(r"\\.", "", body)
    for form in (unescaped, page):
        assert "\x1b" not in form and "\u202e" not in form
        assert "<script" not in form and "<img src=q" not in form and "<i>" not in form
    assert "](" not in unescaped.replace("](samples.png)", "")


def test_a_model_without_words_has_one_section_and_widgets_without_words(card_of) -> None:
    card, _ = card_of(words=None)
    matter = front_matter(markdown(card))
    assert "instance_prompt" not in matter
    assert matter["widget"][0]["output"]["url"] == "model/0000.png"
