"""The commands on a tiny checkpoint in Stable Diffusion's real layout: from files to cards, killed and repeated."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest
import torch
import yaml
from PIL import Image
from safetensors.torch import save_file

from finetune.cli import main
from finetune.explaining.sweeps import new_checkpoints
from finetune.store.tensor_headers import digests, read_header

ROOT = Path(__file__).parents[3]
LAYER = "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_v"
PROMPTS = ("a red house in a field", "a blue fish at night", "a green star in the sky")
Commands = Callable[..., list[str]]


def lora(path: Path, *, seed: int) -> Path:
    chance = torch.Generator().manual_seed(seed)
    a, b = torch.randn(2, 32, generator=chance), torch.randn(8, 2, generator=chance)
    save_file({f"{LAYER}.lora_A.weight": a, f"{LAYER}.lora_B.weight": b}, path)
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    (folder / "prompts.txt").write_text("\n".join(PROMPTS))
    lora(folder / "a.safetensors", seed=0)
    lora(folder / "b.safetensors", seed=1)
    return folder


@pytest.fixture(scope="module")
def words_of(sd15: Path, files: Path) -> Commands:
    """The words of a command on an adapter, with all that makes it quick."""

    def build(command: str, *models: str, to: Path, steps: int = 1, more: tuple[str, ...] = ()) -> list[str]:
        given = [str(files / model) for model in models]
        usual = ["--base", str(sd15), "--to", str(to), "--prompts", str(files / "prompts.txt")]
        usual += ["--guidance", "1", "--batch", "1", "--steps", str(steps), "--encoder", "encoder"]
        return [command, *given, *usual, *more]

    return build


@pytest.fixture(scope="module")
def made(words_of: Commands, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What sweep, explain and compare make of adapters."""
    root = tmp_path_factory.mktemp("made")
    (root / "page.md").write_text("# A page\n")
    strengths = ("--strengths", "0,1", "--pairs", "3", "--page", str(root / "page.md"))
    sweep = words_of("sweep", "a.safetensors", to=root / "sweep", more=strengths)
    more = ("--trigger", "zxc", "--most-pairs", "3", "--sweep", str(root / "sweep"))
    explain = words_of(
        "explain",
        "a.safetensors",
        to=root / "card",
        more=(*more, "--embed", str(root / "told.safetensors")),
    )
    compare = words_of("compare", "a.safetensors", "b.safetensors", to=root / "both", more=("--pairs", "3"))
    for words in (sweep, explain, compare):
        assert main(words) == 0
    return root


def test_explain_leaves_a_card_that_hubs_read(made: Path) -> None:
    _, matter, text = (made / "card" / "CARD.md").read_text().split("---\n", 2)
    facts = yaml.safe_load(matter)
    assert facts["instance_prompt"] == "zxc" and "lora" in facts["tags"]
    assert "What leaks without the words" in text and "finexl_strength" in facts
    assert "<html" in (made / "card" / "card.html").read_text()


def test_the_embedded_card_changes_no_tensor(made: Path, files: Path) -> None:
    old, new = files / "a.safetensors", made / "told.safetensors"
    assert digests(old, read_header(old)).tensors == digests(new, read_header(new)).tensors
    metadata = read_header(new).metadata
    assert json.loads(metadata["finexl.card"]) == json.loads((made / "card" / "explanation.json").read_text())


def test_sweep_measures_every_strength(made: Path) -> None:
    levels = json.loads((made / "sweep" / "sweep.json").read_text())["levels"]
    assert [level["label"] for level in levels] == ["0", "1"] and levels[0]["target"] == 0


def test_sweep_draws_a_row_for_every_level(made: Path) -> None:
    with Image.open(made / "sweep" / "sweep.png") as held:
        rows = [held.convert("RGB").crop((150, top, 246, top + 96)) for top in (44, 144)]
    for row, level in zip(rows, ("level_0", "level_1"), strict=True):
        with Image.open(made / "sweep" / level / "0000.png") as sample:
            tile = sample.convert("RGB").resize((96, 96), Image.Resampling.LANCZOS)
        assert row.tobytes() == tile.tobytes()


def test_sweep_writes_what_it_tells_into_a_page(made: Path) -> None:
    text = (made / "page.md").read_text()
    assert text.startswith("# A page\n\n<!-- sweep: begin -->\n```text\ntarget: ")


def test_compare_answers_three_questions(made: Path) -> None:
    answers = json.loads((made / "both" / "comparison.json").read_text())["answers"]
    assert list(answers) == ["a", "b", "difference"]


def test_advice_counts_folders_as_it_takes_shares(
    words_of: Commands, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("vivid", "blurry"):
        (tmp_path / name).mkdir()
        Image.new("RGB", (8, 8)).save(tmp_path / name / "0.png")
    said = []
    for shares in (("--shares", "vivid 1, blurry 1"), ("--folders", str(tmp_path))):
        more = ("--want", "vivid 2, blurry 1", "--pairs", "3", *shares)
        assert main(words_of("advise", "a.safetensors", to=tmp_path / "out", more=more)) == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]
    assert re.search(
        r"^regret now \d\.\d\d\nvivid: shows .* 50% now, \d+% next\nblurry: ", said[0], re.MULTILINE
    )


@pytest.mark.parametrize(
    ("command", "more", "arm", "results"),
    [
        ("explain", ("--most-pairs", "2"), "model", ("CARD.md", "card.html", "explanation.json")),
        ("sweep", ("--strengths", "0,0.5", "--pairs", "2"), "level_0.5", ("sweep.json",)),
    ],
)
def test_a_killed_command_that_is_repeated_makes_the_same_and_nothing_twice(
    words_of: Commands,
    tmp_path: Path,
    command: str,
    more: tuple[str, ...],
    arm: str,
    results: tuple[str, ...],
) -> None:
    out, undisturbed = tmp_path / "out", tmp_path / "undisturbed"
    words = words_of(command, "a.safetensors", to=out, steps=50, more=more)
    process = subprocess.Popen(
        [sys.executable, "-m", "finetune", *words],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not (out / arm / "0000.png").is_file() and process.poll() is None:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "it had ended before it was killed"
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.png")}
    assert before and not (out / results[0]).exists()
    assert main(words) == 0
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert main(words_of(command, "a.safetensors", to=undisturbed, steps=50, more=more)) == 0
    for name in results:
        assert (out / name).read_bytes() == (undisturbed / name).read_bytes()
    assert not [path.name for path in out.rglob("*.part")]


def test_watch_explains_each_checkpoint_of_a_growing_folder(
    words_of: Commands, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setattr(new_checkpoints, "POLL_S", 0.05)
    folder, out = tmp_path / "training", tmp_path / "out"
    folder.mkdir()
    shutil.copy(files / "a.safetensors", folder / "mine-000001.safetensors")

    def train() -> None:
        while not (out / "level_mine-000001" / "0001.png").is_file():
            time.sleep(0.01)
        half = (files / "b.safetensors").read_bytes()
        (folder / "mine-000002.safetensors").write_bytes(half[:-9])
        time.sleep(0.2)
        save_file({"optimizer": torch.zeros(2)}, folder / "mine-state.safetensors")
        (folder / "mine-000002.safetensors").write_bytes(half)

    trainer = Thread(target=train)
    trainer.start()
    assert main(words_of("sweep", str(folder), to=out, more=("--watch", "3", "--pairs", "2"))) == 0
    trainer.join()
    assert [level["label"] for level in json.loads((out / "sweep.json").read_text())["levels"]] == [
        "mine-000001",
        "mine-000002",
    ]
    said = capsys.readouterr().out
    assert re.search(r"mine-000002: .*\n(.*\n)*target: ", said)
    assert "mine-state is left out. An adapter must" in said
