"""ControlGAN (Li et al., NeurIPS 2019): a GAN that is steered word by word, in its published key layout."""
