"""How large the images of a Stable Diffusion folder are, by its configuration files alone."""

from pathlib import Path

from finetune.families.image_sizes import Size, config_in, pixels_per_cell


def image_size(folder: Path) -> Size:
    """Height and width in pixels: the size that the U-Net was trained at, in latents, times the VAE's shrinkage."""
    side = int(config_in(folder / "unet")["sample_size"]) * pixels_per_cell(folder / "vae")
    return side, side
