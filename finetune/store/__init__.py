"""The store of what was made, keyed by content."""
