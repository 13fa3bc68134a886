"""The W&B sink: one run for each scenario of a finished run, kept below the output folder or sent.

W&B is told what the files already hold, once everything is done, and always offline first. Where its server answers
by then, the run is also sent, by W&B's own `sync` in a process with a time limit. So a run on a machine whose network
is away takes no longer than offline, and `python -m benchmark sync` sends it later.
"""

import os
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from netrc import NetrcParseError, netrc
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from PIL import Image

from benchmark.record.files import strict_json, write_atomically
from benchmark.record.records import GroupRecord
from benchmark.show.report import FinishedRun
from benchmark.show.runs import Progress, RunPlan, RunResult
from benchmark.show.wandb_sending import PATIENCE, Reachable, server, synced
from benchmark.show.wandb_story import Rows, Story, stories
from finexl.errors import FinexlError

Mode = Literal["online", "offline", "disabled"]

PROJECT = "finexl"
_TOLD = "told.json"


class WandbError(FinexlError):
    """W&B has no key, or its server cannot be reached."""


def mode_of(choice: Literal["auto", "offline"], environment: Mapping[str, str]) -> Mode:
    """`auto` is online when the environment or the user's netrc file holds a W&B key; WANDB_MODE=disabled is heeded."""
    if environment.get("WANDB_MODE") == "disabled":
        return "disabled"
    if choice == "offline" or environment.get("WANDB_MODE") in ("offline", "dryrun"):
        return "offline"
    return "online" if has_key(environment) else "offline"


def has_key(environment: Mapping[str, str]) -> bool:
    """Whether the environment or the user's netrc file holds a key of the W&B server in use."""
    if environment.get("WANDB_API_KEY"):
        return True
    path = Path(environment.get("NETRC", "~/.netrc")).expanduser()
    try:
        return (
            path.exists()
            and netrc(str(path)).authenticators(urlsplit(server(environment)).hostname or "") is not None
        )
    except (NetrcParseError, OSError):
        return False


class WandbSink:
    """Tells W&B of a run when it is finished."""

    name = "wandb"

    def __init__(self, *, mode: Mode, settings: Mapping[str, Any], provenance: Mapping[str, Any]) -> None:
        self._mode: Mode = mode
        self._settings, self._provenance = settings, provenance
        self._reachable: Reachable | None = None

    def on_start(self, plan: RunPlan) -> None:
        # asked while the run is at work, so that nobody waits for the answer
        self._reachable = Reachable(server(os.environ)) if self._mode == "online" else None

    def on_progress(self, progress: Progress) -> None:
        return None

    def on_record(self, record: GroupRecord) -> None:
        return None

    def on_finish(self, result: RunResult) -> None:
        if self._mode == "disabled":
            return
        told = list(stories(result, settings=self._settings, provenance=self._provenance))
        keep(told, result.plan.files.folder)
        if self._reachable is not None and self._reachable.now():
            # what could not be sent is kept, for `sync`
            list(send(told, result.plan.files.folder))

    def close(self) -> None:
        return None


def stories_of(run: FinishedRun) -> list[Story]:
    """What W&B is told of a finished run."""
    return list(stories(run.result, settings=run.settings, provenance=run.provenance))


def check_server(environment: Mapping[str, str]) -> None:
    """Stop before any work if nothing can be sent.

    Raises:
        WandbError: There is no key, or the server does not answer.
    """
    if not has_key(environment):
        raise WandbError(
            "Sending to Weights & Biases needs a key, and there is none: set WANDB_API_KEY, or give `wandb login`."
        )
    if not Reachable(server(environment)).in_time():
        raise WandbError(
            f"The Weights & Biases server must answer. {server(environment)!r} does not within {PATIENCE:g} seconds. "
            "Look at the network and at WANDB_BASE_URL, and give the same command again."
        )


def keep(told: Collection[Story], folder: Path) -> None:
    """Leave a W&B run for each story in `wandb/` of a run's folder, unless it is there or was sent."""
    for story in told:
        if story.id not in _known(folder)["kept"] + _known(folder)["sent"]:
            write_offline(story, folder)
            _remember(folder, kept=story.id)


def send(
    told: Collection[Story], folder: Path, *, sending: Callable[[Path], bool] = synced
) -> Iterator[Story]:
    """Send each story that was not sent before; gives those back that could not be.

    They are written to a folder of their own for it: W&B takes the name of a folder with `[ ]` for a pattern, and
    keeps part of a table's pictures elsewhere.
    """
    for story in told:
        if story.id in _known(folder)["sent"]:
            continue
        with tempfile.TemporaryDirectory(prefix="finexl-wandb-", ignore_cleanup_errors=True) as aside:
            if not sending(write_offline(story, Path(aside))):
                yield story
                continue
        _remember(folder, sent=story.id)


def is_sent(story: Story, folder: Path) -> bool:
    """Whether these very results were sent before."""
    return story.id in _known(folder)["sent"]


def write_offline(story: Story, folder: Path) -> Path:
    """Write a run as W&B's own files below `folder/wandb`, and return the folder of the run."""
    import wandb

    (folder / "wandb").mkdir(parents=True, exist_ok=True)
    quiet = wandb.Settings(
        silent=True,
        console="off",
        save_code=False,
        disable_git=True,
        x_disable_stats=True,
        x_disable_meta=True,
    )
    with _staged(folder / "wandb"):
        run = wandb.init(
            project=os.environ.get("WANDB_PROJECT") or PROJECT,
            entity=os.environ.get("WANDB_ENTITY") or None,
            group=story.group,
            name=f"{story.group}/{story.scenario}",
            id=story.id,
            job_type=story.scenario,
            mode="offline",
            dir=str(folder),
            reinit="create_new",
            config=dict(story.config),
            settings=quiet,
        )
        run.log({name: _table(rows) for name, rows in story.tables.items()})
        run.summary.update(dict(story.summary))
        place = Path(run.dir).parent
        run.finish()
    return place


def _table(rows: Rows) -> Any:
    """A table; a picture that stands in several of its rows is kept once."""
    import wandb

    pictures: dict[int, Any] = {}

    def cell(value: object) -> object:
        if not isinstance(value, Image.Image):
            return value
        if id(value) not in pictures:
            pictures[id(value)] = wandb.Image(value)
        return pictures[id(value)]

    table = wandb.Table(columns=list(rows.columns), allow_mixed_types=True)
    for row in rows.cells:
        table.add_data(*map(cell, row))
    return table


@contextmanager
def _staged(folder: Path) -> Iterator[None]:
    """What tables hold is staged below this folder, and not in the user's home."""
    name, before = "WANDB_DATA_DIR", os.environ.get("WANDB_DATA_DIR")
    os.environ[name] = str(folder.absolute())
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def _known(folder: Path) -> dict[str, list[str]]:
    import json

    path = folder / "wandb" / _TOLD
    known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return {"kept": known.get("kept", []), "sent": known.get("sent", [])}


def _remember(folder: Path, *, kept: str | None = None, sent: str | None = None) -> None:
    known = _known(folder)
    known["kept"] += [] if kept is None else [kept]
    known["sent"] += [] if sent is None else [sent]
    write_atomically(folder / "wandb" / _TOLD, strict_json(known).encode() + b"\n")
