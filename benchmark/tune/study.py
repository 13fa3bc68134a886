"""Development models as embeddings: each is made, asked about and embedded once, so that settings are arithmetic.

Trained ones are lattices and ladders as the scenarios have them; painted ones are the same for every pair and aspect
(`painted.py`). Overlaid ones are painted over what training on base images alone does, in the kinds that neither of
them has: halves that hardly show, styles of several aspects, and artists. Beside them are the base model with other
noise, and changes that no word names.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark.config.settings import Settings
from benchmark.explain.explaining import Pixels, blind_pairs
from benchmark.plan.trials import Group, Probe
from benchmark.read.readers import Reader
from benchmark.run.probing import other_noise
from benchmark.run.stages import BaseUnit, ModelUnit, adapter_units
from benchmark.run.workbench import SettingsWorkbench
from benchmark.tune.development import WHOLE, Development, make
from benchmark.tune.painted import NAMELESS, by_an_artist, in_some, mixture
from finetune.recipe import lattice

if TYPE_CHECKING:
    from finexl.robust.explaining import Embedded

N_LEVELS = 10
"""Of a painted ladder."""
FAINT = (0.25, 0.125)
"""In which share of images half of an aspect shows where it is slow to be learned, in turns."""
FAINT_PAIRS = (
    ("warm", "dark"), ("dark", "striped"), ("posterised", "foggy"), ("striped", "embossed"), ("embossed", "foggy"),
    ("foggy", "warm"), ("striped", "dark"), ("embossed", "dark"),
)  # fmt: skip
"""The first of each shows its half faintly; half of the pairs look alike."""
SEVERAL = (
    ("warm", "foggy", "striped"),
    ("dark", "foggy", "posterised"),
    ("warm", "embossed"),
    ("dark", "striped"),
)
"""Styles of several development aspects; the last two parts look alike."""
SEVERAL_SHARE = 0.7
"""Of each of their parts, as in the composite styles of the world."""
ARTISTS = (
    {"warm": 0.7, "embossed": 0.2, "dark": 0.1},
    {"dark": 0.7, "posterised": 0.2, "foggy": 0.1},
    {"striped": 0.7, "warm": 0.2, "foggy": 0.1},
    {"posterised": 0.7, "dark": 0.2, "striped": 0.1},
)
"""Who works mostly in one style and now and then in two others, as in the corpus of artists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """The models of a lattice or ladder as embeddings."""

    id: str
    aspects: tuple[str, ...]
    truths: Sequence[tuple[int, ...]]
    """Level of each aspect, model by model; on a ladder all aspects rise."""
    models: Sequence["Embedded"]
    unasked: Sequence[Mapping[str, int]] = ()
    """What moves a model beside that, with its level, model by model; nothing by default."""

    @property
    def levels(self) -> list[Mapping[str, int]]:
        """Level of whatever moves it, model by model."""
        beside = self.unasked or [{}] * len(self.truths)
        return [
            {**dict(zip(self.aspects, truth, strict=True)), **more}
            for truth, more in zip(self.truths, beside, strict=True)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Models that came about in one way."""

    lattices: Sequence[Models]
    ladders: Sequence[Models]

    @property
    def n_models(self) -> int:
        """In all."""
        return sum(len(one.models) for one in (*self.lattices, *self.ladders))


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """Development models as embeddings, and who reads what is said of them."""

    trained: Material
    painted: Material
    overlaid: Material
    unchanged: Sequence["Embedded"]
    nameless: Sequence["Embedded"]
    """Changed in ways that no word names."""
    reader: Reader
    corpus_aspects: tuple[str, ...]


def study(settings: Settings, tell: Callable[[str], None]) -> Study:
    """Make the development models, ask about and embed each once; `tell` hears how far it is."""
    bench = SettingsWorkbench(settings)
    plan = Development(settings=settings, corpus=bench.corpus, generator_id=bench.workshop.generator_id)
    lattices, ladders, probe = plan.lattices(), plan.ladders(), plan.probe
    of_adapters = plan.lattices_of_adapters()
    bases = [BaseUnit(probe=probe), BaseUnit(probe=other_noise(probe))]
    # a mixture is a training run of its own, and a ladder one that is kept at every level
    runs = [(trial.variant,) for group in lattices for trial in group.trials]
    runs += [tuple(trial.variant for trial in group.trials) for group in ladders]
    make([bases, [ModelUnit(variants=run, probe=probe) for run in runs]], settings, tell)
    composed = [(trial.variant, probe) for group in of_adapters for trial in group.trials]
    units = [ModelUnit(variants=(variant,), probe=probe) for variant, _ in composed]
    make([adapter_units(composed), units], plan.with_adapters, tell)
    base, again = bench.unchanged(probe)
    studio = _Studio(
        bench=bench,
        explainer=bench.explainer("finexl_grounded").explainer,
        probe=probe,
        base=base,
        again=again,
        drifted=[
            bench.images(trial, probe)[1]
            for group in lattices
            for trial in group.trials
            if not any(trial.truth)
        ],
        tell=tell,
    )
    mixtures = [one.parts for one in lattice(2, WHOLE)]
    levels = [(level,) for level in range(1, N_LEVELS + 1)]
    return Study(
        trained=Material(
            lattices=[studio.trained(group) for group in (*lattices, *of_adapters)],
            ladders=[studio.trained(group) for group in ladders],
        ),
        painted=Material(
            lattices=[studio.painted(pair, mixtures, whole=WHOLE) for pair in combinations(plan.aspects, 2)],
            ladders=[studio.painted((aspect,), levels, whole=N_LEVELS) for aspect in plan.aspects],
        ),
        overlaid=Material(
            lattices=[studio.faint(place, mixtures) for place in range(len(FAINT_PAIRS))],
            ladders=[
                *(studio.several(aspects) for aspects in SEVERAL),
                *(studio.artist(place, levels) for place in range(len(ARTISTS))),
            ],
        ),
        unchanged=[studio.unchanged],
        nameless=[studio.embedded(np.ascontiguousarray(change(base))) for change in NAMELESS.values()],
        reader=bench.reader(),
        corpus_aspects=bench.corpus_aspects,
    )


Truths = Sequence[tuple[int, ...]]


@dataclass(frozen=True, kw_only=True)
class _Studio:
    """Trains nothing: what is made it shows, paints and embeds."""

    bench: SettingsWorkbench
    explainer: Any
    probe: Probe
    base: Pixels
    again: Pixels
    """The base model's images from other noise."""
    drifted: Sequence[Pixels]
    """What training on base images alone does, with seeds of its own."""
    tell: Callable[[str], None]

    @cached_property
    def unchanged(self) -> "Embedded":
        return self.embedded(self.again)

    def embedded(self, tuned: Pixels) -> "Embedded":
        return self.explainer.embedded(blind_pairs(self.probe.prompts, self.base, tuned))[0]

    def trained(self, group: Group) -> Models:
        self.tell(f"ask and embed: {group.id}")
        models = [self.embedded(self.bench.images(trial, self.probe)[1]) for trial in group.trials]
        return Models(
            id=group.id,
            aspects=group.aspects,
            truths=[trial.truth for trial in group.trials],
            models=models,
            unasked=[dict(trial.unasked) for trial in group.trials],
        )

    def painted(self, aspects: tuple[str, ...], truths: Truths, *, whole: int) -> Models:
        self.tell(f"paint, ask and embed: {' and '.join(aspects)}")
        models = [
            self.embedded(
                mixture(self.base, dict(zip(aspects, np.array(parts) / whole, strict=True)), seed=seed)
            )
            if any(parts)
            else self.unchanged
            for seed, parts in enumerate(truths)
        ]
        return Models(id=f"painted/{'+'.join(aspects)}", aspects=aspects, truths=truths, models=models)

    def faint(self, place: int, mixtures: Truths) -> Models:
        first, second = pair = FAINT_PAIRS[place]
        shown = (0.0, FAINT[place % len(FAINT)], 1.0)

        def paint(images: Pixels, truth: tuple[int, ...], seed: int) -> Pixels:
            return in_some(images, {first: shown[truth[0]], second: truth[1] / WHOLE}, seed=seed)

        return self._overlaid(pair, mixtures, paint)

    def several(self, aspects: tuple[str, ...]) -> Models:
        def paint(images: Pixels, truth: tuple[int, ...], seed: int) -> Pixels:
            share = SEVERAL_SHARE * truth[0] / N_LEVELS
            return mixture(images, dict.fromkeys(aspects, share), seed=seed)

        levels = [(level,) * len(aspects) for level in range(1, N_LEVELS + 1)]
        return self._overlaid(aspects, levels, paint)

    def artist(self, place: int, levels: Truths) -> Models:
        styles = ARTISTS[place]
        main = next(iter(styles))

        def paint(images: Pixels, truth: tuple[int, ...], seed: int) -> Pixels:
            del seed  # one seed: an image keeps its style from level to level
            return by_an_artist(images, styles, strength=truth[0] / N_LEVELS, seed=place)

        return self._overlaid((main,), levels, paint)

    def _overlaid(
        self,
        aspects: tuple[str, ...],
        truths: Truths,
        paint: Callable[[Pixels, tuple[int, ...], int], Pixels],
    ) -> Models:
        self.tell(f"overlay, ask and embed: {' and '.join(aspects)}")
        # models of a lattice drift each by themselves, and the levels of a ladder are one run;
        # which drift is the first follows from the name alone, so that another pair in the list changes none
        is_lattice, first = (0, 0) in truths, len(aspects[0])
        under = [
            self.drifted[(first + is_lattice * number) % len(self.drifted)] for number in range(len(truths))
        ]
        models = [
            self.embedded(paint(images, truth, number))
            for number, (images, truth) in enumerate(zip(under, truths, strict=True))
        ]
        return Models(id=f"overlaid/{'+'.join(aspects)}", aspects=aspects, truths=truths, models=models)
