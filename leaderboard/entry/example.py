"""An entry as an example: what the docs show, what people fill in, and what tests begin with."""

import json
from collections.abc import Mapping
from typing import Any

from leaderboard.entry.making import entry_files
from leaderboard.entry.schema import ENTRY, EXPLANATIONS, REPLIES

FACTS: Mapping[str, Any] = {
    "name": "brightness",
    "version": "1.0.0",
    "authors": ["Ada Example", "Bo Beispiel"],
    "link": "https://example.org/brightness",
    "license": "Apache-2.0",
    "track": "solo",
    "division": "explainer",
    "encoder": None,
    "vlms": ["example-vlm-7b@2026-01"],
    "judge": None,
    "seeds": [0],
    "target": "brightness:Brightness",
    "requirement": "brightness==1.0.0",
    "settings": {"threshold": 0.1},
    "claimed": [{"scenario": "multi_aspect", "metric": "selection_accuracy", "value": 0.5}],
    "costs": {"vlm_tokens": 1200, "dollars": None, "peak_memory_mb": 420.0},
}
"""What authors tell; `submit` fills in the rest."""

ANSWERS: tuple[Mapping[str, Any], ...] = (
    {
        "trial": "0123456789abcdef",
        "said": {
            "kind": "claims",
            "claims": [{"concept": "bright", "amount": 0.31}, {"concept": "grainy", "amount": -0.04}],
            "residual": 0.2,
        },
        "seconds": 0.8,
    },
    {"trial": "fedcba9876543210", "said": {"kind": "text", "text": "Slightly brighter."}, "seconds": 0.7},
    {
        "trial": "00112233445566ff",
        "said": {"kind": "failure", "reason": "refused", "detail": ""},
        "seconds": 0.1,
    },
)
REPLY: Mapping[str, Any] = {
    "trials": ["fedcba9876543210"],
    "vlm": "example-vlm-7b@2026-01",
    "question": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "reply": "Slightly brighter.",
}


def facts_to_fill_in() -> str:
    """The file that `submit` takes as facts=."""
    return json.dumps(FACTS, indent=1)


def example() -> str:
    """Every file of an entry, as people read it."""
    explanations, replies = json_lines(ANSWERS), json_lines([REPLY])
    facts = {
        "schema_version": 1,
        "bundle": {"name": "miniature-2", "sha256": "ab" * 32},
        **FACTS,
        "code_sha256": "cd" * 32,
        "costs": {"seconds": 1.6, "vlm_calls": 1, **FACTS["costs"]},
        "environment": {"python": "3.12.8", "platform": "Linux x86_64", "packages": {"finexl": "0.1.0"}},
    }
    files = entry_files(facts, explanations=explanations, replies=replies)
    return "\n".join(f"--- {name}\n{files[name].decode()}" for name in (ENTRY, EXPLANATIONS, REPLIES))


def json_lines(records: Any) -> bytes:
    """Records as a file of lines."""
    return "".join(f"{json.dumps(record, allow_nan=False)}\n" for record in records).encode()
