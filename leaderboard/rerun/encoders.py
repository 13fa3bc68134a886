"""The encoder that an entry names, where it is one of this project's."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from finexl.interfaces import Encoder


def encoder_of(name: str) -> "Encoder | None":
    """The encoder of a name as `benchmark explain` writes it: that of the usual settings; None for any other.

    It embeds nothing twice, and with one thread, so that sums are taken in the order in which they were.
    """
    from benchmark.config.loading import load_settings
    from benchmark.parts.encoders import load_encoder
    from benchmark.parts.identity import digest

    settings = load_settings([]).encoder
    if name != f"{settings.name} {digest(settings.identity)[:12]}":
        return None
    from benchmark.run.workbench import one_thread
    from finexl.encoders.cache import CachedEncoder

    one_thread()
    return CachedEncoder(load_encoder(settings))
