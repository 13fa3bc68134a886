"""From images to hypotheses: a captioner describes images of both groups, a language model says what differs.

The first two stages of VisDiff (Understanding-Visual-Datasets/VisDiff, `components/proposer.py`): several rounds, each
with captions of randomly drawn images. The default is the variant made for two generators, where both captions of a
prompt stand together; as published, that variant stops at an undefined name. Only images that are drawn are captioned,
and none twice.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

import numpy as np
from PIL import Image

from baselines.settings import ProposerSettings
from finexl.captions import GroupCaptions, write_groups, write_pairs
from finexl.discovery import ask_all
from finexl.encoders.cache import image_key
from finexl.hypotheses import read_hypotheses
from finexl.interfaces import VLM, NoReply, Question, Reply, Task
from finexl.prompts import load
from finexl.refusals import refuses_to_describe
from finexl.replies import visible_text
from finexl.values import ImagePairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a language model proposed for one model."""

    hypotheses: tuple[str, ...]
    """In the order in which they were first proposed, without repeats."""
    outcomes: tuple[str, ...]
    """How each round ended: ok, refused, empty, unparsable, timeout or failed."""

    @property
    def failure(self) -> str | None:
        """How the first round ended where none ended in ok or empty: nobody answered."""
        return None if set(self.outcomes) & {"ok", "empty"} else self.outcomes[0]

    @property
    def notes(self) -> dict[str, float | int | str]:
        """How many rounds ended in each outcome."""
        return {f"n_replies_{name}": count for name, count in sorted(Counter(self.outcomes).items())}


def propose(group: Sequence[ImagePairs], *, vlm: VLM, settings: ProposerSettings) -> tuple[Proposal, ...]:
    """Hypotheses about what is truer of the personalized than of the base images of each model."""
    drawn = [_drawn(len(pairs), settings) for pairs in group]
    captions = _captions(group, drawn, vlm=vlm)
    questions = [
        [_question(pairs, one, captions, settings) for one in rounds]
        for pairs, rounds in zip(group, drawn, strict=True)
    ]
    answers = iter(ask_all(vlm, [question for one in questions for question in one if question is not None]))
    return tuple(
        _united([_read(next(answers) if question else _silence(captions), settings) for question in one])
        for one in questions
    )


Drawn = tuple[tuple[int, ...], tuple[int, ...]]
"""Indices of the personalized and of the base images of one round."""
Captions = Mapping[tuple[str, str], Reply | NoReply]


def _drawn(n: int, settings: ProposerSettings) -> tuple[Drawn, ...]:
    chance = np.random.default_rng(settings.seed)

    def some() -> tuple[int, ...]:
        return tuple(int(i) for i in np.sort(chance.permutation(n)[: settings.n_samples]))

    rounds: list[Drawn] = []
    for _ in range(settings.n_rounds):
        personalized = some()
        rounds.append((personalized, personalized if settings.pairing == "prompt" else some()))
    return tuple(dict.fromkeys(rounds))  # few images make equal rounds, whose answers would be equal too


def _captions(group: Sequence[ImagePairs], drawn: Sequence[Sequence[Drawn]], *, vlm: VLM) -> Captions:
    """The captioner's answer about every drawn image, by its content."""
    images: dict[tuple[str, str], Image.Image] = {}
    for pairs, rounds in zip(group, drawn, strict=True):
        for personalized, base in rounds:
            shown = [pairs.personalized[i] for i in personalized] + [pairs.base[i] for i in base]
            images |= {image_key(image): image for image in shown}
    text = load(Task.DESCRIBE)
    questions = [Question(task=Task.DESCRIBE, text=text, images=(image,)) for image in images.values()]
    return dict(zip(images, map(_heard, ask_all(vlm, questions)), strict=True))


def _heard(answer: Reply | NoReply) -> Reply | NoReply:
    """An answer about an image; a refusal in words is none, or the groups would differ by their refusals."""
    refused = isinstance(answer, Reply) and refuses_to_describe(visible_text(answer.text))
    return NoReply(reason="refused") if refused else answer


def _caption(captions: Captions, image: Image.Image) -> str:
    """What was said of an image; nothing where the captioner gave no answer."""
    answer = captions[image_key(image)]
    return answer.text.strip() if isinstance(answer, Reply) else ""


def _silence(captions: Captions) -> NoReply:
    """Why a round has no captions to ask about: what the captioner said instead of one."""
    reasons = [answer.reason for answer in captions.values() if isinstance(answer, NoReply)]
    return NoReply(reason=reasons[0] if reasons else "failed", detail="The captioner gave no captions.")


def _question(
    pairs: ImagePairs, drawn: Drawn, captions: Captions, settings: ProposerSettings
) -> Question | None:
    """The question of one round; pairs without both captions are left out, None where nothing is left."""
    a = {i: _caption(captions, pairs.personalized[i]) for i in drawn[0]}
    b = {i: _caption(captions, pairs.base[i]) for i in drawn[1]}
    match settings.pairing:
        case "prompt":
            both = [i for i in drawn[0] if a[i] and b[i]]
            told = GroupCaptions(a=tuple(a[i] for i in both), b=tuple(b[i] for i in both))
            name, listed = "propose", write_pairs([pairs.prompts[i] for i in both], told)
        case "none":
            told = GroupCaptions(a=tuple(filter(None, a.values())), b=tuple(filter(None, b.values())))
            name, listed = "propose_groups", write_groups(told)
        case _:
            assert_never(settings.pairing)
    if not (told.a and told.b):
        return None
    return Question(task=Task.PROPOSE, text=load(name).replace("{captions}", listed))


def _read(answer: Reply | NoReply, settings: ProposerSettings) -> tuple[tuple[str, ...], str]:
    match answer:
        case Reply():
            found = read_hypotheses(answer.text)
            return found.concepts[: settings.n_hypotheses], found.outcome
        case NoReply():
            return (), answer.reason
        case _:
            assert_never(answer)


def _united(rounds: Sequence[tuple[tuple[str, ...], str]]) -> Proposal:
    hypotheses = dict.fromkeys(_bare(each) for found, _ in rounds for each in found)
    return Proposal(hypotheses=tuple(hypotheses), outcomes=tuple(outcome for _, outcome in rounds))


def _bare(hypothesis: str) -> str:
    """A hypothesis as it is compared with others: "The house." and "house" are one."""
    article, _, rest = hypothesis.partition(" ")
    return rest if article == "the" and rest else hypothesis
