"""The paper's tables and figures, measured here beside what it printed: `python -m benchmark table|figure|paper`."""
