"""Settings in the one spelling that errors use, understood by command lines with options too.

The same code is asked by `python -m benchmark`, whose words are `vlm.probe=false`, and by programs whose words are
`--vlm NAME`. What an error advises works in whichever shows it.
"""

import argparse
import shlex
from collections.abc import Mapping, Sequence

OPTIONS = {"encoder": "--encoder", "encoder.folder": "--encoder", "vlm": "--vlm"}
"""Options by the settings that errors call them, of every command that explains."""
_OF_MODEL = "vlm."


def parsed(
    parser: argparse.ArgumentParser, words: Sequence[str], *, options: Mapping[str, str]
) -> argparse.Namespace:
    """Parse words, of which some may be settings: `encoder=clip` is `--encoder clip`, by `options`.

    `vlm.KEY=VALUE` becomes part of what `--vlm` names, as in `--vlm 'MODEL@URL KEY=VALUE'`.
    """
    taken: list[str] = []
    of_model: list[str] = []
    for word in words:
        key, equals, value = word.partition("=")
        if equals and key in options:
            taken += [options[key], value]
        elif equals and key.startswith(_OF_MODEL):
            of_model.append(word.removeprefix(_OF_MODEL))
        else:
            taken.append(word)
    given = parser.parse_args(taken)
    if of_model and not hasattr(given, "vlm"):
        parser.error(f"this command asks no model, and takes none of its settings: {_OF_MODEL}{of_model[0]}")
    if of_model:
        given.vlm = f"{given.vlm} {shlex.join(of_model)}"
    return given
