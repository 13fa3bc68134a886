"""Readers: who turns explanations into levels, the same for every explainer."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from benchmark.parts.strictness import Count, settings
from benchmark.parts.table import Part, imported, row
from benchmark.parts.vlms import AnyVLM, VLMSettings, load_vlm, vlm_identity
from benchmark.parts.wording import judged_names, parts_of
from benchmark.read.budget import N_CLAIMS
from finetune.corpora import Corpus

if TYPE_CHECKING:
    from benchmark.read.readers import Reader


@settings
class ReaderSettings:
    """What the settings of every reader have."""

    name: str
    kind: str
    n_claims: Count | None = N_CLAIMS
    """The reading budget: how many claims of an explanation are read, the strongest first; null: all of them."""


@settings
class LexiconSettings(ReaderSettings):
    """A judge that knows the words of aspects."""

    kind: Literal["lexicon"] = "lexicon"


@settings
class JudgeSettings(ReaderSettings):
    """A judge that asks a model."""

    kind: Literal["gpt_judge"] = "gpt_judge"
    vlm: AnyVLM
    """The model that reads every explanation."""


READERS: dict[str, Part] = {
    # without a line about it: it is chosen by its file, since a judge without a model is none
    "gpt_judge": Part("benchmark.parts.readers:gpt_judge", settings=JudgeSettings),
    "lexicon": Part(
        "benchmark.parts.readers:lexicon",
        settings=LexiconSettings,
        about="A judge that knows the corpus' aspects and their synonyms, and reads degrees from words.",
    ),
}
"""Every reader; a function of settings, corpus and ledger opens one."""


def build_reader(given: ReaderSettings, corpus: Corpus, *, ledger: Path) -> "Reader":
    """The reader of settings for a corpus; what a judge's model costs is counted in `ledger`.

    Raises:
        UnknownNameError: There is no such kind.
        InvalidInputError: A judge's recording is of another model than the configured one.
    """
    return imported(row("reader", given.kind, READERS).target)(given, corpus, ledger)


def judge_of(given: ReaderSettings) -> VLMSettings | None:
    """The model that a reader asks; None for one that asks none."""
    return given.vlm if isinstance(given, JudgeSettings) else None


def lexicon(given: LexiconSettings, corpus: Corpus, _: Path) -> "Reader":
    """The closed-vocabulary judge."""
    from benchmark.read.readers import LexiconReader

    return LexiconReader(judged_names(corpus), parts=parts_of(corpus), n_claims=given.n_claims)


def gpt_judge(given: JudgeSettings, corpus: Corpus, ledger: Path) -> "Reader":
    """A judge whose model is loaded when it is first asked."""
    from benchmark.read.judges import VLMJudge

    return VLMJudge(
        lambda: load_vlm(given.vlm, ledger=ledger),
        identity=vlm_identity(given.vlm),
        names=judged_names(corpus),
        parts=parts_of(corpus),
        n_claims=given.n_claims,
    )
