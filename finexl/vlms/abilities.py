"""What an endpoint takes of a model's requests, found by asking and remembered beside its ledger.

Nothing here needs a client or torch.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from finexl.vlms.chat_settings import StructuredOutput
from finexl.vlms.shared_lines import SharedLines

WEAKER: dict[StructuredOutput, StructuredOutput] = {"json_schema": "json_object", "json_object": "off"}
"""What is tried next where an endpoint refuses a way of enforcing JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """How requests to an endpoint are made, where it does not take them as they are."""

    answer_format: StructuredOutput
    """How JSON is enforced."""
    is_collage: bool = False
    """Whether several images are sent as one labelled picture."""
    n_seen: int = 0
    """The most images of one question of which the first and the last were seen."""

    def fallbacks(self, wanted: StructuredOutput) -> tuple[str, ...]:
        """What is done in place of what was wanted, in words."""
        told = []
        if self.answer_format != wanted:
            kind = "plain text" if self.answer_format == "off" else self.answer_format
            told.append(f"JSON is asked for as {kind}, since the endpoint refuses {wanted}")
        if self.is_collage:
            told.append("several images are sent as one labelled picture, since the endpoint takes fewer")
        return tuple(told)


class Memory:
    """Abilities by model, kept in a file that several processes share, or in this process alone."""

    def __init__(self, path: Path | None = None) -> None:
        self._lines = SharedLines(path) if path else None
        self._known: dict[str, Abilities] = {}

    def find(self, vlm: str) -> Abilities | None:
        """What is known of a model at its endpoint."""
        if self._lines is not None and self._lines.path.exists():
            self._read(self._lines.new())
        return self._known.get(vlm)

    def keep(self, vlm: str, abilities: Abilities) -> None:
        """Remember what was found."""
        if self._lines is not None:
            self._lines.exchange(lambda lines: self._read(lines) or [{"vlm": vlm, **asdict(abilities)}])
        self._known[vlm] = abilities

    def _read(self, lines: list[bytes]) -> None:
        for line in lines:
            entry = json.loads(line)
            vlm = entry.pop("vlm")
            self._known[vlm] = Abilities(**entry)
