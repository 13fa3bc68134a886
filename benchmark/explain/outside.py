"""Explainers from elsewhere, each in a process of its own that has no truth to find.

Pixels and prompts go there; answers come back and are checked. It is cut off from files, network and other processes as
far as the system allows (`isolation`), sees every model with a fresh copy of itself (`outside_process`), and is ended
when it takes too long or too much: that is the outcome of the model, and the run goes on.
"""

import json
import math
import os
import shutil
import signal
import socket
import subprocess
import sys
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryFile, mkdtemp
from time import monotonic
from typing import IO, TYPE_CHECKING, Any

from pydantic import ValidationError

from benchmark.explain import wire
from benchmark.explain.children import ChildError, absolute_path
from benchmark.explain.explaining import Meter
from benchmark.explain.isolation import importable, memory_and_number
from benchmark.explain.outside_process import ANSWERS, BUILD, COPY, ENDED, REHEARSE
from benchmark.explain.wire import Head, Message, WireError
from finexl.errors import FinexlError, InvalidInputError, VLMUnusableError
from finexl.values import AnyExplanation, ImagePairs, NoExplanation

if TYPE_CHECKING:
    from finexl.interfaces import VLM, Encoder

_BOOT = (
    "import gc, json, sys; gc.disable(); path, number = json.loads(sys.argv[1]); sys.argv = ['explainer']; "
    "sys.path[:] = path; "
    "from benchmark.explain.outside_process import serve; serve(number)"
)
_PASSED = (
    "PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "PYTHONHASHSEED",
)  # fmt: skip
"""Variables that the process is given of this one's: no key, no address, no path of data."""
_CALM = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TQDM_DISABLE": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUNBUFFERED": "1",  # what it printed is there when it dies
}
_START_S = 300.0
"""Importing and building may take so long, on the slowest machines too."""
_IMAGES_MB = 512
"""In one question to encoder or model."""
_SHOWN = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideLimits:
    """What one explanation by an explainer from elsewhere may take."""

    seconds: float = 600.0
    """Without the time in which the run answers its questions."""
    memory_gb: float = 8.0
    answer_mb: int = 4
    file_mb: int = 256
    """All that it writes to files, and the largest of them."""
    n_processes: int = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Outsider:
    """What is needed to start the process of an explainer from elsewhere."""

    kind: str
    """The path of its class, absolute where it is a file."""
    content: str = ""
    """Hash of that file: edited, it is another class."""
    find: str
    """`package.module:function`, called there with the kind: what is found out about the class, in JSON values."""
    build: str
    """`package.module:function`, called there with what `BuiltFrom` says and stand-ins by name."""
    shown: tuple[Path, ...] = ()
    """Files and folders that it needs beside Python's own."""
    hidden: tuple[Path, ...] = ()
    """Folders that it must not see wherever they lie."""
    path: tuple[Path, ...] = ()
    """Folders that it is imported from, after all others; they are shown."""
    limits: OutsideLimits = field(default_factory=OutsideLimits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What an explainer may ask the run: an encoder and a vision-language model, each None if it is handed none."""

    encoder: "Encoder | None" = None
    vlm: "VLM | None" = None

    @property
    def ids(self) -> dict[str, str]:
        """The identity of each."""
        handed = {"encoder": self.encoder, "vlm": self.vlm}
        return {name: each.id for name, each in handed.items() if each is not None}


class OutOfBoundsError(Exception):
    """An explainer took more than its limits; `reason` is that of a `NoExplanation`."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class OutsideProcess:
    """The running process of an explainer from elsewhere, from which a copy is made for each piece of work."""

    def __init__(self, outsider: Outsider) -> None:
        """Start it, and have it import the class.

        Raises:
            InvalidInputError: The class cannot be had; the message says why, with file and line.
            ChildError: The process died of it.
        """
        self._outsider = outsider
        self._shared_mb = 0.0
        self.folder = Path(mkdtemp(prefix="explainer-"))
        work = self.folder / "work"
        for folder in (work, self.folder / "root"):
            folder.mkdir()
        self._printed = TemporaryFile()  # noqa: SIM115  # open as long as the process
        self._control, theirs = socket.socketpair()
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-c", _BOOT),
                json.dumps([[*absolute_path(), *map(str, outsider.path)], theirs.fileno()]),
            ],
            stdin=subprocess.DEVNULL,
            stdout=self._printed,
            stderr=self._printed,
            pass_fds=(theirs.fileno(),),
            cwd=work,
            env=bare_environment(work),
            start_new_session=True,
        )
        theirs.close()
        self.close = weakref.finalize(
            self, _end, os.getpid(), self._process, self._control, self._printed, self.folder
        )
        limits = outsider.limits
        paths = importable(Path(entry) for entry in absolute_path())
        shown = [*paths, Path(sys.prefix), Path(sys.base_prefix), *outsider.shown, *outsider.path]
        hidden = [folder for folder in map(Path.absolute, outsider.hidden) if not _holds_any(folder, shown)]
        job = {
            "kind": outsider.kind,
            "find": outsider.find,
            "build": outsider.build,
            "root": str(self.folder / "root"),
            "work": str(self.folder / "work"),
            "shown": sorted({str(path.absolute()) for path in shown}),
            "hidden": [str(folder) for folder in hidden],
            "limits": asdict(limits),
        }
        try:
            wire.send(self._control, job)
            self.exposed: tuple[str, ...] = tuple(self._told("exposed"))
            """What of files, network and processes it is not cut off from."""
            self.found: Head = self._told("found")
            """What was found out about the class."""
        except BaseException:
            self.close()
            raise

    def rehearse(self, given: Mapping[str, Any], services: Services) -> Head:
        """Build the explainer there in a fork, which is gone afterwards; returns what `build` does and raises alike."""
        with self._lent(REHEARSE) as (run, watch):
            self._send(run, {**given, "ids": services.ids})
            told = self._conversed(run, services, watch, "rehearsed")
        return self._understood({} if told is None else told["rehearsed"], "built")

    def build(self, given: Mapping[str, Any], services: Services) -> Head:
        """Build the explainer there; returns the name of its method and of its type.

        Raises:
            InvalidInputError: It cannot be built of this.
            ChildError: Its constructor raised, or the process died of it.
        """
        with self._lent(BUILD) as (run, watch):
            self._send(run, {**given, "ids": services.ids})
            self._conversed(run, services, watch, None)
        built = self._told("built")
        # it and the copy that is ready; while another works, two of the three hold what is the first's
        self._shared_mb = memory_and_number(self._process.pid)[0]
        return built

    @contextmanager
    def copy(self) -> Iterator["Copy"]:
        """A fresh copy of the explainer, which is gone afterwards."""
        with self._lent(COPY) as (run, watch):
            yield Copy(process=self, run=run, watch=watch)

    def explained(
        self, run: socket.socket, watch: "Watch", models: Sequence[ImagePairs], services: Services
    ) -> Head:
        """What a copy says of models, and its peak memory.

        Raises:
            OutOfBoundsError: It took too much or died.
        """
        packed = [wire.packed_pairs(pairs) for pairs in models]
        watch.restart(self._outsider.limits.seconds * len(models))
        self._send(
            run, {"models": [head for head, _ in packed]}, *(part for _, parts in packed for part in parts)
        )
        said = self._conversed(run, services, watch, "said")
        if said is None:
            raise OutOfBoundsError("failed", f"Its process ended{self._ending()}. {self.last_words()}")
        return said

    def last_words(self) -> str:
        """The end of what it printed."""
        self._printed.seek(0)
        text = self._printed.read().decode("utf-8", "replace").strip()
        return f"It printed: {text[-_SHOWN:]}" if text else "It printed nothing."

    def _ending(self) -> str:
        try:
            self._control.sendall(ENDED)
        except OSError:
            return ""
        match self._heard().get("ended"):
            case int(code) if code < 0:
                return f" by {signal.Signals(-code).name}"
            case int(code):
                return f" with code {code}"
            case _:
                return ""

    @contextmanager
    def _lent(self, what: bytes) -> Iterator[tuple[socket.socket, "Watch"]]:
        """One end of a pair of sockets, whose other end the process is given."""
        mine, theirs = socket.socketpair()
        watch = Watch(self._process, self._outsider.limits, left_s=_START_S, shared_mb=self._shared_mb)
        with mine:
            try:
                with theirs:
                    socket.send_fds(self._control, [what], [theirs.fileno()])
            except OSError:
                fault = f"The process of {self._outsider.kind} has ended. {self.last_words()}"
                self.close()  # the next who asks gets another
                raise ChildError(fault) from None
            try:
                yield mine, watch
            except BaseException:  # whatever it is doing, nobody waits for it
                self.close()
                raise

    def _conversed(
        self, run: socket.socket, services: Services, watch: "Watch", until: str | None
    ) -> Head | None:
        """Answer questions until a message with `until` arrives, or the other end closes."""
        largest = self._outsider.limits.answer_mb << 20, _IMAGES_MB << 20
        while True:
            try:
                message = wire.receive(run, largest=largest, meanwhile=watch.look)
            except WireError as error:
                raise OutOfBoundsError("failed", f"It must answer as agreed; it sent {error}.") from None
            if message is None:
                return None
            if until is not None and until in message.head:
                return message.head
            start = monotonic()
            try:
                head, body = answered(message, services)
            except VLMUnusableError:
                raise
            except FinexlError as error:
                head, body = {"fault": str(error)}, b""
            except (WireError, KeyError, StopIteration, TypeError, ValueError) as error:
                raise OutOfBoundsError("failed", f"It must ask as agreed; it sent {error}.") from None
            watch.pause(monotonic() - start)
            self._send(run, head, body)

    def _send(self, run: socket.socket, head: Head, *body: bytes) -> None:
        run.settimeout(self._outsider.limits.seconds)
        try:
            wire.send(run, head, *body)
        except TimeoutError:
            raise OutOfBoundsError("timeout", "It took none of what it was sent.") from None
        except OSError:
            return  # it has ended; reading says so
        finally:
            run.settimeout(None)

    def _told(self, what: str) -> Any:
        return self._understood(self._heard(), what)

    def _understood(self, told: Head, what: str) -> Any:
        if "refused" in told:
            raise InvalidInputError(str(told["refused"]))
        if what not in told:
            fault = told.get("fault")
            raise ChildError(
                str(fault)
                if fault
                else f"The process of {self._outsider.kind} has ended. {self.last_words()}"
            )
        return told[what]

    def _heard(self) -> Head:
        watch = Watch(self._process, self._outsider.limits, left_s=_START_S)
        try:
            message = wire.receive(self._control, largest=(1 << 20, 0), meanwhile=watch.look)
        except (WireError, OutOfBoundsError, OSError) as error:
            return {"fault": str(error)}
        return message.head if message is not None else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A copy of an explainer that has seen nothing before."""

    process: OutsideProcess
    run: socket.socket
    watch: "Watch"

    def explain(
        self, models: Sequence[ImagePairs], services: Services
    ) -> tuple[tuple[AnyExplanation, ...], float]:
        """Its answers to models, one after the other or together, as it does; and its peak memory in MB.

        Raises:
            OutOfBoundsError: It took too much, died, or gave no answers.
        """
        said = self.process.explained(self.run, self.watch, models, services)
        try:
            answers = ANSWERS.validate_python(said["said"])
            peak = float(said.get("peak_memory_mb", 0.0))
            if not math.isfinite(peak):
                raise ValueError(f"a peak memory of {peak} MB")
        except (ValidationError, TypeError, ValueError) as error:
            raise OutOfBoundsError("failed", f"Its answer is none: {error}") from None
        if len(answers) != len(models):
            raise OutOfBoundsError("failed", f"{len(answers)} explanations for {len(models)} models")
        return answers, peak


class Watch:
    """Looks whether a process and all that it started keep their limits."""

    def __init__(
        self,
        process: "subprocess.Popen[bytes]",
        limits: OutsideLimits,
        *,
        left_s: float,
        shared_mb: float = 0.0,
    ) -> None:
        """`shared_mb` is what copies have of the process that they are copies of: counted, and held by none of them."""
        self._process, self._limits, self._shared_mb = process, limits, shared_mb
        self.restart(left_s)
        self._next_look = 0.0

    def restart(self, left_s: float) -> None:
        self._given_s, self._deadline = left_s, monotonic() + left_s

    def pause(self, seconds: float) -> None:
        """Leave out time that others took."""
        self._deadline += seconds

    def look(self) -> None:
        """Raise OutOfBoundsError if a limit is exceeded."""
        now = monotonic()
        if now > self._deadline:
            why = f"It took more than {self._given_s:g} s and was ended. explainer.seconds= gives more."
            raise OutOfBoundsError("timeout", why)
        if now < self._next_look:
            return
        self._next_look = now + 0.1
        memory_mb, n = memory_and_number(self._process.pid)
        if n > self._limits.n_processes:
            raise OutOfBoundsError(
                "failed", f"It ran more than {self._limits.n_processes} processes and was ended."
            )
        if memory_mb - self._shared_mb > self._limits.memory_gb * 2**10:
            raise OutOfBoundsError(
                "failed",
                f"It held more than {self._limits.memory_gb:g} GB of memory and was ended. "
                "explainer.memory_gb= allows more.",
            )


class OutsideHost:
    """Keeps one process of an explainer, and starts another where it was ended.

    In one process its class is looked at, its building is rehearsed and it is built, so that what it imports is
    imported once.
    """

    def __init__(self, outsider: Outsider, given: Mapping[str, Any]) -> None:
        self._outsider, self._given = outsider, given
        self._running: OutsideProcess | None = None
        self._lacks: str | None = None

    def looked(self) -> OutsideProcess:
        """The process, which has imported the class and may have built nothing.

        Raises:
            InvalidInputError, ChildError: It cannot be had.
        """
        if self._running is None or not self._running.close.alive:
            self._running, self._lacks = OutsideProcess(self._outsider), None
        return self._running

    def rehearse(self, services: Services) -> str:
        """What the explainer lacks to be one once it is built; "" if nothing.

        Raises:
            InvalidInputError, ChildError, OutOfBoundsError: It cannot be built.
        """
        return (
            self._lacks if self._lacks is not None else self.looked().rehearse(self._given, services)["lacks"]
        )

    def process(self, services: Services) -> tuple[OutsideProcess, str]:
        """The process with the explainer built in it, and what it lacks to be one; "" if nothing.

        Raises:
            InvalidInputError, ChildError, OutOfBoundsError: It cannot be had.
        """
        process = self.looked()
        lacking = self._lacks
        if lacking is None:
            try:
                lacking = self._lacks = str(process.build(self._given, services)["lacks"])
            except BaseException:
                process.close()
                raise
        return process, lacking

    def close(self) -> None:
        if self._running is not None:
            self._running.close()


_hosts: "weakref.WeakValueDictionary[tuple[Outsider, str], OutsideHost]" = weakref.WeakValueDictionary()


def host_of(outsider: Outsider, given: Mapping[str, Any]) -> OutsideHost:
    """The host of an explainer in this process: those who hold it share it, and it goes with the last of them."""
    key = outsider, json.dumps(given, sort_keys=True)
    if (host := _hosts.get(key)) is None:
        host = _hosts[key] = OutsideHost(outsider, given)
    return host


@dataclass(slots=True, kw_only=True)
class OutsideExplainer:
    """An `Explainer` whose every model is explained by a fresh copy in a process of its own."""

    name: str
    host: OutsideHost
    services: Callable[[], Services]
    meter: Meter

    def prepare(self) -> None:
        """Start the process and see that the explainer can be built in it.

        Raises:
            InvalidInputError: It cannot be built of what there is, or is no explainer.
            ChildError: Its constructor raised, or its process died.
        """
        lacking = self.host.rehearse(self.services())
        if lacking:
            raise InvalidInputError(
                "An explainer must have an attribute `name` and a method `explain` or `explain_jointly`. "
                f"{self.name} lacks {lacking}."
            )

    def explain(self, pairs: ImagePairs) -> AnyExplanation:
        (answer,) = self.explained((pairs,))
        return answer

    def explained(self, models: Sequence[ImagePairs]) -> tuple[AnyExplanation, ...]:
        """Answers by one copy; a typed failure of each model where it gave none."""
        try:
            services = self.services()
            process, _ = self.host.process(services)
            with process.copy() as copy:
                answers, peak = copy.explain(models, services)
            self.meter.peak_memory_mb = max(self.meter.peak_memory_mb, peak)
            return answers
        except OutOfBoundsError as error:
            return (NoExplanation(reason=error.reason, detail=str(error)),) * len(models)
        except (ChildError, InvalidInputError) as error:
            return (NoExplanation(reason="failed", detail=str(error)),) * len(models)


@dataclass(slots=True, kw_only=True)
class OutsideJointExplainer:
    """A `JointExplainer` whose every group is explained by a fresh copy in a process of its own."""

    name: str
    alone: OutsideExplainer

    def prepare(self) -> None:
        """As `OutsideExplainer.prepare`."""
        self.alone.prepare()

    def explain_jointly(self, group: Sequence[ImagePairs]) -> tuple[AnyExplanation, ...]:
        return self.alone.explained(group)


def answered(message: Message, services: Services) -> tuple[Head, bytes]:
    """The answer to a question of an explainer.

    Raises:
        WireError: It is none that an explainer may ask.
        FinexlError: There is no answer.
    """
    import numpy as np

    match message.head, services:
        case {"ask": "embed_images", "images": layout}, Services(encoder=encoder) if encoder is not None:
            rows = encoder.embed_images(wire.unpacked_images(layout, message.body))
        case {"ask": "embed_texts", "texts": [*texts]}, Services(encoder=encoder) if encoder is not None:
            rows = encoder.embed_texts([str(text) for text in texts])
        case {"ask": "vlm", "questions": [*heads]}, Services(vlm=vlm) if vlm is not None:
            replies = vlm.ask(_questions(heads, message.body))
            return {"replies": [asdict(reply) for reply in replies]}, b""
        case _:
            raise WireError(f"a question of the kind {str(message.head.get('ask'))[:100]!r}")
    return {"shape": list(rows.shape)}, np.ascontiguousarray(rows.numpy(), np.float32).tobytes()


def _questions(heads: Sequence[Head], body: bytes) -> list[Any]:
    from finexl.interfaces import Question, Task

    found: list[Question] = []
    layouts = [layout for head in heads for layout in head["images"]]
    images = iter(wire.unpacked_images(layouts, body))
    for head in heads:
        schema = head.get("schema")
        if not (schema is None or isinstance(schema, dict)):
            raise WireError("a schema that is none")
        found.append(
            Question(
                task=Task(str(head["task"])),
                text=str(head["text"]),
                images=tuple(next(images) for _ in head["images"]),
                schema=schema,
            )
        )
    return found


def bare_environment(home: Path) -> dict[str, str]:
    """The variables of an explainer's process: those that say how to compute, and an empty home."""
    passed = {name: os.environ[name] for name in _PASSED if name in os.environ}
    return {**passed, **_CALM, "HOME": str(home), "TMPDIR": str(home)}


def _holds_any(folder: Path, paths: Sequence[Path]) -> bool:
    """Whether something that must be shown lies in a folder, which then cannot be hidden whole."""
    return any(path.is_relative_to(folder) for path in paths)


def _end(
    owner: int, process: "subprocess.Popen[bytes]", control: socket.socket, printed: IO[bytes], folder: Path
) -> None:
    if os.getpid() != owner:  # a fork of the one that started it
        return
    control.close()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    printed.close()
    shutil.rmtree(folder, ignore_errors=True)
