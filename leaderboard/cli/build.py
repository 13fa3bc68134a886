"""`build`: write the board's pages."""

import shlex

from benchmark.cli.exits import OK, UNSOUND
from finexl.explain.folding import say
from leaderboard.cli.command import PLACES, PLACES_HELP, Command, Given
from leaderboard.cli.printing import complain

HELP = f"""\
Write site/: index.html, a page for each entry, trials.html with images where the bundle is there, and board.md, .csv,
.tex and .json. The same ledger, entries and bundle make the same bytes.

keys
{PLACES_HELP}
  output=FOLDER   another place for the site
  check=yes       write nothing; exit code 3 if the site is not as it should be

examples
  python -m leaderboard build
  python -m leaderboard build check=yes"""


def main(given: Given) -> int:
    from leaderboard.site.building import differing, site_files, write_site

    place = given.place
    output = place.site if given.get("output") is None else given.path("output")
    has_bundle = given.get("bundle") is not None or given.bundle.folder.is_dir()
    files = site_files(place, given.bundle if has_bundle else None)
    if given.is_yes("check"):
        if wrong := differing(output, files):
            return complain(
                f"The site must be what the ledger and the entries make. {len(wrong)} files are not: "
                f"{', '.join(wrong[:5])}. Write them with `python -m leaderboard build`.",
                UNSOUND,
            )
        say(f"All {len(files)} files are as they should be.")
        return OK
    changed = write_site(output, files)
    say(f"Wrote {output / 'index.html'}: {len(changed)} of {len(files)} files changed.")
    if output == place.site:
        say(f"Open it, or: python -m leaderboard serve board={shlex.quote(str(place.folder))}")
    return OK


COMMAND = Command(main, HELP, keys=(*PLACES, "output", "check"))
