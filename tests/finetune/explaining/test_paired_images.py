"""Pictures of any two models are from the same prompts and noise, and are made once."""

import json
import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from finetune.cli import main
from finetune.explaining.arms import WITH_WORDS, Request, arms_of, contrasts_of, put, read_request
from finetune.explaining.models import (
    Adapted,
    Base,
    Directed,
    Level,
    Sampling,
    names_of,
    opened,
    read_base,
    read_model,
)
from finetune.explaining.paired_images import make_images, n_missing, picture
from finetune.explaining.prompts import NEUTRAL_FILE, read_prompts
from finetune.families.diffusion.adapter_facts import AdapterError
from finetune.families.diffusion.adapter_files import write_adapter
from finetune.families.diffusion.adapters import LowRank
from finetune.families.diffusion.latent_editing import Direction, write_direction
from finetune.families.diffusion.personalizer import load_pipeline
from finetune.families.diffusion.sampling import Window
from finetune.families.hub import HubError
from finetune.store.tensor_headers import TensorFileError
from finetune.store.tensors import write_tensors
from finexl.errors import InvalidInputError

QUICK = Sampling(steps=2, guidance=3.0, batch_size=2)
PROMPTS = ("a red house", "a blue fish", "a green star")


@pytest.fixture
def prompts(tmp_path: Path) -> str:
    (tmp_path / "prompts.txt").write_text("\n".join(["# mine", *PROMPTS, ""]))
    return str(tmp_path / "prompts.txt")


@pytest.fixture
def lora(folder: Path, tmp_path: Path) -> Path:
    unet, chance = load_pipeline(folder).unet, torch.Generator().manual_seed(0)
    layers = {name: layer for name, layer in unet.named_modules() if name.endswith(("to_v", "to_out.0"))}
    adapter = {
        name: LowRank(
            torch.randn(2, layer.weight.shape[1], generator=chance),
            torch.randn(layer.weight.shape[0], 2, generator=chance),
            1.0,
        )
        for name, layer in layers.items()
    }
    write_adapter(tmp_path / "lora.safetensors", adapter)
    return tmp_path / "lora.safetensors"


def request_for(model: object, folder: Path, prompts: str, **more: str) -> Request:
    return read_request(str(model), str(folder), prompts_from=prompts, sampling=QUICK, **more)


def advised(text: str) -> list[list[str]]:
    """What the commands that are advised give `finexl explain`."""
    found = (line.partition("python -m finexl explain ")[2] for line in text.splitlines())
    return [shlex.split(words) for words in found if words]


def shown(root: Path, arm: str, n: int = 3) -> np.ndarray:
    return np.stack([np.asarray(Image.open(picture(root / arm, i))) for i in range(n)])


def test_base_and_adapter_stand_side_by_side_with_their_prompts(
    folder: Path, lora: Path, prompts: str, tmp_path: Path
) -> None:
    make_images(arms_of(request_for(lora, folder, prompts), n=3), tmp_path / "out")
    for arm in ("base", "model"):
        said = [(tmp_path / f"out/{arm}/000{i}.txt").read_text().strip() for i in range(3)]
        assert said == [*PROMPTS]
    assert not np.array_equal(shown(tmp_path / "out", "base"), shown(tmp_path / "out", "model"))


@pytest.mark.parametrize("weight", ["0", "-0.0"])
def test_an_adapter_at_weight_zero_is_the_base_to_the_byte(
    folder: Path, lora: Path, prompts: str, tmp_path: Path, weight: str
) -> None:
    make_images(arms_of(request_for(f"{lora}@{weight}", folder, prompts), n=3), tmp_path / "out")
    assert np.array_equal(shown(tmp_path / "out", "base"), shown(tmp_path / "out", "model"))


def test_a_weight_may_be_negative(folder: Path, lora: Path) -> None:
    base = read_base(str(folder), QUICK)
    assert read_model(f"{lora}@-0.5", base) == Adapted(settings=base.settings, file=lora, weight=-0.5)


@pytest.mark.parametrize("weight", ["nan", "inf"])
def test_a_weight_is_a_finite_number(folder: Path, lora: Path, weight: str) -> None:
    with pytest.raises(InvalidInputError, match="finite"):
        read_model(f"{lora}@{weight}", read_base(str(folder), QUICK))


def test_a_file_that_is_called_as_all_of_its_trainers_has_its_folders_name(folder: Path, lora: Path) -> None:
    kept = lora.parent / "checkpoint-500"
    kept.mkdir()
    lora.rename(kept / "pytorch_lora_weights.safetensors")
    assert names_of(read_model(f"{kept}@0.5", read_base(str(folder), QUICK))) == "checkpoint-500@0.5"


def test_a_level_of_a_full_training_is_a_model(folder: Path, prompts: str, tmp_path: Path) -> None:
    pipeline = load_pipeline(folder)
    kept = {name: tensor + 0.1 for name, tensor in pipeline.unet.state_dict().items()}
    write_tensors(tmp_path / "step_000002.safetensors", kept)
    request = request_for(tmp_path / "step_000002.safetensors", folder, prompts)
    assert isinstance(request.model, Level)
    make_images(arms_of(request, n=3), tmp_path / "out")
    assert not np.array_equal(shown(tmp_path / "out", "base"), shown(tmp_path / "out", "model"))


def test_a_level_of_another_network_is_refused(folder: Path, prompts: str, tmp_path: Path) -> None:
    write_tensors(tmp_path / "a.safetensors", {f"conv_{end}.weight": torch.ones(1) for end in ("in", "out")})
    model = request_for(tmp_path / "a.safetensors", folder, prompts).model
    with pytest.raises(InvalidInputError, match="exactly the weights"), opened(model, tmp_path / "store"):
        pass


def test_a_level_of_an_adapters_training_is_an_adapter(folder: Path, tmp_path: Path) -> None:
    name = "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k"
    tensors = {f"{name}.lora_A.weight": torch.ones(2, 32), f"{name}.lora_B.weight": torch.ones(8, 2)}
    write_tensors(tmp_path / "step_000002.safetensors", tensors)
    model = read_model(str(tmp_path / "step_000002.safetensors"), read_base(str(folder), QUICK))
    assert isinstance(model, Adapted)


def test_an_edit_direction_is_a_model(folder: Path, prompts: str, tmp_path: Path) -> None:
    states = torch.randn(12, 32, generator=torch.Generator().manual_seed(1))
    direction = Direction(name="x", states=states, window=Window(), generator="", largest_scale=9.0)
    write_direction(tmp_path / "x.safetensors", direction)
    request = request_for(f"{tmp_path / 'x.safetensors'}@2", folder, prompts)
    assert isinstance(request.model, Directed) and request.model.scale == 2
    make_images(arms_of(request, n=3), tmp_path / "out")
    assert not np.array_equal(shown(tmp_path / "out", "base"), shown(tmp_path / "out", "model"))


def test_another_version_is_a_model(sd15: Path, sd21: Path) -> None:
    base = read_base(str(sd15), QUICK)
    found = read_model(str(sd21), base)
    assert isinstance(found, Base) and found.settings.folder == sd21 and found.settings.n_sampling_steps == 2


def test_a_published_base_that_cannot_be_had_is_given_by_its_option(monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(*_: object, **__: object) -> str:
        raise OSError("no connection")

    monkeypatch.setattr("huggingface_hub.snapshot_download", offline)
    with pytest.raises(HubError, match=r"downloaded copy: --base PATH\.$"):
        read_base("sd15", QUICK)


def test_what_is_there_is_not_made_again(folder: Path, lora: Path, prompts: str, tmp_path: Path) -> None:
    arms = arms_of(request_for(lora, folder, prompts), n=3)
    make_images(arms, tmp_path / "out")
    before = shown(tmp_path / "out", "model")
    picture(tmp_path / "out/model", 1).unlink()
    times = {i: picture(tmp_path / "out/model", i).stat().st_mtime_ns for i in (0, 2)}
    assert n_missing(arms, tmp_path / "out") == 1
    make_images(arms, tmp_path / "out")
    assert np.array_equal(shown(tmp_path / "out", "model"), before)
    assert times == {i: picture(tmp_path / "out/model", i).stat().st_mtime_ns for i in (0, 2)}


def test_more_pairs_go_on_where_fewer_ended(folder: Path, lora: Path, prompts: str, tmp_path: Path) -> None:
    request = request_for(lora, folder, prompts)
    make_images(arms_of(request, n=2), tmp_path / "out")
    make_images(arms_of(request, n=3), tmp_path / "out")
    make_images(arms_of(request, n=2), tmp_path / "out")
    assert len(json.loads((tmp_path / "out/base/images.json").read_text())["prompts"]) == 3


def test_a_model_that_cannot_draw_leaves_no_folder_that_another_would_have_to_fit(
    folder: Path, lora: Path, prompts: str, tmp_path: Path
) -> None:
    request = request_for(lora, folder, prompts)
    settings = replace(request.base.settings, n_sampling_steps=0)
    broken = replace(request, base=Base(settings=settings), model=Adapted(settings=settings, file=lora))
    with pytest.raises(InvalidInputError, match="at least 1"):
        make_images(arms_of(broken, n=2), tmp_path / "out")
    make_images(arms_of(request, n=2), tmp_path / "out")
    assert n_missing(arms_of(request, n=2), tmp_path / "out") == 0


@pytest.mark.parametrize(
    ("more", "told"), [({"seed": 1}, "other noise"), ({"words": "zxc"}, ""), ({}, "another model")]
)
def test_pictures_of_others_are_not_continued(
    folder: Path, lora: Path, prompts: str, tmp_path: Path, more: dict, told: str
) -> None:
    first = request_for(lora, folder, prompts)
    make_images(arms_of(first, n=2), tmp_path / "out", first_seed=first.first_seed)
    other = request_for(lora if more else f"{lora}@0.5", folder, prompts, **more)
    if not told:
        make_images(arms_of(other, n=2), tmp_path / "out", first_seed=other.first_seed)
        return
    with pytest.raises(InvalidInputError, match=told):
        make_images(arms_of(other, n=2), tmp_path / "out", first_seed=other.first_seed)


def test_a_folder_of_other_pictures_is_left_alone(
    folder: Path, lora: Path, prompts: str, tmp_path: Path
) -> None:
    (tmp_path / "out/base").mkdir(parents=True)
    (tmp_path / "out/base/holiday.png").write_bytes(b"")
    with pytest.raises(InvalidInputError, match=r"has pictures and no images\.json"):
        make_images(arms_of(request_for(lora, folder, prompts), n=2), tmp_path / "out")


def test_words_are_shown_to_both_models(folder: Path, lora: Path, prompts: str) -> None:
    arms = {arm.name: arm for arm in arms_of(request_for(lora, folder, prompts, words="zxc"), n=2)}
    assert (
        arms["base_words"].prompts == arms["model_words"].prompts == ("zxc, a red house", "zxc, a blue fish")
    )
    assert arms["base"].prompts == arms["model"].prompts == PROMPTS[:2]


def test_a_pattern_is_no_format_string() -> None:
    assert put("{prompt} {0.__class__} zxc", "a dog") == "a dog {0.__class__} zxc"


def test_stated_words_are_found_in_the_file(folder: Path, lora: Path, prompts: str) -> None:
    from safetensors.torch import load_file, save_file

    save_file(load_file(lora), lora, metadata={"modelspec.trigger_phrase": "zxc style"})
    request = request_for(lora, folder, prompts)
    assert request.words == "zxc style" and len(contrasts_of(request)) == 3
    assert request_for(lora, folder, prompts, words="none").words is None


@pytest.mark.parametrize("words", ["a\x1b[2J", "x" * 301, "\u202e"])
def test_hostile_words_are_refused(folder: Path, lora: Path, prompts: str, words: str) -> None:
    with pytest.raises(InvalidInputError, match="printable"):
        request_for(lora, folder, prompts, words=words)


def test_files_are_checked_before_anything_is_made(folder: Path, prompts: str, tmp_path: Path) -> None:
    (tmp_path / "a.safetensors").write_bytes(b"<html>")
    with pytest.raises(TensorFileError, match="HTML"):
        request_for(tmp_path / "a.safetensors", folder, prompts)
    with pytest.raises(AdapterError, match="safetensors"):
        request_for(tmp_path / "nothing.safetensors", folder, prompts)
    with pytest.raises(InvalidInputError, match="diffusers folder"):
        request_for(tmp_path / "a.safetensors", tmp_path / "nowhere", prompts)


def test_the_shipped_prompts_are_different_and_free_of_styles() -> None:
    lines = [line for line in NEUTRAL_FILE.read_text().splitlines() if not line.startswith("#")]
    assert len(set(lines)) == len(lines) >= 100
    words = {word for line in lines for word in line.split()}
    assert not words & {
        "photo",
        "painting",
        "drawing",
        "style",
        "beautiful",
        "dark",
        "bright",
        "vivid",
        "vintage",
    }


@pytest.mark.parametrize("source", ["neutral", "world", "portraits"])
def test_prompts_of_every_source_are_different_and_fixed_by_the_seed(source: str) -> None:
    found = read_prompts(source, 20, seed=1)
    assert len(set(found)) == 20 and found == read_prompts(source, 20, seed=1) != read_prompts(
        source, 20, seed=2
    )


def test_asking_for_more_prompts_than_there_are_says_how_many(prompts: str) -> None:
    with pytest.raises(InvalidInputError, match=r"Asked for 9; .* has 3"):
        read_prompts(prompts, 9)


def test_only_the_end_of_a_line_ends_a_prompt(tmp_path: Path) -> None:
    (tmp_path / "p.txt").write_text("a\u2028boat\n# a remark\na\x0ccar\n", encoding="utf-8")
    assert read_prompts(str(tmp_path / "p.txt"), 2) == ("a boat", "a car")


def test_the_command_makes_and_continues(
    folder: Path, lora: Path, prompts: str, tmp_path: Path, capsys
) -> None:
    words = [
        "images", str(lora), "--base", str(folder), "--to", str(tmp_path / "out"), "--prompts", prompts, "--pairs", "2",
        "--steps", "1", "--batch", "2",
    ]  # fmt: skip
    assert main(words) == 0 and main(words) == 0
    out = tmp_path / "out"
    assert advised(capsys.readouterr().out)[-1] == [str(out / "base"), str(out / "model")]


def test_with_words_the_command_advises_a_command_of_two_folders_for_each_question(
    folder: Path, lora: Path, prompts: str, tmp_path: Path, capsys
) -> None:
    words = ["images", str(lora), "--base", str(folder), "--to", str(tmp_path / "out"), "--prompts", prompts]
    assert main([*words, "--pairs", "1", "--steps", "1", "--batch", "1", "--trigger", "zxc"]) == 0
    asked = [[Path(word).name for word in command] for command in advised(capsys.readouterr().out)]
    assert asked == [[one.base, one.tuned] for one in WITH_WORDS]
