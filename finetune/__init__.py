"""Personalized models in the making: worlds, recipes and training."""
