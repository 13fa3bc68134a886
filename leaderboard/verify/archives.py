"""Archives of strangers, unpacked in memory: names from a list, regular members, and a lid on every size."""

import io
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from leaderboard.entry.limits import ARCHIVE_BYTES, FILE_BYTES, N_MEMBERS, UNPACKED_BYTES
from leaderboard.entry.problems import Problem, Unreadable

_END = struct.Struct("<4s4H2LH")
"""The record that ends a zip archive: signature, disks, members, bytes and offset of the directory, comment."""
_DIRECTORY_BYTES = 64 << 10
_ENCRYPTED = 0x1
_CHUNK = 1 << 20


def is_archive(path: Path) -> bool:
    """Whether the name is an archive's."""
    return path.name.endswith((".zip", ".tar", ".tar.gz", ".tgz"))


def unpacked(path: Path) -> dict[str, bytes]:
    """The content of each member by its name, without the one folder that all may lie in.

    Raises:
        Unreadable: A member is no regular file of an entry, or anything is too large.
    """
    if path.stat().st_size > ARCHIVE_BYTES:
        raise _refused(path.name, f"An archive must have at most {ARCHIVE_BYTES:,} bytes")
    content = path.read_bytes()
    try:
        return _unzipped(content) if path.name.endswith(".zip") else _untarred(content)
    except Unreadable:
        raise
    except Exception as error:  # over whatever the libraries stumble in a stranger's bytes
        raise _refused(
            path.name, f"An archive must be whole. This one is not ({type(error).__name__})"
        ) from error


def _unzipped(content: bytes) -> dict[str, bytes]:
    _check_directory(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        names = _names(one.orig_filename for one in members if not one.is_dir())
        files: dict[str, bytes] = {}
        for one in members:
            kind = stat.S_IFMT(one.external_attr >> 16)
            if one.is_dir():
                continue
            if kind not in (0, stat.S_IFREG):
                raise _refused(
                    one.filename, "A member of an archive must be a regular file, no link or device"
                )
            if one.flag_bits & _ENCRYPTED:
                raise _refused(one.filename, "A member of an archive must not be encrypted")
            if one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                # the library unpacks the other kinds without a lid
                raise _refused(one.filename, "A member of a zip archive must be stored or deflated")
            name = names[one.orig_filename]
            with archive.open(one) as file:
                files[name] = _within(file.read(FILE_BYTES[name] + 1), name)
    return files


def _check_directory(content: bytes) -> None:
    """Refuse a zip archive of very many members before the library reads them all."""
    place = content.rfind(b"PK\x05\x06")
    if place < 0 or len(content) - place < _END.size:
        raise _refused("archive", "A zip archive must have an end. This one has none")
    _, _, _, _, n_members, size, _, n_comment = _END.unpack_from(content, place)
    if content[max(0, place - 20) : place].startswith(b"PK\x06\x07"):
        raise _refused("archive", "A zip archive of an entry must be in the plain format, not in zip64")
    if n_members > N_MEMBERS or size > _DIRECTORY_BYTES:
        raise _refused("archive", f"An archive must have at most {N_MEMBERS} members")
    if n_comment or place + _END.size != len(content):
        raise _refused("archive", "A zip archive must end with its directory, without a comment")


def _untarred(content: bytes) -> dict[str, bytes]:
    stream = content
    if content.startswith(b"\x1f\x8b"):
        unpacker = zlib.decompressobj(wbits=31)
        stream = unpacker.decompress(content, UNPACKED_BYTES + _CHUNK)
        if unpacker.unconsumed_tail or unpacker.unused_data or not unpacker.eof:
            raise _refused(
                "archive", f"An archive must unpack, in one piece, to at most {UNPACKED_BYTES:,} bytes"
            )
    found: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(stream), mode="r:") as archive:
        members: list[tarfile.TarInfo] = []
        for one in archive:
            members.append(one)
            if len(members) > N_MEMBERS:
                raise _refused("archive", f"An archive must have at most {N_MEMBERS} members")
            if not (one.isreg() or one.isdir()) or one.issparse():
                raise _refused(one.name, "A member of an archive must be a regular file, no link or device")
        names = _names(one.name for one in members if not one.isdir())
        for one in members:
            if not one.isdir() and (file := archive.extractfile(one)) is not None:
                name = names[one.name]
                found[name] = _within(file.read(FILE_BYTES[name] + 1), name)
    return found


def _names(given: Iterable[str]) -> dict[str, str]:
    """The file of an entry that each member is."""
    names: dict[str, str] = {}
    for member in given:
        path = PurePosixPath(member)
        if path.is_absolute() or ".." in path.parts or "\\" in member or "\0" in member or ":" in member:
            raise _refused(
                member, "A member of an archive must lie in it: no absolute path, no .. and no drive"
            )
        if path.name not in FILE_BYTES or len(path.parts) > 2:
            raise _refused(member, f"An entry must hold no other files than {', '.join(FILE_BYTES)}")
        if path.name in names.values():
            raise _refused(member, "A file must be in an archive once")
        names[member] = path.name
    if len({PurePosixPath(member).parent for member in names}) > 1:
        raise _refused(next(iter(names)), "All files of an archive must lie in one folder")
    return names


def _within(content: bytes, name: str) -> bytes:
    if len(content) > FILE_BYTES[name]:
        raise _refused(name, f"{name} must have at most {FILE_BYTES[name]:,} bytes")
    return content


def _refused(file: str, what: str) -> Unreadable:
    return Unreadable(
        Problem(
            rule="container",
            file=ascii(file)[1:-1][:80],
            what=f"{what}.",
            fix="Pack the folder that `python -m leaderboard submit` made, or give the folder itself.",
        )
    )
