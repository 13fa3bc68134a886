"""What an auto-regressive generator's `config.json` says; nothing here needs torch."""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from finetune.families.image_sizes import Size, config_in, pixels_per_cell
from finetune.generator import GeneratorError

CONFIG, VQGAN = "config.json", "vqgan"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnoleConfig:
    """What a generator's own configuration says; the defaults are the release's."""

    family: str = "anole"
    """Marks the folder as one of this family."""
    grid: tuple[int, int] = (32, 32)
    """Rows and columns of image tokens."""
    prompt_length: int = 192
    """Tokens before an image."""
    temperature: float = 0.7
    """Divides the logits; below 1 the likelier tokens gain."""
    top_p: float = 0.9
    """Probability that the tokens among which one is drawn must reach together."""
    image_guidance: float = 1.2
    """Weight of images in the prompt; without any it has no effect."""

    @property
    def n_tokens(self) -> int:
        """Tokens of an image."""
        return self.grid[0] * self.grid[1]


def read_config(folder: Path) -> AnoleConfig:
    """The configuration of a folder; one of another family or with unknown entries raises `GeneratorError`."""
    given = config_in(folder)
    known = {field.name for field in fields(AnoleConfig)}
    if not isinstance(given, dict) or given.get("family") != "anole" or set(given) - known:
        raise GeneratorError(
            f"{CONFIG} in {folder} must have family anole and no other entries than {', '.join(sorted(known))}. "
            f"Got {given!r}."
        )
    rows, columns = given.pop("grid", AnoleConfig().grid)
    return AnoleConfig(grid=(rows, columns), **given)


def write_config(folder: Path, config: AnoleConfig) -> None:
    """Write the configuration of a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CONFIG).write_text(json.dumps(asdict(config), indent=2) + "\n", encoding="utf-8")


def image_size(folder: Path) -> Size:
    """Height and width in pixels, by the configuration of a folder and of its image tokenizer."""
    rows, columns = read_config(folder).grid
    side = pixels_per_cell(folder / VQGAN)
    return rows * side, columns * side
