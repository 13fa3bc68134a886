"""A LoRA of one layer, as tensors of a file."""

import torch

FLAT = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
LAYER = "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k"


def lora(layer: str = FLAT, *, n_in: int = 32, n_out: int = 8, rank: int = 2) -> dict[str, torch.Tensor]:
    return {
        f"{layer}.lora_down.weight": torch.ones(rank, n_in),
        f"{layer}.lora_up.weight": torch.ones(n_out, rank),
    }
