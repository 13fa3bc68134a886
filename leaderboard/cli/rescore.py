"""`rescore`: score entries again."""

from dataclasses import replace
from typing import TYPE_CHECKING

from benchmark.cli.exits import OK, UsageError, usage
from finexl.errors import unknown_name
from leaderboard.cli.command import PLACES, PLACES_HELP, Command, Given
from leaderboard.cli.printing import say, say_scores

if TYPE_CHECKING:
    from leaderboard.ledger.chain import Ledger
    from leaderboard.ledger.events import Scored
    from leaderboard.verify.verifying import Submission

HELP = f"""\
Score an entry on the board again, and add a line to the ledger: after a change of a reader or metric, or when somebody
asks. `all` scores every entry.

keys
  reason=TEXT day=...     as for admit
  private=FILE            what one entry's explainer said of a private part, in the form of explanations.jsonl: of it
                          the first score of each of three scenarios is published, and no unit; none takes
                          those of a part that was lost off the board
  private_bundle=FOLDER   the bundle of that part, which is shown to nobody
{PLACES_HELP}

examples
  python -m leaderboard rescore all reason='reader 2 reads degrees in brackets'
  python -m leaderboard rescore brightness@1.0.0+0123456789ab reason='asked for by its authors'"""


def main(given: Given) -> int:
    from leaderboard.ledger.chain import read_ledger, write_ledger
    from leaderboard.ledger.events import Rescoring
    from leaderboard.scores import recompute, with_private
    from leaderboard.site.building import admitted

    place, reason = given.place, given.text("reason")
    ledger = read_ledger(place.ledger)
    ledger.require_day(given.day)
    wanted = [one for one in ledger.on_board if given.alone[0] in ("all", one.admission.entry)]
    if not wanted:
        with usage():
            raise unknown_name(
                "entry", given.alone[0], ["all", *(one.admission.entry for one in ledger.on_board)]
            )
    if given.get("private") not in (None, "none") and given.alone[0] == "all":
        raise UsageError("`private` must be what one entry said. Name the entry instead of `all`.")
    for number, standing in enumerate(wanted, start=1):
        say(f"--- {number} of {len(wanted)}: {standing.admission.entry}")
        submission = admitted(place, standing)
        scored = with_private(
            recompute(given.bundle, submission), _private(given, submission, standing.scored, ledger)
        )
        # who scores again may have the truth without the labels that are passed round
        if scored.planted is None and standing.scored.planted is not None:
            scored = scored.model_copy(update={"planted": standing.scored.planted})
            entry = standing.admission.entry
            say(
                f"{entry}: neither planted.json nor labels-public.json is in the bundle; what was found stays."
            )
        event = Rescoring(entry=standing.admission.entry, scored=scored, audit=standing.audit)
        ledger = ledger.with_event(event, day=given.day, reason=reason)
        say_scores(submission, scored)
    write_ledger(place.ledger, ledger)
    return OK


def _private(given: Given, submission: "Submission", before: "Scored", ledger: "Ledger") -> "Scored":
    """What holds the scores of the private part: those of a new run, the ones that the entry has, or none."""
    if given.get("private") == "none":
        return before.model_copy(update={"scores": (), "private_part": None})
    if given.get("private") is None:
        private = tuple(one for one in before.scores if one.part == "private")
        return before.model_copy(update={"scores": private})
    from benchmark.bundle.manifest import Bundle
    from leaderboard.auditing import read_answers
    from leaderboard.checking import require_one_private_part
    from leaderboard.scores import recompute

    bundle = Bundle(given.path("private_bundle"))
    require_one_private_part(ledger, bundle)
    answers = tuple(read_answers(given.path("private")).values())
    return recompute(bundle, replace(submission, answers=answers), part="private")


COMMAND = Command(
    main, HELP, keys=(*PLACES, "reason", "day", "private", "private_bundle"), alone=("ENTRY|all",)
)
