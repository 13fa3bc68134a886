"""The whole of Chg2Cap: two images in, one sentence out."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from baselines.captioning.backbone import Backbone
from baselines.captioning.vocabulary import Marks, Vocabulary
from baselines.chg2cap.architecture import Architecture
from baselines.chg2cap.attentive import AttentiveEncoder
from baselines.chg2cap.decoder import Decoder

MARKS = Marks(pad="<NULL>", unknown="<UNK>", start="<START>", end="<END>")
FIRST = ("<NULL>", "<UNK>", "<START>", "<END>")
"""The published ids of the marks."""

Images = Float[Tensor, "n 3 h w"]


class Chg2Cap(nn.Module):
    """Backbone, attentive encoder and decoder, named as the three parts of a published checkpoint."""

    def __init__(self, architecture: Architecture, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.architecture = architecture
        self.vocabulary = vocabulary
        self.encoder = Backbone(architecture.backbone)
        self.encoder_trans = AttentiveEncoder(architecture)
        self.decoder = Decoder(architecture, len(vocabulary))

    def forward(
        self, base: Images, personalized: Images, words: Int[Tensor, "n t"]
    ) -> Float[Tensor, "n t v"]:
        """Scores of the word that follows each of `words`."""
        return self.decoder(self.compare(base, personalized), words)

    def compare(self, base: Images, personalized: Images) -> Float[Tensor, "k n f"]:
        """What the decoder looks at: the fused maps of a pair."""
        maps = self.encoder(torch.cat([base, personalized]))
        one, two = self.encoder_trans(*maps.split(len(base)))
        return self.decoder.fuse(one, two)

    def loss(self, base: Images, personalized: Images, captions: Int[Tensor, "n t"]) -> Float[Tensor, ""]:
        """Cross-entropy of every word given those before it; padding does not count."""
        scores = self(base, personalized, captions[:, :-1])
        pad = self.vocabulary.id(MARKS.pad)
        return nn.functional.cross_entropy(scores.flatten(0, 1), captions[:, 1:].flatten(), ignore_index=pad)

    @torch.inference_mode()
    def caption(self, base: Images, personalized: Images) -> list[str]:
        """The likeliest sentence for each pair, word by word; a pair's sentence does not depend on the others."""
        memory = self.compare(base, personalized)
        end = self.vocabulary.id(MARKS.end)
        words = torch.full((len(base), 1), self.vocabulary.id(MARKS.start), device=base.device)
        for _ in range(self.architecture.max_length):  # as published: the last word need not be the end
            scores = self.decoder(memory, words)[:, -1]
            words = torch.cat([words, scores.argmax(dim=-1, keepdim=True)], dim=1)
            if bool((words == end).any(dim=1).all()):
                break
        return [self.vocabulary.decode(row) for row in words[:, 1:].tolist()]
