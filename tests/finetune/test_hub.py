"""Published checkpoints are looked for in order, and what was tried is told."""

import re
from pathlib import Path

import pytest

from finetune.hub import SOURCES, HubError, locate, resolve
from finexl.errors import UnknownNameError

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub:
    """A hub with some repositories, that notes what it is asked for."""

    def __init__(self, cache: Path, *, present: tuple[str, ...]) -> None:
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
        return str(self._cache / repo_id / "snapshots" / (revision or COMMIT))


def test_mirrors_come_before_the_home_that_sd21_left() -> None:
    for name in ("sd21", "sd21_base"):
        assert not SOURCES[name][0].hub_id.startswith("stabilityai/")
        assert SOURCES[name][-1].hub_id.startswith("stabilityai/")


def test_a_revision_is_a_commit_or_unknown() -> None:
    revisions = [source.revision for sources in SOURCES.values() for source in sources]
    assert all(revision is None or re.fullmatch(r"[0-9a-f]{40}", revision) for revision in revisions)


def test_the_first_source_that_answers_is_taken_at_its_pinned_revision(tmp_path: Path) -> None:
    hub = Hub(tmp_path, present=("Manojb/stable-diffusion-2-1-base",))
    found = locate("sd21_base", download=hub)
    assert hub.asked == [(source.hub_id, source.revision) for source in SOURCES["sd21_base"][:2]]
    assert (found.hub_id, found.revision) == (hub.asked[-1])


def test_without_a_pin_the_revision_that_was_fetched_is_recorded(tmp_path: Path) -> None:
    found = locate("sd11", download=Hub(tmp_path, present=("CompVis/stable-diffusion-v1-1",)))
    assert found.revision == COMMIT


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


def test_a_given_folder_asks_nobody(sd21: Path, tmp_path: Path) -> None:
    hub = Hub(tmp_path, present=())
    assert resolve("sd21", folder=sd21, download=hub) == sd21 and not hub.asked


def test_a_given_folder_must_hold_a_pipeline(tmp_path: Path) -> None:
    with pytest.raises(HubError, match=r"model_index\.json"):
        resolve("sd21", folder=tmp_path)


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
