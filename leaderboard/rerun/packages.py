"""A submitted package in a folder of its own, without running a line of it on this machine's files.

Wheels are unpacked by pip. A folder of sources is built first, which runs what its authors wrote: that happens in a
process that is cut off (`building_process`). Nothing that a package depends on is fetched: what comes with this
environment is there for all alike, a package that needs more says so when it is imported, and what an index serves
tomorrow is no part of a result. The folder comes last on the path, so that it can take the place of no module.
"""

import json
import shutil
import socket
import subprocess
import sys
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any
from zipfile import BadZipFile, ZipFile

from benchmark.explain import wire
from benchmark.explain.children import absolute_path
from benchmark.explain.isolation import importable
from benchmark.explain.outside import OutOfBoundsError, OutsideLimits, Watch, bare_environment
from benchmark.explain.wire import WireError
from finexl.errors import FinexlError

_BOOT = (
    "import json, sys; path, number = json.loads(sys.argv[1]); sys.path[:] = path; "
    "from leaderboard.rerun.building_process import serve; serve(number)"
)
_PIP = [sys.executable, "-m", "pip", "--isolated", "--disable-pip-version-check", "--no-input", "--quiet"]
_WHEEL_MB, _UNPACKED_MB, _N_FILES = 256, 1024, 20_000
_FETCH_S, _BUILD_S = 600.0, 300.0


class PackageError(FinexlError):
    """A package cannot be had; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """An installed package."""

    folder: Path
    sha256: str
    """Hash of its wheel."""


def installed(source: Path | str, folder: Path, *, limits: OutsideLimits) -> Package:
    """Install a wheel, a folder of sources, or what a requirement `name==version` names on the index.

    Raises:
        PackageError: It cannot be had, built or unpacked.
    """
    with TemporaryDirectory(prefix="wheel-") as place:
        given = _wheel(source, Path(place), limits=limits)
        if given.stat().st_size > _WHEEL_MB << 20:
            raise PackageError(f"A wheel may hold {_WHEEL_MB} MB. {given.name} is larger.")
        # what is looked at is what is unpacked and hashed, whoever writes to the given one meanwhile
        wheel = Path(place) / "copy" / given.name
        wheel.parent.mkdir()
        shutil.copyfile(given, wheel)
        _require_small(wheel)
        _pip("install", "--no-deps", "--no-index", "--no-compile", "--target", str(folder), str(wheel))
        return Package(folder=folder, sha256=sha256(wheel.read_bytes()).hexdigest())


def is_package(path: Path) -> bool:
    """Whether a path is a wheel or a folder."""
    return path.is_dir() or (path.suffix == ".whl" and path.is_file())


def _require_small(wheel: Path) -> None:
    """Refuse a wheel that would fill the disk: more is not unpacked of a member than the directory says."""
    try:
        with ZipFile(wheel) as archive:
            members = archive.infolist()
    except BadZipFile:
        raise PackageError(f"A wheel must be a zip archive. {wheel.name} is none.") from None
    unpacked_mb = sum(member.file_size for member in members) >> 20
    if unpacked_mb > _UNPACKED_MB or len(members) > _N_FILES:
        raise PackageError(
            f"A wheel may unpack to {_N_FILES:,} files and {_UNPACKED_MB} MB. {wheel.name} would unpack to "
            f"{len(members):,} files and {unpacked_mb} MB."
        )


def _wheel(source: Path | str, place: Path, *, limits: OutsideLimits) -> Path:
    match source:
        case Path() if source.is_dir():
            return _built(source, place, limits=limits)
        case Path() if is_package(source):
            return source
        case Path():
            raise PackageError(
                f"`package` must be a wheel or the folder of a project. {str(source)!r} is neither."
            )
        case requirement:
            # an archive of sources would be built by its own code, here
            _pip("download", "--no-deps", "--only-binary", ":all:", "--dest", str(place), requirement)
            return next(place.glob("*.whl"))


def _pip(*words: str) -> None:
    with TemporaryDirectory(prefix="home-") as home:
        try:
            done = subprocess.run(
                [*_PIP, *words],
                capture_output=True,
                text=True,
                timeout=_FETCH_S,
                env=bare_environment(Path(home)),
                cwd=home,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise PackageError(f"pip {words[0]} took more than {_FETCH_S:g} s.") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise PackageError(f"pip {words[0]} failed: {last}")


def _built(source: Path, place: Path, *, limits: OutsideLimits) -> Path:
    """The wheel of a folder of sources, built by a process that is cut off."""
    for name in ("root", "work", "home"):
        (place / name).mkdir()
    control, theirs = socket.socketpair()
    path = absolute_path()
    shown = [*importable(map(Path, path)), Path(sys.prefix), Path(sys.base_prefix), source]
    job = {
        "root": str(place / "root"),
        "source": str(source.resolve()),
        "shown": sorted({str(each.absolute()) for each in shown}),
        "limits": asdict(limits),
    }
    with control, TemporaryFile() as printed:
        process = subprocess.Popen(
            [sys.executable, "-c", _BOOT, json.dumps([path, theirs.fileno()])],
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=printed,
            pass_fds=(theirs.fileno(),),
            cwd=place / "work",
            env=bare_environment(place / "home"),
            start_new_session=True,
        )
        theirs.close()
        try:
            told = _told(control, job, Watch(process, limits, left_s=_BUILD_S))
        finally:
            process.kill()
            process.wait()
    shutil.rmtree(place / "work", ignore_errors=True)
    wheel = place / Path(str(told.head["wheel"])).name
    wheel.write_bytes(told.body)
    return wheel


def _told(control: socket.socket, job: dict[str, Any], watch: Watch) -> wire.Message:
    wire.send(control, job)
    try:
        told = wire.receive(control, largest=(1 << 20, _WHEEL_MB << 20), meanwhile=watch.look)
    except (OutOfBoundsError, WireError) as error:
        raise PackageError(f"It could not be built. {error}") from None
    if told is None or "wheel" not in told.head:
        fault = "Its process ended." if told is None else str(told.head.get("fault"))
        raise PackageError(f"It could not be built. {fault}")
    return told
