"""The residual network is torchvision's, under the published names."""

import pytest
import torch
from layouts import batch_norm, conv
from torchvision.models import resnet18, resnet101

from baselines.captioning.backbone import RESNET18, RESNET101, Backbone, BackboneShape, backbone_names
from finexl.errors import InvalidInputError


def test_a_resnet_101_has_the_names_and_shapes_of_torchvisions() -> None:
    with torch.device("meta"):
        ours, theirs = Backbone(RESNET101), resnet101(weights=None)
    expected = {name: t.shape for name, t in backbone_names(theirs.state_dict()).items()}
    assert {name: t.shape for name, t in ours.state_dict().items()} == expected


def test_a_resnet_18_computes_what_torchvisions_does() -> None:
    torch.manual_seed(0)
    theirs = resnet18(weights=None).eval()
    ours = Backbone(RESNET18).eval()
    ours.load_state_dict(backbone_names(theirs.state_dict()))
    images = torch.randn(1, 3, 64, 64)
    expected = torch.nn.Sequential(*list(theirs.children())[:-2])(images)
    torch.testing.assert_close(ours(images), expected)


def test_the_first_and_last_names_are_those_of_the_release() -> None:
    with torch.device("meta"):
        shapes = {name: tuple(t.shape) for name, t in Backbone(RESNET101).state_dict().items()}
    listed = conv("cnn.0", 3, 64, 7, bias=False) | batch_norm("cnn.1", 64)
    listed |= conv("cnn.7.2.conv3", 512, 2048, 1, bias=False) | batch_norm("cnn.7.2.bn3", 2048)
    listed |= conv("cnn.4.0.downsample.0", 64, 256, 1, bias=False)
    assert listed.items() <= shapes.items()


def test_freezing_keeps_stem_and_first_stage() -> None:
    with torch.device("meta"):
        backbone = Backbone(RESNET18)
    backbone.freeze(5)
    trained = {name.split(".")[1] for name, p in backbone.named_parameters() if p.requires_grad}
    assert trained == {"5", "6", "7"}


def test_stages_need_a_width_and_a_stride_each() -> None:
    with pytest.raises(InvalidInputError, match="one entry for each stage"):
        BackboneShape(blocks=(1, 1), widths=(8,), strides=(1, 2), bottleneck=False, stem_width=8)
