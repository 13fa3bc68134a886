"""How large an entry may be; about ten times what the shipped explainers need."""

N_CLAIMS = 200
"""Claims about one model; five are read."""
CONCEPT = 200
"""Characters of a claim's words."""
TEXT = 8_000
"""Characters of an explanation in free text, or of a model's reply."""
LINE = 200
"""Characters of a name, a link, a version."""
AMOUNT = 1e9
"""Largest number anywhere."""
N_LINES = {"explanations.jsonl": 2_000, "replies.jsonl": 50_000}
"""Lines of a file: before more are read, they are counted."""
N_KEYS = 500
"""Names in one object."""
DEPTH = 12
"""Brackets within brackets."""
DIGITS = 24
"""Digits of a number."""
LINE_BYTES = 256 << 10
"""Bytes of one line of JSON."""
FILE_BYTES = {
    "entry.json": 256 << 10,
    "entry.sha256": 256,
    "explanations.jsonl": 16 << 20,
    "replies.jsonl": 64 << 20,
}
"""Bytes of each file that an entry may have."""
ARCHIVE_BYTES = 32 << 20
"""Bytes of an archive before anything in it is looked at."""
UNPACKED_BYTES = sum(FILE_BYTES.values())
N_MEMBERS = 16
"""Members of an archive."""
