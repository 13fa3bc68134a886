"""What was admitted, scored again and removed, and why; lines are only ever added."""
