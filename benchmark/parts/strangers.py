"""Explainers from elsewhere: by dotted path, by file, or by an entry point of an installed package.

`package.module:Class` is anywhere on the path, `path/to/mine.py:Class` is one file, and a name of the group
`finexl.explainers` is what a package declares in its metadata. Names are only looked up; a module is imported when its
explainer is built, or settings of it are given.
"""

import importlib.util
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

from finexl.errors import InvalidInputError

GROUP = "finexl.explainers"
"""The group of entry points that a package declares its explainers in."""
_DOTTED = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
_FILE = re.compile(r"[^,]+\.py:[A-Za-z_]\w*")
_NAME = re.compile(r"[\w][\w.-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """An explainer that an installed package declares."""

    name: str
    kind: str
    """`package.module:Class`, as the package declares it."""
    package: str
    """Name and version of the package."""


def is_path(name: str) -> bool:
    """Whether `name` is written `package.module:Class` or `path/to/mine.py:Class`."""
    return (_DOTTED.fullmatch(name) or _FILE.fullmatch(name)) is not None


def declared() -> dict[str, Declared]:
    """Explainers that installed packages declare, by name.

    Raises:
        InvalidInputError: Two packages declare one name for different classes.
    """
    found: dict[str, Declared] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        package = f"{point.dist.name} {point.dist.version}" if point.dist is not None else "unknown"
        one = Declared(name=point.name, kind=point.value, package=package)
        other = found.setdefault(one.name, one)
        if other.kind != one.kind:
            raise InvalidInputError(
                f"An explainer must be declared once in the entry points {GROUP!r}. {one.name!r} is declared by "
                f"{other.package} ({other.kind}) and {one.package} ({one.kind}). Remove one of the packages."
            )
    # others could not be told from a path or a list on the command line
    return {name: one for name, one in found.items() if _NAME.fullmatch(name)}


def kind_of_stranger(name: str) -> str:
    """What is built for a stranger's name: the path itself, or what an entry point of that name declares.

    Raises:
        InvalidInputError: The entry point does not name a class.
    """
    if is_path(name):
        return name
    one = declared()[name]
    if not _DOTTED.fullmatch(one.kind):
        raise InvalidInputError(
            f"An entry point of {GROUP!r} must be written name = package.module:Class. "
            f"{one.package} declares {one.name} = {one.kind}."
        )
    return one.kind


def load_stranger(kind: str) -> Callable[[], object]:
    """The class at a dotted path or in a file; its constructor says by its parameters what it is built from.

    Raises:
        InvalidInputError: It cannot be imported, or is not a class.
    """
    place, _, name = kind.rpartition(":")
    try:
        module = _module_of_file(_file(place)) if place.endswith(".py") else import_module(place)
        found = getattr(module, name)
    except (ImportError, AttributeError, SyntaxError) as error:
        raise InvalidInputError(
            "An explainer of your own must be written `package.module:Class` and be importable, or "
            f"`path/to/file.py:Class`. Got {kind!r}: {error}.{_hint(place)}"
        ) from error
    if not callable(found):
        raise InvalidInputError(
            f"An explainer of your own must be a class. {kind!r} is a {type(found).__name__}."
        )
    return found


def absolute(kind: str) -> str:
    """The kind with its file's full path, so that it is found from any working folder.

    Raises:
        InvalidInputError: There is no such file.
    """
    place, colon, name = kind.rpartition(":")
    return f"{_file(place).absolute()}{colon}{name}" if place.endswith(".py") else kind


def label(kind: str) -> str:
    """A kind without the folder that its file happens to lie in."""
    place, colon, name = kind.rpartition(":")
    return f"{Path(place).name}{colon}{name}" if place.endswith(".py") else kind


def _file(place: str) -> Path:
    path = Path(place).expanduser()
    if not path.is_file():
        raise InvalidInputError(
            f"`explainer` must be in a file that exists, as in path/to/mine.py:Class. There is none at {place!r}."
        )
    return path


def _module_of_file(path: Path) -> ModuleType:
    """The module in a file; the same content at the same place is imported once."""
    # named for its content, so that an edited file is a new module and never the one imported before
    path = path.resolve()
    name = f"finexl_stranger_{sha256(str(path).encode() + path.read_bytes()).hexdigest()[:16]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path.name} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickle look their module up
    try:
        spec.loader.exec_module(module)
    except BaseException:  # half a module must not be found by the next one who asks
        del sys.modules[name]
        raise
    return module


def _hint(place: str) -> str:
    return " Put its folder on PYTHONPATH if it imports files beside it." if place.endswith(".py") else ""
