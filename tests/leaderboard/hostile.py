"""The module of a submitted package: an explainer that keeps the rules, and those that look, phone, hang and fill."""

import os
import socket
import sys
import time
from pathlib import Path

import numpy as np

from finexl.values import Claim, ImagePairs, ScoredExplanation


class Warmth:
    """Says how much redder a model is."""

    name = "warmth"

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        red, before = (
            np.mean([np.asarray(image)[..., 0] for image in images])
            for images in (pairs.personalized, pairs.base)
        )
        return ScoredExplanation(claims=(Claim(concept="warm", amount=float(red - before) / 255),))


class Cheats(Warmth):
    """Says what is true where it finds that out, and what it met where it does not."""

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        raise RuntimeError(self.met())

    def met(self) -> str:
        raise NotImplementedError


class ReadsTheStore(Cheats):
    def met(self) -> str:
        tops = [top for top in Path("/").iterdir() if top.name not in ("usr", "lib", "lib64", "proc", "dev")]
        found = [path for top in tops for path in top.rglob("*") if path.name.startswith("truth-")]
        return f"found {len(found)} files of truth"


class ReadsTheEnvironment(Cheats):
    def met(self) -> str:
        home = list(Path(os.environ["HOME"]).iterdir())
        return f"found {sum('SECRET' in name for name in os.environ)} secrets, home {home}"


class ReadsProc(Cheats):
    def met(self) -> str:
        others = [path for path in Path("/proc").iterdir() if path.name.isdigit()]
        lines = [(path / "cmdline").read_bytes() for path in others]
        callers = sum(line.split(b"\0")[1:3] == [b"-m", b"pytest"] for line in lines)
        return f"found {callers} callers"


class ReadsTheCaller(Cheats):
    def met(self) -> str:
        frame, found = sys._getframe(), 0
        while frame is not None:
            found += any("truth" in name.lower() for name in frame.f_locals)
            frame = frame.f_back
        return f"found {found} frames with truth"


class PhonesHome(Cheats):
    def met(self) -> str:
        with socket.create_connection(("192.0.2.1", 80), timeout=5):
            return "connected"


class NeverEnds(Cheats):
    def met(self) -> str:
        while True:
            time.sleep(1)


class Forks(Cheats):
    def met(self) -> str:
        while True:
            if os.fork() == 0:
                time.sleep(60)


class FillsTheDisk(Cheats):
    def met(self) -> str:
        for number in range(1000):
            Path(f"filled-{number}").write_bytes(bytes(1 << 20))
        return "filled"


class TakesMemory(Cheats):
    def met(self) -> str:
        return str(len(bytearray(2 << 30)))


class SaysTooMuch(Warmth):
    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        return ScoredExplanation(claims=(Claim(concept="x" * (8 << 20), amount=1.0),))


class CannotBeBuilt(Warmth):
    def __init__(self) -> None:
        os._exit(7)
