"""Measurements of the miniature and of training methods."""
