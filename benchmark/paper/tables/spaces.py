"""Table 8: whether an encoder's space is linear, its concepts orthogonal, its texts aligned with images (§4.3, §6.7).

The concepts are the styles of the corpus, the same for all encoders. The ideal generator of Eq. 7 is the corpus itself:
the same scene without and with the style.
"""

from collections.abc import Iterator
from itertools import combinations
from math import exp, lgamma
from statistics import fmean
from typing import TYPE_CHECKING

from benchmark.config.settings import Settings
from benchmark.paper.cells import Cell
from benchmark.paper.desk import Desk
from benchmark.paper.specification import Specification
from benchmark.paper.tables.naming import painted
from benchmark.paper.tables.scored import Measured
from benchmark.plan.ground import probe_seed
from benchmark.run.workbench import SettingsWorkbench
from benchmark.score.statistics import t_interval
from finetune.corpora import PairedCorpus
from finetune.corpora.few_prompts import enough_prompts
from finexl.errors import InvalidInputError

if TYPE_CHECKING:
    from torch import Tensor

_CODE = "benchmark.paper.tables.spaces:qualities"
_COSINES = (-1.0, 1.0)


def measure(spec: Specification, desk: Desk) -> Measured:
    """Every encoder in every respect."""
    cells: dict[tuple[str, str], Cell] = {}
    remarks = []
    for name, row in spec.rows.items():
        settings = desk.asked.settings(spec, [f"encoder={row.part}"])
        found = desk.kept(
            f"space-{row.part}", settings, lambda settings=settings: qualities(settings), code=_CODE
        )
        for column, given in spec.columns.items():
            units = found[given.quantity]
            if not units:
                cells[name, column] = Cell(why="the corpus has no image without its style to compare with")
                continue
            interval = t_interval(units, ends=_COSINES)
            cells[name, column] = Cell(
                measured=fmean(units),
                low=interval.low if interval else None,
                high=interval.high if interval else None,
                n=len(units),
                chance=chance_of_projection(found["width"], 2) if given.quantity == "linearity" else 0.0,
            )
        remarks.append(
            f"{name}: the mean size of cosines between concepts is {found['size_of_cosines']:.2f}, "
            f"in {found['width']} dimensions."
        )
    return Measured(cells=cells, remarks=tuple(remarks))


def runs(spec: Specification, desk: Desk) -> Iterator[Settings]:
    """Nothing is run."""
    del spec, desk
    yield from ()


def qualities(settings: Settings) -> dict[str, list[float] | float | int]:
    """Linearity, orthogonality and alignment of every concept, a mean over the others where two are compared."""
    from benchmark.parts.encoders import load_encoder
    from finexl.concepts import concept_vectors
    from finexl.divergence import divergence
    from finexl.template import ConceptTemplate

    bench, encoder = SettingsWorkbench(settings), load_encoder(settings.encoder)
    names = [bench.concepts[place] for place in range(len(bench.concepts))]
    if len(names) < 2:
        raise InvalidInputError(
            "Linearity and orthogonality are of two styles. "
            f"corpus={settings.corpus.name} has {len(names)}: give one with more."
        )
    prompts = enough_prompts(bench.corpus, settings.preset.n_prompts, probe_seed(settings))
    pairs = list(combinations(range(len(names)), 2))
    unions = [f"{names[one]} and {names[other]}" for one, other in pairs]
    rows = concept_vectors([*names, *unions], prompts, encoder=encoder, template=ConceptTemplate())
    single, joint = rows[: len(names)], rows[len(names) :]
    linear = [linearity(joint[place], single[[*pair]]) for place, pair in enumerate(pairs)]
    between = [cosine(single[one], single[other]) for one, other in pairs]
    aligned = []
    for aspect, concept in zip(bench.corpus.aspects, names, strict=True):
        if isinstance(bench.corpus, PairedCorpus):
            shown = painted(settings, bench, aspect)
            (said,) = concept_vectors([concept], shown.prompts, encoder=encoder, template=ConceptTemplate())
            aligned.append(cosine(said, divergence(shown, encoder=encoder)))
    return {
        "linearity": _by_concept(pairs, linear, len(names)),
        "orthogonality": _by_concept(pairs, between, len(names)),
        "alignment": aligned,
        "size_of_cosines": fmean(map(abs, between)),
        "width": int(rows.shape[1]),
    }


def linearity(joint: "Tensor", parts: "Tensor") -> float:
    """Cosine of f(Cᵢ ∪ Cⱼ) and the nearest wᵢ f(Cᵢ) + wⱼ f(Cⱼ) (§4.3); 0 where the union is not seen at all."""
    import torch

    length = float(joint.norm())
    if not length:
        return 0.0
    weights = torch.linalg.lstsq(parts.T, joint.unsqueeze(1), driver="gelsd").solution
    return float((parts.T @ weights).norm()) / length


def cosine(one: "Tensor", other: "Tensor") -> float:
    """Cosine of two vectors; 0 where one of them is zero."""
    lengths = float(one.norm() * other.norm())
    return float(one @ other) / lengths if lengths else 0.0


def chance_of_projection(width: int, n: int) -> float:
    """Expected length of a random unit vector's projection on `n` dimensions of `width`.

    >>> round(chance_of_projection(3, 1), 6)  # the mean of |cos|, uniform on a sphere
    0.5
    """
    return exp(lgamma((n + 1) / 2) + lgamma(width / 2) - lgamma(n / 2) - lgamma((width + 1) / 2))


def _by_concept(pairs: list[tuple[int, int]], values: list[float], n: int) -> list[float]:
    """The mean over the pairs that each concept is in: concepts, not pairs, are independent."""
    return [
        fmean(value for pair, value in zip(pairs, values, strict=True) if place in pair) for place in range(n)
    ]
