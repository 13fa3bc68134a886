"""Explanations for people: cards, and explaining two folders of pictures; import from the modules."""
