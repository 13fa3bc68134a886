"""Settings for every test: shapes are checked at each call, no network, one thread."""

import os
import socket

import jaxtyping
import pytest
from jaxtyping import install_import_hook

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["WANDB_MODE"] = "offline"
os.environ["WANDB_SILENT"] = "true"

install_import_hook(["finexl", "baselines", "finetune", "benchmark", "leaderboard"], "beartype.beartype")

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any connection that leaves this machine fails at once."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address):
        if isinstance(address, tuple) and address[0] not in LOOPBACK:
            raise OSError(f"Tests use no network. A test tried to reach {address[0]!r}.")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Types are not looked at, as outside of tests: what is wrong must be found by the code."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
