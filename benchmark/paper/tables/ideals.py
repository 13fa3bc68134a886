"""Table 9: alignment with generators of growing quality in the place of the ideal one (App. A).

The renderer is exact. A worse generator is made of it: in a share of the prompts it paints the style that the prompt
names, in the others some other style, as a generator does that does not know the word. A column that names a generator
prompts it instead.
"""

from collections.abc import Iterator, Sequence
from statistics import fmean

import numpy as np
from jaxtyping import UInt8

from benchmark.config.settings import Settings
from benchmark.paper.cells import Cell
from benchmark.paper.desk import Desk
from benchmark.paper.specification import Specification
from benchmark.paper.tables.naming import n_scenes
from benchmark.paper.tables.scored import Measured
from benchmark.paper.tables.spaces import cosine
from benchmark.plan.ground import probe_seed
from benchmark.run.workbench import SettingsWorkbench
from benchmark.score.statistics import t_interval
from finetune.corpora import PairedCorpus
from finetune.corpora.few_prompts import enough_prompts
from finetune.miniature.aspects import ASPECTS, COMPOSITES, apply_aspect

Images = UInt8[np.ndarray, "n h w 3"]
_CODE = "benchmark.paper.tables.ideals:alignments"
_MOST_SCENES, _MOST_PROMPTED = 32, 16


def measure(spec: Specification, desk: Desk) -> Measured:
    """Every generator's alignment, the mean over styles."""
    cells: dict[tuple[str, str], Cell] = {}
    settings = desk.asked.settings(spec, [])
    bench = SettingsWorkbench(settings)
    can_be_painted = isinstance(bench.corpus, PairedCorpus) and set(bench.corpus.aspects) <= {
        *ASPECTS,
        *COMPOSITES,
    }
    for name, column in spec.columns.items():
        share = 1.0 if column.share is None else column.share
        for row in spec.rows:
            if column.part is not None:
                cells[row, name] = _cell(_prompted(spec, desk, column.part))
                continue
            if not can_be_painted:
                why = f"the renderer cannot paint the styles of corpus={settings.corpus.name}"
                cells[row, name] = Cell(why=why)
                continue
            units = desk.kept(
                "ideal", settings, lambda share=share: alignments(settings, share), code=_CODE, share=share
            )
            cells[row, name] = _cell(units)
    return Measured(cells=cells)


def runs(spec: Specification, desk: Desk) -> Iterator[Settings]:
    """Nothing is run."""
    del spec, desk
    yield from ()


def _cell(units: Sequence[float]) -> Cell:
    interval = t_interval(units, ends=(-1.0, 1.0))
    return Cell(
        measured=fmean(units),
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        n=len(units),
        chance=0.0,
    )


def _prompted(spec: Specification, desk: Desk, generator: str) -> list[float]:
    settings = desk.asked.settings(spec, [f"generator={generator}"])
    identity = SettingsWorkbench(settings).workshop.generator_id
    return desk.kept(
        f"ideal-{generator}",
        settings,
        lambda: prompted_alignments(settings),
        code="benchmark.paper.tables.ideals:prompted_alignments",
        generator=identity,
    )


def prompted_alignments(settings: Settings) -> list[float]:
    """The same with a generator that is prompted with every style, on noise that all prompts share."""
    from benchmark.parts.encoders import load_encoder
    from finexl.concepts import concept_vectors
    from finexl.divergence import divergence
    from finexl.template import ConceptTemplate
    from finexl.values import ImagePairs, ImageStack

    bench, encoder, template = SettingsWorkbench(settings), load_encoder(settings.encoder), ConceptTemplate()
    seed, n = probe_seed(settings), min(settings.preset.n_prompts, _MOST_PROMPTED)
    prompts, seeds = enough_prompts(bench.corpus, n, seed), range(seed * 10_000, seed * 10_000 + n)
    base = ImageStack(bench.workshop.images(None, [template.plain(prompt) for prompt in prompts], seeds))
    rows = concept_vectors(bench.concepts, prompts, encoder=encoder, template=template)
    found = []
    for concept, said in zip(bench.concepts, rows, strict=True):
        asked = [template.join(concept, prompt) for prompt in prompts]
        images = ImageStack(bench.workshop.images(None, asked, seeds))
        shown = ImagePairs(prompts=prompts, base=base, personalized=images)
        found.append(cosine(said, divergence(shown, encoder=encoder)))
    return found


def alignments(settings: Settings, share: float) -> list[float]:
    """Cosine of Eq. 6 and Eq. 7 for every style, with a generator that obeys a share of the prompts."""
    from benchmark.parts.encoders import load_encoder
    from finexl.concepts import concept_vectors
    from finexl.divergence import divergence
    from finexl.template import ConceptTemplate
    from finexl.values import ImagePairs, ImageStack

    bench, encoder = SettingsWorkbench(settings), load_encoder(settings.encoder)
    corpus, seed = bench.corpus, probe_seed(settings)
    assert isinstance(corpus, PairedCorpus)
    n = n_scenes(corpus, min(settings.preset.n_prompts, _MOST_SCENES))
    found = []
    for place, (aspect, concept) in enumerate(zip(corpus.aspects, bench.concepts, strict=True)):
        _, captions = corpus.images(aspect, n, seed)
        scenes = corpus.contents(aspect, n, seed)
        others = [other for other in corpus.aspects if other != aspect]
        shown = ImagePairs(
            prompts=captions,
            base=ImageStack(scenes),
            personalized=ImageStack(obeying(scenes, aspect, others, share=share, seed=seed + place)),
        )
        (said,) = concept_vectors([concept], captions, encoder=encoder, template=ConceptTemplate())
        found.append(cosine(said, divergence(shown, encoder=encoder)))
    return found


def obeying(scenes: Images, aspect: str, others: list[str], *, share: float, seed: int) -> Images:
    """Scenes in a style, but for all beyond a share of them, which are each in one of the other styles.

    Who obeys more obeys in the same prompts and in more.
    """
    rng = np.random.default_rng(seed)
    order, drawn = rng.permutation(len(scenes)), rng.integers(len(others), size=len(scenes))
    images = apply_aspect(scenes, aspect, 1.0, seed=seed)
    for place in order[round(share * len(scenes)) :]:
        images[place] = apply_aspect(scenes[place : place + 1], others[drawn[place]], 1.0, seed=seed)[0]
    return images
