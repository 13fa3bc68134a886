"""One adapter at several strengths, or every checkpoint of a training."""
