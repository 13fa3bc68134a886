"""Names and shapes of the weights of Stable Diffusion as published, written down from its `config.json` values alone.

No library is asked: this is what the files of `CompVis/stable-diffusion-v1-*`, `stable-diffusion-v1-5` and
`stable-diffusion-2-1` hold, in the names of their time.
"""

from dataclasses import dataclass

Shapes = dict[str, tuple[int, ...]]


@dataclass(frozen=True, kw_only=True)
class Published:
    """The sizes that differ between the releases; what they share is in the functions below."""

    widths: tuple[int, int, int, int] = (320, 640, 1280, 1280)
    vae_widths: tuple[int, int, int, int] = (128, 256, 512, 512)
    text_width: int = 768
    text_layers: int = 12
    text_inner: int = 3072
    n_tokens: int = 49408
    length: int = 77
    linear: bool = False
    """`use_linear_projection`: 2.x projects in and out of attention with matrices, 1.x with 1×1 convolutions."""


SD15 = Published()
SD21 = Published(text_width=1024, text_layers=23, text_inner=4096, linear=True)


def unet_shapes(size: Published) -> Shapes:
    widths, time = size.widths, 4 * size.widths[0]
    shapes = {
        **_conv("conv_in", 4, widths[0], 3),
        **_linear("time_embedding.linear_1", widths[0], time),
        **_linear("time_embedding.linear_2", time, time),
    }
    skips, inside = [widths[0]], widths[0]
    for block, width in enumerate(widths):
        for layer in range(2):
            name = f"down_blocks.{block}"
            shapes |= _resnet(f"{name}.resnets.{layer}", inside, width, time)
            shapes |= _transformer(f"{name}.attentions.{layer}", width, size) if block < 3 else {}
            inside = width
            skips.append(width)
        if block < 3:
            shapes |= _conv(f"down_blocks.{block}.downsamplers.0.conv", width, width, 3)
            skips.append(width)
    shapes |= _transformer("mid_block.attentions.0", inside, size)
    for layer in range(2):
        shapes |= _resnet(f"mid_block.resnets.{layer}", inside, inside, time)
    for block, width in enumerate(reversed(widths)):
        for layer in range(3):
            name = f"up_blocks.{block}"
            shapes |= _resnet(f"{name}.resnets.{layer}", inside + skips.pop(), width, time)
            shapes |= _transformer(f"{name}.attentions.{layer}", width, size) if block > 0 else {}
            inside = width
        shapes |= _conv(f"up_blocks.{block}.upsamplers.0.conv", width, width, 3) if block < 3 else {}
    return shapes | _norm("conv_norm_out", inside) | _conv("conv_out", inside, 4, 3)


def vae_shapes(size: Published) -> Shapes:
    """With attention named as in 2022: `query`, `key`, `value`, `proj_attn`."""
    widths = size.vae_widths
    shapes = _conv("encoder.conv_in", 3, widths[0], 3) | _conv("decoder.conv_in", 4, widths[-1], 3)
    inside = widths[0]
    for block, width in enumerate(widths):
        for layer in range(2):
            shapes |= _resnet(f"encoder.down_blocks.{block}.resnets.{layer}", inside, width)
            inside = width
        shapes |= (
            _conv(f"encoder.down_blocks.{block}.downsamplers.0.conv", width, width, 3) if block < 3 else {}
        )
    for block, width in enumerate(reversed(widths)):
        for layer in range(3):
            shapes |= _resnet(f"decoder.up_blocks.{block}.resnets.{layer}", inside, width)
            inside = width
        shapes |= _conv(f"decoder.up_blocks.{block}.upsamplers.0.conv", width, width, 3) if block < 3 else {}
    for half in ("encoder", "decoder"):
        shapes |= _norm(f"{half}.mid_block.attentions.0.group_norm", widths[-1])
        for name in ("query", "key", "value", "proj_attn"):
            shapes |= _linear(f"{half}.mid_block.attentions.0.{name}", widths[-1], widths[-1])
        for layer in range(2):
            shapes |= _resnet(f"{half}.mid_block.resnets.{layer}", widths[-1], widths[-1])
    shapes |= _norm("encoder.conv_norm_out", widths[-1]) | _conv("encoder.conv_out", widths[-1], 8, 3)
    shapes |= _norm("decoder.conv_norm_out", widths[0]) | _conv("decoder.conv_out", widths[0], 3, 3)
    return shapes | _conv("quant_conv", 8, 8, 1) | _conv("post_quant_conv", 4, 4, 1)


def text_shapes(size: Published) -> Shapes:
    """Without the stored positions."""
    width = size.text_width
    shapes: Shapes = {
        "text_model.embeddings.token_embedding.weight": (size.n_tokens, width),
        "text_model.embeddings.position_embedding.weight": (size.length, width),
        **_norm("text_model.final_layer_norm", width),
    }
    for layer in range(size.text_layers):
        name = f"text_model.encoder.layers.{layer}"
        for projection in ("q_proj", "k_proj", "v_proj", "out_proj"):
            shapes |= _linear(f"{name}.self_attn.{projection}", width, width)
        shapes |= _norm(f"{name}.layer_norm1", width) | _norm(f"{name}.layer_norm2", width)
        shapes |= _linear(f"{name}.mlp.fc1", width, size.text_inner)
        shapes |= _linear(f"{name}.mlp.fc2", size.text_inner, width)
    return shapes


def _resnet(name: str, inside: int, outside: int, time: int | None = None) -> Shapes:
    shapes = _norm(f"{name}.norm1", inside) | _conv(f"{name}.conv1", inside, outside, 3)
    shapes |= _norm(f"{name}.norm2", outside) | _conv(f"{name}.conv2", outside, outside, 3)
    shapes |= _linear(f"{name}.time_emb_proj", time, outside) if time else {}
    return shapes | (_conv(f"{name}.conv_shortcut", inside, outside, 1) if inside != outside else {})


def _transformer(name: str, width: int, size: Published) -> Shapes:
    block = f"{name}.transformer_blocks.0"
    shapes = _norm(f"{name}.norm", width)
    for projection in ("proj_in", "proj_out"):
        path = f"{name}.{projection}"
        shapes |= _linear(path, width, width) if size.linear else _conv(path, width, width, 1)
    for attention, inside in (("attn1", width), ("attn2", size.text_width)):
        shapes[f"{block}.{attention}.to_q.weight"] = (width, width)
        shapes[f"{block}.{attention}.to_k.weight"] = (width, inside)
        shapes[f"{block}.{attention}.to_v.weight"] = (width, inside)
        shapes |= _linear(f"{block}.{attention}.to_out.0", width, width)
    for number in (1, 2, 3):
        shapes |= _norm(f"{block}.norm{number}", width)
    return (
        shapes
        | _linear(f"{block}.ff.net.0.proj", width, 8 * width)
        | _linear(f"{block}.ff.net.2", 4 * width, width)
    )


def _linear(name: str, inside: int, outside: int) -> Shapes:
    return {f"{name}.weight": (outside, inside), f"{name}.bias": (outside,)}


def _conv(name: str, inside: int, outside: int, side: int) -> Shapes:
    return {f"{name}.weight": (outside, inside, side, side), f"{name}.bias": (outside,)}


def _norm(name: str, width: int) -> Shapes:
    return {f"{name}.weight": (width,), f"{name}.bias": (width,)}
