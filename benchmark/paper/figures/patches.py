"""Figure 14: the patches of images that tell a personalized model from its base best, as visual explanations do.

A direction of embeddings is learned from the patches of half of the prompts, and the patches of the other half are
ranked along it, so that what is shown is not what was fitted. The paper's point is that one sees the patches and still
has to find the word; ours adds how well they tell the models apart.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, UInt8

from benchmark.config.settings import Settings
from benchmark.paper.desk import Desk
from benchmark.paper.figures.figure import PaperFigure, figure
from benchmark.paper.figures.series import runs
from benchmark.paper.specification import Specification
from benchmark.plan.trials import Group
from benchmark.run.workbench import SettingsWorkbench
from benchmark.show.drawing import FAINT, Drawing, Mark, Picture, Words

if TYPE_CHECKING:
    from finexl.interfaces import Encoder

Images = UInt8[np.ndarray, "n h w 3"]
_CODE = "benchmark.paper.figures.patches:telling"
_SIDE = 16
"""Pixels of a patch's side; the miniature's images have 64."""
_SHRINK = 0.1
"""Share of the mean variance that is added to every direction, since there are few patches."""
_SHOWN, _GROUPS = 10, 3
_EDGE, _GAP, _NAME, _HEAD = 52.0, 4.0, 130.0, 30.0


def draw(spec: Specification, desk: Desk) -> PaperFigure:
    """For each series the most telling patches of its last model, and the least telling ones of the base."""
    (settings,) = runs(spec, desk)
    desk.run(settings)
    bench = SettingsWorkbench(settings)
    marks: list[Mark] = [
        Words(
            at=(10.0, 18.0),
            text="Patches of prompts that the direction was not fitted on, the most telling first",
            color=FAINT,
        )
    ]
    data, top, groups = [], _HEAD, bench.groups()[:_GROUPS]
    pairs = [bench.pairs_key(group.trials[-1], group.probe) for group in groups]
    kept = desk.kept("patches", settings, lambda: telling(settings, bench, groups), code=_CODE, pairs=pairs)
    for group, found in zip(groups, kept, strict=True):
        for name in ("personalized", "base"):
            marks.append(Words(at=(10.0, top + _EDGE / 2), text=f"{group.aspects[0]}, {name}", size=9.5))
            patches = np.frombuffer(bytes.fromhex(found[name]), np.uint8).reshape(-1, _SIDE, _SIDE, 3)
            marks += [
                Picture(at=(_NAME + place * (_EDGE + _GAP), top), side=_EDGE, pixels=patch)
                for place, patch in enumerate(patches)
            ]
            top += _EDGE + _GAP
        top += 10
        data.append({"group": group.id, "auroc": found["auroc"], "n_patches": found["n"]})
    width = _NAME + _SHOWN * (_EDGE + _GAP) + 10
    remarks = tuple(
        f"{each['group']}: held-out patches tell the models apart with an AUROC of {each['auroc']:.2f} "
        f"({each['n_patches']} patches of each; .5 is chance)."
        for each in data
    )
    return figure(spec, Drawing(width=width, height=top, marks=marks), {"groups": data}, remarks)


def telling(
    settings: Settings, bench: SettingsWorkbench, groups: Sequence[Group]
) -> list[dict[str, str | float | int]]:
    """For each group the patches that are shown, as hexadecimal digits, and how well all of them tell, as AUROC."""
    from benchmark.parts.encoders import load_encoder

    encoder = load_encoder(settings.encoder)
    return [_of_group(bench, group, encoder) for group in groups]


def _of_group(bench: SettingsWorkbench, group: Group, encoder: "Encoder") -> dict[str, str | float | int]:
    base, personalized = (cut(images) for images in bench.images(group.trials[-1], group.probe))
    embedded = [_embedded(each, encoder) for each in (base, personalized)]
    fitted = len(base) // 2
    direction = telling_direction(*(rows[:fitted].reshape(-1, rows.shape[-1]) for rows in embedded))
    held = [rows[fitted:] @ direction for rows in embedded]  # (prompts, patches)
    patches = [each[fitted:].reshape(-1, *each.shape[2:]) for each in (base, personalized)]
    lowest, highest = np.argsort(held[0].ravel())[:_SHOWN], np.argsort(-held[1].ravel())[:_SHOWN]
    return {
        "base": patches[0][lowest].tobytes().hex(),
        "personalized": patches[1][highest].tobytes().hex(),
        "auroc": auroc(held[1].ravel(), held[0].ravel()),
        "n": int(held[0].size),
    }


def cut(images: Images, side: int = _SIDE) -> UInt8[np.ndarray, "n p side side 3"]:
    """All patches of images, row by row, without overlap; what is left at the edges is left out."""
    n, height, width, _ = images.shape
    rows, columns = height // side, width // side
    whole = images[:, : rows * side, : columns * side].reshape(n, rows, side, columns, side, 3)
    return whole.transpose(0, 1, 3, 2, 4, 5).reshape(n, rows * columns, side, side, 3)


def telling_direction(
    base: Float[np.ndarray, "n d"], personalized: Float[np.ndarray, "n d"]
) -> Float[np.ndarray, " d"]:
    """Fisher's direction between two sets of rows, of unit length; the covariance is shrunk towards the identity."""
    spread = (np.cov(base, rowvar=False) + np.cov(personalized, rowvar=False)) / 2
    level = np.trace(spread) / len(spread)
    direction = np.linalg.solve(
        spread + _SHRINK * max(level, 1e-12) * np.eye(len(spread)),
        personalized.mean(axis=0) - base.mean(axis=0),
    )
    length = np.linalg.norm(direction)
    return direction / length if length else direction


def auroc(ones: Float[np.ndarray, " n"], others: Float[np.ndarray, " m"]) -> float:
    """How often a value of `ones` is above one of `others`; ties are half.

    >>> auroc(np.array([2.0, 3.0]), np.array([1.0, 2.0]))
    0.875
    """
    from scipy.stats import rankdata

    ranks = rankdata([*ones, *others])[: len(ones)]
    return float((ranks.sum() - len(ones) * (len(ones) + 1) / 2) / (len(ones) * len(others)))


def _embedded(patches: UInt8[np.ndarray, "n p s s 3"], encoder: "Encoder") -> Float[np.ndarray, "n p d"]:
    from finexl.values import ImageStack

    flat = patches.reshape(-1, *patches.shape[2:])
    rows = encoder.embed_images(ImageStack(np.ascontiguousarray(flat))).double().numpy()
    return rows.reshape(*patches.shape[:2], -1)
