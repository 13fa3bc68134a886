"""Table 7: whether the concepts that a VLM names are matched to the right style among alternatives (§6.6).

The paper has an LLM match the concepts; here the run's reader does. It draws no alternatives: for every style the share
of all sets of alternatives in which the right one is picked is counted exactly.
"""

from collections.abc import Iterator, Sequence
from math import comb
from statistics import fmean
from typing import TYPE_CHECKING

from benchmark.config.settings import Settings
from benchmark.paper.cells import Cell
from benchmark.paper.desk import Desk
from benchmark.paper.specification import Specification
from benchmark.paper.tables.scored import SCALES, Measured
from benchmark.plan.ground import probe_seed
from benchmark.run.workbench import SettingsWorkbench
from benchmark.score.statistics import t_interval
from finetune.corpora import Corpus, LimitedCorpus, PairedCorpus
from finexl.notices import Notice, notice

if TYPE_CHECKING:
    from finexl.interfaces import VLM
    from finexl.values import ImagePairs

_MOST_PAIRS = 32
_CODE = "benchmark.paper.tables.naming:votes"


def measure(spec: Specification, desk: Desk) -> Measured:
    """Every model to ask, at every number of alternatives."""
    cells: dict[tuple[str, str], Cell] = {}
    scale = SCALES.get(spec.unit, 1.0)
    for name, row in spec.rows.items():
        settings = desk.asked.settings(spec, [f"vlm={row.part}"])
        corpus = SettingsWorkbench(settings).corpus
        if not isinstance(corpus, PairedCorpus):
            why = f"corpus={settings.corpus.name} has no image without its style to compare with"
            cells |= {(name, column): Cell(why=why) for column in spec.columns}
            continue
        found = desk.kept(
            f"naming-{row.part}", settings, lambda settings=settings: votes(settings), code=_CODE
        )
        for column, given in spec.columns.items():
            cells[name, column] = cell(found, given.count or len(found), scale=scale)
    return Measured(cells=cells)


def runs(spec: Specification, desk: Desk) -> Iterator[Settings]:
    """Nothing is run."""
    del spec, desk
    yield from ()


def votes(settings: Settings) -> list[list[float]]:
    """How much is said of every style of the corpus (columns) about scenes in each of them (rows)."""
    from benchmark.read.readers import read_each
    from finexl.discovery import discover
    from finexl.settings import FineXLSettings
    from finexl.values import Claim, NoExplanation, ScoredExplanation

    bench = SettingsWorkbench(settings)
    vlm, reader = asked_model(settings), bench.reader()
    said = []
    for aspect in bench.corpus.aspects:
        found = discover(painted(settings, bench, aspect), vlm=vlm, settings=FineXLSettings())
        claims = [
            Claim(concept=concept, amount=float(n))
            for concept, n in zip(found.concepts, found.times_named, strict=True)
        ]
        said.append(
            NoExplanation(reason=found.failure) if found.failure else ScoredExplanation(claims=tuple(claims))
        )
    aspects = tuple(bench.corpus.aspects)
    readings = read_each(reader, said, aspects, corpus_aspects=bench.corpus_aspects)
    return [
        [0.0] * len(aspects) if reading is None or reading.values is None else [*reading.values]
        for reading in readings
    ]


def asked_model(settings: Settings) -> "VLM":
    """The model to ask, loaded."""
    from benchmark.parts.vlms import load_vlm

    return load_vlm(settings.vlm, ledger=settings.output / "spending.jsonl")


def painted(settings: Settings, bench: SettingsWorkbench, aspect: str) -> "ImagePairs":
    """Scenes of the corpus without and with a style, with their captions."""
    from finexl.values import ImagePairs, ImageStack

    corpus, seed = bench.corpus, probe_seed(settings)
    assert isinstance(corpus, PairedCorpus)
    n = n_scenes(corpus, min(settings.preset.n_prompts, _MOST_PAIRS))
    images, captions = corpus.images(aspect, n, seed)
    return ImagePairs(
        prompts=captions,
        base=ImageStack(corpus.contents(aspect, n, seed)),
        personalized=ImageStack(images),
    )


def n_scenes(corpus: Corpus, n: int) -> int:
    """`n`, or as many images as the corpus has of every style; fewer are told."""
    held = corpus.n_images if isinstance(corpus, LimitedCorpus) else n
    if held < n:
        notice(
            Notice(what="corpus", how=f"{held} images of every style where {n} are asked for: all are used")
        )
    return min(n, held)


def cell(found: Sequence[Sequence[float]], n_alternatives: int, *, scale: float) -> Cell:
    """The share of styles that are picked among so many alternatives."""
    if n_alternatives > len(found):
        return Cell(why=f"the corpus has {len(found)} styles, fewer than {n_alternatives} alternatives")
    units = [share_picked(row, place, n_alternatives) for place, row in enumerate(found)]
    interval = t_interval(units, ends=(0.0, 1.0))
    return Cell(
        measured=fmean(units) * scale,
        low=interval.low * scale if interval else None,
        high=interval.high * scale if interval else None,
        n=len(units),
        chance=scale / n_alternatives,
    )


def share_picked(said: Sequence[float], true: int, n_alternatives: int) -> float:
    """How often the true style has the most votes among itself and n - 1 others, over all sets of these.

    Styles with equally many votes share the answer.

    >>> share_picked([3.0, 1.0, 0.0], 0, 2)
    1.0
    >>> share_picked([0.0, 0.0], 0, 2)
    0.5
    """
    others = [votes for place, votes in enumerate(said) if place != true]
    tied = sum(votes == said[true] for votes in others)
    lower = sum(votes < said[true] for votes in others)
    drawn = n_alternatives - 1
    ways = sum(comb(tied, k) * comb(lower, drawn - k) / (1 + k) for k in range(min(tied, drawn) + 1))
    return ways / comb(len(others), drawn)
