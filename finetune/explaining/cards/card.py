"""A model's card as hubs read it: YAML front matter, samples, and an answer with intervals to every question.

`CARD.md` belongs into a model's repository beside its file as `README.md`, with `samples.png` and `model/`; `card.html`
needs nothing else. Both are made of the same answers as `explanation.json`.
"""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from finetune.explaining.arms import Request, arms_of, put
from finetune.explaining.model_explaining import Answer
from finetune.explaining.models import Adapted, Model, names_of
from finetune.explaining.paired_images import pairs_of, picture, write_whole
from finetune.families.hub import SOURCES
from finexl.explain.harmless import in_html, in_markdown, in_yaml, shown
from finexl.explain.model_card import to_markdown
from finexl.explain.page import fragment, page
from finexl.explain.wording import direction, headline, interval, number, verdict_of
from finexl.explanation import Explanation

CARD, PAGE, SAMPLES = "CARD.md", "card.html", "samples.png"
N_SAMPLES = 6
"""Prompts of the grid of samples."""
_WIDGETS = 3
_TILE, _LABELS, _GAP = 128, 120, 4
"""Pixels: a picture of the grid, the names of its rows, between pictures."""
_ROWS = {"base": "base", "base_words": "base, words", "model_words": "model, words", "model": "model"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Strengths:
    """What a sweep of an adapter says of how strong to use it."""

    target: str
    usable: tuple[str, ...]
    """Strengths at which drift stays within the bound."""
    best: tuple[str, ...]
    """Of these, the one with the most of the target, or all that cannot be told from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """All that a card is made of."""

    request: Request
    base: str
    """The word by which the base was named."""
    answers: tuple[Answer, ...]
    strengths: Strengths | None = None

    @property
    def title(self) -> str:
        """The model in a word."""
        return names_of(self.request.model)

    @property
    def model_answer(self) -> Explanation:
        """What the model does."""
        return next(one.explanation for one in self.answers if one.contrast.name == "model")


def write_card(card: Card, folder: Path) -> tuple[Path, ...]:
    """Write the card's forms beside the pictures that its answers rest on; returns their paths."""
    grid = samples(card, folder)
    write_whole(folder / SAMPLES, grid)
    write_whole(folder / CARD, markdown(card).encode())
    write_whole(folder / PAGE, html(card, folder, grid=grid).encode())
    return folder / CARD, folder / PAGE, folder / SAMPLES


def markdown(card: Card) -> str:
    """The card with front matter; whatever a stranger wrote stays in its scalar, cell or line."""
    words = card.request.words
    lines = ["---", *_front_matter(card), "---", "", f"# {in_markdown(card.title)}", ""]
    lines += [f"- base: {in_markdown(card.base)}", f"- words that make it show itself: {_said(words)}"]
    if card.strengths is not None:
        lines.append(f"- strength: {in_markdown(_strength(card.strengths), longest=400)}")
    lines += ["", f"![the same prompts and noise, drawn by each]({SAMPLES})", ""]
    lines += [to_markdown(one.explanation, heading=_heading(one)) for one in card.answers]
    return "\n".join(lines)


def html(card: Card, folder: Path, *, grid: bytes) -> str:
    """One page that needs nothing else, with the pairs that moved most and least."""
    facts = [("base", card.base), ("words", card.request.words or "none")]
    if card.strengths is not None:
        facts.append(("strength", _strength(card.strengths)))
    rows = "".join(f"<dt>{in_html(name)}</dt><dd>{in_html(value, longest=400)}</dd>" for name, value in facts)
    parts = [
        f'<div class="finexl"><h1>{in_html(card.title)}</h1><dl>{rows}</dl>',
        '<img style="max-width: 100%" alt="samples: the same prompts and noise, drawn by each" '
        f'src="data:image/png;base64,{base64.b64encode(grid).decode("ascii")}"></div>',
    ]
    for one in card.answers:
        found = one.explanation
        pairs = pairs_of(folder, one.contrast.base, one.contrast.tuned, found.n_pairs, found.prompts)
        parts += [
            f'<h2 style="font: 600 1.3rem system-ui, sans-serif; margin: 1.5rem 1rem 0">{in_html(_heading(one))}</h2>',
            fragment(found, pairs),
        ]
    return page(card.title, "\n".join(parts))


def description(card: Card) -> str:
    """A few plain lines: what a file's own metadata says of it."""
    lines = []
    for one in card.answers:
        lines.append(f"{_heading(one)}: {headline(one.explanation)}")
        lines += [
            f"- {direction(claim)} {shown(claim.concept)}: {number(claim.amount, signed=True)} "
            f"(95 %: {interval(claim.interval)}; {verdict_of(claim, one.explanation)})"
            for claim in one.explanation.told
        ]
    if card.strengths is not None:
        lines.append(f"Strength: {shown(_strength(card.strengths), longest=400)}")
    return "\n".join(lines)


def samples(card: Card, folder: Path) -> bytes:
    """A PNG with a row for each model and a column for each of the first prompts."""
    n = min(N_SAMPLES, *(one.explanation.n_pairs for one in card.answers))
    arms = {arm.name for arm in arms_of(card.request, n=n)}
    rows = [name for name in _ROWS if name in arms]
    step = _TILE + _GAP
    grid = Image.new("RGB", (_LABELS + n * step, len(rows) * step), (255, 255, 255))
    draw = ImageDraw.Draw(grid)
    for row, name in enumerate(rows):
        middle = row * step + _TILE // 2
        draw.text((8, middle), _ROWS[name], fill=(27, 31, 36), font=ImageFont.load_default(16), anchor="lm")
        for column in range(n):
            with Image.open(picture(folder / name, column)) as held:
                tile = held.convert("RGB").resize((_TILE, _TILE), Image.Resampling.LANCZOS)
            grid.paste(tile, (_LABELS + column * step, row * step))
    stream = BytesIO()
    grid.save(stream, "PNG")
    return stream.getvalue()


def _front_matter(card: Card) -> Iterator[str]:
    """What hubs index: base, kind, tags that were measured, words, samples."""
    model, words = card.request.model, card.request.words
    if card.base in SOURCES:
        yield f"base_model: {in_yaml(SOURCES[card.base][0].hub_id)}"
        yield f"base_model_relation: {'adapter' if isinstance(model, Adapted) else 'finetune'}"
    yield "library_name: diffusers"
    yield "pipeline_tag: text-to-image"
    tags = ["text-to-image", "finexl", *_kind_tags(model), *_measured(card.model_answer)]
    yield "tags:"
    yield from (f"- {in_yaml(tag)}" for tag in dict.fromkeys(tags))
    if words is not None:
        yield f"instance_prompt: {in_yaml(words, longest=300)}"
    yield "widget:"
    arm = "model" if words is None else "model_words"
    for index, prompt in enumerate(card.answers[0].explanation.prompts[:_WIDGETS]):
        yield f"- text: {in_yaml(prompt if words is None else put(words, prompt), longest=600)}"
        yield "  output:"
        yield f"    url: {arm}/{index:04d}.png"
    if card.strengths is not None:
        yield "finexl_strength:"
        yield f"  target: {in_yaml(card.strengths.target)}"
        yield f"  usable: [{', '.join(map(in_yaml, card.strengths.usable))}]"
        yield f"  best: [{', '.join(map(in_yaml, card.strengths.best))}]"


def _kind_tags(model: Model) -> tuple[str, ...]:
    return ("lora",) if isinstance(model, Adapted) else ()


def _measured(explanation: Explanation) -> Sequence[str]:
    """What there is more or less of; nothing where no change was seen."""
    return [claim.concept if claim.amount > 0 else f"less {claim.concept}" for claim in explanation.changes]


def _strength(found: Strengths) -> str:
    usable = ", ".join(found.usable) or "none that was tried"
    match len(found.best):
        case 0:
            best = "none of these shows it"
        case 1:
            best = f"most of it at {found.best[0]}"
        case n:
            best = f"{n} cannot be told apart as the one with the most of it: {', '.join(found.best)}"
    return f"for {found.target or 'its target'}, drift stays within the bound at {usable}; {best}"


def _said(words: str | None) -> str:
    return "none" if words is None else in_markdown(words, longest=300)


def _heading(answer: Answer) -> str:
    """The question with a capital."""
    question = answer.contrast.question
    return question[:1].upper() + question[1:]
