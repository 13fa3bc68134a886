"""Published captioner files to folders of safetensors and JSON; and a ResNet's own names to those of a backbone."""

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor, nn

from baselines.captioning.backbone import STEM
from finexl.errors import FinexlError

_CHILDREN = {"conv1": 0, "bn1": 1}


class PublishedFileError(FinexlError):
    """A published file does not hold what its kind should."""


def backbone_names(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of a torchvision ResNet under the names of `Backbone`; the classifier is left out."""
    renamed: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        child, _, rest = name.partition(".")
        if child.startswith("layer"):
            renamed[f"cnn.{STEM + int(child[5:]) - 1}.{rest}"] = tensor
        elif child in _CHILDREN:
            renamed[f"cnn.{_CHILDREN[child]}.{rest}"] = tensor
    return renamed


def load_strictly(module: nn.Module, tensors: Mapping[str, Tensor], *, path: Path) -> None:
    """Give a module exactly the tensors of a published file."""
    try:
        module.load_state_dict(dict(tensors))
    except RuntimeError as reason:
        told = " ".join(str(reason).split())[:400]
        raise PublishedFileError(
            f"{path} must hold the parameters of the published {type(module).__name__}, and the vocabulary must be "
            f"the one it was trained with. Got: {told}"
        ) from reason
