"""Settings that a chosen model would not read are refused: whoever gives one expects it to do something."""

from collections.abc import Mapping
from dataclasses import fields

from benchmark.config.settings import EncoderConfig, Settings, VLMConfig
from benchmark.parts.vlm_wiring import kind_of
from finexl.errors import InvalidInputError

Reads = Mapping[str, tuple[str, ...]]

_VLM = ("name", "kind", "record", "replay")
_LOCAL = ("folder", "model")
_SAMPLING = ("temperature", "seed", "max_tokens")
_ENDPOINT = ("model", "base_url", "key_variable", "structured_output", "detail", "max_tokens_name")
_PATIENCE = ("n_attempts", "attempt_s", "deadline_s", "n_parallel")
_MONEY = ("budget_calls", "budget_dollars", "input_price", "output_price", "ledger")
VLM_READS: Reads = {
    "chat": (*_VLM, *_ENDPOINT, *_SAMPLING, *_PATIENCE, *_MONEY),
    "miniature": (*_VLM, *_LOCAL),
    "replay": _VLM,
    "transformers": (*_VLM, *_LOCAL, *_SAMPLING, "revision", "device", "dtype"),
}
"""By kind of vision-language model, the keys that it reads."""

_ENCODER = ("name", "kind", "folder", "device", "batch_size")
ENCODER_READS: Reads = {
    "architecture": (*_ENCODER, "architecture", "weights"),
    "folder": _ENCODER,
    "miniature": (*_ENCODER, "miniature"),
}
"""By what an encoder is chosen by, the keys that are read; a folder may stand in for a named architecture."""


def check_keys(settings: Settings) -> None:
    """Raise InvalidInputError for a key that is not at its default and that the chosen model does not read."""
    _check_vlm(settings.vlm, where="vlm")
    if settings.reader.vlm is not None:
        _check_vlm(settings.reader.vlm, where="reader.vlm")
    encoder = settings.encoder
    source = "architecture" if encoder.architecture else "folder" if encoder.folder else "miniature"
    _check(encoder, ENCODER_READS, chosen=source, where="encoder", who="An encoder chosen by")


def _check_vlm(config: VLMConfig, *, where: str) -> None:
    if (kind := kind_of(config)) in VLM_READS:
        _check(config, VLM_READS, chosen=kind, where=where, who="A model of kind")


def _check(config: VLMConfig | EncoderConfig, reads: Reads, *, chosen: str, where: str, who: str) -> None:
    for each in fields(config):
        given = getattr(config, each.name)
        if each.name in reads[chosen] or given == each.default:
            continue
        readers = ", ".join(name for name, keys in reads.items() if each.name in keys)
        raise InvalidInputError(
            f"A setting must be one that the chosen model reads. {who} {chosen}, as {where}={config.name} is, does "
            f"not read `{where}.{each.name}`. Got {given!r}. Leave it out; it is read for: {readers}."
        )
