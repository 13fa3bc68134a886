"""Records of explanations, on disk."""
