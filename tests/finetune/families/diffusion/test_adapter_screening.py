"""Other people's files are told by what they are before they are read for merging."""

import json
import pickle
import re
from pathlib import Path

import pytest
import torch
from adapter_tensors import FLAT, LAYER, lora
from safetensors.torch import save_file

from finetune.explaining.inspection import inspect_file
from finetune.families.diffusion.adapter_effects import adapter_notices
from finetune.families.diffusion.adapter_facts import PEFT_CONFIG, PEFT_FILE, AdapterError, identify
from finetune.families.diffusion.adapter_fits import check_adapter
from finetune.families.diffusion.adapter_screening import base_told, screen
from finetune.store.tensor_headers import TensorFileError


def saved(folder: Path, tensors: dict[str, torch.Tensor], **metadata: str) -> Path:
    save_file(tensors, folder / "a.safetensors", metadata=metadata or None)
    return folder / "a.safetensors"


def of_peft(folder: Path, config: dict, name: str = PEFT_FILE) -> Path:
    save_file(lora(f"base_model.model.{LAYER}"), folder / name)
    (folder / PEFT_CONFIG).write_text(json.dumps({"r": 2, "lora_alpha": 2} | config))
    return folder / name


OTHER_KINDS = {
    "AdaLoRA": (f"base_model.model.{LAYER}.lora_E",),
    "FourierFT": (f"base_model.model.{LAYER}.fourierft_spectrum",),
    "Bone": (f"base_model.model.{LAYER}.bone_",),
    "IP-Adapter": ("ip_adapter.1.to_k_ip.weight", "image_proj.proj.weight"),
    "ControlNet": ("control_model.input_blocks.0.0.weight", "controlnet_cond_embedding.conv_in.weight"),
    "a whole checkpoint": ("model.diffusion_model.input_blocks.0.0.weight",),
    "an autoencoder (VAE)": ("encoder.down.0.block.0.conv1.weight", "decoder.conv_in.weight"),
    "a whole network": (
        f"{LAYER}.weight",
        "double_blocks.0.img_attn.qkv.weight",
        "transformer_blocks.0.ff.net",
    ),
    "an adapter of peft in another method than LoRA": (f"base_model.model.{LAYER}.new_weight",),
    "textual inversion": ("<cat-toy>", "emb_params"),
}


@pytest.mark.parametrize(("kind", "key"), [(kind, key) for kind, keys in OTHER_KINDS.items() for key in keys])
def test_files_of_other_kinds_are_called_by_what_they_are(tmp_path: Path, kind: str, key: str) -> None:
    file = saved(tmp_path, {key: torch.ones(1)})
    assert inspect_file(file).kind == kind
    with pytest.raises(AdapterError, match=r"must be a LoRA.*is " + kind.split("(")[0]):
        check_adapter(file, {})


@pytest.mark.parametrize(
    ("key", "advice"),
    [
        ("emb_params", "load_textual_inversion"),
        ("control_model.a.weight", "nothing to merge. Give a LoRA"),
        ("decoder.conv_in.weight", "put it into the `vae`"),
    ],
)
def test_nobody_is_told_to_fuse_what_changes_no_weights(tmp_path: Path, key: str, advice: str) -> None:
    with pytest.raises(AdapterError) as caught:
        check_adapter(saved(tmp_path, {key: torch.ones(1)}), {})
    assert advice in str(caught.value) and "fuse_lora" not in str(caught.value)


@pytest.mark.parametrize(
    "layer",
    [
        "transformer.transformer_blocks.0.attn.to_q",
        "lora_unet_joint_blocks_0_x_block_attn_qkv",
        "diffusion_model.blocks.0.self_attn.q",
        "lora_unet_blocks_0_attn1_to_q",
    ],
)
def test_a_transformers_adapter_is_told_not_to_run_here(tmp_path: Path, layer: str) -> None:
    file = saved(tmp_path, lora(layer))
    assert inspect_file(file).base == "a diffusion transformer"
    with pytest.raises(AdapterError, match="A diffusion transformer is not run here"):
        check_adapter(file, {"unet": {LAYER: (8, 32)}, "text_encoder": {}})


def test_a_language_models_adapter_is_not_called_one_of_a_generator(tmp_path: Path) -> None:
    tensors = lora("base_model.model.model.layers.0.self_attn.q_proj", n_in=2048, n_out=2048)
    (tmp_path / PEFT_CONFIG).write_text(json.dumps({"r": 2, "lora_alpha": 2}))
    assert base_told(identify(saved(tmp_path, tensors))) == "a language model"


@pytest.mark.parametrize("dtype", [torch.int8, torch.uint8, torch.bool])
def test_numbers_of_a_quantisation_without_its_scales_are_refused(tmp_path: Path, dtype: torch.dtype) -> None:
    with pytest.raises(AdapterError, match=r"floating-point numbers.*quantisation"):
        screen(saved(tmp_path, {key: tensor.to(dtype) for key, tensor in lora().items()}))


@pytest.mark.parametrize(("value", "is_told"), [(0.0, True), (-0.0, True), (1.0, False)])
@pytest.mark.parametrize("dtype", [torch.float8_e4m3fn, torch.float8_e5m2])
def test_an_adapter_in_eight_bits_is_read(
    tmp_path: Path, dtype: torch.dtype, value: float, is_told: bool
) -> None:
    file = saved(tmp_path, {key: (value * tensor).to(dtype) for key, tensor in lora().items()})
    told = " ".join(one.line for one in adapter_notices(check_adapter(file, {}), scale=1.0))
    assert ("all its products are zero" in told) == is_told


def test_an_alpha_in_eight_bits_is_refused(tmp_path: Path) -> None:
    alpha = {f"{FLAT}.alpha": torch.tensor(1.0).to(torch.float8_e4m3fn)}
    with pytest.raises(AdapterError, match="at least 16 bits"):
        screen(saved(tmp_path, lora() | alpha))


@pytest.mark.parametrize("begun", ["pissa", "pissa_niter_16", "olora", "loftq", "corda"])
def test_an_adapter_whose_training_changed_the_base_is_refused(tmp_path: Path, begun: str) -> None:
    with pytest.raises(AdapterError, match=f"init_lora_weights` '{begun}'"):
        check_adapter(of_peft(tmp_path, {"init_lora_weights": begun}), {})


@pytest.mark.parametrize("begun", [True, False, "gaussian", "eva"])
def test_an_adapter_that_only_began_elsewhere_is_read(tmp_path: Path, begun: object) -> None:
    facts = check_adapter(of_peft(tmp_path, {"init_lora_weights": begun}), {})
    assert facts.layers[0].factor == 1


@pytest.mark.parametrize("name", ["use_dora", "use_rslora"])
def test_a_switch_that_is_a_text_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(AdapterError, match=f"`{name}`.*must be true or false"):
        check_adapter(of_peft(tmp_path, {name: "false"}), {})


def test_of_two_files_of_peft_neither_takes_the_one_configuration(tmp_path: Path) -> None:
    of_peft(tmp_path, {}, "theirs.safetensors")
    with pytest.raises(AdapterError, match=r"mine\.safetensors or of theirs\.safetensors"):
        check_adapter(of_peft(tmp_path, {}, "mine.safetensors"), {})


def test_a_file_of_peft_under_its_own_name_takes_the_configuration_beside_it(tmp_path: Path) -> None:
    save_file(lora(), tmp_path / "other.safetensors")
    facts = check_adapter(of_peft(tmp_path, {"lora_alpha": 8}, "mine.safetensors"), {})
    assert facts.layers[0].factor == 4


@pytest.mark.parametrize("name", ["a.SAFETENSORS", "a.sft", "blob"])
def test_a_sound_file_of_another_name_is_told_its_right_one(tmp_path: Path, name: str) -> None:
    save_file(lora(), tmp_path / name)
    with pytest.raises(AdapterError, match=r"rename it to '(a|blob)\.safetensors'"):
        screen(tmp_path / name)


@pytest.mark.parametrize("name", ["a.ckpt", "a.pt", "a.bin"])
def test_a_pickle_is_called_one_whatever_its_name(tmp_path: Path, name: str) -> None:
    for protocol in range(2, 6):
        (tmp_path / name).write_bytes(pickle.dumps({"a": 1}, protocol))
        with pytest.raises(TensorFileError, match="a pickle"):
            screen(tmp_path / name)


ORDERS = re.compile(r"(Check|Convert|Copy|Get|Give|Load|Put|Save|Use|.*: (give|put|rename))\b")
"""How a sentence begins that says what to do."""
BROKEN = {
    "no tensors": {},
    "half of a layer": {f"{FLAT}.lora_down.weight": torch.ones(2, 32)},
    "two spellings": lora() | lora(f"unet.{LAYER}"),
    "rank 0": lora(rank=0),
    "no inputs": lora(n_in=0),
    "ranks that differ": lora() | {f"{FLAT}.lora_up.weight": torch.ones(8, 3)},
    "a flat matrix": lora() | {f"{FLAT}.lora_up.weight": torch.ones(16)},
    "two alphas": lora() | {f"{FLAT}.alpha": torch.ones(2)},
    "no alpha in it": lora() | {f"{FLAT}.alpha": torch.ones(0)},
    "an alpha that is none": lora() | {f"{FLAT}.alpha": torch.tensor(float("nan"))},
    "numbers that are none": {key: tensor / 0 for key, tensor in lora().items()},
    "integers": {key: tensor.to(torch.int8) for key, tensor in lora().items()},
    "another base": lora(n_in=48),
    "another layer": lora(FLAT.replace("blocks_0_att", "blocks_7_att")),
    "foreign keys": lora() | {"lora_magic.7": torch.ones(1)},
    **{kind: {keys[0]: torch.ones(1)} for kind, keys in OTHER_KINDS.items()},
    **{
        kind: {f"{FLAT}.{end}": torch.ones(2, 2)}
        for kind, end in {"LoHa": "hada_w1_a", "LoKr": "lokr_w1", "full": "diff", "IA3": "ia3_l"}.items()
    },
}
CONFIGURATIONS: dict[str, object] = {
    "no JSON": "{",
    "a list": "[]",
    "another method": {"peft_type": "ADALORA"},
    "no rank": {"r": None},
    "another rank": {"r": 4},
    "no alpha": {"lora_alpha": None},
    "an alpha without end": {"lora_alpha": float("inf")},
    "no pattern": {"alpha_pattern": {"(": 3}},
    "a pattern without end": {"rank_pattern": {"((a+)+)+b": 3}},
    "DoRA": {"use_dora": True},
    "a changed base": {"init_lora_weights": "pissa"},
    "no switch": {"use_rslora": "yes"},
}


def refused(file: Path) -> str:
    """The last sentence of why a file is refused."""
    with pytest.raises((AdapterError, TensorFileError)) as caught:
        check_adapter(file, {"unet": {LAYER: (8, 32)}, "text_encoder": {}})
    return re.split(r"(?<=[.:)]) (?=[A-Z])", str(caught.value))[-1]


@pytest.mark.parametrize("what", BROKEN)
def test_whoever_gives_a_broken_file_is_told_what_to_do(tmp_path: Path, what: str) -> None:
    said = refused(saved(tmp_path, {key: tensor.contiguous() for key, tensor in BROKEN[what].items()}))
    assert (ORDERS.match(said) and said.endswith(".")) or "counts what a base has of it" in said


@pytest.mark.parametrize("what", CONFIGURATIONS)
def test_whoever_gives_a_broken_configuration_is_told_what_to_do(tmp_path: Path, what: str) -> None:
    given = CONFIGURATIONS[what]
    file = of_peft(tmp_path, given if isinstance(given, dict) else {})
    if isinstance(given, str):
        (tmp_path / PEFT_CONFIG).write_text(given)
    assert ORDERS.match(said := refused(file)) and said.endswith(".")


def test_what_a_path_without_a_file_means_is_told(tmp_path: Path) -> None:
    def told(place: Path) -> str:
        with pytest.raises(AdapterError) as caught:
            screen(place)
        assert ORDERS.search(str(caught.value))
        return str(caught.value)

    assert "is not there" in told(tmp_path / "gone.safetensors")
    assert "holds nothing" in told(tmp_path)
    (tmp_path / "link").symlink_to("link")
    assert "a link that leads nowhere" in told(tmp_path / "link")
    (tmp_path / "below").mkdir()
    save_file(lora(), tmp_path / "below" / PEFT_FILE)
    assert "lies below it" in told(tmp_path)
    for name in "ab":
        save_file(lora(), tmp_path / f"{name}.safetensors")
    assert "'a.safetensors', 'b.safetensors'. Give one of them" in told(tmp_path)


def test_a_whole_pipeline_is_told_to_be_the_model(tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text("{}")
    with pytest.raises(AdapterError, match=r"whole pipeline.*generator\.folder"):
        screen(tmp_path)


def test_an_alpha_that_only_the_trainers_notes_say_is_told_as_that(tmp_path: Path) -> None:
    (told,) = adapter_notices(identify(saved(tmp_path, lora(), ss_network_alpha="1")), scale=1.0)
    assert "only the trainer's notes say it (1)" in told.how


def test_a_file_without_tensors_is_inspected_as_that(tmp_path: Path) -> None:
    assert inspect_file(saved(tmp_path, {})).is_empty
