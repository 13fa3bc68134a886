"""The organiser's secret: prompts, noise, training seeds and the order of subjects that no public recipe foretells.

All of them are keyed hashes (HMAC-SHA-256) of what they are for. They tell nothing of the secret, so that they may
stand in names and keys, and are too large to be tried one by one against the prompts that an explainer sees.
"""

import hmac
import os
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from finexl.errors import InvalidInputError

_LENGTH = 16
_BITS = 48


@dataclass(frozen=True, slots=True)
class Secret:
    """Draws by a key that is shown to nobody."""

    key: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """A hash that says whether two runs had one secret."""
        return sha256(b"the secret of an organiser: " + self.key).hexdigest()[:32]

    def seed(self, *what: object) -> int:
        """A seed for something, above all public ones (`finetune.miniature.split`)."""
        digest = hmac.digest(self.key, repr(what).encode(), "sha256")
        return 1 << _BITS | int.from_bytes(digest[: _BITS // 8], "big")


def read_secret(place: str | None) -> Secret | None:
    """The secret at `env:NAME` or in a file; None where no place is given.

    Raises:
        InvalidInputError: There is none, or it is too short to be one.
    """
    if place is None:
        return None
    kind, _, name = place.partition(":")
    # a secret that was typed by mistake must not be printed, so the place is not
    text = os.environ.get(name) if kind == "env" else _content(Path(place).expanduser())
    if text is None:
        raise InvalidInputError(
            "`secret` must say where the secret is, env:NAME for a variable that is set or the path of a file. "
            "There is none at the place that was given."
        )
    key = text.strip().encode()
    if len(key) < _LENGTH:
        raise InvalidInputError(
            f"A secret must have at least {_LENGTH} characters: shorter ones can be guessed from its hash. "
            f"Got {len(key)}."
        )
    return Secret(key)


def _content(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
