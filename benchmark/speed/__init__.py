"""How fast parts and explainers are."""
