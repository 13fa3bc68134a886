"""IDC-PCL (arXiv 2202.04298), the paper's "Diff Caption": pre-training and contrastive learning of differences."""
