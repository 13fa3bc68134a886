"""What intervals, tests and chances promise, held against worlds in which the truth is known."""
