"""`python -m finetune images`: pictures of several models from the same prompts and noise, folder beside folder.

Each model has a folder with `0000.png` and its prompt in `0000.txt`; equal names are equal prompts and noise, which is
how `python -m finexl explain OUT/base OUT/model` pairs them. What is there is not made again: a killed command
continues.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from finetune.explaining.models import Adapted, Directed, Model, opened
from finetune.identity import editing_code, sampling_identity
from finexl.errors import InvalidInputError
from finexl.values import ImagePairs, ImageStack

FACTS = "images.json"
"""Says of what models and prompts a folder's pictures are."""
SHOWN_SEED = 40_001
"""First noise seed, apart from those that benchmark and training use."""

Tell = Callable[[int, int], None]
"""Is told how many of how many pictures are there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One model and the prompts that it is shown with."""

    name: str
    """Of its folder."""
    model: Model
    prompts: tuple[str, ...]

    def settings(self) -> Any:
        """How its generator samples."""
        return self.model.adapted if isinstance(self.model, Adapted) else self.model.settings

    def identity(self) -> dict[str, Any]:
        """What its pictures depend on beside prompts and noise."""
        settings = self.settings()
        facts = self.model.identity
        facts |= {"sampling": sampling_identity(settings, facts["base"])}
        if isinstance(self.model, Directed):
            facts |= {"editing": editing_code(settings.family)}
        return facts


def make_images(
    arms: Sequence[Arm], folder: Path, *, first_seed: int = SHOWN_SEED, tell: Tell = lambda *_: None
) -> None:
    """Make the pictures that are missing, model by model; prompt i of every arm has the noise of seed `first_seed` + i.

    A folder is claimed when its first pictures are there, so that a model that cannot draw leaves none behind.

    Raises:
        InvalidInputError: The folder has pictures of other models, prompts or noise.
        GeneratorError, AdapterError: A model cannot be loaded.
    """
    facts = {arm.name: _checked_facts(folder / arm.name, arm, first_seed) for arm in arms}
    total = sum(len(arm.prompts) for arm in arms)
    done = total - n_missing(arms, folder)
    tell(done, total)
    for arm in arms:
        place = folder / arm.name
        missing = [index for index in range(len(arm.prompts)) if not picture(place, index).is_file()]
        if not missing:
            continue
        size = arm.settings().batch_size
        with opened(arm.model, folder / ".store") as generator:
            for start in range(0, len(missing), size):
                block = missing[start : start + size]
                images = generator.sample([arm.prompts[i] for i in block], [first_seed + i for i in block])
                if start == 0:
                    _claim(place, facts[arm.name])
                for index, image in zip(block, images, strict=True):
                    _save(place, index, image, arm.prompts[index])
                done += len(block)
                tell(done, total)


def n_missing(arms: Sequence[Arm], folder: Path) -> int:
    """How many pictures are still to be made."""
    return sum(
        not picture(folder / arm.name, index).is_file() for arm in arms for index in range(len(arm.prompts))
    )


def pairs_of(folder: Path, base: str, tuned: str, n: int, prompts: Sequence[str]) -> ImagePairs:
    """The first `n` pictures of two arms as pairs; `prompts` are what explainers are told."""
    stacks = [
        ImageStack(
            np.stack([np.asarray(Image.open(picture(folder / arm, i)).convert("RGB")) for i in range(n)])
        )
        for arm in (base, tuned)
    ]
    return ImagePairs(
        prompts=tuple(prompts[:n]), base=stacks[0], personalized=stacks[1], id=f"{base}-{tuned}"
    )


def together(pairs: Sequence[ImagePairs]) -> ImagePairs:
    """Pairs of several draws as one list."""
    if len(pairs) == 1:
        return pairs[0]
    return ImagePairs(
        prompts=tuple(prompt for one in pairs for prompt in one.prompts),
        base=[image for one in pairs for image in one.base],
        personalized=[image for one in pairs for image in one.personalized],
        id=pairs[0].id,
    )


def picture(folder: Path, index: int) -> Path:
    """Where one picture is."""
    return folder / f"{index:04d}.png"


def _checked_facts(folder: Path, arm: Arm, first_seed: int) -> dict[str, Any]:
    """What a folder's pictures are to be of; what is there already must be of the same, but for more prompts."""
    facts = {"model": arm.identity(), "first_seed": first_seed, "prompts": list(arm.prompts)}
    file = folder / FACTS
    if file.is_file():
        held = _held(file)
        if differs := _difference(held, facts):
            raise InvalidInputError(
                f"The folder of pictures must be of these models, prompts and noise, or new. {folder} has others "
                f"({differs}). Give another folder with --to, or remove it."
            )
        return max(held, facts, key=lambda one: len(one["prompts"]))
    if folder.is_dir() and any(folder.glob("*.png")):
        raise InvalidInputError(
            f"The folder of pictures must be new, or one that this command made. {folder} has pictures and no {FACTS}."
        )
    return facts


def _claim(folder: Path, facts: Mapping[str, Any]) -> None:
    """Write down what a folder's pictures are of."""
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / FACTS, json.dumps(facts, indent=1).encode())


def _held(file: Path) -> dict[str, Any]:
    try:
        held = json.loads(file.read_bytes())
        return {"model": held["model"], "first_seed": held["first_seed"], "prompts": list(held["prompts"])}
    except (ValueError, KeyError, TypeError, RecursionError) as reason:
        raise InvalidInputError(
            f"{file} must say what the pictures beside it are of. It does not ({reason!r}). Remove that folder."
        ) from reason


def _difference(held: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    """What two folders' facts differ in, in a word; one may have more prompts of the same."""
    if held["model"] != json.loads(json.dumps(facts["model"])):
        return "another model, sampling or version of the code"
    if held["first_seed"] != facts["first_seed"]:
        return "other noise"
    n = min(len(held["prompts"]), len(facts["prompts"]))
    return "" if held["prompts"][:n] == facts["prompts"][:n] else "other prompts"


def _save(folder: Path, index: int, image: UInt8[np.ndarray, "h w 3"], prompt: str) -> None:
    """Caption first: a picture that is there is whole, with all that belongs to it."""
    path = picture(folder, index)
    write_whole(path.with_suffix(".txt"), f"{prompt}\n".encode())
    fresh = path.with_suffix(".part")
    Image.fromarray(image).save(fresh, format="PNG")
    fresh.replace(path)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is whole or not there."""
    fresh = path.with_name(f".{path.name}.part")
    fresh.write_bytes(content)
    fresh.replace(path)
