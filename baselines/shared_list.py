"""One list of concepts for all models that are compared, each scored for every model.

A list of its own per model makes scores incomparable: what is missing for one may be weak, or only unmentioned.
"""

from collections.abc import Mapping, Sequence

from finexl.values import Claim, ScoredExplanation

Notes = Mapping[str, float | int | str]


def explain_on_shared_list(
    scores: Sequence[Mapping[str, float]], chosen: Sequence[Sequence[str]], *, notes: Sequence[Notes]
) -> tuple[ScoredExplanation, ...]:
    """One explanation per model over everything that was chosen for any of them, highest score first.

    `scores` holds every candidate's score for each model, `chosen` the candidates that its own explanation names.
    """
    shared = sorted({concept for one in chosen for concept in one})
    return tuple(
        ScoredExplanation(
            claims=tuple(
                Claim(concept=concept, amount=one[concept])
                for concept in sorted(shared, key=lambda concept: -one[concept])
            ),
            notes={**note, "n_chosen": len(own), "n_shared": len(shared)},
        )
        for one, own, note in zip(scores, chosen, notes, strict=True)
    )
