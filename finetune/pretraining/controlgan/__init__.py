"""How the miniature's ControlGAN is made: a loop of its own, with two optimizers."""
