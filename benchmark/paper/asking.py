"""What the command line asks of the paper's tables: the keys of a run, and where pages are written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmark.config.choices import names_in
from benchmark.config.loading import load_settings
from benchmark.config.settings import Settings
from benchmark.paper.specification import Specification
from benchmark.record.files import check_place
from finexl.errors import InvalidInputError, unknown_name

PAGES = Path("docs", "results", "paper")
OWN = ("pages", "lora_shifts")
"""Keys of this command alone."""
_PLACES = ("output", "pages", "store", "workers", "executor", "lora_shifts", "secret")
"""Keys that say where and how fast: no part of the command that a page shows."""
_GIVEN = ("scenario", "explainer", "quiet", "wandb")
"""What specifications decide, or what would be asked of many runs at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How large, where, and with which parts."""

    words: tuple[str, ...]
    """Settings of every run, as on the command line."""
    preset: str
    output: Path
    """The folder of the runs, one below it for each."""
    pages: Path
    """The folder of what is written for people."""
    lora_shifts: Path | None = None
    """A Parquet file of real LoRAs, with a column `consistency`: the mean cosine of two of a LoRA's shifts."""

    def settings(self, spec: Specification, words: Sequence[str], explainers: Sequence[str] = ()) -> Settings:
        """The settings of one run of a table or figure: what it says, what is asked, and its own folder.

        Raises:
            InvalidInputError: A key is asked for that the table or figure decides itself.
        """
        own = [*spec.words, *words]
        decided = {word.partition("=")[0] for word in own}
        for word in self.words:
            if (key := word.partition("=")[0]) in decided:
                raise InvalidInputError(
                    f"`{key}` must be left to {spec.heading}, which sets {' and '.join(own)}. Got {word!r}. "
                    f"Leave it out, or edit configs/{spec.kind}/{spec.number}.yaml."
                )
        said = [f"explainer={','.join(dict.fromkeys(explainers))}"] if explainers else []
        found = load_settings([*own, *self.words, *said, "quiet=true", "wandb=off"])
        return replace(found, output=self.output / folder_name(found))


def folder_name(given: Settings) -> str:
    """What a run of the paper is called: scenario and corpus, and the generator where it is not the usual one.

    Runs that differ in other settings share it: their records are kept by content.
    """
    names = ["+".join(scenario.name for scenario in given.scenarios), given.corpus.name]
    if given.generator.name not in ("miniature_sd", "miniature_portraits", "miniature_sd_v11"):
        names.append(given.generator.name)
    return "-".join(names)


def shown(words: Sequence[str]) -> list[str]:
    """The words of a command without places on this machine.

    >>> shown(["table", "1", "preset=smoke", "store=/data/store"])
    ['table', '1', 'preset=smoke']
    """
    return [word for word in words if word.partition("=")[0].partition(".")[0] not in _PLACES]


def read_words(words: Sequence[str]) -> Asked:
    """What `key=value` words ask for: the keys of a run but those that tables decide, and `pages` and `lora_shifts`.

    Raises:
        InvalidInputError: A key is decided by the tables, given twice, or names no file.
        OutputError: Nothing can be written where runs, pages or models go.
    """
    said: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not (equals and value):
            raise InvalidInputError(f"Settings must be written key=value. Got {word!r}.")
        if key in said:
            raise InvalidInputError(f"A key must be given once. Got `{key}` twice. Leave one out.")
        if key == "redo":
            raise InvalidInputError(
                f"`redo` must be given to one run, since many share their records here. Got {word!r}. Say "
                "`python -m benchmark run ... output=<folder of the run>`, or choose another output= here."
            )
        if key in _GIVEN:
            raise InvalidInputError(
                f"`{key}` must be left to tables and figures, which decide it. Got {word!r}. Leave it out; "
                "configs/table/ and configs/rows/ say who is asked what."
            )
        said[key] = value
    preset = said.get("preset", "lite")
    if preset not in names_in("preset"):
        raise unknown_name("preset", preset, names_in("preset"))
    output = Path(said.get("output", f"runs/paper-{preset}")).expanduser()
    # a first look must not take the place of committed pages
    usual = output / "pages" if preset == "smoke" else PAGES
    shifts = Path(said["lora_shifts"]).expanduser() if "lora_shifts" in said else None
    if shifts is not None:
        from benchmark.paper.tables.samples import read_consistencies

        read_consistencies(shifts)
    pages = Path(said["pages"]).expanduser() if "pages" in said else usual
    places = {"output": output, "pages": pages, "store": Path(said.get("store", output)).expanduser()}
    for key, place in places.items():
        check_place(place, key)
    rest = [f"{key}={value}" for key, value in said.items() if key not in (*OWN, "preset", "output")]
    return Asked(
        words=(f"preset={preset}", *rest),
        preset=preset,
        output=output,
        pages=pages,
        lora_shifts=shifts,
    )


def check_pages(asked: Asked) -> None:
    """See that a folder of pages that was named has a table or a figure.

    Raises:
        InvalidInputError: It has none.
    """
    if not any(asked.pages.glob("*_*.json")):
        raise InvalidInputError(
            f"`pages` must be a folder of tables that were measured. There is none in {str(asked.pages)!r}. "
            "Measure them first: python -m benchmark paper"
        )
