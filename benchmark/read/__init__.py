"""Readers: explanations become numbers."""
