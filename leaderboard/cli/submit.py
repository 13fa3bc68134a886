"""`submit`: make an entry of what an explainer said."""

import shlex
from dataclasses import replace

from benchmark.cli.exits import OK, UNSOUND
from finexl.explain.folding import say
from leaderboard.cli.command import PLACES, PLACES_HELP, Command, Given
from leaderboard.cli.printing import say_verdict
from leaderboard.cli.verify import verdict_of

HELP = f"""\
Make the folder of an entry and verify it. Hashes, environment, seconds and calls are filled in; a score has no place.

keys
  explained=FOLDER    what `python -m benchmark explain` wrote: the files below with all that it measured
  explanations=FILE   what the explainer said of every trial (explanations.jsonl), where it was run otherwise
  facts=FILE          name, authors, link, licence, track ... (`python -m leaderboard example facts` shows all)
  code=PATH           file or folder of the explainer's sources, for their hash
  output=FOLDER       the entry; new or empty, or an entry that is made again
  replies=FILE        every reply of models that were asked (replies.jsonl), where any was
  authors= link= license= name= version=   facts that the file lacks; authors are divided by commas
  despite_copies=yes  say nothing of entries that said the same
{PLACES_HELP}

examples
  python -m leaderboard submit explained=explained/mine authors='Ada Example' link=https://example.org/mine \\
      license=Apache-2.0 output=my-entry
  python -m leaderboard submit explanations=answers.jsonl facts=facts.json code=mine.py output=my-entry"""

_SOURCES = ("explanations", "facts", "code", "replies")
_TOLD = ("name", "version", "link", "license")
"""Facts that the file may lack."""


def main(given: Given) -> int:
    from leaderboard.submitting import Sources, sources_in, submit

    if given.get("explained") is None:
        sources = Sources(
            explanations=given.path("explanations"), facts=given.path("facts"), code=given.path("code")
        )
    else:
        sources = sources_in(given.path("explained"))
    given_too = {name: given.path(name) for name in _SOURCES if given.get(name)}
    told: dict[str, object] = {name: given.text(name) for name in _TOLD if given.get(name)}
    if given.get("authors"):
        told["authors"] = [name.strip() for name in given.text("authors").split(",")]
    sources = replace(sources, **given_too, told=told)
    output = given.path("output")
    submit(sources, given.bundle, output)
    verdict = verdict_of(output, given)
    say_verdict(verdict)
    if not verdict.is_admissible:
        return UNSOUND
    places = [f"{key}={value}" for key in (*PLACES, "despite_copies") if (value := given.get(key))]
    # without the dot a name may be taken for a key or an option
    path = str(output) if output.is_absolute() else f"./{output}"
    again = shlex.join(["admit", path, *places, "reason=to look at it"])
    say(
        f"Wrote {output}. To enter it, put the folder under submissions/ of the board's repository in a pull request. "
        f"To see it first on the board in {given.place.folder}:\npython -m leaderboard {again}"
    )
    return OK


COMMAND = Command(
    main, HELP, keys=("explained", *_SOURCES, "authors", *_TOLD, "output", "despite_copies", *PLACES)
)
