"""Training runs whose levels are kept."""
