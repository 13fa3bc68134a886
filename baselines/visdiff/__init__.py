"""VisDiff (arXiv 2312.02974): hypotheses of a language model, ranked by an encoder."""
