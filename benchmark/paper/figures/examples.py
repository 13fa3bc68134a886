"""Figures 12 and 13: images of the corpora, a few of every aspect."""

from collections.abc import Iterator

from benchmark.config.settings import Settings
from benchmark.paper.desk import Desk
from benchmark.paper.figures.figure import PaperFigure, figure
from benchmark.paper.specification import Specification
from benchmark.plan.ground import probe_seed
from benchmark.run.workbench import SettingsWorkbench
from benchmark.show.drawing import FAINT, Drawing, Mark, Picture, Words

_SIDE, _GAP, _LABEL, _HEAD = 64.0, 6.0, 16.0, 34.0
_ASPECTS, _ACROSS, _EACH = 15, 5, 2
"""Aspects of a corpus that are shown, of these in a row, and images of each."""


def runs(spec: Specification, desk: Desk) -> Iterator[Settings]:
    """Nothing is run."""
    del spec, desk
    yield from ()


def draw(spec: Specification, desk: Desk) -> PaperFigure:
    """A block for each corpus, with some images of its first aspects."""
    marks: list[Mark] = []
    data, top = {}, 0.0
    for name, column in spec.columns.items():
        settings = desk.asked.settings(spec, column.words)
        corpus = SettingsWorkbench(settings).corpus
        shown = corpus.aspects[:_ASPECTS]
        data[name] = {"corpus": corpus.id, "aspects": shown, "of": len(corpus.aspects)}
        marks.append(
            Words(
                at=(10.0, top + 22), text=f"{name}: {len(shown)} of {len(corpus.aspects)} aspects", size=12.0
            )
        )
        for place, aspect in enumerate(shown):
            images, _ = corpus.images(aspect, _EACH, probe_seed(settings))
            row, column_at = divmod(place, _ACROSS)
            x = 10 + column_at * (_EACH * (_SIDE + 2) + 14)
            y = top + _HEAD + row * (_SIDE + _LABEL + _GAP)
            marks += [
                Picture(at=(x + number * (_SIDE + 2), y), side=_SIDE, pixels=image)
                for number, image in enumerate(images)
            ]
            marks.append(Words(at=(x, y + _SIDE + 11), text=aspect, size=9.5, color=FAINT))
        top += _HEAD + -(-len(shown) // _ACROSS) * (_SIDE + _LABEL + _GAP) + 8
    width = 20 + _ACROSS * (_EACH * (_SIDE + 2) + 14)
    return figure(spec, Drawing(width=width, height=top, marks=marks), data)
