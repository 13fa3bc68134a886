"""Doing a plan: units of work, where they run, and what is reused."""
