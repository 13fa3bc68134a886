"""The networks of IDC-PCL: what both stages share, the one that is pre-trained, and the one that captions.

The release takes regions of images as given; `DiffCaption` adds the backbone that cuts them.
"""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from baselines.captioning.backbone import Backbone
from baselines.captioning.vocabulary import Marks, Vocabulary
from baselines.diff_caption.architecture import Architecture
from baselines.diff_caption.blocks import Norm, Transformer, look_back
from baselines.diff_caption.tokens import Kind, Placed

MASK, CLS = "<MASK>", "<CLS>"
MARKS = Marks(pad="<PAD>", unknown="<UNK>", start="<BOS>", end="<EOS>", others=(CLS, MASK))
FIRST = ("<PAD>", "<BOS>", "<EOS>", "<UNK>", CLS, MASK)
"""The ids of the marks; the published code fixes start = 1 and mask = 5."""

Images = Float[Tensor, "n 3 h w"]
Regions = Float[Tensor, "n k r"]
Words = Int[Tensor, "n t"]
Tokens = Float[Tensor, "n t d"]


class PairEncoder(nn.Module):
    """Regions and words to tokens of one width that know of each other; both stages build on it."""

    def __init__(self, architecture: Architecture, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.architecture, self.vocabulary = architecture, vocabulary
        width = architecture.width
        self.word_embedding = nn.Embedding(len(vocabulary), width)
        self.img_project = nn.Sequential(nn.Linear(architecture.region_width, width), nn.Sigmoid())
        self.position_encoding = Placed(width, architecture.dropout)
        self.single_img_encoder = _transformer(architecture, n_blocks=1)
        self.double_img_encoder = _transformer(architecture, n_blocks=1)
        self.encoder = _transformer(architecture, n_blocks=architecture.n_blocks)
        self.output_layer = nn.Linear(width, len(vocabulary))
        self._weigh_alike()

    def images(self, first: Regions, second: Regions) -> Tokens:
        """A mark and the regions of each image: first alone, then together; 2 × (1 + k) tokens."""
        alone = [
            self.single_img_encoder(
                torch.cat([self.mark(len(regions), mark), self._regions(regions, kind)], dim=1)
            )
            for regions, mark, kind in (
                (first, Kind.FIRST_MARK, Kind.FIRST_IMAGE),
                (second, Kind.SECOND_MARK, Kind.SECOND_IMAGE),
            )
        ]
        return self.double_img_encoder(torch.cat(alone, dim=1))

    def words(self, words: Words) -> Tokens:
        """Words as tokens."""
        return self.position_encoding(self.word_embedding(words), Kind.TEXT)

    def mark(self, n: int, kind: Kind) -> Float[Tensor, "n 1 d"]:
        """The token that stands for an image or for the text as a whole."""
        embedded = self.word_embedding.weight[self.vocabulary.id(CLS)]
        return self.position_encoding(embedded.expand(n, 1, -1), kind)

    def _weigh_alike(self) -> None:
        """Start with content, kind and place of similar size in every token.

        Under PyTorch's defaults, which the release has, words outweigh their places √d times, and a sigmoid leaves
        little of a region.
        """
        nn.init.normal_(self.word_embedding.weight, std=self.architecture.width**-0.5)
        nn.init.normal_(self.position_encoding.type_pe.weight, std=0.5)
        projection = self.img_project[0]
        assert isinstance(projection, nn.Linear)
        nn.init.normal_(projection.weight, std=2 * self.architecture.region_width**-0.5)

    def _regions(self, regions: Regions, kind: Kind) -> Float[Tensor, "n k d"]:
        return self.position_encoding(self.img_project(regions), kind)


class Pretraining(PairEncoder):
    """The network of the pre-training tasks; sees both images and the text at once, padding included."""

    def __init__(self, architecture: Architecture, vocabulary: Vocabulary) -> None:
        super().__init__(architecture, vocabulary)
        self.pooler = nn.Sequential(nn.Linear(3 * architecture.width, 2))
        self.feat_regress = _RegionRegression(architecture, self.img_project)

    def forward(self, images: Float[Tensor, "n i d"], words: Words) -> Float[Tensor, "n all d"]:
        """First mark and regions, second mark and regions, text mark, words, all attended to each other."""
        marked = [images, self.mark(len(words), Kind.TEXT_MARK), self.words(words)]
        return self.encoder(torch.cat(marked, dim=1))


class Captioner(PairEncoder):
    """The network that writes captions: words see the images and what is not after them."""

    def __init__(self, architecture: Architecture, vocabulary: Vocabulary) -> None:
        super().__init__(architecture, vocabulary)
        if architecture.tells_distractors:
            self.pooler = nn.Sequential(nn.Linear(2 * architecture.width, 2))

    def forward(self, first: Regions, second: Regions, words: Words) -> Float[Tensor, "n all d"]:
        """Both images and the words after them."""
        images = self.images(first, second)
        mask = look_back(images.shape[1], words.shape[1], words.device)
        return self.encoder(torch.cat([images, self.words(words)], dim=1), mask)

    def loss(
        self, regions: tuple[Regions, Regions], words: Words, labels: Words, changed: Bool[Tensor, " n"]
    ) -> Float[Tensor, ""]:
        """Cross-entropy of the masked words (label −100: not masked) plus that of change or distractor, per pair."""
        seen = self(*regions, words)
        scores = self.output_layer(seen[:, -words.shape[1] :])
        said = nn.functional.cross_entropy(scores.flatten(0, 1), labels.flatten(), reduction="sum")
        if not self.architecture.tells_distractors:
            return said / len(words)
        marks = torch.cat([seen[:, 0], seen[:, 1 + regions[0].shape[1]]], dim=1)
        told = nn.functional.cross_entropy(self.pooler(marks), changed.long(), reduction="sum")
        return (said + told) / len(words)

    @torch.inference_mode()
    def caption(self, first: Regions, second: Regions) -> list[str]:
        """The likeliest sentence for each pair: a mask is appended and filled, word by word."""
        past = self.encoder.inputs(self.images(first, second))
        numbers = self.vocabulary.id
        words = torch.full((len(first), 1), numbers(MARKS.start), device=first.device)
        mask = torch.full((len(first), 1), numbers(MASK), device=first.device)
        for _ in range(self.architecture.max_length - 1):
            seen = self.encoder.after(past, self.words(torch.cat([words, mask], dim=1)))
            chosen = self.output_layer(seen[:, -1]).argmax(dim=-1, keepdim=True)
            words = torch.cat([words, chosen], dim=1)
            if bool((words == numbers(MARKS.end)).any(dim=1).all()):
                break
        return [self.vocabulary.decode(row) for row in words[:, 1:].tolist()]

    def take_over(self, pretrained: Pretraining) -> None:
        """Start from pre-trained weights; the head for distractors is new, as in the published fine-tuning."""
        shared = {name for name in self.state_dict() if not name.startswith("pooler")}
        kept = {name: tensor for name, tensor in pretrained.state_dict().items() if name in shared}
        self.load_state_dict(self.state_dict() | kept)


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


class _RegionRegression(nn.Module):
    """Predicts a region's features; its last layer is the projection of regions, turned around."""

    def __init__(self, architecture: Architecture, projection: nn.Sequential) -> None:
        super().__init__()
        width = architecture.width
        linear = projection[0]
        assert isinstance(linear, nn.Linear)
        self.net = nn.Sequential(nn.Linear(width, width), nn.GELU(), Norm(width, eps=1e-12))
        self.weight = linear.weight
        self.bias = nn.Parameter(torch.zeros(architecture.region_width))

    def forward(self, x: Float[Tensor, "m d"]) -> Float[Tensor, "m r"]:
        return nn.functional.linear(self.net(x), self.weight.t(), self.bias)


def _transformer(architecture: Architecture, *, n_blocks: int) -> Transformer:
    return Transformer(
        architecture.width, architecture.feed_forward, heads=architecture.heads,
        n_blocks=n_blocks, dropout=architecture.dropout,
    )  # fmt: skip
