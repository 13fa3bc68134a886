"""The process of an explainer from elsewhere: it imports and builds it once, and explains each model in a fresh copy.

What a copy learns of one model is gone with it: copies are forks of a process that has seen none, and whatever they
leave behind, files or processes, is removed before the next. So is what a rehearsal leaves, which builds the explainer
in a fork of a process that has only imported it. Encoder and vision-language model stay with the run; the explainer is
handed stand-ins that ask there.
"""

import gc
import inspect
import os
import shutil
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Any, NoReturn

from pydantic import TypeAdapter

from benchmark.explain import wire
from benchmark.explain.explaining import ask_jointly, ask_one
from benchmark.explain.isolation import (
    SHARED,
    WORK,
    View,
    die_with_parent,
    isolate,
    limit_files,
    limit_memory,
)
from benchmark.explain.memory import peak_memory_mb
from benchmark.explain.wire import Head, Message
from finexl.errors import EncoderError, FinexlError
from finexl.values import AnyExplanation, ImagePairs, NoExplanation

if TYPE_CHECKING:
    from jaxtyping import Float
    from PIL.Image import Image
    from torch import Tensor

    from finexl.interfaces import NoReply, Question, Reply

ANSWERS = TypeAdapter(tuple[AnyExplanation, ...])
REHEARSE, BUILD, COPY, ENDED = b"r", b"b", b"c", b"e"
_LARGEST = (1 << 30, 1 << 40)
"""What a run sends is trusted, and may be many images."""


def serve(number: int) -> NoReturn:
    """Do what arrives through the socket of a number until it is closed at the other end."""
    control = socket.socket(fileno=number)
    os.set_inheritable(number, False)
    job = _received(control)
    limits = job["limits"]
    view = View(
        root=Path(job["root"]), shown=tuple(map(Path, job["shown"])), hidden=tuple(map(Path, job["hidden"]))
    )
    exposed = isolate(view, room_mb=limits["file_mb"])
    limit_files(limits["file_mb"])
    written = (WORK, SHARED)
    if "files" in exposed:
        written = (Path(job["work"]),)
        os.chdir(job["work"])
    os.environ["HOME"] = os.environ["TMPDIR"] = str(written[0])
    wire.send(control, {"exposed": list(exposed)})
    find, build = (_imported(job[name]) for name in ("find", "build"))
    told = _attempt(lambda: {"found": find(job["kind"])})
    gc.freeze()  # what was imported stays: nobody has to look for garbage in it, neither here nor in copies
    gc.enable()
    wire.send(control, told)
    copies: Copies | None = None
    alone = "processes" not in exposed
    while (order := socket.recv_fds(control, 1, 1))[0]:
        if order[0] == ENDED:
            wire.send(control, {"ended": copies.ending() if copies else 0})
            continue
        run = Run(socket.socket(fileno=order[1][0]))
        if order[0] == COPY and copies is not None:
            copies.lend(run)
        elif order[0] == REHEARSE and copies is None:
            files, processes = _files(written), _everyone() if alone else set[int]()
            _rehearse(build, run, control)
            if alone:
                _reap(_end(lambda before=processes: _everyone() - before))
            _sweep(written, kept=files)
        elif order[0] == BUILD:
            given = _given(run)
            made: list[object] = []
            told = _attempt(lambda run=run, given=given, made=made: _built(build, given, run, made))
            run.close()  # before there is a copy, which would hold this end open
            gc.freeze()
            copies = Copies(made, control, written, memory_gb=limits["memory_gb"], alone=alone)
            _sweep(written)
            wire.send(control, told)
    os._exit(0)  # and all copies with it


@dataclass(slots=True)
class Run:
    """The other end, for as long as one piece of work takes."""

    socket: socket.socket
    asked: list[object] = field(default_factory=list)
    """The stand-ins that ask there."""

    def received(self) -> Head:
        return _received(self.socket)

    def ask(self, head: Head, *body: bytes) -> Message:
        """Send a question and wait for its answer."""
        wire.send(self.socket, head, *body)
        answer = wire.receive(self.socket, largest=_LARGEST)
        if answer is None:
            os._exit(1)  # nobody waits for what this copy would say
        if "fault" in answer.head:
            raise EncoderError(answer.head["fault"])
        return answer

    def close(self) -> None:
        self.socket.close()


class StandIn:
    """What stand-ins share: whom they ask changes from copy to copy."""

    def __init__(self, id: str, run: Run) -> None:
        self._id, self._run = id, run

    @property
    def id(self) -> str:
        return self._id

    def turn_to(self, run: Run) -> None:
        self._run = run


class OutsideEncoder(StandIn):
    """The run's encoder: pixels and texts go there, embeddings come back."""

    def embed_images(self, images: "Sequence[Image]") -> "Float[Tensor, 'n d']":
        layout, pixels = wire.packed_images(list(images))
        return self._rows(self._run.ask({"ask": "embed_images", "images": layout}, *pixels))

    def embed_texts(self, texts: Sequence[str]) -> "Float[Tensor, 'n d']":
        return self._rows(self._run.ask({"ask": "embed_texts", "texts": list(texts)}))

    def _rows(self, answer: Message) -> "Float[Tensor, 'n d']":
        import torch

        shape = answer.head["shape"]
        return (
            torch.frombuffer(bytearray(answer.body), dtype=torch.float32).reshape(shape)
            if answer.body
            else torch.zeros(shape)
        )


class OutsideVLM(StandIn):
    """The run's vision-language model, with its budget, its recording and its key, which stay there."""

    def ask(self, questions: "Sequence[Question]") -> "tuple[Reply | NoReply, ...]":
        from finexl.interfaces import NoReply, Reply

        packed = [(question, *wire.packed_images(question.images)) for question in questions]
        heads = [
            {"task": str(one.task), "text": one.text, "images": layout, "schema": one.schema}
            for one, layout, _ in packed
        ]
        pixels = [part for _, _, parts in packed for part in parts]
        answer = self._run.ask({"ask": "vlm", "questions": heads}, *pixels)
        return tuple(NoReply(**one) if "reason" in one else Reply(**one) for one in answer.head["replies"])


def _given(run: Run) -> Head:
    """What it is built from; what stand-ins need is imported before there is a fork, so that none has to."""
    given = run.received()
    if given["ids"]:
        import torch

        torch.set_num_threads(1)
    return given


def _rehearse(build: Callable[..., object], run: Run, control: socket.socket) -> None:
    """Build the explainer in a fork, which says there what came of it and ends."""
    given = _given(run)
    if fork := os.fork():
        run.close()
        os.waitpid(fork, 0)
        return
    code = 1
    try:
        die_with_parent()
        control.close()
        wire.send(run.socket, {"rehearsed": _attempt(lambda: _built(build, given, run, []))})
        code = 0
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _built(build: Callable[..., object], given: Head, run: Run, made: list[object]) -> Head:
    """Build the explainer; say what it is."""
    handed: dict[str, Callable[[], object]] = {}

    def stand_in(kind: type[StandIn], id: str) -> StandIn:
        one = kind(id, run)
        _stand_ins.append(one)
        return one

    for name, kind in (("encoder", OutsideEncoder), ("vlm", OutsideVLM)):
        if name in given["ids"]:
            handed[name] = lambda name=name, kind=kind: stand_in(kind, given["ids"][name])
    explainer = build(given, handed)
    made.append(explainer)
    return {"built": {"lacks": lacks(explainer)}}


_stand_ins: list[StandIn] = []


def method_of(explainer: object) -> str | None:
    """How an explainer is asked, as the protocols of `finexl.interfaces` say; None if it is none."""
    has = set(dir(explainer))
    methods = [name for name in ("explain_jointly", "explain") if name in has]
    return methods[0] if methods and "name" in has else None


def lacks(explainer: object) -> str:
    """What an explainer must have and this one has not, in words; "" where it has all."""
    has = set(dir(explainer))
    found = [] if "name" in has else ['an attribute `name`, as in name = "mine"']
    method = method_of(explainer)
    if not has & {"explain", "explain_jointly"}:
        found.append("a method `explain` or `explain_jointly`")
    elif method and inspect.iscoroutinefunction(getattr(explainer, method)):
        found.append(f"a `{method}` that answers at once, which one of `async def` does not")
    return " and ".join(found)


def _explain(explainer: Any, run: Run) -> None:
    """Explain what arrives, until the other end closes."""
    for one in _stand_ins:
        one.turn_to(run)
    while (message := wire.receive(run.socket, largest=_LARGEST)) is not None:
        models = wire.unpacked_pairs(message.head["models"], message.body)
        wire.send(
            run.socket,
            {
                "said": ANSWERS.dump_python(tuple(_asked(explainer, models)), mode="json"),
                "peak_memory_mb": peak_memory_mb(),
            },
        )


def _asked(explainer: Any, models: Sequence[ImagePairs]) -> list[AnyExplanation]:
    try:
        if method_of(explainer) == "explain_jointly":
            return ask_jointly(explainer, models)
        return [ask_one(explainer, pairs) for pairs in models]
    except Exception as error:  # what ends a run there fails a model here: memory, say
        fault = f"{type(error).__name__}: {error}"
        return [NoExplanation(reason="failed", detail=fault)] * len(models)


class Copies:
    """Forks of this process, which end one after the other; the next one is ready while one works."""

    def __init__(
        self,
        made: Sequence[object],
        control: socket.socket,
        written: Sequence[Path],
        *,
        memory_gb: float,
        alone: bool,
    ) -> None:
        self._made, self._control, self._written = made, control, written
        self._memory_gb, self._alone = memory_gb, alone
        self._working = 0
        self._prepare()

    def lend(self, run: Run) -> None:
        """Have a copy that has seen nothing do what arrives; whatever the one before left is removed first."""
        self._remove()
        self._working = self._spare
        # a socket that was closed: the copy was ended by another, and this end of `run` closes without an answer
        with suppress(OSError):
            socket.send_fds(self._to_spare, [COPY], [run.socket.fileno()])
        self._to_spare.close()
        run.close()  # before there is another copy, which would hold this end open
        self._prepare()

    def ending(self) -> int:
        """How the copy that worked last ended; waits for it."""
        return os.waitstatus_to_exitcode(os.waitpid(self._working, 0)[1])

    def _prepare(self) -> None:
        self._to_spare, here = socket.socketpair()
        self._spare = os.fork()
        if self._spare:
            here.close()
            return
        code = 1
        try:
            die_with_parent()
            self._control.close()
            self._to_spare.close()
            _, numbers, _, _ = socket.recv_fds(here, 1, 1)
            here.close()
            limit_memory(self._memory_gb)
            for number in numbers:
                _explain(self._made[0], Run(socket.socket(fileno=number)))
            code = 0
        except BaseException:
            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)

    def _remove(self) -> None:
        kept = {os.getpid(), self._spare}
        ended = _end(lambda: self._others() - kept)
        # the one that worked has closed its socket, and only takes its time to go
        _reap(ended - {self._working})
        _sweep(self._written)

    def _others(self) -> set[int]:
        """Processes of copies: all in a namespace of its own, else the one that is known."""
        return _everyone() if self._alone else {self._working} - {0}


def _everyone() -> set[int]:
    """All processes of this one's namespace."""
    return {int(name) for name in os.listdir("/proc") if name.isdigit()}  # noqa: PTH208  # names alone


def _end(processes: Callable[[], set[int]]) -> set[int]:
    """End all that there are, and those that they start meanwhile; returns which were."""
    ended = set[int]()
    # one that is ended starts no other: there is an end to this
    while left := processes() - ended:
        for process in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        ended |= left
    return ended


def _reap(processes: set[int]) -> None:
    """Wait until processes that were ended can do nothing more, and take all that are over off the kernel's list."""
    for process in processes:
        while _runs(process):
            sleep(0.001)
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _runs(process: int) -> bool:
    """Whether a process still has memory of its own, and so may do something."""
    try:
        return bool(Path(f"/proc/{process}/cmdline").read_bytes())
    except OSError:
        return False


def _files(folders: Sequence[Path]) -> frozenset[Path]:
    """What lies in folders."""
    return frozenset(path for folder in folders for path in folder.iterdir())


def _sweep(folders: Sequence[Path], *, kept: frozenset[Path] = frozenset()) -> None:
    """Empty the folders that are this process' alone."""
    for path in _files(folders) - kept:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _attempt(work: Callable[[], Head]) -> Head:
    """What work says, or its fault with the file and line where it happened."""
    try:
        return work()
    except FinexlError as error:
        return {"refused": str(error)}
    except (Exception, SystemExit) as error:
        return {"fault": fault_of(error)}


def fault_of(error: BaseException) -> str:
    """An exception in a line, with the file and line that raised it."""
    said = f"{type(error).__name__}: {error}"
    if isinstance(error, SyntaxError):  # says so itself
        return said
    places = traceback.extract_tb(error.__traceback__)
    own = Path(__file__).parents[1]
    foreign = [
        place
        for place in places
        if not Path(place.filename).is_relative_to(own) and not place.filename.startswith("<frozen")
    ]
    return f"{said} ({foreign[-1].filename}, line {foreign[-1].lineno})" if foreign else said


def _received(source: socket.socket) -> Head:
    message = wire.receive(source, largest=_LARGEST)
    if message is None:
        os._exit(0)
    return message.head


def _imported(target: str) -> Callable[..., Any]:
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)
