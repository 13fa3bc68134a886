"""`python -m finetune check-cards`: what cards say of adapters of which it is known what they do.

Each adapter is trained on one scored aspect with a scored seed, and explained by what its file draws alone. Beside it
stand three files made of it: the same at other weights, the same effect in other factors (A to RA, B to BR⁻¹), and one
whose effect is too small to be seen. A leak is planted by showing the adapter at half its weight where no words call
it; the one without effect is the model that must not be accused. Finished adapters are kept, and not made again.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch

from finetune.corpora.synthetic import SyntheticCorpus
from finetune.explaining.explainers import CommandExplainer, encoder_for
from finetune.explaining.model_explaining import Explain
from finetune.explaining.models import MINIATURE, Adapted, Base, Sampling, read_base
from finetune.explaining.paired_images import SHOWN_SEED, Arm, make_images, pairs_of
from finetune.explaining.prompts import WORLD, read_prompts
from finetune.miniature.split import SCORED_ASPECTS, SCORED_SEEDS
from finetune.recipe import Mixture, Recipe
from finetune.store.store import Store
from finetune.store.tensors import read_tensors, write_tensors
from finetune.studies.loading import generator_settings
from finetune.training.trajectory import step_file
from finetune.workshop import Workshop
from finexl.explanation import Explanation, Verdict

WEIGHTS = (0.5, 1.0, 1.5)
LEAK = WEIGHTS[0]
NOTHING = 1e-4
"""Of its effect that the adapter without one keeps."""
AS_MUCH = 0.02
"""Amounts of two cards that are called the same differ by no more: pictures are rounded to bytes."""
START, END = "<!-- check-cards: begin -->", "<!-- check-cards: end -->"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSettings:
    """How many adapters, and how each is made and looked at."""

    n: int = 30
    steps: int = 60
    n_images: int = 64
    learning_rate: float = 1e-3
    rank: int = 4
    n_pairs: int = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the cards of one adapter said."""

    aspect: str
    seed: int
    first: str
    """The first claim at full weight, by its names; empty where there is none."""
    is_first: bool
    """Whether the aspect is among these."""
    amounts: tuple[float, ...]
    """Of the aspect, at each of `WEIGHTS`; 0 where it is not claimed."""
    is_ordered: bool
    nothing: str
    """Verdict on the adapter without effect."""
    leak: str
    """Verdict on the planted leak."""
    refactored: bool
    """Whether the card of the other factors says the same."""


def check_cards(store: Path, settings: CheckSettings) -> Iterator[Checked]:
    """Make and judge each adapter in turn; those in `store` are read from it."""
    base = read_base(MINIATURE, Sampling())
    explain: Explain | None = None
    for index in range(settings.n):
        aspect, seed = SCORED_ASPECTS[index % len(SCORED_ASPECTS)], SCORED_SEEDS[index]
        made_as = {**asdict(replace(settings, n=0)), "base": base.identity, "aspect": aspect, "seed": seed}
        file = store / "checked" / f"{index:02d}_{aspect}.json"
        if (found := _kept(file, made_as)) is None:
            explain = explain or CommandExplainer(encoder_for(MINIATURE, base))
            found = _checked(store, settings, base, explain=explain, aspect=aspect, seed=seed)
            file.parent.mkdir(parents=True, exist_ok=True)
            fresh = file.with_suffix(".part")
            fresh.write_text(
                json.dumps({"made_as": made_as, "found": asdict(found)}, indent=1), encoding="ascii"
            )
            fresh.replace(file)
        yield found


def table(found: Sequence[Checked]) -> str:
    """All shares that must hold, and a row for each adapter, as Markdown."""
    n = len(found)
    shares = (
        ("true aspect first", sum(one.is_first for one in found)),
        ("amounts in the order of weights up to 1", sum(one.amounts[0] < one.amounts[1] for one in found)),
        ("amounts in the order of weights, beyond 1 too", sum(one.is_ordered for one in found)),
        ("no detectable change where there is none", sum(one.nothing == Verdict.UNCHANGED for one in found)),
        ("planted leak found", sum(one.leak == Verdict.CHANGED for one in found)),
        ("clean model accused of a leak", sum(one.nothing == Verdict.CHANGED for one in found)),
        ("same card from other factors", sum(one.refactored for one in found)),
    )
    lines = ["| check | adapters | of |", "|---|---|---|"]
    lines += [f"| {name} | {count} | {n} |" for name, count in shares]
    weights = ", ".join(f"{weight:g}" for weight in WEIGHTS)
    lines += [
        "",
        f"| trained on | first claim | amounts at {weights} | without effect |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {one.aspect} | {one.first or '–'} | {', '.join(f'{amount:+.2f}' for amount in one.amounts)} | "
        f"{one.nothing} |"
        for one in found
    ]
    return "\n".join(lines)


def write_table(page: Path, found: Sequence[Checked]) -> None:
    """Put the table between its marks in a page, at the end where there are none."""
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    before, begin, rest = text.partition(START)
    after = rest.partition(END)[2] if begin else ""
    whole = f"{before.rstrip()}\n\n{START}\n{table(found)}\n{END}\n{after.lstrip()}"
    page.write_text(whole.lstrip(), encoding="utf-8")


def refactored(tensors: dict[str, torch.Tensor], *, seed: int) -> dict[str, torch.Tensor]:
    """The same products B·A in other factors: A becomes RA and B becomes BR⁻¹, in single precision."""
    chance, changed = torch.Generator().manual_seed(seed), {}
    for name, down in tensors.items():
        if name.endswith("lora_A.weight"):
            up = tensors[name.replace("lora_A", "lora_B")]
            rank = len(down)
            turn, _ = torch.linalg.qr(torch.randn(rank, rank, generator=chance, dtype=torch.float64))
            turn = turn * torch.linspace(0.5, 2.0, rank, dtype=torch.float64)
            changed[name] = (turn @ down.double()).float()
            changed[name.replace("lora_A", "lora_B")] = (up.double() @ torch.linalg.inv(turn)).float()
    return {**tensors, **changed}


def _checked(
    store: Path, settings: CheckSettings, base: Base, *, explain: Explain, aspect: str, seed: int
) -> Checked:
    name = f"{aspect}_{seed}"
    files = _files(store, settings, aspect=aspect, seed=seed)
    prompts = read_prompts(WORLD, settings.n_pairs)
    arms = [
        Arm(name=f"{name}_{weight:g}", model=_adapted(base, files["trained"], weight), prompts=prompts)
        for weight in WEIGHTS
    ]
    arms += [
        Arm(name=f"{name}_{kind}", model=_adapted(base, files[kind]), prompts=prompts)
        for kind in ("refactored", "nothing")
    ]
    pictures = store / "pictures"
    make_images([Arm(name="base", model=base, prompts=prompts), *arms], pictures, first_seed=SHOWN_SEED)
    *sweep, other, nothing = (
        explain(pairs_of(pictures, "base", arm.name, settings.n_pairs, prompts)) for arm in arms
    )
    whole = sweep[WEIGHTS.index(1.0)]
    amounts = tuple(_amount(one, aspect) for one in sweep)
    first = _names(whole)[0] if whole.changes else ()
    return Checked(
        aspect=aspect,
        seed=seed,
        first=", ".join(first[:4]),
        is_first=aspect in first,
        amounts=amounts,
        is_ordered=all(less < more for less, more in pairwise(amounts)),
        nothing=str(nothing.verdict),
        leak=str(sweep[WEIGHTS.index(LEAK)].verdict),
        refactored=_say_the_same(whole, other),
    )


def _files(store: Path, settings: CheckSettings, *, aspect: str, seed: int) -> dict[str, Path]:
    """The trained adapter, the same in other factors, and one without effect."""
    corpus = SyntheticCorpus()
    generator = replace(generator_settings(method="lora"), rank=settings.rank)
    workshop = Workshop(store=Store(store / "trained"), generator=generator, corpus=corpus)
    recipe = Recipe(
        generator=workshop.generator_id, corpus=corpus.id, aspects=(aspect,), mixture=Mixture(parts=(1,), whole=1),
        n_images=settings.n_images, learning_rate=settings.learning_rate, batch_size=8, steps=(settings.steps,),
        seed=seed, method="lora",
    )  # fmt: skip
    trained = step_file(workshop.train(recipe), settings.steps)
    tensors = read_tensors(trained)
    folder = store / "files" / f"{aspect}_{seed}"
    folder.mkdir(parents=True, exist_ok=True)
    weak = {key: tensor.float() * NOTHING if "lora_B" in key else tensor for key, tensor in tensors.items()}
    write_tensors(folder / "refactored.safetensors", refactored(tensors, seed=seed))
    write_tensors(folder / "nothing.safetensors", weak)
    return {
        "trained": trained,
        "refactored": folder / "refactored.safetensors",
        "nothing": folder / "nothing.safetensors",
    }


def _adapted(base: Base, file: Path, weight: float = 1.0) -> Adapted:
    return Adapted(settings=base.settings, file=file, weight=weight)


def _names(explanation: Explanation) -> list[tuple[str, ...]]:
    """All names of each claim that holds."""
    return [(claim.concept, *claim.other_names) for claim in explanation.changes]


def _amount(explanation: Explanation, aspect: str) -> float:
    named = zip(explanation.changes, _names(explanation), strict=True)
    return next((claim.amount for claim, names in named if aspect in names), 0.0)


def _say_the_same(one: Explanation, other: Explanation) -> bool:
    return _names(one) == _names(other) and all(
        abs(mine.amount - its.amount) <= AS_MUCH for mine, its in zip(one.changes, other.changes, strict=True)
    )


def _kept(file: Path, made_as: dict[str, Any]) -> Checked | None:
    """What was found before, if it was found of the very same adapter."""
    try:
        held = json.loads(file.read_bytes())
        if held["made_as"] != json.loads(json.dumps(made_as)):
            return None
        return Checked(**(held["found"] | {"amounts": tuple(held["found"]["amounts"])}))
    except (OSError, ValueError, KeyError, TypeError):
        return None
