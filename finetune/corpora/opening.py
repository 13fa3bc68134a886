"""From settings to a corpus: the miniature's, or the real data that lie in a folder of yours."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Union

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

from finetune.corpora import Corpus
from finetune.corpora.kinds import CORPORA, CorpusSettings
from finexl.errors import InvalidInputError, unknown_name


def open_corpus(settings: CorpusSettings, *, store: Path) -> Corpus:
    """The corpus of its settings; what is large (images, weights) is read when it is first needed.

    `store` is a folder that keeps what is costly to make: captions and drawn images.

    Raises:
        FinexlError: the data are missing, unreadable, or not what the kind expects.
    """
    module, _, function = CORPORA[settings.kind].opened_by.partition(":")
    return getattr(import_module(module), function)(settings, store=store)


def corpus_settings(values: Mapping[str, Any]) -> CorpusSettings:
    """The settings of the kind that `values` name, checked.

    Raises:
        UnknownNameError: no such kind.
        InvalidInputError: a key that the kind does not read, one that it needs, or a value of another type.
    """
    kind = (named := _with_folder(values))["kind"]
    if kind not in CORPORA:
        raise unknown_name("corpus", kind, CORPORA)
    try:
        return TypeAdapter(CORPORA[kind].settings).validate_python(named)
    except ValidationError as error:
        raise InvalidInputError(_told(error, kind)) from error


def _with_folder(given: Any) -> Any:
    """Values by the kind that they mean: WikiArt with a folder is the real one."""
    if isinstance(given, Mapping) and given.get("folder") is not None and given.get("kind") in CORPORA:
        return {**given, "kind": CORPORA[given["kind"]].with_folder or given["kind"]}
    return given


if TYPE_CHECKING:
    AnyCorpusSettings = CorpusSettings
else:
    AnyCorpusSettings = Annotated[
        Union[tuple(row.settings for row in CORPORA.values())],  # noqa: UP007  # of a table, not of names
        Field(discriminator="kind"),
        BeforeValidator(_with_folder),
    ]
    """The settings of any kind, told apart by `kind`: a field of this type holds a corpus."""


def _told(error: ValidationError, kind: str) -> str:
    """The first thing that is wrong, for people."""
    first = error.errors()[0]
    key = ".".join(("corpus", *map(str, first["loc"])))
    match first["type"]:
        case "value_error":
            return str(first.get("ctx", {}).get("error", first["msg"]))
        case "unexpected_keyword_argument":
            real = CORPORA[kind].with_folder
            advice = " Give `corpus.folder`, where the real data lie, too." if real else ""
            return f"`{key}` must not be given for the corpus {kind}. Got {first['input']!r}.{advice}"
        case "missing":
            return f"`{key}` must be given for the corpus {kind}. Got none. {CORPORA[kind].about}"
        case _:
            must = first["msg"].replace("Input should be", "must be")
            return f"`{key}` {must}. Got {first['input']!r}."
