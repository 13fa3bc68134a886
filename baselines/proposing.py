"""From images to hypotheses: a captioner describes images of both groups, a language model says what differs.

The first two stages of VisDiff (Understanding-Visual-Datasets/VisDiff, `components/proposer.py`): several rounds, each
with captions of randomly drawn images. The default is the variant made for two generators, where both captions of a
prompt stand together; as published, that variant stops at an undefined name. Only images that are drawn are captioned,
and none twice.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, assert_never

import numpy as np
from PIL import Image

from baselines.hypotheses import read_hypotheses
from baselines.remembered_captions import remembering_captions
from baselines.settings import ProposerSettings
from finexl.captions import GroupCaptions, write_groups, write_pairs
from finexl.discovery import ask_all, failure_of
from finexl.interfaces import VLM, NoReply, Question, Reply, Task
from finexl.prompts import load
from finexl.refusals import refuses_to_describe
from finexl.replies import says_outage, visible_text
from finexl.values import ImagePairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a language model proposed for one model."""

    hypotheses: tuple[str, ...]
    """What was proposed, without repeats, in the order in which it came first."""
    outcomes: tuple[str, ...]
    """How each round ended: ok, none (no difference), refused, empty, cut, unparsable, timeout or failed."""

    @property
    def failure(self) -> str | None:
        """Why there are no hypotheses, where that is no answer."""
        return None if "ok" in self.outcomes else failure_of(self.outcomes)

    @property
    def notes(self) -> dict[str, float | int | str]:
        """How many rounds ended in each outcome."""
        return {f"n_replies_{name}": count for name, count in sorted(Counter(self.outcomes).items())}


class _Round(NamedTuple):
    """Which personalized and which base images of a model one question is about, by their positions."""

    pairs: ImagePairs
    personalized: tuple[int, ...]
    base: tuple[int, ...]

    @property
    def images(self) -> list[Image.Image]:
        pairs = self.pairs
        return [pairs.personalized[i] for i in self.personalized] + [pairs.base[i] for i in self.base]


def propose(group: Sequence[ImagePairs], *, vlm: VLM, settings: ProposerSettings) -> tuple[Proposal, ...]:
    """Hypotheses about what is truer of the personalized than of the base images of each model."""
    rounds = [_drawn(pairs, settings) for pairs in group]
    every = [one for of_model in rounds for one in of_model]
    text = load(Task.DESCRIBE)
    asked = [
        Question(task=Task.DESCRIBE, text=text, images=(image,)) for one in every for image in one.images
    ]
    heard = [_heard(answer) for answer in ask_all(remembering_captions(vlm), asked)]
    captions = iter([answer.text.strip() if isinstance(answer, Reply) else "" for answer in heard])
    questions = [_question(one, [next(captions) for _ in one.images], settings) for one in every]
    answers = iter(ask_all(vlm, [question for question in questions if question is not None]))
    reasons = [answer.reason for answer in heard if isinstance(answer, NoReply)]
    silence = NoReply(reason=next(iter(reasons), "failed"), detail="The captioner gave no captions.")
    read = iter([_read(next(answers) if question else silence, settings) for question in questions])
    return tuple(_united([next(read) for _ in of_model]) for of_model in rounds)


def _drawn(pairs: ImagePairs, settings: ProposerSettings) -> list[_Round]:
    chance = np.random.default_rng(settings.seed)

    def some() -> tuple[int, ...]:
        return tuple(int(i) for i in np.sort(chance.permutation(len(pairs))[: settings.n_samples]))

    drawn: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
    for _ in range(settings.n_rounds):
        personalized = some()
        drawn.append((personalized, personalized if settings.pairing == "prompt" else some()))
    # Few images make equal rounds, whose answers would be equal too.
    return [_Round(pairs, *indices) for indices in dict.fromkeys(drawn)]


def _heard(answer: Reply | NoReply) -> Reply | NoReply:
    """An answer about an image; a refusal in words is none, or the groups would differ by their refusals."""
    if not isinstance(answer, Reply):
        return answer
    if refuses_to_describe(visible_text(answer.text)):
        return NoReply(reason="refused")
    return NoReply(reason="unparsable") if says_outage(answer.text) else answer


def _question(one: _Round, captions: Sequence[str], settings: ProposerSettings) -> Question | None:
    """The question of one round; images without caption are left out, None where nothing is left."""
    a, b = captions[: len(one.personalized)], captions[len(one.personalized) :]
    match settings.pairing:
        case "prompt":
            told = [each for each in zip(one.personalized, a, b, strict=True) if all(each[1:])]
            groups = GroupCaptions(a=tuple(said for _, said, _ in told), b=tuple(said for _, _, said in told))
            name, listed = "propose", write_pairs([one.pairs.prompts[i] for i, _, _ in told], groups)
        case "none":
            groups = GroupCaptions(a=tuple(filter(None, a)), b=tuple(filter(None, b)))
            name, listed = "propose_groups", write_groups(groups)
        case _:
            assert_never(settings.pairing)
    if not (groups.a and groups.b):
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
    """Hypotheses of all rounds without repeats: "The house." and "house" are one."""
    named = [hypothesis for found, _ in rounds for hypothesis in found]
    bare = dict.fromkeys(hypothesis.removeprefix("the ") for hypothesis in named)
    return Proposal(hypotheses=tuple(bare), outcomes=tuple(outcome for _, outcome in rounds))
