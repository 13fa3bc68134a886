"""What people see of a run: console, report, grids, Weights & Biases."""
