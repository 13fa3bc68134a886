"""FineXL as its authors released it: the behaviour of their public script, departures from the paper included.

Source of the facts: pittisl/ExplainablePersonalization, `explain_diffusion.py`. It stands in `baselines`, not in
`finexl`: that package is the method of the paper, and this is another program of the same name whose scores mean
something else. Where script and paper part:

- V_div is the sum over prompts, f(C) the mean, so scores grow with the number of prompts.
- A score is the length of V_div's projection on one f(C), each by itself; there is no joint least squares.
- The residual adds all weighted vectors up to one number, which it subtracts from every component of V_div; compared
  with e_decomp = 0 it never stops, and it is checked after rejected concepts too.
- The text with a concept has no space before it: "avivid photo of a boat".
- Concepts are what stands between ", " in an answer, letter for letter; e_ortho is 1; every pair is shown, one a time.
- Concepts pass through a Python set, so their order, on which the filter depends, changes from run to run. Here it is
  alphabetical: a set forgets who came first, and any fixed order is one that the script may have.

Three things are not reproduced: embeddings are of unit length, as every encoder here makes them; an answer that refuses
or denies a difference names no concept; and the question is ours, the same that FineXL asks (Figure 5), not the
script's, which asks for the same kind of list in other words.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from jaxtyping import Float64
from torch import Tensor

from baselines.paired_rows import remembering
from baselines.settings import ReleasedSettings
from finexl.concepts import concept_vectors
from finexl.discovery import ask_all, evenly_spread, failure_of, interleaved
from finexl.divergence import divergence
from finexl.interfaces import VLM, Encoder, NoReply, Question, Reply, Task
from finexl.orthogonality import is_blind, signed_cosine_sum
from finexl.prompts import load
from finexl.replies import read_concepts, without_fences
from finexl.values import Claim, ImagePairs, NoExplanation, ScoredExplanation


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedFineXL:
    """Scores concepts that a VLM names by the length of V_div's projection on each."""

    encoder: Encoder
    vlm: VLM
    settings: ReleasedSettings = field(default_factory=ReleasedSettings)
    name: str = "finexl_released"

    def explain(self, pairs: ImagePairs) -> ScoredExplanation | NoExplanation:
        """Ask about every pair, filter the concepts in alphabetical order, and project."""
        n_shown = self.settings.n_vlm_pairs or len(pairs)
        shown = [interleaved(pairs, [index]) for index in evenly_spread(len(pairs), n_shown)]
        text = load(Task.DIFFERENCES)
        asked = [Question(task=Task.DIFFERENCES, text=text, images=images) for images in shown]
        answers = ask_all(self.vlm, asked)
        words = sorted({word for answer in answers for word in split_answer(answer)})
        if not words:
            if failure := failure_of([_outcome(answer) for answer in answers]):
                return NoExplanation(reason=failure, detail="The VLM named no concept.")
            return ScoredExplanation(claims=(), notes={"n_proposed": 0, "n_vlm_calls": len(answers)})
        encoder = remembering(self.encoder)
        v = divergence(pairs, encoder=encoder, reduction="sum")
        vectors = concept_vectors(words, pairs.prompts, encoder=encoder, template=self.settings.template)
        kept = filter_and_project(v, vectors, settings=self.settings)
        return ScoredExplanation(
            claims=tuple(Claim(concept=words[index], amount=score) for index, score in kept),
            notes={"n_proposed": len(words), "n_admitted": len(kept), "n_vlm_calls": len(answers)},
        )


def filter_and_project(
    v: Float64[Tensor, " d"], vectors: Float64[Tensor, "c d"], *, settings: ReleasedSettings
) -> tuple[tuple[int, float], ...]:
    """The concepts that the script keeps, with its scores; one that the encoder does not see has no direction."""
    kept: list[int] = []
    scores: list[float] = []
    for index, vector in enumerate(vectors):
        if is_blind(vector):
            continue
        if not kept or signed_cosine_sum(vector, vectors[kept]) < settings.e_ortho:
            kept.append(index)
            scores.append(float(v @ vector / vector.norm()))
        if released_residual(v, vectors[kept], scores) < settings.e_decomp:
            break
    return tuple(zip(kept, scores, strict=True))


def released_residual(
    v: Float64[Tensor, " d"], vectors: Float64[Tensor, "k d"], scores: Sequence[float]
) -> float:
    """The script's residual: one number, the sum of all weighted components, taken from every component of V_div."""
    weighted = torch.tensor(scores, dtype=torch.float64)[:, None] * vectors
    return float((v - weighted.sum()).norm())


def split_answer(answer: Reply | NoReply) -> tuple[str, ...]:
    """What stands between ", " in an answer, thoughts left out; nothing where it refuses or names nothing."""
    if isinstance(answer, NoReply) or _outcome(answer) != "ok":
        return ()
    return tuple(word for word in without_fences(answer.text).split(", ") if word.strip())


def _outcome(answer: Reply | NoReply) -> str:
    return answer.reason if isinstance(answer, NoReply) else read_concepts(answer.text).outcome
