"""GSCLIP (arXiv 2206.15007): sentences that images support by a test, from templates and a language model."""
