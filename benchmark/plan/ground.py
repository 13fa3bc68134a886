"""What all groups of a run share, and what planners make of it: probes, seeds, trials, recipes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice, product
from statistics import geometric_mean
from typing import Protocol, TypeVar, runtime_checkable

from benchmark.parts.corpora import CorpusSettings
from benchmark.parts.generator_settings import GeneratorConfig
from benchmark.plan.preset import PresetConfig
from benchmark.plan.secret import read_secret
from benchmark.plan.subjects import Subjects
from benchmark.plan.trials import Group, Probe, Trial
from finetune.miniature.split import training_seeds_of
from finetune.recipe import Mixture, Recipe, Variant
from finexl.errors import InvalidInputError

Prompts = Callable[[int, int], tuple[str, ...]]
"""(how many, seed) to that many probe prompts of the corpus."""
T = TypeVar("T")


@runtime_checkable
class Planned(Protocol):
    """The part of a run's settings that its plan depends on."""

    @property
    def preset(self) -> PresetConfig: ...

    @property
    def generator(self) -> GeneratorConfig: ...

    @property
    def corpus(self) -> CorpusSettings: ...

    @property
    def seed(self) -> int: ...

    @property
    def secret(self) -> str | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What all groups of a run share."""

    settings: Planned
    generator_id: str
    probe: Probe
    subjects: Subjects


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What a group is about: its aspects, and the seed of everything that is trained for it."""

    scenario: str
    aspects: tuple[str, ...]
    seed: int


def shared_probe(settings: Planned, prompts: Prompts) -> Probe:
    """The prompts and noise of a run."""
    seed = probe_seed(settings)
    n = settings.preset.n_prompts
    if (secret := read_secret(settings.secret)) is not None:
        noise = tuple(secret.seed("noise", seed, index) for index in range(n))
        return Probe(prompts=prompts(n, secret.seed("prompts", seed)), seeds=noise)
    # apart by more than any preset has prompts, so that runs of two seeds share no noise
    return Probe(prompts=prompts(n, seed), seeds=tuple(seed * 10_000 + index for index in range(n)))


def probe_seed(settings: Planned) -> int:
    """The scored seed that the run's seed points to; drawn by the organiser's secret where there is one.

    Raises:
        InvalidInputError: There are not so many.
    """
    return training_seeds(settings)[0]


def training_seeds(settings: Planned) -> Sequence[int]:
    """Scored seeds from the one that the run's seed points to, in order; drawn by a secret where there is one.

    Of a run about development aspects alone they are development seeds.

    Raises:
        InvalidInputError: There are not so many: going round to the first would score one seed twice.
    """
    public = training_seeds_of(settings.corpus.aspects)
    if settings.seed >= len(public):
        raise InvalidInputError(
            f"`seed` must be from 0 to {len(public) - 1}: so many training seeds are scored. "
            f"Got {settings.seed}. Give seed={len(public) - 1} or less."
        )
    secret = read_secret(settings.secret)
    if secret is None:
        return public[settings.seed :]
    return [secret.seed("training", number) for number in range(settings.seed, len(public))]


def first(n: int, subjects: Sequence[T], ground: Ground) -> tuple[tuple[T, int], ...]:
    """The first n of (subject, training seed): every subject with one seed before any with a second.

    Raises:
        InvalidInputError: There are fewer.
    """
    seeds = training_seeds(ground.settings)
    if (secret := read_secret(ground.settings.secret)) is not None:
        subjects = sorted(subjects, key=lambda subject: secret.seed("order", subject))
    aspects = ground.subjects.aspects
    if not subjects:
        raise InvalidInputError(
            "A scenario about several aspects at once needs two in the corpus, or three. Corpus "
            f"{ground.settings.corpus.name!r} has {len(aspects)}: {', '.join(aspects)}. Name more with corpus.aspects, "
            "label more of its images, or choose scenario=single_aspect, which needs one."
        )
    n_all = len(seeds) * len(subjects)
    if n > n_all:
        raise InvalidInputError(
            f"A scenario can ask for at most {n_all} groups: {len(subjects)} scored aspects, pairs or triples "
            f"with {len(seeds)} seeds each. Got {n}. "
            "Lower the preset's number of groups (preset.n_series, n_pairs or n_fine_groups) or the seed, or choose a "
            "corpus with more aspects."
        )
    return tuple((subject, seed) for seed, subject in islice(product(seeds, subjects), n))


def group_of(
    topic: Topic,
    ground: Ground,
    models: Sequence[tuple[Variant, tuple[int, ...]]],
    *,
    about: str = "",
    note: str = "",
) -> Group:
    """A group of (model, truth), with ids that people can read; `about` names it if not its aspects."""
    id = f"{topic.scenario}/{about or '+'.join(map(_told_apart, topic.aspects))}/seed{topic.seed}"
    return Group(
        id=id,
        scenario=topic.scenario,
        aspects=topic.aspects,
        seed=topic.seed,
        probe=ground.probe,
        trials=tuple(
            Trial(id=f"{id}/{number}", variant=variant, truth=truth)
            for number, (variant, truth) in enumerate(models)
        ),
        note=note,
    )


def _told_apart(aspect: str) -> str:
    """An aspect in an id where plus signs join several: "a+b" and "c" are not "a" and "b+c"."""
    return f"({aspect})" if set("+()") & set(aspect) else aspect


def ladder_steps(preset: PresetConfig) -> tuple[int, ...]:
    """Training steps at which a series is kept, one for each level."""
    return tuple(preset.first_step + preset.steps_per_level * level for level in range(preset.n_levels))


def recipe_of(
    topic: Topic, mixture: Mixture, ground: Ground, *, steps: tuple[int, ...], of_pairs: bool = False
) -> Recipe:
    """The training run of a group's aspects in some mixture, kept at `steps`.

    `of_pairs` gives a single aspect the rate of pairs.
    """
    generator = ground.settings.generator
    return Recipe(
        generator=ground.generator_id,
        corpus=ground.settings.corpus.name,
        aspects=topic.aspects,
        mixture=mixture,
        n_images=n_training_images(ground, whole=mixture.whole),
        learning_rate=_learning_rate(topic.aspects, ground, of_pairs=of_pairs or len(topic.aspects) > 1),
        batch_size=generator.batch_size,
        steps=steps,
        seed=topic.seed,
        method=generator.method,
    )


def mixture_steps(ground: Ground) -> int:
    """How long mixtures are trained, all equally: only shares tell them apart, as they must."""
    preset, rates = ground.settings.preset, ground.settings.generator.rates
    return max(1, round(preset.pair_steps * rates.pair_steps_factor))


def n_training_images(ground: Ground, *, whole: int) -> int:
    """Training images: as many as the preset asks for and every aspect of the corpus has, in whole parts of a mixture.

    Raises:
        InvalidInputError: An aspect has too few for one image in each part.
    """
    wanted = ground.settings.preset.n_images
    has = wanted if ground.subjects.n_images is None else min(wanted, ground.subjects.n_images)
    if has < whole:
        raise InvalidInputError(
            f"An aspect of the corpus must have at least {whole} images. One has {has}. "
            "Leave that aspect out with corpus.aspects, or give it more images."
        )
    return has - has % whole  # every part of a mixture is a whole number of images


def _learning_rate(aspects: Sequence[str], ground: Ground, *, of_pairs: bool) -> float:
    """The rate of the aspects; in between, where a pair's rates differ, so that all its models share one."""
    rates = ground.settings.generator.rates
    usual = rates.learning_rate
    if of_pairs and rates.pair_learning_rate is not None:
        usual = rates.pair_learning_rate
    # a pair's six models must differ by their shares alone, so the rate cannot follow the aspect
    found = {rates.learning_rates.get(aspect, usual) for aspect in aspects}
    rate = found.pop() if len(found) == 1 else geometric_mean(sorted(found))
    # rounded, since the rate is in the key of what is trained: it must not change with the last bit of a mean
    return float(f"{rate * ground.settings.preset.rate_factor:.3g}")
