"""Chat models of the paper's two architectures with random weights, saved in the layout in which they are published."""

from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    MllamaConfig,
    MllamaForConditionalGeneration,
    MllamaImageProcessor,
    MllamaProcessor,
    PreTrainedTokenizerFast,
    Qwen2VLConfig,
    Qwen2VLForConditionalGeneration,
    Qwen2VLImageProcessor,
    Qwen2VLProcessor,
    Qwen2VLVideoProcessor,
)

QWEN_MARKS = (
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
)
QWEN_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n"
    "{% for part in message.content %}"
    "{% if part.type == 'image' %}<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ part.text }}{% endif %}"
    "{% endfor %}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
LLAMA_MARKS = ("<|begin_of_text|>", "<|eot_id|>", "<|image|>", "<|finetune_right_pad_id|>")
LLAMA_TEMPLATE = (
    "<|begin_of_text|>{% for message in messages %}{{ message.role }}: "
    "{% for part in message.content %}"
    "{% if part.type == 'image' %}<|image|>{% else %}{{ part.text }}{% endif %}"
    "{% endfor %}<|eot_id|>{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}"
)


def byte_tokenizer(marks: tuple[str, ...], *, end: str, pad: str) -> PreTrainedTokenizerFast:
    """A token for each byte and each mark."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    core = Tokenizer(models.BPE(vocab={letter: index for index, letter in enumerate(letters)}, merges=[]))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=core, eos_token=end, pad_token=pad)
    tokenizer.add_special_tokens({"additional_special_tokens": list(marks)})
    return tokenizer


def save_tiny_qwen2_vl(folder: Path, *, seed: int = 0) -> Path:
    """A Qwen2-VL of about a hundred thousand weights."""
    tokenizer = byte_tokenizer(QWEN_MARKS, end="<|im_end|>", pad="<|im_end|>")
    mark = tokenizer.convert_tokens_to_ids
    config = Qwen2VLConfig(
        text_config={
            "vocab_size": len(tokenizer),
            "hidden_size": 64,
            "intermediate_size": 96,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "max_position_embeddings": 4096,
            "rope_parameters": {"rope_type": "default", "rope_theta": 1e4, "mrope_section": [2, 3, 3]},
            "bos_token_id": None,
            "eos_token_id": mark("<|im_end|>"),
            "pad_token_id": mark("<|im_end|>"),
        },
        vision_config={
            "depth": 2,
            "embed_dim": 32,
            "hidden_size": 64,
            "num_heads": 2,
            "patch_size": 14,
            "spatial_merge_size": 2,
            "temporal_patch_size": 2,
        },
        image_token_id=mark("<|image_pad|>"),
        video_token_id=mark("<|video_pad|>"),
        vision_start_token_id=mark("<|vision_start|>"),
        vision_end_token_id=mark("<|vision_end|>"),
    )
    processor = Qwen2VLProcessor(
        image_processor=Qwen2VLImageProcessor(min_pixels=28 * 28, max_pixels=112 * 112),
        tokenizer=tokenizer,
        video_processor=Qwen2VLVideoProcessor(),
        chat_template=QWEN_TEMPLATE,
    )
    torch.manual_seed(seed)
    _lively(Qwen2VLForConditionalGeneration(config)).save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def save_tiny_mllama(folder: Path, *, seed: int = 0) -> Path:
    """A Llama-3.2-Vision of about two hundred thousand weights."""
    tokenizer = byte_tokenizer(LLAMA_MARKS, end="<|eot_id|>", pad="<|finetune_right_pad_id|>")
    tokenizer.bos_token = "<|begin_of_text|>"
    mark = tokenizer.convert_tokens_to_ids
    config = MllamaConfig(
        text_config={
            "vocab_size": mark("<|image|>"),
            "hidden_size": 64,
            "intermediate_size": 96,
            "num_hidden_layers": 3,
            "cross_attention_layers": [1],
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "max_position_embeddings": 4096,
            "rope_parameters": {"rope_type": "default", "rope_theta": 1e4},
            "bos_token_id": mark("<|begin_of_text|>"),
            "eos_token_id": mark("<|eot_id|>"),
            "pad_token_id": mark("<|eot_id|>"),
        },
        vision_config={
            "hidden_size": 32,
            "intermediate_size": 48,
            "num_hidden_layers": 2,
            "num_global_layers": 1,
            "attention_heads": 2,
            "image_size": 56,
            "patch_size": 14,
            "max_num_tiles": 2,
            "intermediate_layers_indices": [0, 1],
            "supported_aspect_ratios": [[1, 1], [1, 2], [2, 1]],
            "vision_output_dim": 96,
        },
        image_token_index=mark("<|image|>"),
    )
    processor = MllamaProcessor(
        image_processor=MllamaImageProcessor(size={"height": 56, "width": 56}, max_image_tiles=2),
        tokenizer=tokenizer,
        chat_template=LLAMA_TEMPLATE,
    )
    torch.manual_seed(seed)
    model = MllamaForConditionalGeneration(config)
    for name, weight in model.named_parameters():
        if "attn_gate" in name or "mlp_gate" in name or name.endswith("gate"):
            torch.nn.init.constant_(weight, 1.0)  # published models learned these; at 0 no image is seen
    _lively(model).save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def _lively(model: torch.nn.Module) -> torch.nn.Module:
    """Larger weights, so that what is seen changes what is said."""
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim > 1:
                weight.mul_(8.0)
    return model
