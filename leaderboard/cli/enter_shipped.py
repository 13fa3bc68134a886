"""`enter-shipped`: explain, submit and admit what the suite ships."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.cli.exits import OK
from finexl.explain.folding import say
from leaderboard.cli import admit, rescore, submit
from leaderboard.cli.command import PLACES, PLACES_HELP, Command, Given

if TYPE_CHECKING:
    from leaderboard.ledger.chain import Standing
    from leaderboard.site.building import Place

HELP = f"""\
Enter every explainer that comes with the suite: explain the bundle, submit, verify, score and admit each, with controls
and ceilings as such. Those on the board already are passed over, and what was explained is kept, so the same command
goes on where it stopped. Of which of them the code has changed since is told, with the command that removes them; one
that was removed is entered anew, as version .post1 of the suite's. `oracle_probe` is left out: it learns from models
whose labels it is shown.

keys
  explainer=NAMES     some of them, divided by commas (default: all)
  work=FOLDER         what they say (default: explained)
  private_bundle=FOLDER  the private part, which they explain too; three numbers of it go on the board
  reason=TEXT day=... as for admit
{PLACES_HELP}

examples
  python -m leaderboard enter-shipped
  python -m leaderboard enter-shipped board=docs/board explainer=finexl,visdiff"""


def main(given: Given) -> int:
    from leaderboard.ledger.chain import read_ledger
    from leaderboard.shipped import shipped_explainers

    place, work = given.place, Path(given.get("work") or "explained")
    chosen = shipped_explainers(given.get("explainer"))
    # before hours of explaining
    ledger = read_ledger(place.ledger)
    ledger.require_day(given.day)
    if given.get("private_bundle") is not None:
        from benchmark.bundle.manifest import Bundle
        from leaderboard.checking import require_one_private_part

        private = Bundle(given.path("private_bundle"))
        private.truth("private")
        require_one_private_part(ledger, private)
    for number, (name, role) in enumerate(chosen, start=1):
        say(f"--- {number} of {len(chosen)}: {name}")
        if (
            code := _enter(name, role, place=place, bundle=given.bundle.folder, work=work, given=given)
        ) != OK:
            return code
    say(f"Next: python -m leaderboard build board={shlex.quote(str(place.folder))}")
    return OK


def _enter(name: str, role: str, *, place: "Place", bundle: Path, work: Path, given: Given) -> int:
    """Explain, submit and admit one explainer of the suite, unless it is on the board; then its private part."""
    import shutil

    from leaderboard.shipped import explain

    where = [f"board={place.folder}", f"bundle={bundle}"]
    reason = f"reason={given.get('reason') or 'comes with the suite'}"
    if (standing := standing_of(name, place)) is not None:
        say(_told(standing, place, bundle))
    else:
        if (code := explain(name, bundle=bundle, output=work / name)) != OK:
            return code
        entry = work / name / "entry"
        shutil.rmtree(entry, ignore_errors=True)
        despite = ["despite_copies=yes"]  # variants of one method may say the same, each rightly
        if (
            code := submit.COMMAND.run(
                "submit",
                [
                    f"explained={work / name}",
                    f"output={entry}",
                    f"version={next_version(name, place)}",
                    *where,
                    *despite,
                ],
            )
        ) != OK:
            return code
        why = "why=its code is part of the suite that made the board"
        words = [str(entry), f"role={role}", f"day={given.day}", reason, why, *where, *despite]
        if (code := admit.COMMAND.run("admit", words)) != OK:
            return code
    standing = standing_of(name, place)
    if given.get("private_bundle") is None or standing is None:
        return OK
    if any(one.part == "private" for one in standing.scored.scores):
        return OK
    hidden, said = given.path("private_bundle"), work / f"{name}-private"
    if (code := explain(name, bundle=hidden, output=said)) != OK:
        return code
    private = [f"private={said / 'explanations.jsonl'}", f"private_bundle={hidden}", f"day={given.day}"]
    return rescore.COMMAND.run("rescore", [standing.admission.entry, *private, reason, *where])


def _told(standing: "Standing", place: "Place", bundle: Path) -> str:
    """That an entry is on the board; and how it is entered anew, where the suite's code is another by now."""
    from benchmark.bundle.manifest import Bundle
    from leaderboard.rerun.packages import PackageError
    from leaderboard.rerun.suite import suite_explainer
    from leaderboard.site.building import admitted

    entry = admitted(place, standing).entry
    try:
        now = suite_explainer(entry, Bundle(bundle).manifest.vocabulary).code_sha256
    except PackageError:  # it is set otherwise now
        now = None
    if now == entry.code_sha256:
        return "It is on the board."
    words = ["python", "-m", "leaderboard", "remove", standing.admission.entry, f"board={place.folder}"]
    return (
        "It is on the board, of code that has changed since. To enter it anew, first: "
        f"{shlex.join([*words, 'reason=its code has changed'])}"
    )


def standing_of(name: str, place: "Place") -> "Standing | None":
    """The entry of a name on the board."""
    from leaderboard.ledger.chain import read_ledger

    on_board = read_ledger(place.ledger).on_board
    return next((one for one in on_board if one.admission.entry.partition("@")[0] == name), None)


def next_version(name: str, place: "Place") -> str:
    """The suite's own; where it was entered before, the next after it, as PEP 440 counts corrections."""
    from benchmark import __version__
    from leaderboard.ledger.chain import read_ledger

    earlier = [entry for entry in read_ledger(place.ledger).standings if entry.partition("@")[0] == name]
    taken = {entry.partition("@")[2].rpartition("+")[0] for entry in earlier}
    return __version__ if __version__ not in taken else f"{__version__}.post{len(earlier)}"


COMMAND = Command(main, HELP, keys=(*PLACES, "explainer", "work", "reason", "day", "private_bundle"))
