"""WikiArt (§5, App. D) from its Parquet shards: each of the fifteen artists with the most images is an aspect.

The layout is that of huggan/wikiart: columns `image`, and the classes `artist`, `genre` and `style`. Images have no
text, so a captioner describes them (the paper uses BLIP-2). Tens of gigabytes: labels are counted first, and only
chosen rows are decoded.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from finetune.corpora.kinds import WikiArtTableSettings
from finetune.corpora.labelled import LabelledCorpus
from finetune.corpora.parquet_table import open_parquet
from finetune.corpora.pictures import Treatment, treatment_of
from finetune.corpora.table import Table, pictures_in
from finexl.errors import InvalidInputError

N_LARGEST = 15
NOBODY = ("Unknown Artist", "Unknown Genre", "Unknown Style")
"""Classes that stand for no class; the first holds most of the images."""
COLUMNS: Mapping[str, str] = {"image": "image", "label": "artist"}


def open_wikiart_table(settings: WikiArtTableSettings, *, store: Path) -> LabelledCorpus:
    """The corpus of its settings."""
    table, treatment = open_parquet(settings.folder), treatment_of(settings, store=store)
    return wikiart_corpus(table, treatment, columns=settings.image_columns, folder=table.folder)


def wikiart_corpus(
    table: Table,
    treatment: Treatment,
    *,
    columns: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> LabelledCorpus:
    """The `N_LARGEST` artists, largest first; or the treatment's aspects, or another label by `columns`.

    Raises:
        InvalidInputError: labels are numbers without names: one of them stands for nobody, and none can be said.
    """
    roles = {**COLUMNS, **(columns or {})}
    pictures = pictures_in(table, columns=roles, folder=folder, without=NOBODY)
    numbers = {label for label in table.column(roles["label"]) if isinstance(label, int | float)}
    if numbers:  # a table that was saved without the names of its classes
        raise InvalidInputError(
            f"Labels of WikiArt must be names. The column {roles['label']!r} has {len(numbers)} numbers: the Parquet "
            "was saved again without the names of its classes, which `datasets` keeps in its metadata "
            "(`huggingface`). Use the original files; or give the names, data.cast_column("
            f"{roles['label']!r}, datasets.ClassLabel(names=[...])).to_parquet(...); or write them into a column and "
            "name that (`columns.label`)."
        )
    counts = Counter(picture.aspect for picture in pictures.listed)
    largest = sorted(counts, key=lambda label: (-counts[label], label))[:N_LARGEST]
    return LabelledCorpus(pictures, replace(treatment, aspects=tuple(treatment.aspects) or tuple(largest)))
