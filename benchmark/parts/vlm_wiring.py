"""From the settings of a vision-language model to the model: its identity, what it needs, and its recording."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.parts.identity import folder_digest
from benchmark.parts.vlm_settings import VLMConfig
from finexl.errors import InvalidInputError, unknown_name
from finexl.vlms.chat_settings import OPENAI, ChatSettings
from finexl.vlms.prices import Price, price_of

if TYPE_CHECKING:
    from finexl.interfaces import VLM
    from finexl.vlms.transformers import LocalSettings


def load_vlm(config: VLMConfig, *, ledger: Path) -> "VLM":
    """The configured model, recorded or replayed if so configured; spending is counted in `ledger`."""
    from finexl.vlms.recorded import RecordingVLM, ReplayVLM

    if config.replay:
        vlm_identity(config)  # a recording of another model is refused
        return ReplayVLM(_recording(config))
    vlm = _named(config, VLMS)(replace(config, ledger=config.ledger or str(ledger)))
    if config.record is None:
        return vlm
    return RecordingVLM(vlm, Path(config.record), identity=vlm_identity(config))


def vlm_identity(config: VLMConfig) -> Mapping[str, Any]:
    """What a model's answers depend on, without loading it; a replayed model is the one that was recorded.

    Neither a path is part of it, nor how patiently, how dearly or from where it is asked.
    """
    own = None if kind_of(config) == REPLAY else _named(config, _IDENTITIES)(config)
    if not config.replay:
        return own or {}
    from finexl.vlms.recorded import read_header

    recorded = read_header(_recording(config)).identity
    if own is not None and dict(own) != dict(recorded):
        changed = sorted(name for name in own.keys() | recorded.keys() if own.get(name) != recorded.get(name))
        raise InvalidInputError(
            f"The recording {config.record!r} must be of the configured model. It differs in {', '.join(changed)}. "
            "Take the settings that it was recorded with, or vlm=replay, which takes them from it."
        )
    return recorded


def check_vlm(config: VLMConfig) -> None:
    """Raise before any work is done if the model could not be asked for want of a key, a price or a commit."""
    if not config.replay and kind_of(config) == "transformers" and not config.folder:
        _weights(config)
    if config.replay or kind_of(config) != "chat":
        return
    from finexl.vlms.keys import read_key

    read_key(chat_settings(config), key_variable=config.key_variable)
    if config.budget_dollars is not None and listed_price(config) is None:
        raise InvalidInputError(
            f"A budget in dollars needs prices, and none are listed for {config.model!r} at {config.base_url}. Give "
            "both input_price and output_price, in dollars per million tokens."
        )


def kind_of(config: VLMConfig) -> str:
    """What kind of model this is: a name in `VLMS`, or `replay`."""
    return config.kind or config.name


def chat_settings(config: VLMConfig) -> ChatSettings:
    """The part of the settings that an endpoint's answers depend on."""
    return ChatSettings(
        model=_required_model(config),
        base_url=config.base_url,
        temperature=config.temperature,
        seed=config.seed,
        max_tokens=config.max_tokens,
        max_tokens_name=config.max_tokens_name,
        structured_output=config.structured_output,
        detail=config.detail,
    )


def listed_price(config: VLMConfig) -> Price | None:
    """The configured price, else OpenAI's for its own models; None where nobody stated one."""
    if config.input_price is not None and config.output_price is not None:
        return Price(input=config.input_price, output=config.output_price)
    is_openai = config.base_url.rstrip("/") == OPENAI
    return price_of(config.model) if is_openai and config.model else None


def _chat(config: VLMConfig) -> "VLM":
    from finexl.vlms.budget import Budget, FileLedger, Limits, MemoryLedger
    from finexl.vlms.chat import Conduct, load_chat_vlm
    from finexl.vlms.retries import RetrySettings

    limits = Limits(n_calls=config.budget_calls, dollars=config.budget_dollars)
    ledger = FileLedger(Path(config.ledger)) if config.ledger else MemoryLedger()
    conduct = Conduct(
        retries=RetrySettings(
            n_attempts=config.n_attempts, attempt_s=config.attempt_s, deadline_s=config.deadline_s
        ),
        n_parallel=config.n_parallel,
        budget=Budget(limits=limits, ledger=ledger),
        price=listed_price(config),
    )
    return load_chat_vlm(chat_settings(config), key_variable=config.key_variable, conduct=conduct)


def _transformers(config: VLMConfig) -> "VLM":
    from finexl.vlms.transformers import load_transformers_vlm

    weights = _weights(config)
    return load_transformers_vlm(_local_settings(config), weights=weights)


def _local_settings(config: VLMConfig) -> "LocalSettings":
    from finexl.vlms.transformers import LocalSettings

    return LocalSettings(
        model=config.folder or _required_model(config),
        revision=None if config.folder else config.revision,
        device=config.device,
        dtype=config.dtype,
        temperature=config.temperature or 0.0,
        seed=config.seed or 0,
        max_tokens=config.max_tokens,
    )


def _weights(config: VLMConfig) -> str:
    if config.folder:
        return folder_digest(Path(config.folder))
    model = _required_model(config)
    if not config.revision:
        raise InvalidInputError(
            "A model of the hub must be pinned to a commit: what is newest changes, and answers that are kept would "
            f"not. {model!r} has none. Give vlm.revision= (for a judge reader.vlm.revision=), or its folder."
        )
    return f"{model}@{config.revision}"


def _miniature(config: VLMConfig) -> "VLM":
    from finexl.vlms.miniature import load_miniature_vlm

    return load_miniature_vlm(_captioner_folder(config))


def _chat_identity(config: VLMConfig) -> Mapping[str, Any]:
    return {"kind": "chat", **chat_settings(config).identity}


def _transformers_identity(config: VLMConfig) -> Mapping[str, Any]:
    return {
        "kind": "transformers",
        "weights": _weights(config),
        "device": config.device.partition(":")[0],
        "dtype": config.dtype,
        "temperature": config.temperature or 0.0,
        "seed": config.seed or 0,
        "max_tokens": config.max_tokens,
    }


def _miniature_identity(config: VLMConfig) -> Mapping[str, Any]:
    return {
        "name": config.name,
        "device": config.device.partition(":")[0],
        "vlm": folder_digest(_captioner_folder(config)),
    }


REPLAY = "replay"
VLMS: "dict[str, Callable[[VLMConfig], VLM]]" = {
    "chat": _chat,
    "miniature": _miniature,
    "transformers": _transformers,
}
_IDENTITIES: dict[str, Callable[[VLMConfig], Mapping[str, Any]]] = {
    "chat": _chat_identity,
    "miniature": _miniature_identity,
    "transformers": _transformers_identity,
}


def _named(config: VLMConfig, table: Mapping[str, Any]) -> Any:
    kind = kind_of(config)
    if kind not in table:
        raise unknown_name("vlm", kind, table)
    return table[kind]


def _required_model(config: VLMConfig) -> str:
    if not config.model:
        raise InvalidInputError(
            f"A vision-language model must have a name. {config.name!r} has none: give it with vlm.model= (for a "
            "judge reader.vlm.model=)."
        )
    return config.model


def _recording(config: VLMConfig) -> Path:
    if config.record is None:
        raise InvalidInputError(
            "A replayed model must have been recorded. Name the recording: vlm.record=FILE (for a judge "
            "reader.vlm.record=FILE)."
        )
    return Path(config.record)


def _captioner_folder(config: VLMConfig) -> Path:
    from finetune.miniature.models import CAPTIONERS, captioner_folder

    if config.folder:
        return Path(config.folder)
    name = config.model or CAPTIONERS[0]
    if name not in CAPTIONERS:
        raise unknown_name("vlm.model", name, CAPTIONERS)
    return captioner_folder(name)
