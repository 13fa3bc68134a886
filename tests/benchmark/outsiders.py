"""Explainers from elsewhere that break, hang or take too much, and some that only look around."""

import ctypes
import itertools
import os
import socket
import subprocess
import sys
import time
from contextlib import suppress
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


class TellsItsStart(Tells):
    """Says how often it was built, and what it found when it was: files, and processes that sleep."""

    built = itertools.count(1)

    def __init__(self) -> None:
        self.mine = f"{next(self.built)} {names('.')} {n_sleeping()}"
        (Path.cwd() / "mine").mkdir()
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])

    def found(self, pairs: ImagePairs) -> str:
        return self.mine


class DiesWhenBuilt(Tells):
    def __init__(self) -> None:
        print("the last words")
        os._exit(7)


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


class LeavesWord(Tells):
    """Leaves a word in the process that it is a copy of and in the kernel, and says what a copy before left there."""

    place = ctypes.create_string_buffer(b"nothing")

    def found(self, pairs: ImagePairs) -> str:
        told = [self.place.value.decode(), self.in_shared_memory(), self.in_a_queue(), self.in_a_keyring()]
        self.write_to(os.getppid())
        return " ".join(told)

    def write_to(self, process: int) -> None:
        with suppress(OSError), Path(f"/proc/{process}/mem").open("r+b", buffering=0) as memory:
            memory.seek(ctypes.addressof(self.place))
            memory.write(b"a word\0")

    def in_shared_memory(self) -> str:
        library = ctypes.CDLL(None, use_errno=True)
        library.shmat.restype = ctypes.c_void_p
        number = library.shmget(7, 64, 0o1600)
        if number < 0:
            return "nothing"
        address = library.shmat(number, None, 0)
        before = ctypes.string_at(address)
        ctypes.memmove(address, b"a word", 7)
        return before.decode() or "nothing"

    def in_a_queue(self) -> str:
        library = ctypes.CDLL(None, use_errno=True)
        for name, create in ((b"/word", False), (b"/word", True)):
            flags = os.O_RDWR | (os.O_CREAT if create else 0)
            if library.mq_open(name, flags, 0o600, None) >= 0:
                return "nothing" if create else "a word"
        return "nothing"

    def in_a_keyring(self) -> str:
        library, user = ctypes.CDLL(None, use_errno=True), -4
        add, keyctl = {"x86_64": (248, 250), "aarch64": (217, 219)}[os.uname().machine]
        found = library.syscall(keyctl, 10, user, b"user", b"word", 0)
        library.syscall(add, b"user", b"word", b"a word", 6, user)
        return "a word" if found >= 0 else "nothing"


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


class HoldsMuch(Tells):
    """Is built with more than a third of the limit, which its copies share."""

    def __init__(self) -> None:
        self.held = np.ones((300 << 20,), np.uint8)

    def found(self, pairs: ImagePairs) -> str:
        time.sleep(0.5)  # while it is looked at
        return str(self.held[-1])


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
