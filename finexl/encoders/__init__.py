"""Adapters from image-text models to the `Encoder` protocol; import them from their modules."""
