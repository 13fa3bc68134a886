"""Captions of two groups of images as lines of a question's text, and back again.

A chat model reads the lines as they are; a closed-vocabulary model gets the captions back from them. Group A holds
the images whose traits are looked for, the personalized ones; group B the base images.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

_LINE = re.compile(r"^Group ([AB]):[ \t]*(.*)$", re.MULTILINE)


class GroupCaptions(NamedTuple):
    """The captions of both groups, each in the order written."""

    a: tuple[str, ...]
    b: tuple[str, ...]


def write_pairs(prompts: Sequence[str], captions: GroupCaptions) -> str:
    """Captions paired by the prompt that both images were made from: VisDiff's variant for two generators.

    >>> print(write_pairs(["a boat"], GroupCaptions(a=("a vivid boat",), b=("a boat",))))
    Prompt: a boat
    Group A: a vivid boat
    Group B: a boat
    """
    told = zip(prompts, captions.a, captions.b, strict=True)
    return "\n\n".join(
        f"Prompt: {_line(prompt)}\nGroup A: {_line(a)}\nGroup B: {_line(b)}" for prompt, a, b in told
    )


def write_groups(captions: GroupCaptions) -> str:
    """Captions of one group after those of the other: VisDiff's variant for any two sets of images."""
    named = [("A", caption) for caption in captions.a] + [("B", caption) for caption in captions.b]
    return "\n".join(f"Group {group}: {_line(caption)}" for group, caption in named)


def read_captions(text: str) -> GroupCaptions:
    """The captions in a question's text, whichever way they were written and whatever stands around them."""
    found = _LINE.findall(text)
    return GroupCaptions(
        a=tuple(caption.strip() for group, caption in found if group == "A"),
        b=tuple(caption.strip() for group, caption in found if group == "B"),
    )


def _line(text: str) -> str:
    return " ".join(text.split())
