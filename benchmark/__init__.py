"""The benchmark: plans of trials with a known truth, blind explanations, readings and scores.

Importing this package loads nothing heavy; `python -m benchmark --help` says what it does.
"""

__version__ = "0.1.0"
"""Version of the trials and the scoring; entries of different versions are never compared."""
