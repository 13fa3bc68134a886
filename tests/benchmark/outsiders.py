"""Explainers from elsewhere that break, hang or take too much, and some that only look around."""

import itertools
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from finexl.values import Claim, ImagePairs, ScoredExplanation, TextExplanation


def names(folder: str) -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


def n_processes() -> int:
    return sum(name.isdigit() for name in names("/proc"))


def n_sleeping() -> int:
    lines = [Path("/proc", name, "cmdline") for name in names("/proc") if name.isdigit()]
    return sum(b"time.sleep(60)" in line.read_bytes() for line in lines if line.exists())


class Tells:
    """Says something that it found out, in words."""

    name = "tells"

    def explain(self, pairs: ImagePairs) -> TextExplanation:
        return TextExplanation(text=self.found(pairs))

    def found(self, pairs: ImagePairs) -> str:
        return str(int(np.asarray(pairs.personalized[0]).sum()))


class TellsItsSurroundings(Tells):
    def found(self, pairs: ImagePairs) -> str:
        return f"{sorted(os.environ)} {os.environ['HOME'] == str(Path.cwd())} {names('.')} {sys.argv}"


class TellsTheTop(Tells):
    def found(self, pairs: ImagePairs) -> str:
        return " ".join(names("/"))


class TellsItsProcesses(Tells):
    def found(self, pairs: ImagePairs) -> str:
        return str(n_processes())


class TellsItsModules(Tells):
    def found(self, pairs: ImagePairs) -> str:
        return " ".join(sorted(name for name in sys.modules if name.startswith("benchmark.")))


class Connects(Tells):
    def found(self, pairs: ImagePairs) -> str:
        try:
            with socket.create_connection(("192.0.2.1", 80), timeout=2):
                return "connected"
        except OSError as error:
            return type(error).__name__ if isinstance(error, TimeoutError) else str(error.errno)


class Counts(Tells):
    """Keeps what it saw in itself, in its module, in a file and in a process."""

    seen = itertools.count(1)

    def __init__(self) -> None:
        self.mine = 0

    def found(self, pairs: ImagePairs) -> str:
        self.mine += 1
        files, processes = len(names(".")), n_sleeping()
        Path("seen").write_text(pairs.id)
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
        return f"{self.mine} {next(self.seen)} {files} {processes}"


class Hangs(Tells):
    def found(self, pairs: ImagePairs) -> str:
        while True:
            time.sleep(1)


class TakesMemory(Tells):
    def found(self, pairs: ImagePairs) -> str:
        return str(np.ones((1 << 30,), np.uint8).sum())


class TakesMemoryInMany(Tells):
    """Each of its processes holds less than the limit."""

    def found(self, pairs: ImagePairs) -> str:
        code = "x = bytearray(120 << 20); x[::4096] = b'x' * len(x[::4096]); import time; time.sleep(60)"
        for _ in range(4):
            subprocess.Popen([sys.executable, "-c", code])
        time.sleep(60)
        return "done"


class StartsMany(Tells):
    def found(self, pairs: ImagePairs) -> str:
        for _ in range(100):
            if os.fork() == 0:
                time.sleep(60)
        time.sleep(60)
        return "done"


class Dies(Tells):
    def found(self, pairs: ImagePairs) -> str:
        print("the last words", flush=True)
        os._exit(7)


class Talks(Tells):
    def found(self, pairs: ImagePairs) -> str:
        return "x" * (8 << 20)


class Writes(Tells):
    def found(self, pairs: ImagePairs) -> str:
        with Path("large").open("wb") as file:
            for _ in range(600):
                file.write(bytes(1 << 20))
        return "written"


class Raises(Tells):
    def found(self, pairs: ImagePairs) -> str:
        raise RuntimeError("no such layer")


class CannotBeBuilt(Tells):
    def __init__(self) -> None:
        raise RuntimeError("no weights")


class Embeds(Tells):
    """Embeds when it is built and when it is asked."""

    def __init__(self, encoder, seed: int, dictionary=()) -> None:
        self.encoder, self.seed, self.words = encoder, seed, len(dictionary)
        self.text = encoder.embed_texts(["a vivid photo"])

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        shift = (self.encoder.embed_images(pairs.personalized) - self.encoder.embed_images(pairs.base)).mean(
            dim=0
        )
        amount = float(shift @ self.text[0])
        return ScoredExplanation(
            claims=(Claim(concept="vivid", amount=amount),),
            notes={"id": self.encoder.id, "seed": self.seed, "words": self.words},
        )


class Asks(Tells):
    def __init__(self, vlm) -> None:
        self.vlm = vlm

    def found(self, pairs: ImagePairs) -> str:
        from finexl.interfaces import Question, Task

        images = (pairs.base[0], pairs.personalized[0])
        reply, refusal = self.vlm.ask(
            [
                Question(task=Task.DIFFERENCES, text="what changed?", images=images),
                Question(task=Task.MATCH, text="which?"),
            ]
        )
        return f"{self.vlm.id}: {reply.text}; {refusal.reason}"


class Together:
    name = "together"

    def explain_jointly(self, group):
        return tuple(TextExplanation(text=f"one of {len(group)}") for _ in group)


class TooFew(Together):
    def explain_jointly(self, group):
        return super().explain_jointly(group)[1:]
