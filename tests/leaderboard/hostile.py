"""The module of a submitted package: an explainer that keeps the rules, and those that look, phone, hang and fill."""

import ctypes
import os
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

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


class PhonesThroughTheSystem(Cheats):
    def met(self) -> str:
        library = ctypes.CDLL(None, use_errno=True)
        number = library.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
        address = bytes([2, 0, 0, 80, 192, 0, 2, 1]) + bytes(8)
        failed = library.connect(number, address, len(address))
        return os.strerror(ctypes.get_errno()) if failed else "connected"


class FollowsLinks(Cheats):
    """Names of its own folder that lead to files of the machine."""

    def met(self) -> str:
        found = 0
        for number, target in enumerate(("/etc/passwd", "/etc/shadow", "/var/log", "/proc/1/root/etc")):
            Path(f"link-{number}").symlink_to(target)
            found += os.access(f"link-{number}", os.R_OK)
        return f"found {found} through links"


class AsksForMuch(Warmth):
    """Has the encoder work for it without an end."""

    def __init__(self, encoder: Any) -> None:
        self.encoder = encoder

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        while True:
            self.encoder.embed_texts(["a word"])


class Asks(Warmth):
    """Asks a model what it sees in the first image."""

    text = "What is it?"

    def __init__(self, vlm: Any) -> None:
        self.vlm = vlm

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        from finexl.interfaces import Question, Task

        question = Question(task=Task.DESCRIBE, text=self.text, images=(pairs.personalized[0],))
        ((reply,), again) = self.vlm.ask([question]), self.vlm.ask([question])[0]
        return ScoredExplanation(claims=(Claim(concept=f"{reply.text} {again.text}", amount=1.0),))


class AsksSomethingElse(Asks):
    text = "What is hidden?"


class Compares:
    """Says how red a model is beside the reddest of its group."""

    name = "compares"

    def explain_jointly(self, group: Sequence[ImagePairs]) -> tuple[ScoredExplanation, ...]:
        reds = [float(np.mean([np.asarray(image)[..., 0] for image in one.personalized])) for one in group]
        return tuple(
            ScoredExplanation(claims=(Claim(concept="warm", amount=red - max(reds)),)) for red in reds
        )


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


class Remembers:
    """Has the process that makes its copies explain by itself, so that it knows how many models it saw."""

    name = "remembers"

    def __init__(self) -> None:
        self.n_seen = 0
        process: Any = sys.modules.get("benchmark.explain.outside_process")

        def lend(copies: Any, run: Any) -> None:
            process._explain(self, run)
            run.close()

        if process is not None:
            process.Copies.lend = lend

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        self.n_seen += 1
        return ScoredExplanation(claims=(Claim(concept="warm", amount=float(self.n_seen)),))
