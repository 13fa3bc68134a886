"""A Stable Diffusion folder loads as it was published, and not at all where weights are missing or strange."""

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from safetensors.torch import load_file, save_file
from stable_diffusion_keys import SD15, SD21, Published, Shapes, text_shapes, unet_shapes, vae_shapes
from transformers import CLIPTextConfig, CLIPTextModel

from finetune.families.diffusion.personalizer import load_pipeline
from finetune.generator import GeneratorError

Change = Callable[[dict[str, torch.Tensor]], None]
FILES = {
    "unet": "diffusion_pytorch_model.safetensors",
    "vae": "diffusion_pytorch_model.safetensors",
    "text_encoder": "model.safetensors",
}
SIZES = {"sd15": SD15, "sd21": SD21}
HEADS: dict[str, Any] = {"sd15": 8, "sd21": [5, 10, 20, 20]}
SMALL = {
    "widths": (8, 16, 16, 16),
    "vae_widths": (4, 8, 8, 8),
    "text_width": 32,
    "text_layers": 2,
    "text_inner": 64,
}


def unet_config(size: Published, heads: Any) -> dict[str, Any]:
    """`unet/config.json` of the release, but for what only says how it computes."""
    across = ("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",)
    return {
        "sample_size": 64, "block_out_channels": size.widths, "attention_head_dim": heads, "layers_per_block": 2,
        "down_block_types": across, "up_block_types": ("UpBlock2D", *("CrossAttnUpBlock2D",) * 3),
        "cross_attention_dim": size.text_width, "use_linear_projection": size.linear,
        "norm_num_groups": math.gcd(32, size.widths[0]),
    }  # fmt: skip


def vae_config(size: Published) -> dict[str, Any]:
    return {
        "block_out_channels": size.vae_widths, "latent_channels": 4, "layers_per_block": 2, "sample_size": 512,
        "down_block_types": ("DownEncoderBlock2D",) * 4, "up_block_types": ("UpDecoderBlock2D",) * 4,
        "norm_num_groups": math.gcd(32, size.vae_widths[0]),
    }  # fmt: skip


def text_config(size: Published) -> dict[str, Any]:
    return {
        "vocab_size": size.n_tokens, "hidden_size": size.text_width, "intermediate_size": size.text_inner,
        "num_hidden_layers": size.text_layers, "num_attention_heads": size.text_width // 16,
        "max_position_embeddings": size.length,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("release", "n_tensors", "millions"), [("sd15", 686, 859.520964), ("sd21", 686, 865.910724)]
)
def test_the_u_net_has_the_published_weights(release: str, n_tensors: int, millions: float) -> None:
    shapes = unet_shapes(SIZES[release])
    with torch.device("meta"):
        unet = UNet2DConditionModel(**unet_config(SIZES[release], HEADS[release]))
    assert shapes_of(unet) == shapes
    assert (len(shapes), n_parameters(shapes)) == (n_tensors, round(millions * 1e6))


def test_the_vae_has_the_published_weights() -> None:
    names = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}
    shapes = vae_shapes(SD15)
    with torch.device("meta"):
        vae = AutoencoderKL(**vae_config(SD15))
    assert shapes_of(vae) == {renamed(name, names): shape for name, shape in shapes.items()}
    assert (len(shapes), n_parameters(shapes)) == (248, 83_653_863)


@pytest.mark.parametrize(
    ("release", "n_tensors", "n_weights"), [("sd15", 196, 123_060_480), ("sd21", 372, 340_387_840)]
)
def test_the_text_encoder_has_the_published_weights(release: str, n_tensors: int, n_weights: int) -> None:
    shapes = text_shapes(SIZES[release])
    with torch.device("meta"):
        encoder = CLIPTextModel(CLIPTextConfig(**text_config(SIZES[release])))
    assert shapes_of(encoder) == {name.removeprefix("text_model."): shape for name, shape in shapes.items()}
    assert (len(shapes), n_parameters(shapes)) == (n_tensors, n_weights)


@pytest.fixture(params=["sd15", "sd21"])
def published(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A small pipeline whose files are written from the published names, by no library's saving."""
    source: Path = request.getfixturevalue(request.param)
    n_tokens = json.loads((source / "text_encoder/config.json").read_text())["vocab_size"]
    size = Published(**SMALL, n_tokens=n_tokens, length=12, linear=request.param == "sd21")
    shutil.copytree(source, tmp_path / "published")
    folder = tmp_path / "published"
    write(folder, "unet", unet_shapes(size), unet_config(size, 2))
    write(folder, "vae", vae_shapes(size), vae_config(size))
    write(folder, "text_encoder", text_shapes(size), text_config(size))
    positions = {"text_model.embeddings.position_ids": torch.arange(12)[None]}
    changed(folder, "text_encoder", lambda tensors: tensors.update(positions))
    return folder


def test_a_folder_with_the_published_names_loads_every_weight(published: Path) -> None:
    pipeline = load_pipeline(published)
    names = {".query.": ".to_q.", ".key.": ".to_k.", ".value.": ".to_v.", ".proj_attn.": ".to_out.0."}
    for part, file in FILES.items():
        loaded = getattr(pipeline, part).state_dict()
        for name, tensor in load_file(published / part / file).items():
            if not name.endswith("position_ids"):
                found = loaded[renamed(name.removeprefix("text_model."), names)]
                torch.testing.assert_close(found, tensor)


def test_half_precision_files_load_where_there_are_no_others(published: Path) -> None:
    whole = load_pipeline(published)
    for part, file in FILES.items():
        changed(published, part, halve, to=file.replace(".safetensors", ".fp16.safetensors"))
        (published / part / file).unlink()
    half = load_pipeline(published)
    assert half.unet.dtype == half.vae.dtype == half.text_encoder.dtype == torch.float32
    torch.testing.assert_close(half.unet.conv_in.weight, whole.unet.conv_in.weight, atol=1e-3, rtol=1e-3)


def test_weights_in_several_files_load(published: Path) -> None:
    whole = load_pipeline(published)
    for part in ("unet", "text_encoder"):
        file = FILES[part]
        tensors = load_file(published / part / file)
        names, stem = sorted(tensors), file.removesuffix(".safetensors")
        parts = {f"{stem}-0000{n + 1}-of-00002.safetensors": names[n::2] for n in range(2)}
        for name, keys in parts.items():
            save_file({key: tensors[key] for key in keys}, published / part / name, metadata={"format": "pt"})
        index = {"metadata": {}, "weight_map": {key: name for name, keys in parts.items() for key in keys}}
        (published / part / f"{file}.index.json").write_text(json.dumps(index))
        (published / part / file).unlink()
    again = load_pipeline(published)
    for part in FILES:
        found, expected = getattr(again, part).state_dict(), getattr(whole, part).state_dict()
        assert all(torch.equal(found[name], expected[name]) for name in expected)


@pytest.mark.parametrize(
    ("part", "key"),
    [
        ("unet", "mid_block.attentions.0.transformer_blocks.0.attn2.to_v.weight"),
        ("vae", "decoder.mid_block.attentions.0.to_q.weight"),
        ("text_encoder", "encoder.layers.0.mlp.fc1.weight"),
    ],
)
@pytest.mark.parametrize("what", ["Missing", "Unknown", "shape"])
def test_weights_that_are_missing_unknown_or_misshapen_are_named(
    sd21: Path, tmp_path: Path, part: str, key: str, what: str
) -> None:
    folder = Path(shutil.copytree(sd21, tmp_path / "copy"))

    def change(tensors: dict[str, torch.Tensor]) -> None:
        place = key if key in tensors else f"text_model.{key}"
        if what == "Unknown":
            tensors["strange.weight"] = torch.ones(2)
        else:
            tensor = tensors.pop(place)
            tensors.update({} if what == "Missing" else {place: tensor[:-1].contiguous()})

    changed(folder, part, change)
    named = "strange.weight" if what == "Unknown" else key
    with pytest.raises(GeneratorError, match=rf"{what}.*{named}|{named}.*{what}"):
        load_pipeline(folder)


def test_a_torn_file_is_refused(sd21: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(sd21, tmp_path / "copy"))
    file = folder / "unet" / FILES["unet"]
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(GeneratorError, match="safetensors"):
        load_pipeline(folder)


def test_another_network_in_a_part_is_refused(sd21: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(sd21, tmp_path / "copy"))
    index = json.loads((folder / "model_index.json").read_text()) | {"vae": ["diffusers", "AutoencoderTiny"]}
    (folder / "model_index.json").write_text(json.dumps(index))
    with pytest.raises(GeneratorError, match=r"AutoencoderKL.*Got .*AutoencoderTiny"):
        load_pipeline(folder)


def write(folder: Path, part: str, shapes: Shapes, config: dict[str, Any]) -> None:
    chance = torch.Generator().manual_seed(len(shapes))
    tensors = {name: torch.randn(shape, generator=chance) for name, shape in shapes.items()}
    shutil.rmtree(folder / part)
    (folder / part).mkdir()
    (folder / part / "config.json").write_text(json.dumps(config))
    save_file(tensors, folder / part / FILES[part], metadata={"format": "pt"})


def changed(folder: Path, part: str, change: Change, *, to: str | None = None) -> None:
    tensors = load_file(folder / part / FILES[part])
    change(tensors)
    save_file(tensors, folder / part / (to or FILES[part]), metadata={"format": "pt"})


def halve(tensors: dict[str, torch.Tensor]) -> None:
    tensors.update({name: tensor.half() for name, tensor in tensors.items() if tensor.is_floating_point()})


def shapes_of(network: torch.nn.Module) -> Shapes:
    return {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}


def n_parameters(shapes: Shapes) -> int:
    return sum(math.prod(shape) for shape in shapes.values())


def renamed(name: str, names: dict[str, str]) -> str:
    """With every old name in it replaced, where it stands between dots."""
    for old, new in names.items():
        name = name.replace(f".{old.strip('.')}.", f".{new.strip('.')}.")
    return name
