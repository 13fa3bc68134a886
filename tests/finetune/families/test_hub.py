"""Published checkpoints are looked for in order, and what was tried is told."""

import json
import re
from pathlib import Path

import pytest

from finetune.families.hub import SOURCES, HubError, resolve
from finexl.errors import UnknownNameError

COMMIT = "0123456789abcdef0123456789abcdef01234567"


PARTS = {
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "scheduler": ["diffusers", "PNDMScheduler"],
    "safety_checker": ["stable_diffusion", "StableDiffusionSafetyChecker"],
    "text_encoder_2": [None, None],
}
WEIGHTS = (
    "unet/diffusion_pytorch_model.safetensors", "vae/diffusion_pytorch_model.safetensors",
    "text_encoder/model.safetensors",
)  # fmt: skip


class Hub:
    """A hub with some repositories, that notes what it is asked for; of some it has other files than the weights."""

    def __init__(
        self, cache: Path, *, present: tuple[str, ...], files: dict[str, tuple[str, ...]] | None = None
    ) -> None:
        self._files = files or {}
        self.asked: list[tuple[str, str | None]] = []
        self.patterns: tuple[list[str], list[str]] = ([], [])
        self._cache = cache
        self._present = present

    def __call__(
        self, repo_id: str, *, revision: str | None, allow_patterns: list[str], ignore_patterns: list[str]
    ) -> str:
        self.asked.append((repo_id, revision))
        self.patterns = (allow_patterns, ignore_patterns)
        if repo_id not in self._present:
            raise OSError(f"404: no {repo_id}\nand a long explanation")
        folder = self._cache / repo_id / "snapshots" / (revision or COMMIT)
        for name in ("model_index.json", *self._files.get(repo_id, WEIGHTS)):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).touch()
        (folder / "model_index.json").write_text(
            json.dumps({"_class_name": "StableDiffusionPipeline", **PARTS})
        )
        return str(folder)


def test_mirrors_come_before_the_home_that_sd21_left() -> None:
    for name in ("sd21", "sd21_base"):
        assert not SOURCES[name][0].hub_id.startswith("stabilityai/")
        assert SOURCES[name][-1].hub_id.startswith("stabilityai/")


def test_a_revision_is_a_commit_or_unknown() -> None:
    revisions = [source.revision for sources in SOURCES.values() for source in sources]
    assert all(revision is None or re.fullmatch(r"[0-9a-f]{40}", revision) for revision in revisions)


def test_the_first_source_that_answers_is_taken_at_its_pinned_revision(tmp_path: Path) -> None:
    hub = Hub(tmp_path, present=("Manojb/stable-diffusion-2-1-base",))
    found = resolve("sd21_base", download=hub)
    assert hub.asked == [(source.hub_id, source.revision) for source in SOURCES["sd21_base"][:2]]
    repository, revision = hub.asked[-1]
    assert found == tmp_path / repository / "snapshots" / str(revision)


def test_without_a_pin_the_folder_is_named_by_the_revision_that_was_fetched(tmp_path: Path) -> None:
    found = resolve("sd11", download=Hub(tmp_path, present=("CompVis/stable-diffusion-v1-1",)))
    assert found.name == COMMIT


def test_only_safetensors_json_and_vocabularies_are_fetched(tmp_path: Path) -> None:
    hub = Hub(tmp_path, present=("CompVis/stable-diffusion-v1-4",))
    resolve("sd14", download=hub)
    allowed, _ = hub.patterns
    assert {pattern.rpartition(".")[2] for pattern in allowed} == {"json", "txt", "model", "safetensors"}


def test_a_failure_lists_what_was_tried_and_how_to_give_a_folder(tmp_path: Path) -> None:
    with pytest.raises(HubError) as error:
        resolve("sd21", download=Hub(tmp_path, present=()))
    told = str(error.value)
    assert all(source.hub_id in told for source in SOURCES["sd21"]) and "long explanation" not in told
    assert "generator.folder=PATH" in told


COMMUNITY, MANOJB = (source.hub_id for source in SOURCES["sd21_base"][:2])


@pytest.mark.parametrize("missing", WEIGHTS)
def test_a_source_without_the_weights_of_a_part_is_passed_over(tmp_path: Path, missing: str) -> None:
    held = tuple(name.replace(".safetensors", ".bin") if name == missing else name for name in WEIGHTS)
    hub = Hub(tmp_path, present=(COMMUNITY, MANOJB), files={COMMUNITY: held})
    assert resolve("sd21_base", download=hub).is_relative_to(tmp_path / MANOJB)


def test_when_every_source_lacks_weights_the_error_names_them(tmp_path: Path) -> None:
    home = SOURCES["sd14"][0].hub_id
    hub = Hub(tmp_path, present=(home,), files={home: ("unet/diffusion_pytorch_model.bin", WEIGHTS[1])})
    with pytest.raises(HubError, match=r"it lacks unet/\*\.safetensors, text_encoder/\*\.safetensors"):
        resolve("sd14", download=hub)


def test_a_part_in_shards_needs_all_of_them(tmp_path: Path) -> None:
    home, index = SOURCES["sd14"][0].hub_id, "unet/model.safetensors.index.json"
    hub = Hub(tmp_path, present=(home,), files={home: (*WEIGHTS, "unet/one.safetensors", index)})
    folder = Path(hub(home, revision=SOURCES["sd14"][0].revision, allow_patterns=[], ignore_patterns=[]))
    shards = {"a": "one.safetensors", "b": "two.safetensors", "c": "two.safetensors"}
    (folder / index).write_text(json.dumps({"weight_map": shards}))
    with pytest.raises(HubError, match=r"it lacks unet/two\.safetensors\n"):
        resolve("sd14", download=lambda *_, **__: str(folder))
    (folder / "unet/two.safetensors").touch()
    assert resolve("sd14", download=lambda *_, **__: str(folder)) == folder


def test_a_snapshot_that_is_no_pipeline_is_passed_over(tmp_path: Path) -> None:
    with pytest.raises(HubError, match=r"it lacks a readable model_index\.json"):
        resolve("sd14", download=lambda *_, **__: str(tmp_path))


def test_an_unknown_name_is_told_what_exists() -> None:
    with pytest.raises(UnknownNameError, match=r"sd21.*Got 'sd22'"):
        resolve("sd22")


def test_offline_without_a_cache_is_an_error_and_not_a_hang(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from functools import partial

    from huggingface_hub import snapshot_download

    offline = partial(snapshot_download, cache_dir=tmp_path, local_files_only=True)
    with pytest.raises(HubError, match="CompVis/stable-diffusion-v1-4"):
        resolve("sd14", download=offline)
