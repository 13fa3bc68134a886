"""Latent diffusion: Stable Diffusion and its miniature."""
