"""What figures show: one file for each kind of picture."""
