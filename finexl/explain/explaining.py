"""Two folders of pictures in, an explanation out: the parts are found, checked and put together here."""

import os
import shlex
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from finexl.errors import EncoderError, FinexlError, InvalidInputError, UnknownNameError
from finexl.explain.familiarity import Familiarity
from finexl.explain.folders import FolderPairs, read_folders
from finexl.explain.models import (
    AUTO,
    DEFAULT,
    MINIATURE,
    ChosenEncoder,
    check_device,
    check_vlm,
    choose_encoder,
    choose_vlm,
)
from finexl.explain.progress import Advance, Progress, no_progress
from finexl.explanation import Explanation
from finexl.notices import collected
from finexl.paths import plain_paths
from finexl.replies import BEYOND, LEFT_OUT
from finexl.robust.vocabulary import checked_words, look_words

if TYPE_CHECKING:
    from finexl.interfaces import VLM, Encoder, NoReply, Question, Reply

_LOOKED_AT = 64
"""Pictures of each folder whose world is told, spread evenly."""
_STYLED = 1.3
"""How much further out than a base a tuned model's pictures may lie: one style on all of them moves the median."""
_REASONS, _REASON = 3, 200
"""Different reasons that are told of a model that did not answer, and letters of each."""
_OPTIONS = {"words": "dictionary", "unpaired": "paired"}
"""Options of the command line that are called otherwise in Python."""
_AT_ONCE = 16
"""Pictures embedded between two signs of progress."""


class UnfamiliarPicturesError(FinexlError):
    """Pictures are not of the world that the encoder was trained on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderQuestion:
    """Which folders are to be explained, and with what."""

    base: Path
    tuned: Path
    prompts: Path | None = None
    """A line per pair in the order of names, or a .csv or .jsonl with names; None: captions beside the pictures."""
    paired: bool = True
    encoder: "str | Encoder" = AUTO
    """A short name, the folder of a model, or an encoder that is loaded."""
    vlm: "str | VLM | None" = None
    """A short name, or a model that is loaded; None: the words of a dictionary alone."""
    dictionary: tuple[str, ...] | None = None
    """Words that a change may be called by; None: those that go with the encoder."""
    anyway: bool = False
    """Whether pictures that are not of the encoder's world are explained all the same."""
    device: str = "cpu"

    def __post_init__(self) -> None:
        if self.dictionary is not None:
            checked_words("dictionary", self.dictionary)
        for name in ("paired", "anyway"):
            if not isinstance(given := getattr(self, name), bool):
                raise InvalidInputError(
                    f"`{name}` must be True or False. Got {given!r}. Leave it out for the usual one."
                )
        if not isinstance(self.device, str):
            raise InvalidInputError(f"`device` must be the name of one, as in 'cuda:0'. Got {self.device!r}.")
        if isinstance(self.encoder, str) and isinstance(self.vlm, str | None):
            return
        from finexl.interfaces import VLM, Encoder  # late: torch

        if not isinstance(self.encoder, str | Encoder):
            raise InvalidInputError(
                "`encoder` must be a short name, the folder of a model, or an `Encoder` that is loaded. "
                f"Got {self.encoder!r}. Leave it out for {AUTO!r}."
            )
        if not isinstance(self.vlm, str | VLM | None):
            raise InvalidInputError(
                f"`vlm` must be a short name, a `VLM` that is loaded, or None. Got {self.vlm!r}."
            )


@dataclass(frozen=True, kw_only=True)
class ExplainedFolders:
    """An explanation with what it is of."""

    explanation: Explanation
    pairs: FolderPairs
    told: tuple[str, ...] = field(default=())
    """Lines for people: what was left out, what to beware of."""


def explain_folders(
    base: str | os.PathLike[str], tuned: str | os.PathLike[str], **further: Any
) -> Explanation:
    """Explain how the pictures of one folder differ from those of another, paired by name.

    `further` are the other fields of `FolderQuestion`: prompts, paired, encoder, vlm, dictionary, anyway, device.
    What was left out, and what to beware of, is warned of.

    Raises:
        InvalidInputError: Folders, prompts or names do not fit; the message says what is expected.
        UnknownNameError: There is no such field.
        EncoderError: The encoder's weights are not on this disk; the message says how to get them.
        UnfamiliarPicturesError: The pictures are not of the world that the encoder knows.
    """
    _check_names(further)
    if further.get("prompts") is not None:
        further["prompts"] = _path("prompts", further["prompts"], what="file")
    if isinstance(further.get("encoder"), os.PathLike):
        further["encoder"] = os.fspath(further["encoder"])
    folders = [_path(name, given, what="folder") for name, given in (("base", base), ("tuned", tuned))]
    with plain_paths():
        found = explained(FolderQuestion(base=folders[0], tuned=folders[1], **further))
    for line in found.told:
        warnings.warn(line, stacklevel=2)
    return found.explanation


def _check_names(given: Mapping[str, object]) -> None:
    known = [one.name for one in fields(FolderQuestion) if one.name not in ("base", "tuned")]
    for name in given:
        if name not in known:
            near = [_OPTIONS[name]] if name in _OPTIONS else get_close_matches(name, known, n=1)
            raise UnknownNameError(
                f"What `explain_folders` is given must be one of: {', '.join(known)}. Got {name}=. "
                + (f"Did you mean {near[0]}=?" if near else "Leave it out.")
            )


def _path(name: str, given: object, *, what: str) -> Path:
    if not isinstance(given, str | os.PathLike):
        raise InvalidInputError(f"`{name}` must be the path of a {what}. Got {given!r}.")
    return Path(given)


def explained(question: FolderQuestion, *, progress: Progress = no_progress) -> ExplainedFolders:
    """See `explain_folders`; what can be wrong is found early, the encoder's faults before pictures are read."""
    given = question.encoder
    chosen = choose_encoder(given) if isinstance(given, str) and given != AUTO else None
    if isinstance(question.vlm, str):
        check_vlm(question.vlm)
    encoder = None if isinstance(given, str) else given
    if question.device != "cpu":
        check_device(question.device)
    if chosen is not None and chosen.is_own:
        with progress("opening the encoder"):
            encoder = chosen.load(device=question.device)
    with progress("reading pictures") as advance:
        pairs = read_folders(
            question.base, question.tuned, prompts=question.prompts, paired=question.paired, tell=advance
        )
    if given == AUTO:
        chosen = _fitting(pairs)
    elif chosen is not None and not question.anyway:
        try:
            _check_world(chosen, pairs)
        except UnfamiliarPicturesError as reason:
            raise UnfamiliarPicturesError(
                f"The {chosen.name} encoder knows only the world that it was made for, and {reason}"
            ) from reason
    with progress("opening the encoder"):
        if encoder is None:
            assert chosen is not None
            encoder = chosen.load(device=question.device)
        vlm = choose_vlm(question.vlm) if isinstance(question.vlm, str) else question.vlm
        from finexl.robust.explainer import FineXL  # late: torch

    dictionary = question.dictionary
    if dictionary is None:
        dictionary = look_words() if chosen is None else chosen.dictionary()
    with progress("embedding pictures") as advance:
        watched = _Watched(encoder, 2 * len(pairs), advance)
        heard = None if vlm is None else _Heard(vlm)
        explainer = FineXL(encoder=watched, vlm=heard, dictionary=dictionary)
        with collected() as notices, _cut_texts(encoder) as cut:
            explanation = explainer.explanation(pairs.as_pairs(), paired=pairs.paired)
    lines = [one.line for one in notices.values()] + (heard.told(explanation.notes) if heard else [])
    lines += [*cut, *_strange(chosen, pairs)]
    notes = {**explanation.notes, "n_left_out": len(pairs.left_out)}
    if doubts := [*pairs.warnings, *lines]:  # who reads a card alone must know of them too
        notes["told"] = " ".join(doubts)
    if chosen is not None:
        notes["encoder_name"] = chosen.name
    names = pairs.names if pairs.paired else ()
    explanation = replace(explanation, prompts=pairs.prompts, pair_names=names, notes=notes)
    return ExplainedFolders(explanation=explanation, pairs=pairs, told=(*pairs.told(), *lines))


def _fitting(pairs: FolderPairs) -> ChosenEncoder:
    """The miniature's encoder for pictures of its world, else the default, if its weights are here."""
    miniature = choose_encoder(MINIATURE)
    try:
        _check_world(miniature, pairs)
        return miniature
    except UnfamiliarPicturesError as unfamiliar:
        try:
            return choose_encoder(DEFAULT)
        except EncoderError as missing:
            raise EncoderError(
                f"The encoder that ships with finexl knows only its own rendered world, and {unfamiliar} {missing}"
            ) from missing


def _check_world(chosen: ChosenEncoder, pairs: FolderPairs) -> None:
    """Refuse a base that the encoder knows nothing of; the tuned model may draw what its world never saw."""
    world = chosen.familiarity
    if world is not None and (distance := _distance(world, pairs.base)) > world.limit:
        swapped = _distance(world, pairs.tuned) <= world.limit
        raise UnfamiliarPicturesError(
            f"the pictures of the base folder are not of it: their distance from it is {distance:.2f}, and it ends "
            f"at {world.limit:.2f}. What it said of them would mean nothing. "
            + ("Those of the tuned folder are of it: if that is the base, name it first. " if swapped else "")
            + f"Photographs need another encoder, as in --encoder {DEFAULT}; --encoder {shlex.quote(chosen.spelled)} "
            "--anyway explains them all the same."
        )


def _strange(chosen: ChosenEncoder | None, pairs: FolderPairs) -> list[str]:
    """What to beware of where pictures are not of the encoder's world."""
    world = None if chosen is None else chosen.familiarity
    if world is None:
        return []
    far = [
        (role, distance)
        for role, pictures, factor in (("base", pairs.base, 1.0), ("tuned", pairs.tuned, _STYLED))
        if (distance := _distance(world, pictures)) > factor * world.limit
    ]
    return [
        f"Beware: the {role} pictures lie outside the world of this encoder ({distance:.2f}; it ends at "
        f"{world.limit:.2f}). What it says holds only if they show that world in a style of their own."
        for role, distance in far
    ]


def _distance(world: Familiarity, pictures: Sequence[Image.Image]) -> float:
    """The median of a folder."""
    spread = np.linspace(0, len(pictures) - 1, min(len(pictures), _LOOKED_AT)).round().astype(int).tolist()
    return float(np.median(world.distances([pictures[i] for i in spread])))


@contextmanager
def _cut_texts(encoder: "Encoder") -> Iterator[list[str]]:
    """After the block, how many texts in it the encoder cut, in a line that stands for its own warning."""
    told: list[str] = []
    before = getattr(encoder, "n_truncated", 0)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Texts should have at most")
        yield told
    if n := getattr(encoder, "n_truncated", 0) - before:
        told.append(
            f"Beware: {n} texts (a word put into a prompt) are longer than the encoder reads and lost their end."
        )


class _Heard:
    """A model that remembers which questions it did not answer, and why."""

    def __init__(self, vlm: "VLM") -> None:
        self._vlm, self._n, self._missed = vlm, 0, Counter[str]()

    @property
    def id(self) -> str:
        """The model's own."""
        return self._vlm.id

    def ask(self, questions: "Sequence[Question]") -> "tuple[Reply | NoReply, ...]":
        """As the model does."""
        from finexl.interfaces import NoReply

        answers = self._vlm.ask(questions)
        self._n += len(answers)
        self._missed.update(f"{one.reason}: {one.detail}" for one in answers if isinstance(one, NoReply))
        return answers

    def told(self, notes: Mapping[str, object]) -> list[str]:
        """In a line each: replies without words, and questions without an answer with the first different reasons."""
        wordless = [
            (name, notes.get(f"n_replies_{name}", 0)) for name in ("refused", "empty", "cut", "unparsable")
        ]
        ends = ", ".join(f"{n} {name}" for name, n in wordless if n)
        lines = [f"Of the replies of {self._vlm.id} some named nothing: {ends}."] if ends else []
        if n := notes.get(LEFT_OUT):
            lines.append(f"{self._vlm.id}: {n} {BEYOND}.")
        if not self._missed:
            return lines
        why = "; ".join(f"{n} × {reason[:_REASON]}" for reason, n in [*self._missed.items()][:_REASONS])
        return [
            *lines,
            f"The model {self._vlm.id} left {self._missed.total()} of {self._n} questions without an answer, so that "
            f"words of its own may be missing: {why}",
        ]


class _Watched:
    """An encoder that tells how many pictures it has embedded."""

    def __init__(self, encoder: "Encoder", n: int, advance: Advance) -> None:
        self._encoder, self._n, self._advance, self._done = encoder, n, advance, 0

    @property
    def id(self) -> str:
        """The encoder's own."""
        return self._encoder.id

    def embed_images(self, images: Sequence[Image.Image]) -> Any:
        """A few at a time, so that no more are in memory."""
        import torch

        rows = []
        for start in range(0, len(images), _AT_ONCE):
            rows.append(self._encoder.embed_images(images[start : start + _AT_ONCE]))
            self._done += len(rows[-1])
            self._advance(self._done, self._n)
        return torch.cat(rows)

    def embed_texts(self, texts: Sequence[str]) -> Any:
        """As the encoder does."""
        return self._encoder.embed_texts(texts)
