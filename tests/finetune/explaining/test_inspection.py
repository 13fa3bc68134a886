"""A file is told in full before anything is loaded, whatever its maker wrote into it."""

import json
import unicodedata
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from finetune.cli import main
from finetune.explaining.inspection import as_json, inspect_file, told, trigger_candidates
from finetune.families.diffusion.adapter_facts import AdapterError, base_layers
from finetune.families.diffusion.adapter_fits import check_adapter
from finetune.miniature.models import pipeline_folder, version_adapter

UNET = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_"
TEXT = "lora_te_text_model_encoder_layers_0_self_attn_"
HOSTILE = "\x1b[2J<script>alert(1)</script>\u202e\u200b\n| x | `y` \x00\udcff"[:-1]


def saved(path: Path, metadata: dict[str, str] | None = None) -> Path:
    tensors = {}
    for layer, rank, n_in, n_out in (
        (f"{UNET}k", 2, 32, 8),
        (f"{UNET}v", 4, 32, 8),
        (f"{TEXT}q_proj", 2, 32, 32),
    ):
        tensors[f"{layer}.lora_down.weight"] = torch.ones(rank, n_in)
        tensors[f"{layer}.lora_up.weight"] = torch.ones(n_out, rank)
        tensors[f"{layer}.alpha"] = torch.tensor(1.0)
    save_file(tensors, path, metadata=metadata)
    return path


def test_ranks_scales_and_matches_are_counted_by_part(tmp_path: Path, folder: Path) -> None:
    found = inspect_file(saved(tmp_path / "a.safetensors"), base=folder)
    assert [(part.part, part.n_layers, part.n_matched) for part in found.parts] == [
        ("unet", 2, 2), ("text_encoder", 1, 1),
    ]  # fmt: skip
    assert dict(found.parts[0].ranks) == {2: 1, 4: 1} and dict(found.parts[0].scales) == {0.5: 1, 0.25: 1}
    assert found.loads is True


def test_without_a_base_nothing_is_claimed_about_loading(tmp_path: Path) -> None:
    assert inspect_file(saved(tmp_path / "a.safetensors")).loads is None


def test_layers_that_the_base_does_not_have_are_told(tmp_path: Path) -> None:
    found = inspect_file(saved(tmp_path / "a.safetensors"), base=pipeline_folder())
    assert found.loads is False and "do not fit the base" in told(found)


def test_an_adapter_of_the_miniature_loads_whole() -> None:
    assert inspect_file(version_adapter("v21"), base=pipeline_folder()).loads is True


@pytest.mark.parametrize("base", [None, "miniature"])
def test_what_loading_refuses_is_never_told_to_load(tmp_path: Path, base: str | None) -> None:
    held = load_file(version_adapter("v21"))
    save_file({name: tensor.int() for name, tensor in held.items()}, tmp_path / "int.safetensors")
    folder = None if base is None else pipeline_folder()
    found = inspect_file(tmp_path / "int.safetensors", base=folder)
    with pytest.raises(AdapterError) as refused:
        check_adapter(tmp_path / "int.safetensors", base_layers(pipeline_folder()))
    assert found.loads is json.loads(as_json(found))["loads"] is False
    assert f"loads      no: {refused.value}" in told(found)


@pytest.mark.parametrize(
    ("metadata", "first"),
    [
        ({"modelspec.trigger_phrase": "sks dog", "ss_dataset_dirs": '{"10_other": {}}'}, "sks dog"),
        ({"ss_dataset_dirs": '{"10_sks dog": {"n_repeats": 10}}'}, "sks dog"),
        ({"ss_tag_frequency": '{"a": {"blue": 3, "zxc": 20}, "b": {"zxc": 5}}'}, "zxc"),
    ],
)
def test_triggers_come_from_what_the_maker_states_first(metadata: dict[str, str], first: str) -> None:
    assert trigger_candidates(metadata)[0] == first


@pytest.mark.parametrize(
    "table", ["{", "[1]", '{"a": 3}', '{"a": {"b": "c"}}', '{"a": {"": 1}}', "[" * 100_000]
)
def test_broken_tables_name_no_trigger(table: str) -> None:
    assert trigger_candidates({"ss_tag_frequency": table}) == ()


def test_rare_tags_are_no_triggers() -> None:
    assert trigger_candidates({"ss_tag_frequency": '{"a": {"zxc": 20, "blue": 3}}'}) == ("zxc",)


@pytest.mark.parametrize("key", ["ss_output_name", "modelspec.trigger_phrase", HOSTILE])
def test_hostile_metadata_do_nothing_to_a_terminal(tmp_path: Path, key: str) -> None:
    page = told(inspect_file(saved(tmp_path / "a.safetensors", {key: HOSTILE})))
    assert {unicodedata.category(letter) for letter in page if letter != "\n"} <= {
        "Lu", "Ll", "Lo", "Nd", "Zs", "Po", "Ps", "Pe", "Pc", "Pd", "Sm", "Sk", "So",
    }  # fmt: skip


def test_of_an_unknown_base_it_is_said_what_is_known(tmp_path: Path, folder: Path) -> None:
    file = saved(tmp_path / "a.safetensors", {"ss_sd_model_name": "mine.safetensors"})
    unknown = (
        "made for   unknown: it has none of the sizes by which SD 1.x, SD 2.x, SDXL and Flux are told apart"
    )
    by_maker = "; its maker names 'mine.safetensors'\n"
    assert unknown + by_maker in told(inspect_file(file))
    assert f"{unknown}; it fits the base that was given{by_maker}" in told(inspect_file(file, base=folder))


def test_ten_megabytes_of_metadata_make_a_short_page(tmp_path: Path) -> None:
    found = inspect_file(saved(tmp_path / "a.safetensors", {"ss_x": "y" * 10_000_000}))
    assert len(told(found)) < 3_000 and "(10,000,000 characters)" in told(found)
    assert len(as_json(found)) < 10_000


def test_thousands_of_keys_are_counted(tmp_path: Path) -> None:
    found = inspect_file(saved(tmp_path / "a.safetensors", {f"ss_{i}": "" for i in range(5000)}))
    assert "and 4960 more keys" in told(found)


def test_the_json_is_ascii_and_says_the_same(tmp_path: Path, folder: Path) -> None:
    text = as_json(inspect_file(saved(tmp_path / "a.safetensors", {"ss_x": HOSTILE}), base=folder))
    assert text.isascii() and json.loads(text)["metadata"]["ss_x"] == HOSTILE
    assert json.loads(text)["parts"][0] == {
        "part": "unet", "layers": 2, "ranks": {"2": 1, "4": 1}, "matched": 2,
        "scales": [{"scale": 0.5, "layers": 1}, {"scale": 0.25, "layers": 1}],
    }  # fmt: skip


def test_the_command_tells_a_file(tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(saved(tmp_path / "a.safetensors")), "--base", str(folder)]) == 0
    assert "loads      whole" in capsys.readouterr().out


def test_the_command_takes_the_miniature_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(version_adapter("v21")), "--base", "miniature"]) == 0
    assert "loads      whole" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["inspect", "images", "explain", "sweep", "compare", "advise"])
def test_the_help_of_each_command_shows_how_it_is_called(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert f"examples:\n  python -m finetune {command} " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "told_as"), [(b"<html>", "HTML page"), (b"", "empty"), (b"PK\x03\x04", "zip")]
)
def test_the_command_says_what_is_no_adapter(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, told_as: str
) -> None:
    (tmp_path / "a.safetensors").write_bytes(content)
    assert main(["inspect", str(tmp_path / "a.safetensors")]) == 1
    assert told_as in capsys.readouterr().err


def test_an_error_about_a_file_with_a_hostile_name_is_harmless(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a\x1b[2J\u202e.safetensors"
    file.write_bytes(b"<html>")
    assert main(["inspect", str(file)]) == 1
    assert "\x1b" not in (said := capsys.readouterr().err) and "\u202e" not in said
