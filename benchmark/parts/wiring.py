"""Names become objects: one literal table per role; heavy imports are the business of each builder."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, assert_never

from benchmark.config.settings import EncoderConfig, ExplainerConfig, Settings, VLMConfig
from benchmark.parts import rivals
from benchmark.parts.dictionary import public_dictionary
from benchmark.parts.executor_settings import InlineSettings, LocalSettings, RaySettings, SubmititSettings
from benchmark.parts.identity import digest, explainer_code, folder_digest, stranger_code
from benchmark.parts.strangers import label, load_stranger
from benchmark.parts.vlm_wiring import check_vlm, load_vlm, vlm_identity
from benchmark.parts.wording import judged_names, names_of
from benchmark.read.readers import LexiconReader, Reader
from benchmark.run.executors import (
    Executor,
    InlineExecutor,
    LocalExecutor,
    RayExecutor,
    SubmititExecutor,
)
from finetune.corpora import Corpus
from finexl.errors import InvalidInputError, unknown_name

if TYPE_CHECKING:
    from torch import Tensor

    from finexl.interfaces import VLM, Encoder
    from finexl.settings import FineXLSettings

Named = TypeVar("Named")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What explainers are built from; encoder, VLM and probe are loaded by those that call for them."""

    config: ExplainerConfig
    concepts: tuple[str, ...]
    """The aspects of the corpus in words, for control rows and ceilings."""
    seed: int
    encoder: "Callable[[], Encoder]"
    vlm: "Callable[[], VLM]"
    probe: "Callable[[], Tensor]"


def named(role: str, name: str, table: Mapping[str, Named]) -> Named:
    """The entry of a table; a name that is not there is an error that says what exists."""
    if name not in table:
        raise unknown_name(role, name, table)
    return table[name]


def build_explainer(parts: Parts) -> object:
    """The explainer of a configured kind, or a stranger's class, built without arguments."""
    kind = parts.config.kind
    if ":" in kind:
        return load_stranger(kind)()
    return named("explainer", kind, EXPLAINERS)(parts)


def explainer_key(config: ExplainerConfig, settings: Settings, concepts: Sequence[str]) -> str:
    """A hash of what an explanation depends on beside the images: code, options, encoder, VLM, vocabulary."""
    facts: dict[str, Any] = {
        "kind": config.kind,
        "options": _without_folder(asdict(config)["options"]),  # what is in it counts, not where it lies
        "code": explainer_code(),
    }
    if ":" in config.kind:
        code = [facts["code"], stranger_code(config.kind)]
        return digest({**facts, "kind": label(config.kind), "code": code})
    uses = named("explainer", config.kind, _USES)
    inputs = {
        "encoder": lambda: encoder_identity(settings.encoder),
        "vlm": lambda: dict(vlm_identity(settings.vlm)),
        "concepts": lambda: list(concepts),
        "dictionary": lambda: list(public_dictionary()),
        "seed": lambda: settings.seed,
        "pair_captioner": lambda: folder_digest(_pair_captioner_folder(config)),
    }
    return digest({**facts, **{use: inputs[use]() for use in uses}})


def load_encoder(config: EncoderConfig) -> "Encoder":
    """An encoder of either library: from a folder, by name and version, or one of the miniature's."""
    if config.kind == "transformers":
        return _transformers_encoder(config)
    from finexl.encoders.open_clip import load_open_clip, load_pretrained

    if config.architecture is not None and config.folder is None:
        tag = config.weights or ""
        return load_pretrained(config.architecture, tag, device=config.device, batch_size=config.batch_size)
    return load_open_clip(_encoder_folder(config), device=config.device, batch_size=config.batch_size)


def encoder_identity(config: EncoderConfig) -> dict[str, Any]:
    """What an encoder's embeddings depend on, without loading it; a path is none of it."""
    facts: dict[str, Any] = {"device": config.device.partition(":")[0], "batch_size": config.batch_size}
    if config.kind != "open_clip":
        facts["kind"] = config.kind
    if config.architecture is not None and config.folder is None:
        return {**facts, "architecture": config.architecture, "weights": config.weights}
    return {**facts, "folder": folder_digest(_encoder_folder(config))}


def build_executor(settings: Settings) -> Executor:
    """Where units of work run."""
    match settings.executor:
        case InlineSettings():
            return InlineExecutor()
        case LocalSettings():
            return LocalExecutor(workers=settings.workers)
        case RaySettings() as executor:
            return RayExecutor(executor, workers=settings.workers)
        case SubmititSettings() as executor:
            folder = settings.output / "jobs"
            return SubmititExecutor(executor, workers=settings.workers, folder=folder)
        case _:
            assert_never(settings.executor)


def public_settings(settings: Settings) -> dict[str, Any]:
    """The settings that results depend on: not where they are written, nor how fast."""
    private = {"output", "store", "workers", "executor", "wandb", "quiet"}
    shown = {name: value for name, value in asdict(settings).items() if name not in private}
    for model in (shown["vlm"], shown["reader"]["vlm"] or {}):
        for place in ("record", "ledger"):
            model.pop(place, None)
    return shown


def _finexl(parts: Parts) -> object:
    from finexl.explainer import FineXL

    return FineXL(
        encoder=parts.encoder(), vlm=parts.vlm(), settings=_finexl_settings(parts), name=parts.config.name
    )


def _naive_vlm(parts: Parts) -> object:
    from baselines.naive import NaiveSettings, NaiveVLM

    settings = NaiveSettings(**parts.config.options)  # type: ignore[arg-type]  # checked by the class
    return NaiveVLM(vlm=parts.vlm(), settings=settings, name=parts.config.name)


def _one_pair(parts: Parts) -> object:
    from baselines.captioners import load_captioner
    from baselines.captioning.explainers import OnePairCaption

    captioner, options = _pair_captioner_folder(parts.config), _without_folder(parts.config.options)
    return OnePairCaption(captioner=load_captioner(captioner), **options, name=parts.config.name)


def _many_pairs(parts: Parts) -> object:
    from baselines.captioners import load_captioner
    from baselines.captioning.explainers import ManyPairsCaption

    captioner, options = _pair_captioner_folder(parts.config), _without_folder(parts.config.options)
    return ManyPairsCaption(captioner=load_captioner(captioner), **options, name=parts.config.name)


def _random(parts: Parts) -> object:
    from baselines.controls import RandomScores

    return RandomScores(concepts=parts.concepts, seed=parts.seed, name=parts.config.name)


def _constant(parts: Parts) -> object:
    from baselines.controls import ConstantScores

    return ConstantScores(concepts=parts.concepts, name=parts.config.name)


def _divergence_norm(parts: Parts) -> object:
    from baselines.controls import DivergenceNorm

    return DivergenceNorm(encoder=parts.encoder(), concepts=parts.concepts, name=parts.config.name)


def _oracle_concepts(parts: Parts) -> object:
    from baselines.oracle import OracleConcepts

    return OracleConcepts(
        encoder=parts.encoder(),
        concepts=parts.concepts,
        settings=_finexl_settings(parts),
        name=parts.config.name,
    )


def _oracle_probe(parts: Parts) -> object:
    from baselines.oracle import OracleProbe

    return OracleProbe(
        encoder=parts.encoder(), weights=parts.probe(), concepts=parts.concepts, name=parts.config.name
    )


EXPLAINERS: dict[str, Callable[[Parts], object]] = {
    "chg2cap": _one_pair,
    "chg2cap_pairs": _many_pairs,
    "diff_caption": _one_pair,
    "diff_caption_pairs": _many_pairs,
    **rivals.RIVALS,
    "constant": _constant,
    "divergence_norm": _divergence_norm,
    "finexl": _finexl,
    "naive_vlm": _naive_vlm,
    "oracle_concepts": _oracle_concepts,
    "oracle_probe": _oracle_probe,
    "random": _random,
}
_USES: dict[str, tuple[str, ...]] = {
    "chg2cap": ("pair_captioner",),
    "chg2cap_pairs": ("pair_captioner",),
    "diff_caption": ("pair_captioner",),
    "diff_caption_pairs": ("pair_captioner",),
    **rivals.USES,
    "constant": ("concepts",),
    "divergence_norm": ("concepts", "encoder"),
    "finexl": ("encoder", "vlm"),
    "naive_vlm": ("vlm",),
    "oracle_concepts": ("concepts", "encoder"),
    "oracle_probe": ("concepts", "encoder"),
    "random": ("concepts", "seed"),
}


def _lexicon(corpus: Corpus, settings: Settings) -> Reader:
    return LexiconReader(judged_names(corpus))


def _gpt_judge(corpus: Corpus, settings: Settings) -> Reader:
    from benchmark.read.judges import VLMJudge

    config = judge_config(settings)
    assert config is not None
    ledger = settings.output / "spending-judge.jsonl"
    return VLMJudge(
        lambda: load_vlm(config, ledger=ledger), identity=vlm_identity(config), names=names_of(corpus)
    )


READERS: dict[str, Callable[[Corpus, Settings], Reader]] = {"gpt_judge": _gpt_judge, "lexicon": _lexicon}


def judge_config(settings: Settings) -> VLMConfig | None:
    """The model that the reader asks; None for a reader that asks none."""
    if settings.reader.name != "gpt_judge":
        return None
    if settings.reader.vlm is None:
        raise InvalidInputError("A judge must have a model. Give reader.vlm.name= and reader.vlm.model=.")
    return settings.reader.vlm


def check_models(settings: Settings) -> None:
    """Raise before any work is done if a model that the run will ask could not be asked."""
    if any("vlm" in _USES.get(explainer.kind, ()) for explainer in settings.explainers):
        check_vlm(settings.vlm)
    if (judge := judge_config(settings)) is not None:
        check_vlm(judge)


def _finexl_settings(parts: Parts) -> "FineXLSettings":
    from finexl.settings import FineXLSettings

    return FineXLSettings(**parts.config.options)  # type: ignore[arg-type]  # checked by the class


def _transformers_encoder(config: EncoderConfig) -> "Encoder":
    from finexl.encoders.transformers import load_transformers_encoder

    is_on_hub = config.architecture is not None and config.folder is None
    return load_transformers_encoder(
        config.architecture if is_on_hub and config.architecture else str(_encoder_folder(config)),
        revision=config.weights if is_on_hub and config.weights else "main",
        device=config.device,
        batch_size=config.batch_size,
    )


def _encoder_folder(config: EncoderConfig) -> Path:
    from finetune.miniature.models import ENCODERS, encoder_folder

    if config.folder:
        return Path(config.folder)
    named("encoder.miniature", config.miniature, ENCODERS)
    return encoder_folder(config.miniature)


def _pair_captioner_folder(config: ExplainerConfig) -> Path:
    """The captioner of a configured rival: a folder of one's own, or the miniature's."""
    from baselines.shipped import shipped_folder

    given = config.options.get("folder")
    return Path(given) if given else shipped_folder(config.kind.removesuffix("_pairs"))


def _without_folder(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name != "folder"}
