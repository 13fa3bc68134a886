"""Keys of endpoints: read from the environment, checked before any work, and shown to nobody."""

import os
from collections.abc import Mapping

from finexl.errors import VLMUnusableError
from finexl.vlms.chat_settings import ChatSettings


def read_key(
    settings: ChatSettings, *, key_variable: str, environment: Mapping[str, str] = os.environ
) -> str | None:
    """The key, or None for an endpoint on this machine, which needs none; raises where it cannot be sent."""
    key = environment.get(key_variable, "").strip()
    if not key and not settings.is_local:
        raise VLMUnusableError(
            f"The endpoint at {settings.base_url} needs a key in the environment variable {key_variable}. It is "
            f"not set. Set it (export {key_variable}=...), or choose a model on this machine with vlm= (for a judge "
            "another reader=)."
        )
    if not (key.isascii() and key.isprintable()) or " " in key or key[:1] in ("'", '"'):
        raise VLMUnusableError(
            f"The key in the environment variable {key_variable} must be printable ASCII without spaces and quotation "
            "marks. It is not: copy it anew, and nothing else with it."
        )
    if len(key) > 8 and key in settings.base_url:
        raise VLMUnusableError(
            "`base_url` must not hold the key, since it is written to records. It holds that of the environment "
            f"variable {key_variable}: leave it out of the address."
        )
    return key or None
