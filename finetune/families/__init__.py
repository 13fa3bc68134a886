"""Families of generators: how each is loaded, sampled and trained."""
