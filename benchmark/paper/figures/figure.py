"""A figure of the paper as a value: a drawing, the numbers behind it, and what must be said of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmark.paper.specification import Specification
from benchmark.show.drawing import Drawing


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperFigure:
    """A figure, measured."""

    name: str
    heading: str
    title: str
    section: str
    drawing: Drawing
    data: Mapping[str, Any] = field(default_factory=dict)
    """What is drawn, as values of JSON."""
    remarks: tuple[str, ...] = ()


def figure(
    spec: Specification, drawing: Drawing, data: Mapping[str, Any], remarks: tuple[str, ...] = ()
) -> PaperFigure:
    """The figure of a specification."""
    return PaperFigure(
        name=spec.name,
        heading=spec.heading,
        title=spec.title,
        section=spec.section,
        drawing=drawing,
        data=data,
        remarks=tuple(line for line in (spec.note, *remarks) if line),
    )
