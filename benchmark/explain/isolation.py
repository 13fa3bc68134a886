"""How a process is cut off from files, network and other processes before foreign code runs in it, and held to limits.

On Linux, where the kernel lets users make namespaces, the process gets a root of its own with the libraries and the
explainer in it, read-only, and nothing else; no network; and other processes are out of sight. What the kernel keeps
beyond a process, as shared memory and keys, it is refused, and copies of it cannot write to it: none leaves word for
the next. Elsewhere it runs in an empty folder with a bare environment, and what it is exposed to is told.
"""

import ctypes
import os
import resource
import signal
import struct
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

EXPOSED = ("files", "network", "processes")
"""What a process that is not cut off could reach."""
WORK, SHARED = Path("/explainer"), Path("/dev/shm")  # in file systems of the process' own
"""Where a process with a root of its own works, and what else it can write to."""

_NEWNS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET = 0x00020000, 0x08000000, 0x10000000, 0x20000000, 0x40000000
_RDONLY, _NOSUID, _NODEV, _REMOUNT, _BIND, _REC, _PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
_KEPT = _NOSUID | _NODEV | 8 | 1024 | 2048
"""Flags of a mount that a user may not take off it; statvfs and mount number them alike."""
_DETACH = 2
_DEATH_SIGNAL, _DUMPABLE, _SECCOMP, _NO_NEW_PRIVILEGES = 1, 4, 22, 38
_CAPABILITIES_VERSION = 0x20080522
_SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/opt/nvidia", "/etc/ld.so.cache", "/etc/localtime")
_REFUSED = {
    "x86_64": (0xC000003E, (29, 64, 68, 101, 240, 248, 249, 250, 298, 310, 311, 321, 323, 438)),
    "aarch64": (0xC00000B7, (194, 190, 186, 117, 180, 217, 218, 219, 241, 270, 271, 280, 282, 438)),
}
"""The kernel's number of each architecture, and there of shmget, semget, msgget, ptrace, mq_open, add_key, request_key,
keyctl, perf_event_open, process_vm_readv, process_vm_writev, bpf, userfaultfd, pidfd_getfd."""
_LOAD, _IS, _FROM, _RETURN = 0x20, 0x15, 0x35, 0x06
"""Instructions of a filter: load a word, go on if it equals, go on if it is not below, return."""
_ALLOW, _FORBID = 0x7FFF0000, 0x00050001
_OTHER_CALLS = 0x40000000
"""From here on the calls of x86_64 have second numbers."""
_DEVICES = ("null", "zero", "full", "random", "urandom")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What of this machine's files a process is shown."""

    root: Path
    """An empty folder, which becomes its root."""
    shown: tuple[Path, ...]
    """Files and folders that it needs, for reading."""
    hidden: tuple[Path, ...] = ()
    """Folders that are empty for it, though they lie in one that is shown."""


def isolate(view: View, *, room_mb: int) -> tuple[str, ...]:
    """Cut this process off and go on as the first of its own namespace; returns which of `EXPOSED` is left.

    `room_mb` is how much the files may hold that it writes. The process must have a single thread.
    """
    if sys.platform != "linux":
        return EXPOSED
    uid, gid = os.getuid(), os.getgid()
    try:
        _call("unshare", _NEWUSER | _NEWNS | _NEWPID | _NEWNET | _NEWIPC)
    except (OSError, AttributeError):  # forbidden here, or a C library without it
        return EXPOSED
    try:
        for file, line in (
            ("setgroups", "deny"),
            ("uid_map", f"{uid} {uid} 1"),
            ("gid_map", f"{gid} {gid} 1"),
        ):
            Path(f"/proc/self/{file}").write_text(line, encoding="ascii")
    except OSError:
        return EXPOSED[:1] + EXPOSED[2:]
    _go_on_as_child()
    try:
        _enter_root(view, room_mb=room_mb)
    except OSError:
        return EXPOSED[:1]
    finally:
        _drop_privileges()
        _refuse_calls()
        # its memory is nobody else's to write: not even its copies', which are the same user
        _call("prctl", _DUMPABLE, 0, 0, 0, 0)
    return ()


def die_with_parent() -> None:
    """Have the kernel end this process when the one that made it ends."""
    if sys.platform == "linux":
        _call("prctl", _DEATH_SIGNAL, int(signal.SIGKILL), 0, 0, 0)


def limit_files(mb: int) -> None:
    """Let no file that this process writes grow beyond `mb`, and leave no image of its memory."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (mb << 20, mb << 20))


def limit_memory(gb: float) -> None:
    """Let this process ask for `gb` of memory beyond what it has now."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:  # other systems say it otherwise, or not at all
        return
    most = pages * resource.getpagesize() + int(gb * 2**30)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def memory_and_number(pid: int) -> tuple[float, int]:
    """Megabytes (2**20 bytes) in memory of a process and all below it, and their number; (0, 0) where unknown."""
    pages = n = 0
    for each in _family(pid):
        try:
            pages += int(Path(f"/proc/{each}/statm").read_text(encoding="ascii").split()[1])
        except (OSError, IndexError):  # it has just ended
            continue
        n += 1
    return pages * resource.getpagesize() / 2**20, n


def importable(entries: Iterable[Path]) -> Iterator[Path]:
    """What of the folders of `sys.path` code can be imported from: a folder of installed packages as it is, of
    others (a project's own, say) modules and packages alone, so that data beside them are not shown.
    """
    for entry in entries:
        if not entry.is_dir() or _is_installed(entry):
            yield entry
            continue
        for child in sorted(entry.iterdir()):
            if child.name.startswith("."):
                continue
            if child.suffix in (".py", ".so") or (child.is_dir() and any(child.glob("*.py"))):
                yield child


def _is_installed(folder: Path) -> bool:
    return "site-packages" in folder.parts or "dist-packages" in folder.parts or (folder / "os.py").is_file()


def _family(pid: int) -> Iterator[int]:
    yield pid
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = thread.read_text(encoding="ascii").split()
        except OSError:
            continue
        for child in children:
            yield from _family(int(child))


def _go_on_as_child() -> None:
    """Fork: whoever makes a namespace of processes is not in it, its next child is."""
    if pid := os.fork():
        for number in range(3, 256):
            try:
                os.close(number)  # the other end must see the child's ends close
            except OSError:
                continue
        _, status = os.waitpid(pid, 0)
        code = os.waitstatus_to_exitcode(status)
        os._exit(code if code >= 0 else 128 - code)
    die_with_parent()


def _enter_root(view: View, *, room_mb: int) -> None:
    """Make `view.root` the root of this process, with what is shown bound into it."""
    _mount(None, Path("/"), None, _REC | _PRIVATE)
    root = view.root
    _mount("tmpfs", root, "tmpfs", _NOSUID | _NODEV, "mode=755,size=1m")
    bound: list[Path] = []
    for path in _places([*map(Path, _SYSTEM), *view.shown]):
        _bind(path, root, bound)
    for path in _places(view.hidden):
        _cover(path, root)
    dev = root / "dev"
    dev.mkdir()
    for device in [*map(Path("/dev").joinpath, _DEVICES), *Path("/dev").glob("nvidia*")]:
        if device.exists() and not device.is_dir():
            (dev / device.name).touch()
            _mount(str(device), dev / device.name, None, _BIND)
    for folder in (WORK, SHARED):
        inside = root / folder.relative_to("/")
        inside.mkdir()
        _mount("tmpfs", inside, "tmpfs", _NOSUID | _NODEV, f"mode=755,size={room_mb}m")
    (root / "proc").mkdir()
    _mount("proc", root / "proc", "proc", _NOSUID | _NODEV | 8)
    _mount(None, root, None, _REMOUNT | _BIND | _RDONLY | _NOSUID | _NODEV)
    os.chdir(root)
    _call("pivot_root", b".", b".")
    _call("umount2", b".", _DETACH)
    os.chdir(WORK)


def _places(paths: Sequence[Path]) -> list[Path]:
    """The paths as they are written and as they are without links, the outer ones first."""
    found = {place for path in paths if path.exists() for place in (path.absolute(), path.resolve())}
    return sorted(found, key=lambda path: (len(path.parts), path))


def _bind(path: Path, root: Path, bound: list[Path]) -> None:
    inside = root / path.relative_to("/")
    if any(path.is_relative_to(outer) for outer in bound):
        return
    if path.is_symlink() and len(path.parts) == 2:  # as /lib is a link to usr/lib
        inside.symlink_to(path.readlink())
        return
    try:
        if path.is_dir():
            inside.mkdir(parents=True, exist_ok=True)
        else:
            inside.parent.mkdir(parents=True, exist_ok=True)
            inside.touch()
    except OSError:  # it lies behind a link that is shown already
        return
    # what is mounted below comes with it, but for this root itself
    _mount(str(path), inside, None, _BIND if root.is_relative_to(path) else _BIND | _REC)
    kept = os.statvfs(inside).f_flag & _KEPT
    _mount(None, inside, None, _REMOUNT | _BIND | _RDONLY | kept)
    bound.append(path)


def _cover(path: Path, root: Path) -> None:
    inside = root / path.relative_to("/")
    if inside.is_dir():
        _mount("tmpfs", inside, "tmpfs", _RDONLY | _NOSUID | _NODEV, "mode=755,size=4k")


def _mount(
    source: str | None, target: Path, kind: str | None, flags: int, options: str | None = None
) -> None:
    words = [None if word is None else word.encode() for word in (source, str(target), kind)]
    _call("mount", *words, ctypes.c_ulong(flags), None if options is None else options.encode())


def _drop_privileges() -> None:
    """Give up what a user may do in a namespace of its own: what is mounted stays so."""

    class Header(ctypes.Structure):
        _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))

    _call("prctl", _NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    _call("capset", ctypes.byref(Header(_CAPABILITIES_VERSION, 0)), (ctypes.c_uint32 * 6)())


def _refuse_calls() -> None:
    """Have the kernel refuse this process and all that it starts the calls of `_REFUSED`."""
    if os.uname().machine not in _REFUSED:
        return
    architecture, calls = _REFUSED[os.uname().machine]
    n = len(calls)
    steps = [
        (_LOAD, 0, 0, 4),  # the architecture: others number their calls otherwise
        (_IS, 0, n + 3, architecture),
        (_LOAD, 0, 0, 0),
        (_FROM, n + 1, 0, _OTHER_CALLS),
        *((_IS, n - place, 0, call) for place, call in enumerate(calls)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _FORBID),
    ]
    content = b"".join(struct.pack("=HBBI", *step) for step in steps)

    class Program(ctypes.Structure):
        _fields_ = (("n", ctypes.c_ushort), ("steps", ctypes.c_char_p))

    with suppress(OSError):  # a kernel that is built without filters
        _call("prctl", _SECCOMP, 2, ctypes.byref(Program(len(steps), content)), 0, 0)


def _call(name: str, *arguments: object) -> None:
    """Call a function of the C library; raises OSError where it fails."""
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")
