"""Frozen trials: images, prompts and opaque ids that anyone can explain, and their truth in files apart."""
