"""The command line of finexl: explain, get, example. Nothing heavy is imported before it is needed."""

import argparse
import os
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from finexl.errors import FinexlError, InvalidInputError
from finexl.explain.consoles import FAILED, INTERRUPTED, OK, USAGE, forgiving
from finexl.explain.folding import CARD_COLUMNS, FoldedHelp, room, say
from finexl.explain.progress import no_progress, progress
from finexl.explain.spelling import OPTIONS, parsed
from finexl.paths import plain_paths

if TYPE_CHECKING:
    from finexl.explain.explaining import ExplainedFolders

ABOUT = "Say in words, with amounts and intervals, how one image generator's pictures differ from another's."
TOP = """commands:
  explain BASE TUNED   two folders of pictures in, a card out
  example FOLDER       write two folders of pictures to try it with
  get ENCODER          download an encoder's weights

`python -m finexl COMMAND --help` tells more of each. Benchmarks of explainers: `python -m benchmark`.
"""
EXPLAIN = """what goes in:
  BASE and TUNED hold what the base model and the tuned model drew of the same prompts from the same noise, under the
  same names (BASE/dog.png, TUNED/dog.jpg; sub-folders count). PNG, JPEG, WebP, BMP and TIFF are read. Prompts sharpen
  the answer: a file with --prompts, or dog.txt beside dog.png. Without common names: --unpaired, which needs more
  pictures. A picture that is not used is named with the reason.

what comes out:
  One of three verdicts: changed, no detectable change, not enough data (and how many pairs would be). Each claim has
  an amount on one scale for all models of one encoder, its 95 % interval, and other names that mean the same here.

encoders:
  auto                 miniature for pictures of its world, else clip (the default)
  miniature            ships with finexl; knows nothing but the rendered world of this project
  clip, clip-b32       OpenAI's CLIP, for photographs and all else: python -m finexl get clip
  FOLDER               an open_clip or transformers model of your own

models to ask for more words (--vlm): miniature, or MODEL@URL of a chat-completions endpoint with its key in
OPENAI_API_KEY, as in --vlm gpt-4.1@https://api.openai.com/v1. None is needed. Settings of that model go with it as
in benchmarks: vlm.record=replies.jsonl (what was answered is not asked again), vlm.max_tokens=400, vlm.probe=false.

examples:
  python -m finexl example pictures && python -m finexl explain pictures/base pictures/tuned
  python -m finexl explain base tuned --prompts prompts.txt --html card.html --markdown CARD.md
  python -m finexl explain base tuned --encoder clip --device cuda --unpaired
"""
_CARDS = {"html": "card.html", "json": "card.json", "markdown": "CARD.md"}
"""What files of each form may be called."""


def main(words: Sequence[str] | None = None) -> int:
    """Do what the command line says; 0: done, 1: something is missing or broken, 2: it was not understood."""
    with forgiving():
        return _result(words)
    return OK  # who reads what is printed has had enough


def _result(words: Sequence[str] | None) -> int:
    words = sys.argv[1:] if words is None else words
    given = parsed(_parser(), words or ["--help"], options=OPTIONS)
    try:
        with plain_paths():
            given.run(given)
        return OK
    except InvalidInputError as error:
        return _complain(error, USAGE)
    except FinexlError as error:
        return _complain(error, FAILED)
    except KeyboardInterrupt:
        return _complain("\nInterrupted.", INTERRUPTED)


def _parser() -> argparse.ArgumentParser:
    layout = FoldedHelp
    parser = argparse.ArgumentParser(
        prog="python -m finexl",
        description=ABOUT,
        epilog=TOP,
        usage="%(prog)s COMMAND ...",
        formatter_class=layout,
    )
    commands = parser.add_subparsers(
        prog="python -m finexl", required=True, metavar="COMMAND", help=argparse.SUPPRESS
    )
    explain = commands.add_parser("explain", description=ABOUT, epilog=EXPLAIN, formatter_class=layout)
    explain.add_argument("base", metavar="BASE", type=Path, help="folder of the base model's pictures")
    explain.add_argument("tuned", metavar="TUNED", type=Path, help="folder of the tuned model's pictures")
    explain.add_argument(
        "--prompts", metavar="FILE", type=Path, help="a line per pair, by name; or .csv, .jsonl"
    )
    explain.add_argument(
        "--unpaired", action="store_true", help="compare the folders as a whole; intervals are wider"
    )
    explain.add_argument("--encoder", metavar="NAME", default="auto", help="what sees the pictures (auto)")
    explain.add_argument("--vlm", metavar="NAME", default="none", help="a model to ask for more words (none)")
    explain.add_argument("--words", metavar="FILE", type=Path, help="words that a change may be called by")
    explain.add_argument("--device", default="cpu", help="where the encoder runs, as in cuda (cpu)")
    explain.add_argument(
        "--anyway", action="store_true", help="also pictures that the encoder was not made for"
    )
    for form, what in (("html", "a page"), ("json", "JSON"), ("markdown", "a model card's section")):
        explain.add_argument(
            f"--{form}",
            metavar="PATH",
            type=Path,
            help=f"write the card as {what} too",
        )
    explain.add_argument("--quiet", action="store_true", help="no progress, no card in the terminal")
    explain.set_defaults(run=_explain)
    example = commands.add_parser("example", description="Write two folders of pictures to try things with.")
    example.add_argument("folder", metavar="FOLDER", type=Path, help="a new or empty folder")
    example.set_defaults(run=_example)
    get = commands.add_parser("get", description="Download an encoder's weights, which `explain` never does.")
    get.add_argument("name", metavar="ENCODER", help="clip or clip-b32")
    get.set_defaults(run=_get)
    return parser


def _explain(given: argparse.Namespace) -> None:
    outputs: dict[str, Path] = {
        form: path for form in ("html", "json", "markdown") if (path := getattr(given, form)) is not None
    }
    _check_outputs(outputs, inputs=_inputs(given) if outputs else ())
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")  # a library's bars would tear ours
    from finexl.explain.explaining import FolderQuestion, explained

    question = FolderQuestion(
        base=given.base,
        tuned=given.tuned,
        prompts=given.prompts,
        paired=not given.unpaired,
        encoder=given.encoder,
        vlm=given.vlm,
        dictionary=None if given.words is None else _words(given.words),
        anyway=given.anyway,
        device=given.device,
    )
    found = explained(question, progress=no_progress if given.quiet else progress)
    for line in found.told:
        say(line, file=sys.stderr)
    if not given.quiet:  # before files, which a full disk may stop
        from rich.console import Console

        from finexl.explain.terminal import terminal_card

        console = Console(width=room(otherwise=CARD_COLUMNS))
        console.print(terminal_card(found.explanation, width=console.width))
    for form, path in outputs.items():
        write_card(path, _forms(found)[form]())
        if not given.quiet:
            print(path, flush=True)


def _forms(found: "ExplainedFolders") -> dict[str, Callable[[], str]]:
    explanation = found.explanation
    return {
        "html": lambda: explanation.to_html(found.pairs.as_pairs()),
        "json": lambda: explanation.to_json() + "\n",
        "markdown": explanation.to_markdown,
    }


def _example(given: argparse.Namespace) -> None:
    from finexl.explain.examples import write_example

    base, tuned = write_example(given.folder)
    folders = shlex.join(map(str, (base, tuned)))
    say(f"Wrote {base} and {tuned}. Explain them: python -m finexl explain {folders}")


def _get(given: argparse.Namespace) -> None:
    from finexl.explain.models import get

    say(f"{given.name}: {get(given.name)}.")


def _words(path: Path) -> tuple[str, ...]:
    from finexl.explain.models import words_in
    from finexl.explain.text_files import read_text

    text = read_text(path, what="`--words`")
    if text.lstrip().startswith(("[", "{")):
        raise InvalidInputError(
            f"`--words` must be a file of words, one per line. {str(path)!r} looks like JSON. Write its words in "
            "lines, without brackets and quotes."
        )
    found = words_in(text)
    if not found:
        raise InvalidInputError(f"`--words` must be a file of words, one per line. {str(path)!r} has none.")
    return found


def _inputs(given: argparse.Namespace) -> Iterator[Path]:
    """All that is there and read: the folders, their pictures and captions, and what further options name."""
    from finexl.explain.endpoints import name_and_settings
    from finexl.explain.models import ENCODERS, folder_named

    yield from (path for path in (given.prompts, given.words) if path is not None)
    for folder in (given.base, given.tuned):
        yield folder
        yield from _pictures_and_captions(folder) if folder.is_dir() else ()
    if given.encoder not in ENCODERS and (encoder := folder_named(given.encoder)).is_dir():
        yield from encoder.iterdir()
    settings = name_and_settings(given.vlm)[1]
    yield from (Path(each.partition("=")[2]) for each in settings if each.startswith("record="))


def _pictures_and_captions(folder: Path) -> Iterator[Path]:
    from finexl.pictures import SUFFIXES
    from finexl.pictures.finding import files_below

    files = files_below(folder).files
    pictured = {file.with_suffix("") for file in files if file.suffix.lower() in SUFFIXES}
    read = {*SUFFIXES, ".txt"}
    return (file for file in files if file.suffix.lower() in read and file.with_suffix("") in pictured)


def _check_outputs(outputs: Mapping[str, Path], *, inputs: Iterable[Path]) -> None:
    """See before any work that each file can be written, and that none takes the place of another."""
    taken = {_itself(path): "an input" for path in inputs}
    for form, path in outputs.items():
        if path.is_dir():
            raise InvalidInputError(
                f"`--{form}` must be a file. Got {str(path)!r}, which is a folder. Name a file in it, as in "
                f"--{form} {shlex.quote(str(path / _CARDS[form]))}"
            )
        if not path.absolute().parent.is_dir():
            raise InvalidInputError(
                f"`--{form}` must be a file in a folder that exists. Got {str(path)!r}. Make the folder first."
            )
        if other := taken.get(_itself(path)):
            raise InvalidInputError(
                f"`--{form}` must be a file of its own. Got {str(path)!r}, which is {other} too. Name another."
            )
        taken[_itself(path)] = f"that of `--{form}`"
        if not _is_stream(path):
            try:
                _aside(path).touch()
                _aside(path).unlink()
            except OSError as reason:
                raise _unwritable(path, reason) from reason


def write_card(path: Path, text: str) -> None:
    """A file that is whole or not there; pipes and devices are written to, and links stay links."""
    try:
        if _is_stream(path):
            with path.open("ab") as stream:
                stream.write(text.encode())
            return
        aside = _aside(path)
        try:
            aside.write_bytes(text.encode())
            aside.replace(_itself(path))
        finally:
            aside.unlink(missing_ok=True)
    except BrokenPipeError:
        raise  # who reads has had enough, which is no fault
    except OSError as reason:
        raise _unwritable(path, reason) from reason


def _is_stream(path: Path) -> bool:
    """Whether it is a pipe or a device such as /dev/null, whose place no file may take."""
    return path.absolute().is_relative_to("/dev") or (path.exists() and not path.is_file())


def _itself(path: Path) -> Path:
    """The place of a file, wherever links lead to it from; circles of links lead nowhere."""
    return Path(os.path.realpath(path))


def _aside(path: Path) -> Path:
    """Where it is written first; its name is short however long the file's own is."""
    itself = _itself(path)
    mark = sha256(os.fsencode(itself.name)).hexdigest()[:16]
    return itself.with_name(f".{mark}.{os.getpid()}.aside")


def _unwritable(path: Path, reason: OSError) -> InvalidInputError:
    return InvalidInputError(
        f"{str(path)!r} must be writable. It is not: {reason.strerror}. Name a file in a folder of yours."
    )


def _complain(message: object, code: int) -> int:
    say(message, file=sys.stderr)
    return code
