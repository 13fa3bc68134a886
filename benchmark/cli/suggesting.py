"""The command line that was probably meant, where one is not understood."""

import re
import shlex
from collections.abc import Sequence

from finexl.errors import FinexlError, InvalidInputError

_OPTIONS = ("--dry-run", "--quiet", "-h", "--help")
_NUMBER = re.compile(r"-[0-9.][0-9.e+-]*")


def meant(command: str, words: list[str]) -> str:
    """The command line that was probably meant; where that would fail too, why, and where to look it up."""
    told = _told(words)
    try:
        _read(command, [word for word in told if word not in _OPTIONS])
    except FinexlError as error:
        return f"{error} `python -m benchmark {command} --help` shows what it takes."
    return f"Did you mean: {command_line([command, *told])}"


def _read(command: str, words: list[str]) -> None:
    """Read the words of a command as it does itself.

    Raises:
        FinexlError: It does not understand them.
    """
    match command:
        case "run":
            from benchmark.config.loading import load_settings

            load_settings(words)
        case "curve":
            from benchmark.curve.points import read_words

            read_words(words)
        case "freeze":
            from benchmark.bundle.recipe import read_words

            read_words(words)
        case "explain":
            from benchmark.bundle.asked import read_words

            read_words(words)
        case "check":
            from benchmark.check.contract import read_words

            read_words(words)
        case "tune":
            from benchmark.tune.development import read_words

            read_words(words[words[:1] == ["robust"] :])
        case "paper":
            from benchmark.paper.asking import read_words

            read_words(words[words[:1] == ["claims"] :])
        case "table" | "figure":
            from benchmark.paper.asking import read_words
            from benchmark.paper.specification import specification

            if not words or "=" in words[0]:
                raise InvalidInputError(f"`{command}` takes a number, and then keys.")
            specification(command, words[0])
            read_words(words[1:])
        case "bench" if words and words[0] not in ("explainers", "outside"):
            raise InvalidInputError("`bench` takes nothing, or `explainers` or `outside` and their keys.")
        case "docs" if any(word.partition("=")[0] not in ("take", "run") for word in words):
            raise InvalidInputError("`docs` takes nothing, or one of take= and run=.")
        case _:
            return


def _told(words: list[str]) -> list[str]:
    """Words as `run` takes them: `--seed 3` and `--seed=3` are `seed=3`."""
    told: list[str] = []
    waiting = ""
    for word in words:
        is_value = not word.startswith("-") or _NUMBER.fullmatch(word)
        name = "" if is_value else _named(word)
        if waiting and not name:
            told.append(f"{waiting}={word}")
            waiting = ""
            continue
        told += [f"{waiting}=true"] if waiting else []
        is_option = word in _OPTIONS
        waiting = name if name and "=" not in name and not is_option else ""
        if not waiting:
            told.append(word if is_option or not name else name)
    return [*told, *([f"{waiting}=true"] if waiting else [])]


def _named(option: str) -> str:
    """An option's name as a key: dashes are no part of keys, but may be of values."""
    key, equals, value = option.lstrip("-").partition("=")
    return f"{key.replace('-', '_')}{equals}{value}"


def command_line(words: Sequence[str]) -> str:
    """How a command is given again."""
    return f"python -m benchmark {shlex.join(words)}"
