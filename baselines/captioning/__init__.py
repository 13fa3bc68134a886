"""What two rivals that caption the difference of an image pair share: words, pairs, training, files, explanations."""
