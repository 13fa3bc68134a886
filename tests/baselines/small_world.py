"""A toy world with synonyms and distractors, an encoder that counts what it embeds, and VLMs that misbehave."""

import torch

from finexl.interfaces import NoReply, Reply
from finexl.toy import ToyWorld

WORLD = ToyWorld(prompts=("a boat", "a house", "two trees", "a red ball", "the sea", "a mug"))
DICTIONARY = (*WORLD.aspects, "boat", "house")
TRUTH = {"vivid": 3, "dark": 1}


class CountingEncoder:
    """The toy encoder, with every image and text that it was asked for."""

    def __init__(self, world=WORLD):
        self._encoder = world.encoder
        self.images, self.texts = [], []

    @property
    def id(self):
        return self._encoder.id

    def embed_images(self, images):
        self.images += [image.tobytes() for image in images]
        return self._encoder.embed_images(images)

    def embed_texts(self, texts):
        self.texts += list(texts)
        return self._encoder.embed_texts(texts)


class BareWords:
    """The toy encoder without content: texts and images are only their aspects, plus a direction shared by all.

    So centred dictionaries, cosines and projections have closed forms.
    """

    id = "bare"

    def embed_images(self, images):
        return torch.nn.functional.pad(WORLD.encoder.embed_images(images)[:, 4:], (0, 1), value=5.0)

    def embed_texts(self, texts):
        return torch.nn.functional.pad(WORLD.encoder.embed_texts(texts)[:, 4:], (0, 1), value=1.0)


class Says:
    """A VLM with one answer to everything."""

    id = "says"

    def __init__(self, text=None, reason="refused"):
        self.answer = NoReply(reason=reason) if text is None else Reply(text=text)
        self.questions = []

    def ask(self, questions):
        self.questions += questions
        return (self.answer,) * len(questions)


class Captioned:
    """The toy VLM with another answer to the question for hypotheses."""

    id = "captioned"

    def __init__(self, proposal):
        self.proposal = proposal
        self.questions = []

    def ask(self, questions):
        self.questions += questions
        return tuple(
            Reply(text=self.proposal) if question.task == "propose" else WORLD.vlm.ask([question])[0]
            for question in questions
        )


def scores(explanation):
    return {one.concept: one.amount for one in explanation.claims}


def pairs(id="toy", **levels):
    return WORLD.pairs(levels=levels, id=id)
