"""The networks of the miniature, each with how it is trained."""
