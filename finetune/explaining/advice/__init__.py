"""Which shares of a training set bring a model nearer to a wish, and whether that is so."""
