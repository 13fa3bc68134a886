"""The board that strangers join: entries, their verification, the ledger of what was admitted, and the page.

An entry holds what an explainer said, never a score. Nothing of this package imports or runs what was submitted, and
none of it needs torch.
"""

__version__ = "0.1.0"
