"""How a prompt and a concept are joined into one text: the t ∪ C of Eq. 6."""

from dataclasses import dataclass
from string import Formatter

from finexl.errors import InvalidInputError


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptTemplate:
    """How t ∪ C and t are written: the same sentence with and without the concept.

    >>> ConceptTemplate().join("vivid", "a boat")
    'a vivid photo: a boat'
    """

    with_concept: str = "a {concept} photo: {prompt}"
    """The concept comes first, so that a long prompt cannot push it out of the text encoder's context."""
    without: str = "a photo: {prompt}"

    def __post_init__(self) -> None:
        for name, text, needed in (
            ("with_concept", self.with_concept, {"concept", "prompt"}),
            ("without", self.without, {"prompt"}),
        ):
            if _placeholders(name, text) != needed:
                wanted = " and ".join(f"{{{field}}}" for field in sorted(needed))
                raise InvalidInputError(
                    f"`{name}` of a concept template must contain exactly {wanted}. Got {text!r}."
                )

    def join(self, concept: str, prompt: str) -> str:
        """The text t ∪ C of Eq. 6."""
        return self.with_concept.format(concept=concept, prompt=prompt)

    def plain(self, prompt: str) -> str:
        """The text t of Eq. 6."""
        return self.without.format(prompt=prompt)


def _placeholders(name: str, text: str) -> set[str]:
    try:
        return {field for _, field, _, _ in Formatter().parse(text) if field is not None}
    except ValueError as error:
        raise InvalidInputError(
            f"`{name}` of a concept template must be a format string. Got {text!r}: {error}."
        ) from error
