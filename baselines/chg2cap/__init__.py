"""Chg2Cap (arXiv 2304.01091): an attentive network that captions the change between two images."""
