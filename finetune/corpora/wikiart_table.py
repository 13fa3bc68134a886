"""WikiArt (§5, App. D) from its Parquet shards: each of the fifteen artists with the most images is an aspect.

The layout is that of huggan/wikiart: columns `image`, and the classes `artist`, `genre` and `style`. Images have no
text, so a captioner describes them (the paper uses BLIP-2). Tens of gigabytes: labels are counted first, and only
chosen rows are decoded.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from finetune.corpora.labelled import LabelledCorpus
from finetune.corpora.pictures import Treatment
from finetune.corpora.table import Table, pictures_in

N_LARGEST = 15
NOBODY = ("Unknown Artist", "Unknown Genre", "Unknown Style")
"""Classes that stand for no class; the first holds most of the images."""
COLUMNS: Mapping[str, str] = {"image": "image", "label": "artist"}


def wikiart_corpus(
    table: Table,
    treatment: Treatment,
    *,
    columns: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> LabelledCorpus:
    """The `N_LARGEST` artists, largest first; or the treatment's aspects, or another label by `columns`."""
    pictures = pictures_in(table, columns={**COLUMNS, **(columns or {})}, folder=folder, without=NOBODY)
    counts = Counter(picture.aspect for picture in pictures.listed)
    largest = sorted(counts, key=lambda label: (-counts[label], label))[:N_LARGEST]
    return LabelledCorpus(pictures, replace(treatment, aspects=tuple(treatment.aspects) or tuple(largest)))
