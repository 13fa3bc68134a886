"""Names and shapes in the checkpoints of ShizhenChang/Chg2Cap and yaolinli/IDC, listed from their sources."""

Shapes = dict[str, tuple[int, ...]]


def with_prefix(prefix: str, shapes: Shapes) -> Shapes:
    return {f"{prefix}{name}": shape for name, shape in shapes.items()}


def linear(name: str, n_in: int, n_out: int, *, bias: bool = True) -> Shapes:
    return {f"{name}.weight": (n_out, n_in)} | ({f"{name}.bias": (n_out,)} if bias else {})


def batch_norm(name: str, n: int) -> Shapes:
    parts = ("weight", "bias", "running_mean", "running_var")
    return {f"{name}.{part}": (n,) for part in parts} | {f"{name}.num_batches_tracked": ()}


def conv(name: str, n_in: int, n_out: int, kernel: int, *, bias: bool = True) -> Shapes:
    return {f"{name}.weight": (n_out, n_in, kernel, kernel)} | ({f"{name}.bias": (n_out,)} if bias else {})


def pair_of(name: str, n: int) -> Shapes:
    return {f"{name}.weight": (n,), f"{name}.bias": (n,)}


def attentive_encoder(*, channels: int, grid: int, n_layers: int, attention: int, hidden: int) -> Shapes:
    shapes: Shapes = {f"{axis}_embedding.weight": (grid, channels // 2) for axis in "hw"}
    for layer in range(n_layers):
        for place, width in enumerate((channels, 2 * channels)):
            block: Shapes = {}
            for kind in "qkv":
                block |= linear(f"att.to_{kind}", width, attention, bias=False)
            block |= linear("att.to_out.0", attention, width)
            block |= linear("feedforward.net.0", width, hidden) | linear("feedforward.net.3", hidden, width)
            block |= pair_of("norm1", width) | pair_of("norm2", width)
            shapes |= with_prefix(f"selftrans.{layer}.{place}.", block)
    return shapes


def chg2cap_decoder(*, channels: int, width: int, n_words: int, n_layers: int, max_length: int) -> Shapes:
    half = width // 2
    shapes = conv("Conv1", 2 * channels, width, 1)
    shapes |= conv("LN.left.0", width, half, 1) | batch_norm("LN.left.1", half)
    shapes |= conv("LN.left.3", half, half, 3) | batch_norm("LN.left.4", half)
    shapes |= conv("LN.left.6", half, width, 1) | batch_norm("LN.left.7", width)
    shapes |= {"vocab_embedding.weight": (n_words, width)} | linear("wdc", width, n_words)
    shapes |= {
        "position_encoding.pe": (max_length, 1, width),
        "position_encoding.embedding_1D.weight": (52, width),
    }
    for layer in range(n_layers):
        block: Shapes = {}
        for name in ("self_attn", "multihead_attn"):
            block |= {f"{name}.in_proj_weight": (3 * width, width), f"{name}.in_proj_bias": (3 * width,)}
            block |= linear(f"{name}.out_proj", width, width)
        block |= linear("linear1", width, 4 * width) | linear("linear2", 4 * width, width)
        for number in (1, 2, 3):
            block |= pair_of(f"norm{number}", width) | linear(f"fc_alpha{number}", 2 * width, width)
        shapes |= with_prefix(f"transformer.layers.{layer}.", block)
    return shapes


def idc_shared(*, regions: int, width: int, hidden: int, n_blocks: int, n_words: int) -> Shapes:
    shapes: Shapes = {"word_embedding.weight": (n_words, width)} | linear("img_project.0", regions, width)
    shapes |= {"position_encoding.type_pe.weight": (7, width), "position_encoding.pe": (1, 200, width)}
    shapes |= idc_norm("position_encoding.layernorm", width) | linear("output_layer", width, n_words)
    for name, blocks in (("single_img_encoder", 1), ("double_img_encoder", 1), ("encoder", n_blocks)):
        shapes |= idc_norm(f"{name}.norm", width)
        for number in range(blocks):
            block: Shapes = {}
            for kind in ("q_linear", "v_linear", "k_linear", "out"):
                block |= linear(f"attn.{kind}", width, width)
            block |= linear("feed_forward.w_1", width, hidden) | linear("feed_forward.w_2", hidden, width)
            block |= idc_norm("sublayer.0.norm", width) | idc_norm("sublayer.1.norm", width)
            shapes |= with_prefix(f"{name}.layers.{number}.", block)
    return shapes


def idc_pretraining(*, regions: int, width: int, **sizes: int) -> Shapes:
    shapes = idc_shared(regions=regions, width=width, **sizes) | linear("pooler.0", 3 * width, 2)
    shapes |= linear("feat_regress.net.0", width, width) | idc_norm("feat_regress.net.2", width)
    return shapes | {"feat_regress.weight": (width, regions), "feat_regress.bias": (regions,)}


def idc_captioner(*, width: int, **sizes: int) -> Shapes:
    """Of CLEVR-Change; bird checkpoints have no pooler."""
    return idc_shared(width=width, **sizes) | linear("pooler.0", 2 * width, 2)


def idc_norm(name: str, n: int) -> Shapes:
    return {f"{name}.a_2": (n,), f"{name}.b_2": (n,)}
