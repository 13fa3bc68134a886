"""The contract of explainers, and whether one keeps it."""
