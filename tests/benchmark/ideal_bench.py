"""A world in which models are ideal and cost nothing: an aspect brightens its rows by ten times the level.

Everything real is kept: store, plans, records, processes. Every piece of work leaves a line in `log.txt`, so
that tests can count what was done and kill a run after any of it.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import numpy as np

from benchmark.certify.certifier import Certifier, Shift, fit_certifier
from benchmark.certify.pyramid import pyramid_statistics
from benchmark.explain.explaining import Meter, MeteredExplainer
from benchmark.plan.trials import Group, Probe, Trial
from benchmark.read.readers import LexiconReader, Reader
from benchmark.record.records import Versions
from benchmark.run.executors import Executor, InlineExecutor
from benchmark.run.jobs import Job
from benchmark.run.lessons import Needs
from benchmark.run.logs import Redo
from benchmark.show.runs import RunFiles
from benchmark.show.sinks import Sink
from finetune.pairs import read_images, write_images
from finetune.recipe import (
    Composed,
    Edited,
    Mixture,
    Recipe,
    Released,
    Reseeded,
    Trained,
    Triggered,
    Variant,
    lattice,
)
from finetune.store.store import Store
from finexl.values import (
    AnyExplanation,
    Claim,
    ImagePairs,
    NoExplanation,
    ScoredExplanation,
    TextExplanation,
)

ASPECTS = ("vivid", "grainy")
SIZE = 16
VERSIONS = {"old": {"vivid": 1, "grainy": 0}, "new": {"vivid": 2, "grainy": 1}}
PROBE = Probe(prompts=("a boat", "a house", "two trees"), seeds=(1, 2, 3))


@dataclass(frozen=True, slots=True, kw_only=True)
class IdealOpener:
    """Opens the ideal workbench anywhere."""

    root: Path

    def __call__(self) -> "IdealBench":
        return IdealBench(self.root)


class IdealBench:
    """Makes images by arithmetic, and keeps them in a real store."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._store = Store(root / "store")

    def make_base(self, probe: Probe, *, since: float) -> None:
        self._store.since = since
        self._made("base", {"probe": probe.seeds}, lambda: base_images(probe))

    def make_personalized(self, variants: tuple[Variant, ...], probe: Probe, *, since: float) -> None:
        self._store.since = since
        for variant in variants:
            self._made(
                f"images {amounts(variant)}",
                image_identity(variant, probe),
                lambda variant=variant: personalized_images(variant, probe),
            )

    def make_adapter(
        self, recipe: Recipe, variants: tuple[Variant, ...], probe: Probe, *, since: float
    ) -> None:
        if not all(self._store.has("images", Store.key_of(image_identity(each, probe))) for each in variants):
            note(self._root, f"adapter {recipe.aspects[0]}")

    def images(self, trial: Trial, probe: Probe) -> tuple[np.ndarray, np.ndarray]:
        key = Store.key_of(image_identity(trial.variant, probe))
        personalized = read_images(self._root / "store" / "images" / key)
        return base_images(probe), personalized

    def learn(self, probe: str, *, since: float) -> None:
        self._store.since = since
        self._store.get_or_make(
            "probe",
            Store.key_of({"probe": probe}),
            lambda _: note(self._root, f"learned {probe}"),
            describe={},
        )

    def certifier(self) -> Certifier:
        return ideal_certifier()

    def unchanged(self, probe: Probe) -> tuple[np.ndarray, np.ndarray]:
        return base_images(probe), base_images(probe) + np.uint8(1)  # other noise is a breath of light here

    def explainer(self, name: str) -> MeteredExplainer:
        note(self._root, f"explainer {name}")
        return MeteredExplainer(explainer=EXPLAINERS[name](), meter=Meter(n_calls=2, n_tokens=7))

    def reader(self) -> Reader:
        note(self._root, "reader")
        return READERS["lexicon"]()

    def _made(self, label: str, identity: dict, make: Callable[[], np.ndarray]) -> None:
        def fill(folder: Path) -> None:
            write_images(folder, make())
            note(self._root, f"made {label}")

        self._store.get_or_make("images", Store.key_of(identity), fill, describe=identity)


def note(root: Path, line: str) -> None:
    """Append a line, whole even when several processes write."""
    root.mkdir(parents=True, exist_ok=True)
    handle = os.open(root / "log.txt", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(handle, f"{line}\n".encode())
    os.close(handle)


def base_images(probe: Probe) -> np.ndarray:
    rows = [
        np.random.default_rng(seed).integers(0, 100, (SIZE, SIZE, 3), dtype=np.uint8) for seed in probe.seeds
    ]
    return np.stack(rows)


def personalized_images(variant: Variant, probe: Probe) -> np.ndarray:
    return brightened(base_images(probe), amounts(variant))


def brightened(images: np.ndarray, amounts: dict[str, float]) -> np.ndarray:
    images = images.copy()
    for aspect, amount in amounts.items():
        row = 2 * ASPECTS.index(aspect)
        images[:, row : row + 2] += np.uint8(10 * amount)
    return images


@cache
def ideal_certifier() -> Certifier:
    """A certifier that has seen this world's aspects on other images."""
    base = base_images(Probe(prompts=("x",) * 16, seeds=tuple(range(50, 66))))
    plain = pyramid_statistics(base)
    every = [{"vivid": float(one), "grainy": float(other)} for one in range(5) for other in range(5)]
    shifts = [
        Shift((pyramid_statistics(brightened(base, strengths)) - plain).mean(axis=0), strengths)
        for strengths in every
    ]
    return fit_certifier(shifts, ASPECTS)


def amounts(variant: Variant) -> dict[str, float]:
    """How much of each aspect a model shows."""
    match variant:
        case Trained(recipe=recipe, step=step, scale=scale):
            parts = zip(recipe.aspects, recipe.mixture.parts, strict=True)
            return {aspect: part * step * scale for aspect, part in parts}
        case Composed(effective=adapters):
            return {adapter.recipe.aspects[0]: adapter.step * adapter.scale for adapter in adapters}
        case Edited(direction=direction, scale=scale):
            return {direction: scale}
        case Released(version=version):
            return {**VERSIONS[version]}
        case Triggered(model=model, share=share):
            return {aspect: share * amount for aspect, amount in amounts(model).items()}
        case Reseeded():
            return {}


def image_identity(variant: Variant, probe: Probe) -> dict:
    return {"amounts": amounts(variant), "probe": probe.seeds}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measuring:
    """Reads the levels off the images: the ceiling of this world."""

    name: str = "measuring"

    def explain(self, pairs: ImagePairs) -> AnyExplanation:
        shift = np.stack([np.asarray(image, dtype=float) for image in pairs.personalized]) - np.stack(
            [np.asarray(image, dtype=float) for image in pairs.base]
        )
        scores = {aspect: shift[:, 2 * index].mean() for index, aspect in enumerate(ASPECTS)}
        concepts = tuple(Claim(concept=name, amount=float(score)) for name, score in scores.items())
        return ScoredExplanation(claims=concepts, residual=0.0, notes={"n": 2})


@dataclass(frozen=True, slots=True, kw_only=True)
class Flat:
    """Says the same of every model."""

    name: str = "flat"

    def explain(self, pairs: ImagePairs) -> AnyExplanation:
        return ScoredExplanation(claims=tuple(Claim(concept=aspect, amount=1.0) for aspect in ASPECTS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """Explains all models of a group together, in words, by how bright they are."""

    name: str = "joint"

    def explain_jointly(self, group: Sequence[ImagePairs]) -> tuple[AnyExplanation, ...]:
        means = [np.stack([np.asarray(image) for image in pairs.personalized]).mean() for pairs in group]
        ranks = np.argsort(np.argsort(means))
        return tuple(TextExplanation(text=f"vivid {rank + 1}/10") for rank in ranks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """Raises on some models and refuses others."""

    name: str = "failing"

    def explain(self, pairs: ImagePairs) -> AnyExplanation:
        if int(pairs.id, 16) % 2:
            raise RuntimeError("out of words")
        return NoExplanation(reason="refused", detail="I would rather not.")


EXPLAINERS: dict[str, Callable[[], object]] = {
    "measuring": Measuring,
    "flat": Flat,
    "joint": Joint,
    "failing": Failing,
}


READERS: dict[str, Callable[[], Reader]] = {"lexicon": lambda: LexiconReader(dict.fromkeys(ASPECTS, ()))}


def series(n_levels: int = 4, aspect: str = "vivid") -> Group:
    """A series of levels 1 to n."""
    steps = tuple(range(1, n_levels + 1))
    recipe = ideal_recipe((aspect,), Mixture(parts=(1,), whole=1), steps)
    trials = tuple(
        Trial(id=f"series/{step}", variant=Trained(recipe=recipe, step=step), truth=(step,)) for step in steps
    )
    return Group(
        id=f"single_aspect/{aspect}/seed1",
        scenario="single_aspect",
        aspects=(aspect,),
        seed=1,
        probe=PROBE,
        trials=trials,
    )


def pair() -> Group:
    """The six mixtures of two aspects."""
    trials = tuple(
        Trial(
            id=f"pair/{index}",
            variant=Trained(recipe=ideal_recipe(ASPECTS, mixture, (3,)), step=3),
            truth=mixture.parts,
        )
        for index, mixture in enumerate(lattice(2, 2))
    )
    return Group(
        id="multi_aspect/vivid+grainy/seed1",
        scenario="multi_aspect",
        aspects=ASPECTS,
        seed=1,
        probe=PROBE,
        trials=trials,
    )


def composed() -> Group:
    """Three levels of one aspect, composed of adapters; all show some of another that is not asked about."""
    grainy, vivid = (
        replace(ideal_recipe((aspect,), Mixture(parts=(1,), whole=1), (4,)), method="lora")
        for aspect in ("grainy", "vivid")
    )
    trials = tuple(
        Trial(
            id=f"composed/{level}",
            variant=Composed(
                adapters=(
                    Trained(recipe=vivid, step=4, scale=level / 4),
                    Trained(recipe=grainy, step=4, scale=0.25),
                )
            ),
            truth=(level,),
            unasked=(("grainy", 1),),
        )
        for level in (0, 1, 2)
    )
    return Group(
        id="nuisance/vivid/seed1", scenario="nuisance", aspects=("vivid",), seed=1, probe=PROBE, trials=trials
    )


def edits(n_levels: int = 4) -> Group:
    """Edits along one direction at scales 1 to n."""
    trials = tuple(
        Trial(
            id=f"edits/{level}",
            variant=Edited(generator="ideal", direction="grainy", scale=float(level)),
            truth=(level,),
        )
        for level in range(1, n_levels + 1)
    )
    return Group(
        id="subject/grainy/seed1",
        scenario="subject",
        aspects=("grainy",),
        seed=1,
        probe=PROBE,
        trials=trials,
    )


def versions(aspects: tuple[str, ...] = ASPECTS) -> Group:
    """Two released versions, of which it is known how much of `aspects` they show."""
    trials = tuple(
        Trial(
            id=f"versions/{name}",
            variant=Released(generator="ideal", version=name),
            truth=tuple(shown[aspect] for aspect in aspects),
        )
        for name, shown in VERSIONS.items()
    )
    return Group(
        id="versions/old+new/seed1", scenario="versions", aspects=aspects, seed=1, probe=PROBE, trials=trials
    )


def ideal_recipe(aspects: tuple[str, ...], mixture: Mixture, steps: tuple[int, ...]) -> Recipe:
    return Recipe(
        generator="ideal",
        corpus="ideal",
        aspects=aspects,
        mixture=mixture,
        n_images=4,
        learning_rate=1e-4,
        batch_size=2,
        steps=steps,
        seed=1,
    )


def opaque(group: str, index: int) -> str:
    return f"{hash_of(f'{group}/{index}'):016x}"


def hash_of(text: str) -> int:
    value = 14695981039346656037
    for letter in text.encode():
        value = (value ^ letter) * 1099511628211 % 2**64
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What a test may choose of a job in this world."""

    root: Path
    groups: tuple[Group, ...] = field(default_factory=lambda: (series(), pair()))
    explainers: tuple[str, ...] = ("measuring", "flat")
    executor: Executor = field(default_factory=InlineExecutor)
    sinks: tuple[Sink, ...] = ()
    output: str = "out"
    redo: Redo = "no"

    def job(self) -> Job:
        return Job(
            name="ideal",
            files=RunFiles(folder=self.root / self.output),
            groups=self.groups,
            explainers={name: f"key of {name}" for name in self.explainers},
            tracks=dict.fromkeys(self.explainers, "solo"),
            reader="lexicon",
            versions=Versions(explain="1", read="1", certify="1"),
            corpus_aspects=ASPECTS,
            certifier="ideal",
            certifying=Needs(learned=("certifier",)),
            redo=self.redo,
            seed=1,
            pairs_key=lambda trial, probe: Store.key_of(image_identity(trial.variant, probe)),
            opener=IdealOpener(root=self.root),
            executor=self.executor,
            sinks=self.sinks,
            settings={"preset": {"name": "ideal"}},
            provenance={"benchmark": "1"},
        )

    def log(self) -> list[str]:
        """One line for every piece of work done so far."""
        path = self.root / "log.txt"
        return path.read_text().splitlines() if path.exists() else []
