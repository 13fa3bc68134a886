"""What it costs an explainer to run in a process of its own: `python -m benchmark bench outside`.

The same explainer explains the same model of 100 pairs of rendered scenes in this process and in its own, in turns,
each time with an empty cache of embeddings. Its questions to a language model are answered at once and alike, so that
what is measured is the explainer and the way to it. A stranger's module is imported here, as a run never does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

from benchmark.check.contract_pairs import MODELS, N_MANY, painted
from benchmark.config.loading import load_settings
from benchmark.config.portable import BUILDING
from benchmark.config.settings import Settings
from benchmark.explain.explaining import MeteredExplainer, explain_blind
from benchmark.explain.outside import OutsideExplainer, OutsideJointExplainer
from benchmark.parts.explainers import is_from_elsewhere
from benchmark.parts.identity import digest
from benchmark.parts.wording import WORLD
from benchmark.speed.explainers import N_CONCEPTS, LazyEncoder, NamingVLM
from finexl.errors import InvalidInputError
from finexl.explain.progress import Progress, no_progress
from finexl.values import AnyExplanation, ImagePairs

if TYPE_CHECKING:
    from benchmark.run.workbench import SettingsWorkbench
    from finexl.interfaces import Encoder

USUAL = "finexl:PaperFineXL"
REPEATS = 3
"""Each process is measured so often; the median is reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideCost:
    """What an explainer takes in this process and in one of its own."""

    kind: str
    look_s: float
    """Seconds until its process is there and has looked at its class, once for each worker."""
    build_s: float
    """Seconds until it is built there too, a first time in rehearsal."""
    inside_s: float
    """Seconds of an explanation here."""
    outside_s: float
    """Seconds of the same there."""
    is_same: bool
    """Whether both said the same."""

    @property
    def startup_s(self) -> float:
        """Seconds that a run by one worker takes longer before the first explanation."""
        return self.look_s + self.build_s

    @property
    def surplus(self) -> float:
        """By which share of its time an explanation takes longer there."""
        return self.outside_s / self.inside_s - 1


def read_words(words: Sequence[str]) -> Settings:
    """The explainer from elsewhere to measure, and the parts it is built from."""
    for word in words:
        if (key := word.partition("=")[0].partition(".")[0]) not in BUILDING:
            raise InvalidInputError(f"`bench outside` takes {', '.join(BUILDING)}. Got {key!r}.")
    asked = [] if any(word.startswith("explainer=") for word in words) else [f"explainer={USUAL}"]
    settings = load_settings(["preset=smoke", *asked, *words])
    if len(settings.explainers) != 1 or not is_from_elsewhere(settings.explainers[0].kind):
        names = ", ".join(each.name for each in settings.explainers)
        raise InvalidInputError(
            "`bench outside` measures one explainer from elsewhere, as path/to/mine.py:Class or package.module:Class: "
            f"those of the suite run in the process of a run. Got {names}."
        )
    return settings


def outside_cost(settings: Settings, *, progress: Progress = no_progress) -> OutsideCost:
    """Measure both ways in turn, by one thread; loads torch.

    Raises:
        InvalidInputError, ChildError: The explainer cannot be built.
    """
    with progress("its process"):
        from benchmark.parts.encoders import load_encoder
        from benchmark.run.workbench import SettingsWorkbench

        (explainer,) = settings.explainers
        bench = SettingsWorkbench(settings)
        encoder = LazyEncoder(lambda: load_encoder(settings.encoder), id=digest(settings.encoder.identity))
        model = painted(MODELS[0], n_pairs=N_MANY)
        alone = _fresh(bench, explainer.name, encoder, is_outside=True).explainer
        assert isinstance(alone, OutsideExplainer | OutsideJointExplainer)
        own = alone.alone if isinstance(alone, OutsideJointExplainer) else alone
        services = own.services()
        own.host.close()  # its class is known now
        start = perf_counter()
        own.host.looked()
        looked = perf_counter()
        own.prepare()
        own.host.process(services)
        built = perf_counter()
    seconds: dict[bool, list[float]] = {False: [], True: []}
    said: dict[bool, AnyExplanation] = {}
    with progress("explanations here and there") as advance:
        for number in range(REPEATS + 1):
            advance(number, REPEATS + 1)
            for is_outside, own in seconds.items():
                took, said[is_outside] = _explained(
                    _fresh(bench, explainer.name, encoder, is_outside=is_outside), model
                )
                if number:  # the first loads the encoder and warms up
                    own.append(took)
    return OutsideCost(
        kind=explainer.name,
        look_s=looked - start,
        build_s=built - looked,
        inside_s=median(seconds[False]),
        outside_s=median(seconds[True]),
        is_same=said[False] == said[True],
    )


def lines(cost: OutsideCost) -> tuple[str, ...]:
    """What was measured, in plain text."""
    same = "the same" if cost.is_same else "other things"
    return (
        f"{cost.kind}: one model of {N_MANY} pairs, 1 thread, median of {REPEATS}",
        f"  start-up of its process   {cost.startup_s:8.3f} s  once: {cost.look_s:.3f} s to start and look at its "
        f"class, {cost.build_s:.3f} s to rehearse and build",
        f"  an explanation here       {cost.inside_s:8.3f} s",
        f"  in its own process        {cost.outside_s:8.3f} s  {cost.outside_s - cost.inside_s:+.3f} s, "
        f"{100 * cost.surplus:+.1f}%; both say {same}",
    )


def _fresh(
    bench: "SettingsWorkbench", name: str, encoder: "Encoder", *, is_outside: bool
) -> MeteredExplainer:
    """The explainer with an empty cache of embeddings, as a run builds it for a group."""
    from finexl.encoders.cache import CachedEncoder

    words = tuple(names[0] for names in WORLD.values())[:N_CONCEPTS]
    cached = CachedEncoder(encoder)
    return bench.explainer(name, encoder=lambda: cached, vlm=lambda: NamingVLM(words), outside=is_outside)


def _explained(metered: MeteredExplainer, model: ImagePairs) -> tuple[float, AnyExplanation]:
    start = perf_counter()
    (answer,) = explain_blind(metered.explainer, (model,))
    return perf_counter() - start, answer
