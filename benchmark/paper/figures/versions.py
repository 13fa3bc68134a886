"""Figure 10: images of a generator's versions, and how much FineXL claims of each, beside the printed coefficients."""

from itertools import pairwise

from benchmark.paper.desk import Desk
from benchmark.paper.figures.figure import PaperFigure, figure
from benchmark.paper.figures.series import amounts_of, runs
from benchmark.paper.published import Published, published
from benchmark.paper.specification import Specification
from benchmark.run.workbench import SettingsWorkbench
from benchmark.show.drawing import FAINT, Drawing, Mark, Picture, Words
from finetune.recipe import Released

_SIDE, _GAP, _NAME, _HEAD = 72.0, 4.0, 90.0, 40.0
_IMAGES, _CLAIMS = 4, 3


def draw(spec: Specification, desk: Desk) -> PaperFigure:
    """A row for the first version and for each later one, with its strongest claims at the right."""
    (settings,) = runs(spec, desk)
    (record,) = desk.run(settings).records[:1]
    bench = SettingsWorkbench(settings)
    (group,) = bench.groups()
    shown, rows = range(min(_IMAGES, len(group.probe.prompts))), {}
    base = bench.images(group.trials[0], group.probe)[0]
    pictures, told = {"first version": base}, {"first version": "the base"}
    for trial, said in zip(group.trials, record.trials, strict=True):
        name = trial.variant.version if isinstance(trial.variant, Released) else trial.id
        amounts = amounts_of(said)
        top = sorted(amounts, key=lambda each: -abs(amounts[each]))[:_CLAIMS]
        pictures[name] = bench.images(trial, group.probe)[1]
        told[name] = ", ".join(f"{each} {amounts[each]:.2f}" for each in top) or "nothing is claimed"
        rows[name] = {
            "amounts": {aspect: amounts.get(aspect, 0.0) for aspect in group.aspects},
            "truth": dict(zip(group.aspects, trial.truth, strict=True)),
            "all": amounts,
        }
    marks: list[Mark] = []
    for place, (name, images) in enumerate(pictures.items()):
        y = _HEAD + place * (_SIDE + _GAP)
        marks.append(Words(at=(10.0, y + _SIDE / 2), text=name))
        marks += [
            Picture(at=(_NAME + index * (_SIDE + _GAP), y), side=_SIDE, pixels=images[index])
            for index in shown
        ]
        at = (_NAME + len(shown) * (_SIDE + _GAP) + 10, y + _SIDE / 2)
        marks.append(Words(at=at, text=told[name], size=10.5))
    marks.insert(
        0, Words(at=(10.0, 22.0), text="Same prompts and noise; at the right what is claimed", color=FAINT)
    )
    width = _NAME + len(shown) * (_SIDE + _GAP) + 330
    drawing = Drawing(width=width, height=_HEAD + len(pictures) * (_SIDE + _GAP) + 8, marks=marks)
    printed = published(spec.published) if spec.published else None
    remarks = [] if printed is None else [_beside(printed)]
    beside = {} if printed is None else {column: printed.column(column) for column in printed.columns}
    return figure(spec, drawing, {"versions": rows, "published": beside}, (*remarks, *_order(rows)))


def _beside(printed: Published) -> str:
    values = "; ".join(
        f"{column} {value:g}" for column in printed.columns for value in printed.column(column).values()
    )
    return (
        f"Published ({printed.caption}): {values}. They are coefficients of another encoder, so only their order "
        "compares."
    )


def _order(rows: dict[str, dict[str, dict[str, float]]]) -> list[str]:
    """Whether more is claimed of the version that was trained on more."""
    lines = []
    for aspect in next(iter(rows.values()))["truth"]:
        ranked = sorted(rows, key=lambda name: rows[name]["truth"][aspect])
        amounts = [rows[name]["amounts"][aspect] for name in ranked]
        grows = all(one < other for one, other in pairwise(amounts))
        said = ", ".join(f"{name} {amount:.2f}" for name, amount in zip(ranked, amounts, strict=True))
        lines.append(f"{aspect}: {said}; {'in' if grows else 'not in'} the order of the truth.")
    return lines
