"""The question that shows whether a model sees: plain colours, of which it must name the first and the last.

Nothing here needs a client or torch.
"""

import hashlib
from collections.abc import Sequence

from PIL import Image

from finexl.interfaces import Question, Task

COLOURS = {
    "red": (220, 20, 20),
    "green": (20, 160, 40),
    "blue": (20, 50, 220),
    "yellow": (250, 220, 20),
    "black": (0, 0, 0),
    "white": (255, 255, 255),
}
ASKED = (
    "Here are {n} images of plain colours. Name the colour of the first image and the colour of the last image, each "
    'in one English word, in this form: {{"first": "...", "last": "..."}}'
)
ASKED_OF_HALVES = (
    "Here is an image of two plain colours. Name the colour of its left half (first) and the colour of its right half "
    '(last), each in one English word, in this form: {"first": "...", "last": "..."}'
)
PAIRS = (("yellow", "green"), ("green", "black"), ("blue", "yellow"), ("white", "red"), ("black", "blue"))
"""Which colours are shown; not those that a model would guess that sees nothing."""
SCHEMA = {
    "type": "object",
    "properties": {"first": {"type": "string"}, "last": {"type": "string"}},
    "required": ["first", "last"],
    "additionalProperties": False,
}


def colours_for(vlm: str) -> tuple[str, str]:
    """Which two colours a model of this id is shown."""
    return PAIRS[int(hashlib.sha256(vlm.encode()).hexdigest(), 16) % len(PAIRS)]


def question_of(colours: tuple[str, str], sizes: Sequence[tuple[int, int]]) -> Question:
    """The question, with images as large as those of another."""
    images = _plain(*colours, sizes=sizes)
    text = ASKED.format(n=len(images)) if len(images) > 1 else ASKED_OF_HALVES
    return Question(task=Task.DESCRIBE, text=text, images=images, schema=SCHEMA)


def _plain(first: str, last: str, *, sizes: Sequence[tuple[int, int]]) -> tuple[Image.Image, ...]:
    """Images as large as those of a question: one colour first, another last; one alone is of halves."""
    if len(sizes) == 1:
        width, height = sizes[0]
        image = Image.new("RGB", sizes[0], COLOURS[first])
        image.paste(COLOURS[last], (width // 2, 0, width, height))
        return (image,)
    between = [Image.new("RGB", size, (128, 128, 128)) for size in sizes[1:-1]]
    return (Image.new("RGB", sizes[0], COLOURS[first]), *between, Image.new("RGB", sizes[-1], COLOURS[last]))
