"""The naive method of §5 in words: a vision-language model says what differs and how much, a judge reads the level."""

from dataclasses import dataclass, field
from typing import assert_never

from baselines.settings import NaiveSettings
from finexl.discovery import ask_all, evenly_spread, interleaved
from finexl.interfaces import VLM, NoReply, Question, Reply, Task
from finexl.prompts import load
from finexl.refusals import refuses_to_describe
from finexl.replies import says_outage, visible_text, without_fences
from finexl.values import ImagePairs, NoExplanation, TextExplanation


@dataclass(frozen=True, slots=True, kw_only=True)
class NaiveText:
    """Takes what a vision-language model says about several pairs as the explanation."""

    vlm: VLM
    settings: NaiveSettings = field(default_factory=NaiveSettings)
    name: str = "naive_text"

    def explain(self, pairs: ImagePairs) -> TextExplanation | NoExplanation:
        """One question about several pairs, one text; a refusal is not an explanation."""
        shown = evenly_spread(len(pairs), self.settings.n_vlm_pairs)
        question = Question(task=Task.COMPARE, text=load(Task.COMPARE), images=interleaved(pairs, shown))
        (answer,) = ask_all(self.vlm, [question])
        match answer:
            case NoReply():
                return NoExplanation(reason=answer.reason, detail=answer.detail)
            case Reply():
                return read_description(answer.text)
            case _:
                assert_never(answer)


def read_description(reply: str) -> TextExplanation | NoExplanation:
    """A reply as an explanation, verbatim but for fences and reasoning; a refusal in words is none."""
    text = without_fences(reply)
    if not text:
        return NoExplanation(reason="empty")
    if refuses_to_describe(visible_text(text)):
        return NoExplanation(reason="refused", detail=text[:200])
    if says_outage(text):
        return NoExplanation(reason="unparsable", detail=text[:200])
    return TextExplanation(text=text)
