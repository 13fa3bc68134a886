"""Explainers from elsewhere: by dotted path, by file, or by an entry point of an installed package.

`package.module:Class` is anywhere on the path, `path/to/mine.py:Class` is one file, and a name of the group
`finexl.explainers` is what a package declares in its metadata. Names are only looked up; a module is imported in a
process of its own, which says what its class is built from, and builds it.
"""

import importlib.util
import inspect
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from hashlib import sha256
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from traceback import extract_tb
from types import ModuleType
from typing import Any, get_type_hints

from pydantic import TypeAdapter

from benchmark.explain.children import ChildError
from benchmark.explain.outside import OutsideHost, OutsideLimits, Outsider
from benchmark.parts.described_types import Described, described_class
from benchmark.parts.table import construct, parameters
from finexl.errors import InvalidInputError

ENCODER, MODEL, DICTIONARY, SEED = "encoder", "vlm", "dictionary", "seed"
PUBLIC = (ENCODER, MODEL, DICTIONARY, SEED)
"""What an explainer from elsewhere may ask for beside its settings; a corpus' concepts and labels are the answer."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of the class of an explainer from elsewhere without importing it here."""

    uses: tuple[str, ...]
    """Which of `PUBLIC` its constructor names."""
    takes_settings: bool
    settings: Described | None
    """The dataclass that its constructor names for `settings`; None if it takes none, or does not say which."""
    is_joint: bool
    """Whether it explains the models of a group together."""
    exposed: tuple[str, ...]
    """What of files, network and processes it cannot be cut off from on this machine."""


def is_path(name: str) -> bool:
    """Whether `name` is written `package.module:Class` or `path/to/mine.py:Class`."""
    return (_DOTTED.fullmatch(name) or _FILE.fullmatch(name)) is not None


def declared() -> dict[str, Declared]:
    """Explainers that installed packages declare, by name.

    Raises:
        InvalidInputError: Two packages declare one name for different classes.
    """
    every: dict[str, Declared] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        package = f"{point.dist.name} {point.dist.version}" if point.dist is not None else "unknown"
        one = Declared(name=point.name, kind=point.value, package=package)
        other = every.setdefault(one.name, one)
        if other.kind != one.kind:
            raise InvalidInputError(
                f"An explainer must be declared once in the entry points {GROUP!r}. {one.name!r} is declared by "
                f"{other.package} ({other.kind}) and {one.package} ({one.kind}). Remove one of the packages."
            )
    # others could not be told from a path or a list on the command line
    return {name: one for name, one in every.items() if _NAME.fullmatch(name)}


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


def facts_of(kind: str, host: OutsideHost | None = None) -> Facts:
    """What a process of its own found out about the class of an explainer from elsewhere, once.

    That is the process of a `host` where one is given, which then builds it; else it is ended.

    Raises:
        InvalidInputError: It cannot be imported, is not a class, or its constructor asks for what it cannot have.
    """
    # by what the file holds, and where modules are found
    key = absolute(kind), _content(kind), tuple(sys.path)
    if key not in _known:
        if host is not None:
            _known[key] = _looked(kind, host)
        else:
            own = OutsideHost(outsider(kind, limits=OutsideLimits()), {})
            _known[key] = _looked(kind, own)
            own.close()
    return _known[key]


_known: dict[tuple[str, str, tuple[str, ...]], Facts] = {}


def outsider(
    kind: str,
    *,
    limits: OutsideLimits,
    hidden: tuple[Path, ...] = (),
    options: Mapping[str, Any] | None = None,
) -> Outsider:
    """What is needed to start the process of an explainer from elsewhere; it is shown its folder, and the files and
    folders that its options name.
    """
    place = kind.rpartition(":")[0]
    named = [
        Path(value).expanduser() for value in (options or {}).values() if isinstance(value, str) and value
    ]
    own = [_file(place).resolve().parent] if place.endswith(".py") else []
    return Outsider(
        kind=absolute(kind),
        content=_content(kind),
        find="benchmark.parts.strangers:found",
        build="benchmark.parts.strangers:built",
        shown=(
            *own,
            *(path for path in named if path.is_absolute() and path.exists() and not _tells(path, hidden)),
        ),
        hidden=hidden,
        limits=limits,
    )


def found(kind: str) -> dict[str, Any]:
    """The facts of a class, in the process that may import it.

    Raises:
        InvalidInputError: It cannot be imported, is not a class, or its constructor asks for what it cannot have.
    """
    build = load_stranger(kind)
    wanted = parameters(build)
    lacking = [
        name
        for name, each in wanted.items()
        if name not in (*PUBLIC, "settings") and each.default is each.empty
    ]
    if lacking:
        raise InvalidInputError(
            f"The constructor of {label(kind)} may ask for {', '.join(sorted(PUBLIC))} and settings, each by its name. "
            f"It asks for {', '.join(lacking)} too{_place_of(build)}. Give that a default, or leave it out."
        )
    owner = settings_class(build) if "settings" in wanted else None
    return {
        "uses": [name for name in wanted if name in PUBLIC],
        "takes_settings": "settings" in wanted,
        "settings": None if owner is None else described_class(owner),
        "is_joint": hasattr(build, "explain_jointly"),
    }


def built(given: Mapping[str, Any], handed: Mapping[str, Callable[[], object]]) -> object:
    """The explainer, in the process that may import it: of values that were sent, and stand-ins."""
    build = load_stranger(given["kind"])
    values: dict[str, Callable[[], object]] = {
        DICTIONARY: lambda: tuple(given["dictionary"]),
        SEED: lambda: given["seed"],
        **handed,
    }
    if (owner := settings_class(build)) is not None:
        values["settings"] = lambda: TypeAdapter(owner).validate_python(given["options"])
    return construct(build, values, who=label(given["kind"]))


def settings_class(build: Callable[..., object]) -> type | None:
    """The dataclass that annotates a constructor's parameter `settings`; None where there is none."""
    hints = get_type_hints(build.__init__ if isinstance(build, type) else build)
    owner = hints.get("settings")
    return owner if isinstance(owner, type) and is_dataclass(owner) else None


def load_stranger(kind: str) -> Callable[[], object]:
    """The class at a dotted path or in a file; its constructor says by its parameters what it is built from.

    Raises:
        InvalidInputError: It cannot be imported, or is not a class.
    """
    place, _, name = kind.rpartition(":")
    try:
        module = _module_of_file(_file(place)) if place.endswith(".py") else import_module(place)
    except (ImportError, AttributeError, SyntaxError) as error:
        raise InvalidInputError(
            "An explainer of your own must be written `package.module:Class` and be importable, or "
            f"`path/to/file.py:Class`. Got {kind!r}: {error}{_line_of(error, place)}.{_hint(place)}"
        ) from error
    if (one := getattr(module, name, None)) is None:
        classes = sorted(each for each, value in vars(module).items() if isinstance(value, type))
        raise InvalidInputError(
            "An explainer of your own must be a class of the module or file that is named. "
            f"Got {kind!r}; in {Path(place).name} there is {', '.join(classes) or 'no class'}."
        )
    if not callable(one):
        raise InvalidInputError(
            f"An explainer of your own must be a class. {kind!r} is a {type(one).__name__}."
        )
    return one


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


def _content(kind: str) -> str:
    """A hash of what the file of a kind holds; "" of a module."""
    place = kind.rpartition(":")[0]
    return sha256(_file(place).read_bytes()).hexdigest() if place.endswith(".py") else ""


def _looked(kind: str, host: OutsideHost) -> Facts:
    try:
        process = host.looked()
    except ChildError as error:
        raise InvalidInputError(
            f"An explainer of your own must be importable. {label(kind)!r} is not: {error}"
        ) from error
    told = process.found
    return Facts(
        uses=tuple(name for name in told["uses"] if name in PUBLIC),
        takes_settings=bool(told["takes_settings"]),
        settings=told["settings"],
        is_joint=bool(told["is_joint"]),
        exposed=process.exposed,
    )


def _tells(path: Path, hidden: Sequence[Path]) -> bool:
    """Whether showing a path would show what is hidden."""
    place = path.resolve()
    return any(
        place.is_relative_to(folder.resolve()) or folder.resolve().is_relative_to(place) for folder in hidden
    )


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


def _place_of(build: Callable[..., object]) -> str:
    """Where in a stranger's file a constructor stands; "" where nothing tells."""
    try:
        file = inspect.getsourcefile(build)
        line = inspect.getsourcelines(build.__init__ if isinstance(build, type) else build)[1]
    except (OSError, TypeError):
        return ""
    return f" ({Path(file).name}, line {line})" if file else ""


def _line_of(error: BaseException, place: str) -> str:
    """Where in a stranger's file an error came up; a SyntaxError says so itself."""
    if isinstance(error, SyntaxError) or not place.endswith(".py"):
        return ""
    lines = [
        each.lineno
        for each in extract_tb(error.__traceback__)
        if each.filename == str(_file(place).resolve())
    ]
    return f" ({Path(place).name}, line {lines[-1]})" if lines else ""


def _hint(place: str) -> str:
    return " Put its folder on PYTHONPATH if it imports files beside it." if place.endswith(".py") else ""
