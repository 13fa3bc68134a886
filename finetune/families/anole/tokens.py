"""The one vocabulary of text and images that an auto-regressive generator has (Anole, Chameleon).

Image tokens are strings of the tokenizer, `IMGIMG<letters>Z`, whose letters A–J are the digits of the code's
number; marks around text and images have the names of the release (GAIR-NLP/anole `chameleon/inference/vocab.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from finetune.generator import GeneratorError

START, PAD, END, UNKNOWN = "<s>", "<pad>", "</s>", "<unk>"
END_IMAGE, BEGIN_IMAGE, END_TURN = "<eoss>", "<racm3:break>", "<reserved08706>"
_PREFIX, _SUFFIX = "IMGIMG", "Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageVocabulary:
    """Which token ids mean what."""

    start: int
    pad: int
    """Fills short prompts on the left, where attention does not look."""
    end_turn: int
    begin_image: int
    images: tuple[int, ...]
    """Token id of every code of the image tokenizer, in the order of the codes."""

    def prompt(self, text: tuple[int, ...], length: int) -> tuple[int, ...]:
        """The tokens after which the image begins; a text that leaves no room for the marks loses its end."""
        return (self.start, *text[: length - 3], self.end_turn, self.begin_image)

    @property
    def unconditional(self) -> tuple[int, ...]:
        """The prompt without text, which guidance leads away from."""
        return (self.start, self.begin_image)


def image_token(code: int) -> str:
    """The name of a code of the image tokenizer: 53 is `IMGIMGFDZ`."""
    letters = "".join(chr(ord("A") + int(digit)) for digit in str(code))
    return f"{_PREFIX}{letters}{_SUFFIX}"


def image_vocabulary(ids: Mapping[str, int], *, n_codes: int) -> ImageVocabulary:
    """Read the ids of a tokenizer's vocabulary; every code of the image tokenizer must have one."""
    names = [image_token(code) for code in range(n_codes)]
    missing = [name for name in (START, END_TURN, BEGIN_IMAGE, *names) if name not in ids]
    if missing:
        raise GeneratorError(
            f"The tokenizer of an auto-regressive generator must name its marks and all {n_codes} image codes. "
            f"{len(missing)} are missing, first {', '.join(missing[:3])}. Give the tokenizer of the release."
        )
    return ImageVocabulary(
        start=ids[START],
        pad=ids.get(PAD, ids[START]),
        end_turn=ids[END_TURN],
        begin_image=ids[BEGIN_IMAGE],
        images=tuple(ids[name] for name in names),
    )
