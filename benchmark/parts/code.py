"""Which code can change what a part does, for keys: sources are read, nothing is imported or run.

A key holds these versions beside the parameters and the hashes of inputs, so that records, models and images are made
anew where code that makes them changed, and nowhere else. What counts for a version: `finexl.code_version`.
"""

import importlib.util
from collections.abc import Iterator, Sequence
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from finexl.code_version import ENTRY, Code, Own, Reach, code_version
from finexl.errors import InvalidInputError

_BUILDER = "benchmark.parts.explainers:build_explainer"
_WITHOUT = (
    "benchmark.parts.dictionary:public_dictionary",
    "benchmark.parts.explainers:EXPLAINERS",
    "benchmark.parts.explainers:shipped_grounding",
    "benchmark.parts.strangers:load_stranger",
)
"""What the builder hands in and looks up, which keys hold as it is."""
_METERS = {
    "encoder": "benchmark.run.workbench:MeteredEncoder",
    "vlm": "benchmark.run.workbench:MeteredVLM",
}
"""What an explainer is handed around the encoder and the model themselves."""
OUTSIDE = (
    "benchmark.explain.outside:OutsideExplainer",
    "benchmark.explain.outside:OutsideJointExplainer",
    "benchmark.explain.outside_process:serve",
    "benchmark.parts.strangers:built",
)
"""What shows images to an explainer from elsewhere and takes its answers."""
ACTS = {
    "explain": ("benchmark.run.stages:ExplainUnit.do", "benchmark.record.records:ExplanationRecord"),
    "read": ("benchmark.run.stages:ReadUnit.do", "benchmark.record.records:ReadingRecord"),
    "certify": ("benchmark.run.stages:CertifyUnit.do", "benchmark.record.records:CertificateRecord"),
}
"""What decides what a record of each act says, beside the explainer, the reader and the images."""
_BUNDLE = (
    "benchmark.bundle.explaining:explained",
    "benchmark.bundle.answers:ExplainedGroup",
    "benchmark.bundle.explaining:Listener.ask",
    "benchmark.bundle.manifest:Bundle.pixels",
)
"""What shows a bundle to an explainer and keeps what it says."""
_SCORES = (
    "benchmark.score.scores",
    "benchmark.score.measures",
    "benchmark.score.scoring",
    "benchmark.run.results:joined",
)
_LABELS = (
    "benchmark.run.probing:development_probe",
    "benchmark.run.probing:known_shifts",
)
_PROBE = (
    *_LABELS,
    "benchmark.run.lessons:lessons",
    "benchmark.run.probing:embedding",
    "benchmark.run.probing:probe_weights",
    "benchmark.run.probing:taught_shifts",
)
_CERTIFIER = (
    *_LABELS,
    "benchmark.certify.certifier:fit_certifier",
    "benchmark.certify.pyramid:pyramid_statistics",
    "benchmark.run.probing:N_CERTIFYING",
    "benchmark.run.probing:other_noise",
)
_LARGEST, _MOST = 2**20, 2**26  # a package may hold gigabytes, and its key is made before every run
"""Bytes of one data file and of all that are read; of others the size counts."""
_CODE = {".py", ".pyc"}
_SITES = {"dist-packages", "site-packages"}


def explainer_code(*targets: str, uses: Sequence[str]) -> str:
    """The code that builds an explainer and hands it what it `uses`, with that of `targets`.

    Of an explainer of this project these are what is built and its settings' class, each `package.module:name`.
    """
    meters = [_METERS[use] for use in uses if use in _METERS]
    return code_version(*targets, _BUILDER, *meters, without=_WITHOUT)


def act_code(*acts: str) -> str:
    """The code of one or several of `ACTS`: showing images and keeping answers, reading them, certifying."""
    return code_version(*(target for act in acts for target in ACTS[act]))


def bundle_code() -> str:
    """The code that shows a bundle's images and keeps answers and replies."""
    return code_version(*_BUNDLE)


def score_code() -> str:
    """The code that makes scores of records, and the table of styles that look alike."""
    from finetune.miniature.relatives import FILE  # late: keys of other things need no numpy

    versions = f"{code_version(*_SCORES)} {sha256(FILE.read_bytes()).hexdigest()}"
    return sha256(versions.encode()).hexdigest()[:32]


def probe_code() -> str:
    """The code that trains the oracle probe, from its prompts to its weights."""
    return code_version(*_PROBE)


def certifier_code() -> str:
    """The code that trains the certifier, from its prompts to its weights, and that shows it what is nothing."""
    return code_version(*_CERTIFIER)


def stranger_code(kind: str) -> str:
    """The code of an explainer from elsewhere, by `package.module:Class` or `path/to/mine.py:Class`.

    Covered are its module and what that imports from its own package or folder, the packages that these modules are
    in, and what they take from this project. Of a package's folder data files count too, up to 1 MiB (64 MiB in all)
    by content and others by size; beside a single file, those that its code names in a string. Of other libraries the
    version counts where a distribution is called as the module. What is imported by a computed name is not seen.

    Raises:
        InvalidInputError: There is no such file or module.
    """
    place = kind.rpartition(":")[0]
    target, own = _file(place) if place.endswith(".py") else _module(place)
    reach = Code(own=own).reach(target)
    lines = [*reach.lines, *_data(reach, own.folder), *_libraries(reach)]
    return sha256("\n".join(sorted(lines)).encode("utf-8", "backslashreplace")).hexdigest()[:32]


def _file(place: str) -> tuple[str, Own]:
    path = Path(place).expanduser()
    if not path.is_file():
        raise InvalidInputError(
            f"`explainer` must be in a file that exists, as in path/to/mine.py:Class. There is none at {place!r}."
        )
    return ENTRY, Own(folder=path.resolve().parent, entry=path.resolve())


def _module(place: str) -> tuple[str, Own]:
    """Where a module's top package lies; parents are looked up in folders, since finding them otherwise runs them."""
    top, *below = place.split(".")
    try:
        spec = importlib.util.find_spec(top)
    except ValueError:  # a module that is running says nothing of where it lies
        spec = None
    for folder in spec.submodule_search_locations or () if spec is not None else ():
        stem = Path(folder).joinpath(*below)
        if stem.with_name(f"{stem.name}.py").is_file() or (stem / "__init__.py").is_file():
            return place, Own(folder=Path(folder).parent, names=frozenset({top}))
    if spec is not None and spec.origin is not None and not below and Path(spec.origin).is_file():
        parent = Path(spec.origin).parent
        # beside an installed module lie other people's packages; beside one of yours lie its helpers
        names = frozenset({top}) if parent.name in _SITES else None
        return place, Own(folder=parent, names=names)
    raise InvalidInputError(
        f"`explainer` must be in a module that can be imported. There is no {place!r}. "
        "Install its package, or put its folder on PYTHONPATH."
    )


def _data(reach: Reach, folder: Path) -> Iterator[str]:
    """Data files of the packages that modules are in, and files that modules beside them name in strings."""
    found: set[Path] = set()
    for module in reach.files:
        top = folder / module.relative_to(folder).parts[0]
        if (top / "__init__.py").is_file():
            found.update(top.rglob("*"))
        else:
            found.update(module.parent / word for word in reach.words if _could_be_a_file(word))
    left = _MOST
    for path in sorted(found):
        parts = path.relative_to(folder).parts
        # hidden files are those of editors and version control; code is read as code
        if path.suffix in _CODE or any(part.startswith(".") for part in parts) or not path.is_file():
            continue
        size = path.stat().st_size
        left -= size if (is_read := size <= min(_LARGEST, left)) else 0
        yield f"data {'/'.join(parts)} {sha256(path.read_bytes()).hexdigest() if is_read else size}"


def _could_be_a_file(word: str) -> bool:
    is_inside = not word.startswith("/") and ".." not in word
    return is_inside and "." in word and len(word) < 200 and "\0" not in word


def _libraries(reach: Reach) -> Iterator[str]:
    for name in sorted(reach.outside):
        try:
            yield f"library {name} {version(name)}"
        except PackageNotFoundError:  # a module of Python's own, or one whose distribution has another name
            continue
