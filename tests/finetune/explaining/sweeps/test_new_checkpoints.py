"""A trainer's folder is watched: each checkpoint once, when it is whole, until none comes any more."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from finetune.explaining.sweeps.new_checkpoints import new_checkpoints
from finexl.errors import InvalidInputError

WHOLE = save({"a": torch.zeros(8)})


class Trainer:
    """Writes at each look what its script says; time is counted in looks."""

    def __init__(self, folder: Path, script: list[dict[str, bytes]]) -> None:
        self.folder, self.script, self.now = folder, script, 0.0

    def sleep(self, _: float) -> None:
        self.now += 1
        for name, content in (self.script.pop(0) if self.script else {}).items():
            (self.folder / name).write_bytes(content)

    def watched(self, patience_s: float = 3.0) -> list[str]:
        found = new_checkpoints(self.folder, patience_s=patience_s, sleep=self.sleep, clock=lambda: self.now)
        return [file.stem for file in found]


def test_each_checkpoint_comes_once_and_the_watch_ends(tmp_path: Path) -> None:
    (tmp_path / "m-1.safetensors").write_bytes(WHOLE)
    trainer = Trainer(tmp_path, [{}, {"m-2.safetensors": WHOLE}, {}, {"m-3.safetensors": WHOLE}])
    assert trainer.watched() == ["m-1", "m-2", "m-3"] and trainer.now == 4 + 3


def test_a_file_that_is_being_written_is_waited_for(tmp_path: Path) -> None:
    trainer = Trainer(
        tmp_path,
        [{"m-1.safetensors": WHOLE[:-5]}, {"m-2.safetensors": WHOLE}, {"m-1.safetensors": WHOLE}],
    )
    assert trainer.watched() == ["m-2", "m-1"]


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="--watch"):
        list(new_checkpoints(tmp_path / "none", patience_s=0.0))
