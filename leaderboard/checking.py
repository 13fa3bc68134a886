"""Whether the ledger's scores are those of the entries: so that nobody has to trust who keeps the board either."""

from benchmark.bundle.manifest import Bundle
from finexl.errors import InvalidInputError
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
        if again.planted not in (None, standing.scored.planted):
            wrong.append(
                f"{standing.admission.entry}: its agreement with planted labels must be {again.planted.n_agree} of "
                f"{again.planted.n}. The ledger says otherwise. Score it again."
            )
    return wrong


def require_one_private_part(ledger: Ledger, private: Bundle) -> None:
    """Refuse a private part beside private scores of another one: numbers of two parts cannot be compared.

    Raises:
        InvalidInputError: An entry on the board has scores of another one.
    """
    for standing in ledger.on_board:
        if standing.scored.private_part not in (None, private.sha256):
            raise InvalidInputError(
                f"Private scores of a board must be of one private part. Those of {standing.admission.entry} are of "
                f"{standing.scored.private_part[:12]}…, and {str(private.folder)!r} is {private.sha256[:12]}…. "
                "Give the folder of that part; where it is lost, take its scores off with "
                "`python -m leaderboard rescore all private=none reason=...` and score the new part."
            )
