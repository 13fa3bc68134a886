"""Whether the ledger's scores are those of the entries: so that nobody has to trust who keeps the board either."""

from benchmark.bundle.manifest import Bundle
from leaderboard.ledger.chain import Ledger
from leaderboard.scores import recompute
from leaderboard.site.building import Place, admitted


def wrong_scores(place: Place, bundle: Bundle, ledger: Ledger) -> list[str]:
    """Every public score on the board that is not what the entry's words make, in a sentence each.

    Raises:
        BoardError: An entry is missing, or was changed since it was admitted.
    """
    wrong = []
    for standing in ledger.on_board:
        again = recompute(bundle, admitted(place, standing))
        told = [one for one in standing.scored.scores if one.part == "public"]
        for one in told:
            made = next(
                (each for each in again.scores if (each.scenario, each.metric) == (one.scenario, one.metric)),
                None,
            )
            if made != one:
                value = "none" if made is None else f"{made.value:g}"
                wrong.append(
                    f"{standing.admission.entry}: {one.scenario} {one.metric} must be {value}, with the units of its "
                    f"groups. The ledger says {one.value:g}. Score it again: python -m leaderboard rescore "
                    f"{standing.admission.entry} reason=..."
                )
        if len(told) != len(again.scores) or again.readability != standing.scored.readability:
            wrong.append(
                f"{standing.admission.entry}: its scores must be {len(again.scores)}, of which "
                f"{again.readability.n_unreadable} models are unreadable. The ledger has {len(told)}, and "
                f"{standing.scored.readability.n_unreadable} unreadable. Score it again."
            )
    return wrong
