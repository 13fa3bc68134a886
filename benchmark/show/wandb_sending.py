"""Whether W&B's server answers, and its own `sync` in a process with a time limit."""

import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

PATIENCE = 3.0
"""Seconds in which a server must answer to count as reachable."""
_LIMIT = 300.0
"""Seconds that sending one run may take."""


def server(environment: Mapping[str, str]) -> str:
    """The address of the W&B server in use."""
    return environment.get("WANDB_BASE_URL") or "https://api.wandb.ai"


class Reachable:
    """Asks in the background whether a server answers at all; whatever it says counts as an answer."""

    def __init__(self, address: str) -> None:
        self._answered = False
        self._asking = threading.Thread(target=self._ask, args=(address,), daemon=True)
        self._asking.start()

    def now(self) -> bool:
        """Whether the server has answered by now; waits for nothing."""
        return self._answered

    def in_time(self) -> bool:
        """Whether the server answers within `PATIENCE`."""
        self._asking.join(PATIENCE)
        return self._answered

    def _ask(self, address: str) -> None:
        try:
            urllib.request.urlopen(address, timeout=PATIENCE).close()
        except urllib.error.HTTPError:
            self._answered = True
        except (OSError, ValueError):
            self._answered = False
        else:
            self._answered = True


def synced(run: Path) -> bool:
    """Send an offline run by W&B's own `sync`; whether it says that all was sent."""
    environment = {**os.environ, "WANDB_SILENT": "false"}
    environment.pop("WANDB_MODE", None)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "wandb", "sync", "--include-synced", str(run)],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0 and any(run.glob("*.wandb.synced"))
