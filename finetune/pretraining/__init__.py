"""How the models of the miniature are made."""
