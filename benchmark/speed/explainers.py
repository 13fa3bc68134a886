"""What one explanation costs, every explainer side by side: `python -m benchmark bench explainers`.

Each explainer has a process of its own, so that its peak memory is its own, and explains the same model of 100 pairs
of rendered scenes in three states of the cache of embeddings that it gets in a run: empty, with the images of the
model in it (their embeddings are known, texts are new), and with everything in it (the same model again). Loading
models is not timed.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, cached_property
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, assert_never

from rich.table import Table

from benchmark.check.answers import in_words
from benchmark.check.contract_pairs import MODELS, N_MANY, painted
from benchmark.config.loading import load_settings
from benchmark.config.portable import BUILDING, portable_settings
from benchmark.config.settings import Settings
from benchmark.explain.children import ChildError, Message, Report, messages
from benchmark.explain.explaining import MeteredExplainer, explain_blind
from benchmark.explain.memory import peak_memory_mb
from benchmark.parts.explainers import ExplainerConfig
from benchmark.parts.identity import digest
from benchmark.parts.wording import WORLD
from benchmark.show.score_table import plain_cell, titled_table
from finexl.errors import InvalidInputError
from finexl.explain.progress import Progress, no_progress
from finexl.values import ImagePairs

if TYPE_CHECKING:
    from jaxtyping import Float
    from PIL.Image import Image
    from torch import Tensor

    from finexl.interfaces import Encoder, Question, Reply

N_CONCEPTS = 40
REPEATS = 3
"""Each state is measured so often; the median is reported."""
_PATIENCE_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainerCost:
    """What one explanation of a model took."""

    name: str
    cold_s: float
    """Seconds with an empty cache of embeddings."""
    cached_s: float
    """Seconds with the embeddings of the model's images in the cache."""
    again_s: float
    """Seconds with all embeddings in the cache."""
    vlm_calls: int
    vlm_tokens: int
    peak_memory_mb: float
    """Largest resident size of the whole process, libraries and weights included."""
    said: str
    """The answer in a few words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncosted:
    """An explainer whose process did not come to an end."""

    name: str
    reason: str


def read_words(words: Sequence[str]) -> tuple[Settings, int]:
    """The explainers to measure, the parts they are built from, and the number of threads."""
    threads = [word.removeprefix("threads=") for word in words if word.startswith("threads=")] or ["1"]
    if not (threads[0].isdecimal() and int(threads[0]) and len(threads) == 1):
        raise InvalidInputError(f"`threads` must be one number of at least 1. Got {', '.join(threads)!r}.")
    rest = [word for word in words if not word.startswith("threads=")]
    for word in rest:
        if (key := word.partition("=")[0].partition(".")[0]) not in BUILDING:
            raise InvalidInputError(
                f"`bench explainers` takes {', '.join((*BUILDING, 'threads'))}. Got {key!r}."
            )
    everyone = [] if any(word.startswith("explainer=") for word in rest) else ["explainer=all"]
    return load_settings(["preset=smoke", *everyone, *rest]), int(threads[0])


def explainer_costs(
    settings: Settings, *, threads: int, progress: Progress = no_progress
) -> Iterator[ExplainerCost | Uncosted]:
    """Measure every explainer of `settings` in turn; Algorithm 1 once more with 40 candidate concepts."""
    rows = [
        (explainer, n_concepts)
        for explainer in settings.explainers
        for n_concepts in ((0, N_CONCEPTS) if explainer.kind == "finexl_paper" else (0,))
    ]
    for number, (explainer, n_concepts) in enumerate(rows):
        name = f"{explainer.name}, {n_concepts} concepts" if n_concepts else explainer.name
        with progress(name) as advance:
            advance(number, len(rows))
            found = _measured(settings, explainer, name, threads=threads, n_concepts=n_concepts)
        yield found


def _measured(
    settings: Settings, explainer: ExplainerConfig, name: str, *, threads: int, n_concepts: int
) -> ExplainerCost | Uncosted:
    alone = portable_settings(replace(settings, explainers=(explainer,)))
    given: Message = {"settings": alone, "name": name, "threads": threads, "n_concepts": n_concepts}
    try:
        (cost,) = messages("benchmark.speed.explainers:measure", given, patience_s=_PATIENCE_S)
    except ChildError as error:
        return Uncosted(name=name, reason=str(error))
    return ExplainerCost(**cost)


def measure(given: Message, report: Report) -> None:
    """The task of a child process: one explainer in every state of its cache."""
    import torch

    from benchmark.check.contract_checks import rendered_probe
    from benchmark.config.loading import settings_from
    from benchmark.parts.encoders import load_encoder
    from benchmark.run.workbench import SettingsWorkbench

    settings = settings_from(given["settings"])
    (explainer,) = settings.explainers
    bench = SettingsWorkbench(settings)
    probe = cache(lambda: rendered_probe(settings, bench.corpus_aspects))
    words = tuple(names[0] for names in WORLD.values())[: given["n_concepts"]]

    def build(encoder: "Encoder") -> MeteredExplainer:
        metered = bench.explainer(
            explainer.name,
            encoder=lambda: encoder,
            vlm=(lambda: NamingVLM(words)) if words else None,
            probe=probe,
        )
        torch.set_num_threads(given["threads"])
        return metered

    cost = cost_of(
        build,
        LazyEncoder(lambda: load_encoder(settings.encoder), id=digest(settings.encoder.identity)),
        painted(MODELS[0], n_pairs=N_MANY),
        name=given["name"],
    )
    report(asdict(cost))


def cost_of(
    build: "Callable[[Encoder], MeteredExplainer]", encoder: "Encoder", model: ImagePairs, *, name: str
) -> ExplainerCost:
    """What `build`'s explainer takes for a model, with encoders that share `encoder` and not their caches."""
    from finexl.encoders.cache import CachedEncoder

    first = CachedEncoder(encoder)
    (answer,) = explain_blind(build(first).explainer, (model,))  # warms up
    seconds: dict[str, list[float]] = {"cold": [], "cached": [], "again": []}
    calls = tokens = 0
    for _ in range(REPEATS):
        metered = build(CachedEncoder(encoder))
        seconds["cold"].append(_seconds(metered, model))
        calls, tokens = metered.meter.n_calls, metered.meter.n_tokens
        seconds["again"].append(_seconds(metered, model))
        knowing_images = CachedEncoder(encoder)
        if len(first):  # otherwise it embeds nothing, and should not be charged for an encoder
            knowing_images.embed_images([*model.base, *model.personalized])
        seconds["cached"].append(_seconds(build(knowing_images), model))
    return ExplainerCost(
        name=name,
        cold_s=median(seconds["cold"]),
        cached_s=median(seconds["cached"]),
        again_s=median(seconds["again"]),
        vlm_calls=calls,
        vlm_tokens=tokens,
        peak_memory_mb=peak_memory_mb(),
        said=in_words(answer),
    )


def _seconds(metered: MeteredExplainer, model: ImagePairs) -> float:
    start = perf_counter()
    explain_blind(metered.explainer, (model,))
    return perf_counter() - start


def cost_table(costs: Sequence[ExplainerCost | Uncosted], *, threads: int) -> Table:
    """One row per explainer; what the columns of seconds mean is in their names."""
    title = f"One model of {N_MANY} pairs, {threads} thread{'s' * (threads != 1)}, median of {REPEATS}"
    table = titled_table(title)
    table.add_column("explainer", no_wrap=True)
    for name in ("s, cold", "s, images known", "s, all known", "VLM calls", "tokens", "peak MB"):
        table.add_column(name, justify="right")
    table.add_column("said", overflow="fold")
    for cost in costs:
        match cost:
            case ExplainerCost():
                table.add_row(*map(plain_cell, _cells(cost)))
            case Uncosted():
                table.add_row(*map(plain_cell, (cost.name, *["–"] * 6, cost.reason)))
            case _:
                assert_never(cost)
    return table


def _cells(cost: ExplainerCost) -> tuple[str, ...]:
    return (
        cost.name,
        f"{cost.cold_s:.3f}",
        f"{cost.cached_s:.3f}",
        f"{cost.again_s:.3f}",
        str(cost.vlm_calls),
        str(cost.vlm_tokens),
        f"{cost.peak_memory_mb:.0f}",
        cost.said,
    )


class LazyEncoder:
    """An encoder that is loaded when it is first used, so that those who never use one do not pay for it."""

    def __init__(self, load: "Callable[[], Encoder]", *, id: str) -> None:
        self._load, self._id = load, id

    @cached_property
    def _encoder(self) -> "Encoder":
        return self._load()

    @property
    def id(self) -> str:
        """What its embeddings depend on, known before it is loaded."""
        return self._id

    def embed_images(self, images: "Sequence[Image]") -> "Float[Tensor, 'n d']":
        return self._encoder.embed_images(images)

    def embed_texts(self, texts: Sequence[str]) -> "Float[Tensor, 'n d']":
        return self._encoder.embed_texts(texts)


class NamingVLM:
    """Names the same words whatever it is shown, so that the number of candidate concepts is known."""

    def __init__(self, words: Sequence[str]) -> None:
        self._text = ", ".join(words)

    @property
    def id(self) -> str:
        return f"naming/{self._text}"

    def ask(self, questions: "Sequence[Question]") -> "tuple[Reply, ...]":
        from finexl.interfaces import Reply

        return tuple(Reply(text=self._text) for _ in questions)
