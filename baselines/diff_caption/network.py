"""Images to captions with IDC-PCL: the regions that the release takes as given, and the network that captions them."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from baselines.captioning.backbone import Backbone
from baselines.captioning.vocabulary import Vocabulary
from baselines.diff_caption.architecture import Architecture
from baselines.diff_caption.model import Captioner

Images = Float[Tensor, "n 3 h w"]


class DiffCaption(nn.Module):
    """A frozen backbone that cuts images into regions, and the captioner of region pairs."""

    def __init__(self, architecture: Architecture, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.regions = Backbone(architecture.backbone)
        self.captioner = Captioner(architecture, vocabulary)

    @torch.inference_mode()
    def caption(self, base: Images, personalized: Images) -> list[str]:
        """The likeliest sentence for each pair."""
        first, second = (regions_of(self.regions, images) for images in (base, personalized))
        return self.captioner.caption(first, second)


def regions_of(backbone: Backbone, images: Images) -> Float[Tensor, "n k r"]:
    """The cells of a feature map, row by row: 49 of them for a ResNet at 224 pixels, as in the release."""
    return backbone(images).flatten(2).transpose(1, 2)
