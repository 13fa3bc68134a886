"""Images as the input tensor of an open_clip model, fast where no resizing is needed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import numpy as np
import torch
from jaxtyping import Float32
from open_clip.transform import PreprocessCfg, image_transform_v2, merge_preprocess_dict
from PIL import Image
from torch import Tensor

from finexl.errors import EncoderError
from finexl.pictures import as_seen


class BatchPreprocess:
    """Turns images into one normalised batch: open_clip's own evaluation transform, image by image.

    Where every image has the model's size already, the transform is only a division and a
    normalisation, and is done for the whole batch at once.
    """

    __slots__ = ("_transform", "config")

    def __init__(self, config: PreprocessCfg) -> None:
        self.config = config
        self._transform = cast(Callable[[Image.Image], Tensor], image_transform_v2(config, is_train=False))

    def __call__(self, images: Sequence[Image.Image]) -> Float32[Tensor, "n 3 h w"]:
        images = [as_seen(image) for image in images]
        size = self.config.size
        height, width = (size, size) if isinstance(size, int) else size
        if any(image.size != (width, height) for image in images):
            return torch.stack([self._transform(image) for image in images])
        pixels = torch.from_numpy(np.stack([np.asarray(image) for image in images]))
        mean, std = (torch.tensor(each).reshape(3, 1, 1) for each in (self.config.mean, self.config.std))
        return (pixels.permute(0, 3, 1, 2).float() / 255 - mean) / std


def read_preprocess_config(given: Mapping[str, Any], *, image_size: Any) -> PreprocessCfg:
    """A `preprocess_cfg` entry as open_clip's value; the size defaults to the model's."""
    settings: dict[str, Any] = merge_preprocess_dict({"size": image_size}, dict(given))
    strange = sorted(set(given) - set(vars(PreprocessCfg())))
    if strange:
        raise EncoderError(
            f"`preprocess_cfg` of an open_clip folder must contain only {sorted(vars(PreprocessCfg()))}. "
            f"Got also {strange}."
        )
    fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in settings.items()}
    return PreprocessCfg(**fields)
