"""The auto-regressive family: Anole, at any size."""
