"""The version of the code that can change a result: a hash of sources that are read and never run.

What counts is a definition (`package.module:name`) with every definition of the project that it needs, wherever in a
file the import stands:

- A definition needs what its body, its defaults, decorators and bases name, and what the annotations of a class' fields
  name (they decide how a value is checked). Annotations of parameters, results and variables need nothing: what is
  handed in was made elsewhere, and counts where it is made. Nor does anything under `if TYPE_CHECKING:` count.
- Of a package's `__init__` counts what is taken from it. A name that it re-exports lazily leads to its home, which
  the stub beside it (`__init__.pyi`) tells.
- A module that is passed on as a value, or imported with `*`, counts whole. What a module does when it is imported,
  binding no name, counts with all that is taken from it.
- Of a class that is asked for by a member (`package.module:Class.member`) its other methods count only where `self` or
  the class reaches them.
- A prompt (`finexl/prompts/*.txt`) counts where the definition that loads it names it, with all variants where one is
  chosen at run time.
- Comments, docstrings, layout and the order of definitions do not count. Nor do libraries, nor this module, which makes
  keys and no results.

A definition that is found by a computed name alone (`getattr(module, name)`) is missed unless its module is named too.
"""

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from finexl.errors import InvalidInputError

PACKAGES = frozenset({"baselines", "benchmark", "finetune", "finexl"})
"""The packages whose code counts; those of the leaderboard only show what others made."""
_ROOT = Path(__file__).parents[1]
ENTRY = "__main__"
"""What the module is called that is asked for by its file."""
_PROMPTS = ("finexl.prompts", "load")  # a text that a model is asked with changes results as code does
"""What reads the project's text files."""

Read = Callable[[Path], bytes | None]
"""The content of a file, None where there is none."""


def code_version(*targets: str, without: Sequence[str] = ()) -> str:
    """The 32 hexadecimal digits of targets, each `package.module:name`, `...:Class.member` or a whole `package.module`.

    `without` are definitions that are left out: they change no result, or the key holds what they give.

    Raises:
        InvalidInputError: A target is not in the project's sources.
    """
    return project().version(*targets, without=without)


@cache
def project() -> "Code":
    """The project's sources as they are on the disk; what is read once is kept."""
    return Code()


def read_file(path: Path) -> bytes | None:
    """The content of a file, None where there is none."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """Modules outside the project that count too, each of them whole."""

    folder: Path
    names: frozenset[str] | None = None
    """The top-level modules of `folder` that count; None: all of them."""
    entry: Path | None = None
    """The file of the module that is asked for, where that is not found by its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What a definition reaches."""

    lines: frozenset[str]
    """Every definition with its hash, and every prompt with its hash: what a version is made of."""
    outside: frozenset[str]
    """Top-level modules of the libraries that are imported."""
    modules: frozenset[str]
    """Modules of which anything is taken."""
    files: frozenset[Path]
    """The files of modules outside the project."""
    words: frozenset[str]
    """Strings in the code of modules outside the project; names of data files may be among them."""


class Code:
    """Sources, and what their definitions need of each other."""

    def __init__(self, *, read: Read = read_file, own: Own | None = None) -> None:
        self._read = read
        self._own = own
        self._modules: dict[str, _Module | None] = {}
        self._versions: dict[tuple[Sequence[str], ...], str] = {}

    def version(self, *targets: str, without: Sequence[str] = ()) -> str:
        """See `code_version`; every version is found once."""
        key = (targets, tuple(without))
        if key not in self._versions:
            lines = sorted(self.reach(*targets, without=without).lines)
            self._versions[key] = sha256("\n".join(lines).encode()).hexdigest()[:32]
        return self._versions[key]

    def reach(self, *targets: str, without: Sequence[str] = ()) -> Reach:
        """Everything that targets need.

        Raises:
            InvalidInputError: A target is not in the sources.
        """
        search = _Search(self, without)
        for target in targets:
            search.start(target)
        return search.finish()

    def edited(self, path: Path, content: bytes) -> "Code":
        """The same sources with other content in one file, as if it had been edited on the disk."""
        code = Code(read=lambda other: content if other == path else self._read(other), own=self._own)
        # what is parsed already is shared: a test edits twenty constants, one after the other
        code._modules = {
            name: module for name, module in self._modules.items() if module is None or module.path != path
        }
        return code

    def module(self, name: str) -> "_Module | None":
        """A module that counts, None for those of libraries and for folders without code."""
        if name not in self._modules:
            self._modules[name] = self._parsed(name)
        return self._modules[name]

    def is_place(self, name: str) -> bool:
        """Whether there is such a module or folder of modules, among those that count."""
        return self.module(name) is not None or ((stem := self._stem(name)) is not None and stem.is_dir())

    def is_own(self, name: str) -> bool:
        """Whether a module counts whole, as those outside the project do."""
        return name.partition(".")[0] not in PACKAGES

    def prompts(self, words: frozenset[str], *, varied: bool) -> Iterator[tuple[str, str]]:
        """The prompts named by words, as (name, hash); all of them where the words name none."""
        paths = sorted((_ROOT / "finexl" / "prompts").glob("*.txt"))
        stems = {path.stem for path in paths}
        chosen = {
            stem
            for stem in stems
            if stem in words or (varied and any(stem.startswith(f"{word}_") for word in words & stems))
        }
        for path in paths:
            if path.stem in (chosen or stems):  # named by a computed word: any of them may be meant
                yield path.name, sha256(self._read(path) or b"").hexdigest()

    def _stem(self, name: str) -> Path | None:
        top = name.partition(".")[0]
        if top in PACKAGES:
            return _ROOT.joinpath(*name.split("."))
        if self._own is None or not (self._own.names is None or top in self._own.names):
            return None
        return self._own.folder.joinpath(*name.split("."))

    def _parsed(self, name: str) -> "_Module | None":
        if not name:
            return None
        if name == ENTRY:
            paths = [self._own.entry] if self._own is not None and self._own.entry is not None else []
        elif (stem := self._stem(name)) is not None:
            paths = [stem / "__init__.py", stem.with_name(f"{stem.name}.py")]
        else:
            return None
        for path in paths:
            if (source := self._read(path)) is not None:
                return _Module(name, path, source, stub=self._read(path.with_suffix(".pyi")))
        return None


class _Ref(NamedTuple):
    """What an import binds: a module, or a name of a module."""

    module: str
    name: str | None = None


class _Definition:
    """A top-level statement of a module, and on demand its hash and what it names."""

    def __init__(self, module: "_Module", label: str, node: ast.stmt) -> None:
        self.module = module
        self.label = label
        self.node = node

    @cached_property
    def facts(self) -> "_Facts":
        found = _Facts(self.module)
        found.visit(self.node)
        return found


class _Module:
    """A module's definitions by the names that they bind, and its imports."""

    def __init__(self, name: str, path: Path, source: bytes, *, stub: bytes | None = None) -> None:
        self.name = name
        self.path = path
        self._package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        self.bound: dict[str, list[_Definition]] = {}
        self.effects: list[_Definition] = []
        self.imported: dict[str, _Ref] = {}
        self.lazy: dict[str, _Ref] = {}
        """Names that are imported when they are first used."""
        self.stars: list[str] = []
        self._sort(_parsed(source))
        for node in _parsed(stub or b""):
            if isinstance(node, ast.ImportFrom):
                self.lazy |= dict(self.refs(node))

    @cached_property
    def all(self) -> list[_Definition]:
        """Every definition once."""
        every = [*self.effects, *(one for same in self.bound.values() for one in same)]
        return list(dict.fromkeys(every))

    def refs(self, node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, _Ref]]:
        """The names that an import binds; `*` for all names of a module."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                yield (alias.asname, _Ref(alias.name)) if alias.asname else (top, _Ref(top))
            return
        base = node.module or ""
        if node.level:
            parts = self._package.split(".")
            above = parts[: len(parts) - node.level + 1]
            base = ".".join([*above, *([base] if base else [])])
        for alias in node.names:
            yield alias.asname or alias.name, _Ref(base, None if alias.name == "*" else alias.name)

    def _sort(self, body: Iterable[ast.stmt]) -> None:
        for node in body:
            match node:
                case ast.Import() | ast.ImportFrom():
                    self._keep_import(node)
                case ast.If() if _is_for_types(node) or _is_for_scripts(node):
                    self._sort(node.orelse)
                case ast.Expr(value=ast.Constant(value=str())):
                    pass
                case _:
                    self._keep(node)

    def _keep_import(self, node: ast.Import | ast.ImportFrom) -> None:
        for name, ref in self.refs(node):
            if name == "*":
                self.stars.append(ref.module)
            else:
                self.imported[name] = ref

    def _keep(self, node: ast.stmt) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names = [node.name]
        else:
            # `try: import x` binds x for the whole module
            for inner in ast.walk(node):
                if isinstance(inner, ast.Import | ast.ImportFrom):
                    self._keep_import(inner)
            names = list(dict.fromkeys(_bound(node)))
        definition = _Definition(self, names[0] if names else "", node)
        for name in names:
            self.bound.setdefault(name, []).append(definition)
        if not names:
            self.effects.append(definition)


class _Facts(ast.NodeVisitor):
    """The hash of a definition and what it names, found in one walk that leaves out what changes nothing."""

    def __init__(self, module: _Module) -> None:
        self._module = module
        self._pieces: list[str] = []
        self.chains: set[tuple[str, ...]] = set()
        """Names with the attributes that are taken of them: `wiring.named` is ("wiring", "named")."""
        self.imports: list[tuple[str, _Ref]] = []
        """What imports inside the definition bind."""
        self.words: set[str] = set()
        """Strings, and attributes in lower case; prompts are among them."""
        self.has_variant = False
        """Whether something is called with a variant."""

    @cached_property
    def digest(self) -> str:
        return sha256(" ".join(self._pieces).encode("utf-8", "backslashreplace")).hexdigest()[:32]

    def generic_visit(self, node: ast.AST) -> None:
        self._pieces.append(f"({type(node).__name__}")
        self._add_fields(node, node._fields)
        self._pieces.append(")")

    def visit_Constant(self, node: ast.Constant) -> None:
        self._pieces.append(repr(node.value))
        if isinstance(node.value, str):
            self.words.add(node.value)

    def visit_Name(self, node: ast.Name) -> None:
        self._pieces.append(node.id)
        if isinstance(node.ctx, ast.Load):
            self.chains.add((node.id,))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        chain, value = [node.attr], node.value
        while isinstance(value, ast.Attribute):
            chain.append(value.attr)
            value = value.value
        self.words.add(node.attr.lower())  # `Task.DIFFERENCES` names the prompt "differences"
        self._pieces.append("." + ".".join(chain))
        if isinstance(value, ast.Name):
            self._pieces.append(value.id)
            self.chains.add((value.id, *reversed(chain)))
        else:
            self.visit(value)

    def visit_keyword(self, node: ast.keyword) -> None:
        self.has_variant |= node.arg == "variant"
        self.generic_visit(node)

    def visit_Global(self, node: ast.Global) -> None:
        self.chains |= {(name,) for name in node.names}
        self.generic_visit(node)

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        found = list(self._module.refs(node))
        self.imports += found
        self._pieces.append(repr([(name, *ref) for name, ref in found]))

    visit_ImportFrom = visit_Import

    def visit_If(self, node: ast.If) -> None:
        if not _is_for_types(node):
            self.generic_visit(node)
        else:
            self._add_fields(node, ("orelse",))

    def visit_arg(self, node: ast.arg) -> None:
        self._pieces.append(node.arg)  # without its annotation: what is handed in was made elsewhere

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._add_fields(node, ("target", "value"))

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._pieces.append(f"({type(node).__name__}")
        self._add_fields(node, ("name", "decorator_list", "args"))
        self._add_body(node.body)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._pieces.append("(ClassDef")
        self._add_fields(node, ("name", "decorator_list", "bases", "keywords"))
        for inner in node.body:
            if isinstance(inner, ast.AnnAssign):
                self._add_annotation(inner.annotation)
        self._add_body(node.body)

    def _add_body(self, body: Iterable[ast.stmt]) -> None:
        """Statements without the strings that stand alone: docstrings of the body and of its fields."""
        for node in body:
            if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
                self.visit(node)
        self._pieces.append(")")

    def _add_fields(self, node: ast.AST, names: Iterable[str]) -> None:
        """The fields that are there; empty ones differ between versions of Python."""
        for name in names:
            value = getattr(node, name, None)
            if value is None or value == [] or name == "ctx":  # load or store: the place says which
                continue
            self._pieces.append(f"{name}=")
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, ast.AST):
                    self.visit(one)
                else:
                    self._pieces.append(repr(one))

    def _add_annotation(self, node: ast.expr) -> None:
        """The annotation of a field; what is written as a string is read as code."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                node = ast.parse(node.value, mode="eval").body
            except SyntaxError:
                return
        self.visit(node)


class _Search:
    """Follows names from definition to definition."""

    def __init__(self, code: Code, left_out: Sequence[str]) -> None:
        self._code = code
        self._left_out = frozenset(left_out)
        self._waiting: list[_Definition] = []
        self._seen: set[_Definition] = set()
        self._entered: set[str] = set()
        self._whole: set[str] = set()
        self._lines: set[str] = set()
        self._outside: set[str] = set()
        self._words: set[str] = set()

    def start(self, target: str) -> None:
        place, colon, name = target.partition(":")
        module = self._code.module(place)
        first, _, member = name.partition(".")
        if module is None or (colon and not self._has(module, first, member)):
            raise InvalidInputError(
                f"A version is that of code of this project, as package.module:name. There is no {target!r}."
            )
        if member:
            self._take_member(module, first, member)
        else:
            self._follow(_Ref(place, first or None), ())

    def finish(self) -> Reach:
        while self._waiting:
            definition = self._waiting.pop()
            module, facts = definition.module, definition.facts
            self._lines.add(f"{module.name}:{definition.label} {facts.digest}")
            if self._code.is_own(module.name):
                self._words |= facts.words
            local = _grouped(facts.imports)
            for head, *rest in facts.chains:
                for ref in local.get(head, ()):
                    self._follow(ref, tuple(rest), by=facts)
                if head in module.bound or head in module.imported:
                    self._follow(_Ref(module.name, head), tuple(rest), by=facts)
                else:
                    for star in module.stars:
                        self._follow(_Ref(star), ())
            for name, ref in facts.imports:
                self._note(ref, is_star=name == "*")
        return Reach(
            lines=frozenset(self._lines),
            outside=frozenset(self._outside),
            modules=frozenset(self._entered),
            files=frozenset(
                module.path
                for name in self._whole
                if self._code.is_own(name) and (module := self._code.module(name)) is not None
            ),
            words=frozenset(self._words),
        )

    def _has(self, module: _Module, name: str, member: str) -> bool:
        if not member:
            return name in module.bound or name in module.imported or name in module.lazy
        return any(
            isinstance(inner, ast.FunctionDef) and inner.name == member
            for definition in module.bound.get(name, ())
            if isinstance(definition.node, ast.ClassDef)
            for inner in definition.node.body
        )

    def _follow(self, ref: _Ref, attributes: tuple[str, ...], *, by: _Facts | None = None) -> None:
        """Take what `ref` and the attributes that are taken of it lead to."""
        place = ref.module
        path = attributes if ref.name is None else (ref.name, *attributes)
        while path:
            module, name = self._code.module(place), path[0]
            if module is not None and (name in module.bound or name in module.imported):
                self._take(module, name, by=by)
                if name in module.imported:
                    self._follow(module.imported[name], path[1:], by=by)
                return
            if self._code.is_place(f"{place}.{name}"):
                place, path = f"{place}.{name}", path[1:]
            elif module is not None and name in module.lazy:
                self._enter(module)
                self._follow(module.lazy[name], path[1:], by=by)
                return
            elif module is not None and module.stars:
                for star in module.stars:
                    self._follow(_Ref(star), path, by=by)
                return
            else:
                break
        module = self._code.module(place)
        if module is None:
            self._note(ref)
        elif not path or "__getattr__" in module.bound:  # with names that only it can find
            self._take_all(module)
        else:
            self._enter(module)

    def _note(self, ref: _Ref, *, is_star: bool = False) -> None:
        """A library that is imported; a module outside the project counts though no name of it is used."""
        submodule = f"{ref.module}.{ref.name}"
        for place in (ref.module, submodule):
            module = self._code.module(place)
            if module is not None and (is_star or self._code.is_own(place)):
                self._take_all(module)
        if not self._code.is_place(ref.module):
            self._outside.add(ref.module.partition(".")[0])

    def _take(self, module: _Module, name: str, *, by: _Facts | None) -> None:
        if (module.name, name) == _PROMPTS and by is not None:
            for file, digest in self._code.prompts(frozenset(by.words), varied=by.has_variant):
                self._lines.add(f"prompts/{file} {digest}")
        if module.name == __name__:  # it makes keys and no results; its edits would make everything again
            return
        self._enter(module)
        if f"{module.name}:{name}" not in self._left_out:
            self._wait(module.bound.get(name, ()))

    def _take_all(self, module: _Module) -> None:
        if module.name in self._whole:
            return
        self._whole.add(module.name)
        self._enter(module)
        self._wait(module.all)
        for ref in module.imported.values():
            self._note(ref)
        for star in module.stars:
            self._note(_Ref(star), is_star=True)

    def _take_member(self, module: _Module, name: str, member: str) -> None:
        """One method with what it reaches: so an act names a unit's work without what the unit tells people."""
        self._enter(module)
        self._wait(
            _Definition(module, f"{name}.{member}", _with_members(definition.node, member))
            for definition in module.bound[name]
        )

    def _enter(self, module: _Module) -> None:
        """What a module does when it is imported counts; outside the project all of it does, and its packages."""
        if module.name in self._entered:
            return
        self._entered.add(module.name)
        self._wait(module.effects)
        if self._code.is_own(module.name):
            self._take_all(module)
            # importing a module runs the packages that it is in
            above = self._code.module(module.name.rpartition(".")[0]) if "." in module.name else None
            if above is not None:
                self._take_all(above)

    def _wait(self, definitions: Iterable[_Definition]) -> None:
        self._waiting += (new := [one for one in definitions if one not in self._seen])
        self._seen.update(new)


def _parsed(source: bytes) -> list[ast.stmt]:
    """The statements of a file; what cannot be read is said where it is run, and until then counts as it stands."""
    try:
        return ast.parse(source).body
    except (SyntaxError, ValueError):
        return [ast.Assign(targets=[ast.Name("", ast.Store())], value=ast.Constant(source))]


def _is_for_scripts(node: ast.If) -> bool:
    return isinstance(node.test, ast.Compare) and _named(node.test.left) == "__name__"


def _is_for_types(node: ast.If) -> bool:
    return _named(node.test) == "TYPE_CHECKING"


def _named(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _bound(node: ast.stmt) -> Iterator[str]:
    """The names that a statement binds, or changes what they hold."""
    for inner in ast.walk(node):
        match inner:
            case ast.Name(ctx=ast.Store()):
                yield inner.id
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield inner.name
            case (
                ast.Subscript(ctx=ast.Store(), value=ast.Name())
                | ast.Attribute(ctx=ast.Store(), value=ast.Name())
            ):
                yield inner.value.id  # type: ignore[attr-defined]  # matched


def _with_members(node: ast.stmt, member: str) -> ast.stmt:
    """A class without the methods that one of them does not reach through `self`, `cls` or the class."""
    assert isinstance(node, ast.ClassDef)
    methods = {
        inner.name: inner for inner in node.body if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    others = [inner for inner in node.body if inner not in methods.values()]
    # called by Python and not by name, so they are never reached through `self`
    waiting = [member, *(name for name in methods if name.startswith("__"))]
    kept: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in methods and name not in kept:
            kept.add(name)
            waiting += [
                inner.attr
                for inner in ast.walk(methods[name])
                if isinstance(inner, ast.Attribute)
                and isinstance(inner.value, ast.Name)
                and inner.value.id in ("self", "cls", node.name)
            ]
    body = [*others, *(methods[name] for name in sorted(kept))]
    return ast.ClassDef(node.name, node.bases, node.keywords, body, node.decorator_list)


def _grouped(imports: Iterable[tuple[str, _Ref]]) -> dict[str, list[_Ref]]:
    found: dict[str, list[_Ref]] = {}
    for name, ref in imports:
        found.setdefault(name, []).append(ref)
    return found
