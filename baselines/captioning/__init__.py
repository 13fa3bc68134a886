"""What two explainers that caption the difference of an image pair share: words, pairs, training, files."""
