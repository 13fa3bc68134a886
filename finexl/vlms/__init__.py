"""Vision-language models behind the `VLM` protocol; each module loads its library only when it is imported."""
