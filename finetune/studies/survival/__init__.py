"""What is said of a model as a card: beside its file, inside it, and whether it is true."""
