"""Curves over prompts: how scores grow with the number of image pairs, and what unpaired images are worth."""
