"""Table 11: how far V_div from n prompts is from the true one, and the law that it follows (App. E).

With independent prompts the cosine of the mean of n shifts to the true shift is 1 / √(1 + 2κ/n): κ is half the spread
of shifts over the squared length of their mean, and κ/n is the error where it is small. A model's κ is told from a few
prompts, and of a published table of LoRAs from the mean cosine c of two of a LoRA's shifts: 2κ = (1 - c)/c.
"""

from collections.abc import Iterator, Sequence
from math import sqrt
from pathlib import Path
from statistics import fmean, median, quantiles
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import UInt8

from benchmark.config.settings import Settings
from benchmark.paper.cells import Cell
from benchmark.paper.desk import Desk
from benchmark.paper.published import published
from benchmark.paper.specification import Specification
from benchmark.paper.tables.scored import Measured
from benchmark.plan.ground import probe_seed
from finetune.corpora.wikiart import ARTISTS, STRENGTHS
from finetune.miniature import apply_aspect, render, sample_scenes
from finetune.miniature.split import SCORED
from finexl.errors import InvalidInputError

if TYPE_CHECKING:
    from torch import Tensor

Images = UInt8[np.ndarray, "n h w 3"]
REAL = "real_loras"
_CODE = "benchmark.paper.tables.samples:sample_errors"
_SCENES_PER_PROMPT, _MOST_SCENES = 64, 2048
_BEYOND = 4
"""The reference must be of so many times the prompts."""
_WANTED = 0.05
_COSINES = "consistency"
"""The column of a table of real LoRAs."""


def measure(spec: Specification, desk: Desk) -> Measured:
    """Every number of prompts in every corpus, and of real LoRAs where their table is at hand."""
    settings, counts = desk.asked.settings(spec, []), [row.count or 1 for row in spec.rows.values()]
    cells: dict[tuple[str, str], Cell] = {}
    remarks: list[str] = []
    for name, column in spec.columns.items():
        if column.part == REAL:
            of_column, said = _real(counts, desk.asked.lora_shifts)
        else:
            part = column.part or settings.corpus.name
            found = desk.kept(
                f"samples-{part}",
                settings,
                lambda part=part: sample_errors(settings, part, counts),
                code=_CODE,
                part=part,
                counts=counts,
            )
            of_column, said = _painted(counts, found)
        cells |= {(row, name): cell for row, cell in zip(spec.rows, of_column, strict=True)}
        remarks += [f"{name}: {line}" for line in said]
    return Measured(cells=cells, remarks=(*remarks, *_of_paper(spec)))


def runs(spec: Specification, desk: Desk) -> Iterator[Settings]:
    """Nothing is run."""
    del spec, desk
    yield from ()


def sample_errors(settings: Settings, part: str, counts: Sequence[int]) -> dict[str, Any]:
    """Errors at every count for the first styles of a corpus, and the κ of each."""
    from benchmark.parts.encoders import load_encoder
    from finexl.values import ImageStack

    encoder = load_encoder(settings.encoder)
    n = min(_SCENES_PER_PROMPT * settings.preset.n_prompts, _MOST_SCENES)
    aspects = SCORED[part][0][: settings.preset.n_series]
    errors, kappas = [], []
    for place, aspect in enumerate(aspects):
        rng = np.random.default_rng((probe_seed(settings), place))
        scenes = sample_scenes(n, rng)
        plain = render(scenes)
        styled = in_style(plain, part, aspect, rng)
        shifts = (
            encoder.embed_images(ImageStack(styled)).double()
            - encoder.embed_images(ImageStack(plain)).double()
        )
        errors.append([sample_error(shifts, count) if count * _BEYOND <= n else None for count in counts])
        kappas.append(kappa_of(shifts))
    return {"aspects": list(aspects), "n": n, "errors": errors, "kappas": kappas}


def in_style(plain: Images, part: str, aspect: str, rng: np.random.Generator) -> Images:
    """Any number of scenes as the miniature's Style Transfer or WikiArt paints them."""
    seed = int(rng.integers(2**31))
    if part != "wikiart":
        return apply_aspect(plain, aspect, 1.0, seed=seed)
    artist = ARTISTS[aspect]
    drawn = rng.choice(len(artist.styles), size=len(plain), p=[share for _, share in artist.styles])
    strengths, images = rng.uniform(*STRENGTHS, size=len(plain)), plain.copy()
    for index, (style, _) in enumerate(artist.styles):
        mine = drawn == index
        images[mine] = apply_aspect(plain[mine], style, strengths[mine], seed=seed)
    return images


def sample_error(shifts: "Tensor", n: int) -> float:
    """Mean cosine distance of the means of n shifts to the mean of all N, over disjoint samples.

    All hold the sample too, which makes the distance smaller by 1 - n/N; that is divided out.
    """
    whole = shifts.mean(dim=0)
    means = shifts[: len(shifts) // n * n].unflatten(0, (-1, n)).mean(dim=1)
    cosines = (means @ whole) / (means.norm(dim=1) * whole.norm())
    return float((1 - cosines).mean()) / (1 - n / len(shifts))


def kappa_of(shifts: "Tensor") -> float:
    """κ of a model: the spread of its shifts across their mean over twice its squared length, without bias."""
    whole = shifts.mean(dim=0)
    along = (shifts @ whole) / whole.norm()
    across = float((shifts.var(dim=0).sum() - along.var()).clamp(min=0))
    squared = float(whole @ whole) - (across + float(along.var())) / len(shifts)
    return across / (2 * max(squared, 1e-12))


def law(kappa: float, n: int) -> float:
    """Cosine distance of the mean of n shifts to the true shift.

    >>> law(0.0, 10)
    0.0
    >>> abs(law(0.5, 1000) - 0.5 / 1000) < 1e-6
    True
    """
    return 1 - 1 / sqrt(1 + 2 * kappa / n)


def needed(kappa: float, error: float = _WANTED) -> float:
    """How many prompts make the error so small."""
    return 2 * kappa / ((1 - error) ** -2 - 1)


def _painted(counts: Sequence[int], found: dict[str, Any]) -> tuple[list[Cell], list[str]]:
    cells = []
    for place, count in enumerate(counts):
        errors = [each[place] for each in found["errors"]]
        if None in errors:
            why = f"the reference of {found['n']} scenes is less than {_BEYOND} times {count}; preset=lite has more"
            cells.append(Cell(why=why))
        else:
            cells.append(Cell(measured=fmean(errors), n=len(errors), chance=1.0))
    middle = fmean(found["kappas"])
    return cells, [
        f"κ is {middle:.2f} ({min(found['kappas']):.2f} to {max(found['kappas']):.2f}, {len(found['kappas'])} "
        f"models); the law 1 - 1/√(1 + 2κ/n) says {_listed(counts, middle)}. An error of {_WANTED} takes "
        f"{needed(middle):.0f} prompts."
    ]


def _real(counts: Sequence[int], path: Path | None) -> tuple[list[Cell], list[str]]:
    if path is None:
        why = "the table of real LoRAs is not part of this project; lora_shifts=FILE names it"
        return [Cell(why=why)] * len(counts), []
    kappas = sorted((1 - c) / (2 * c) if c > 0 else float("inf") for c in read_consistencies(path))
    cells = []
    for count in counts:
        errors = [law(kappa, count) for kappa in kappas]
        low, high = middle_interval(errors)
        cells.append(Cell(measured=median(errors), low=low, high=high, n=len(errors), chance=1.0))
    first, middle, third = quantiles(kappas, n=4)
    return cells, [
        f"told from the mean cosine of two shifts of each LoRA, not from samples; κ is {middle:.2f} in the middle, "
        f"quartiles {first:.2f} and {third:.2f}. An error of {_WANTED} takes {needed(middle):.0f} prompts for the "
        f"middle LoRA and {needed(third):.0f} for one in four."
    ]


def read_consistencies(path: Path) -> list[float]:
    """The column `consistency` of a table of real LoRAs: cosines, of one LoRA each.

    Raises:
        InvalidInputError: It is no Parquet file, or has no such column of at least two cosines.
    """
    from finetune.corpora.parquet_table import open_parquet

    if not path.is_file():
        raise InvalidInputError(
            f"`lora_shifts` must be a Parquet file. There is none at {str(path)!r}. Leave it out where there is none."
        )
    try:
        table = open_parquet(path)
    except InvalidInputError as error:
        raise InvalidInputError(f"`lora_shifts` must be a Parquet file. {error}") from error
    found = table.column(_COSINES) if _COSINES in table.columns else []
    if len(found) < 2 or not all(isinstance(each, int | float) and -1 <= each <= 1 for each in found):
        raise InvalidInputError(
            f"`lora_shifts` must have a column {_COSINES!r} of numbers from -1 to 1, one of each LoRA, two or more. "
            f"{str(path)!r} has the columns {', '.join(table.columns)}, and in that one {found[:3]!r}. Leave it out, "
            "or write the mean cosine of two of a LoRA's shifts there."
        )
    return [float(each) for each in found]


def middle_interval(ascending: Sequence[float]) -> tuple[float, float]:
    """95% interval of a median, by order statistics; `ascending` or not."""
    ordered, n = sorted(ascending), len(ascending)
    reach = 0.98 * sqrt(n)
    return ordered[max(0, int(n / 2 - reach))], ordered[min(n - 1, int(n / 2 + reach))]


def _of_paper(spec: Specification) -> Iterator[str]:
    """The κ that the printed errors imply."""
    if spec.published is None:
        return
    printed = published(spec.published)
    for column in printed.columns:
        kappas = [((1 - value) ** -2 - 1) * int(n) / 2 for n, value in printed.column(column).items()]
        yield (
            f"published, {column}: the same law has κ from {min(kappas):.2f} to {max(kappas):.2f}, "
            f"{fmean(kappas):.2f} on average."
        )


def _listed(counts: Sequence[int], kappa: float) -> str:
    return ", ".join(f"{law(kappa, count):.3f} at {count}" for count in counts)
