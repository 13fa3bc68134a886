"""Lightning without its announcements, and with Ctrl-C as an ordinary interrupt."""

import logging
import signal
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_VOICES = ("lightning.pytorch", "lightning.pytorch.utilities.rank_zero", "lightning.fabric")


@contextmanager
def quietly() -> Iterator[None]:
    """Hide what Lightning says of devices and workers; what it changes in the process is put back."""
    voices = [logging.getLogger(name) for name in _VOICES]
    levels = [voice.level for voice in voices]
    in_main = threading.current_thread() is threading.main_thread()
    on_interrupt = signal.getsignal(signal.SIGINT)
    for voice in voices:
        voice.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"lightning\.")
            yield
    except SystemExit as stop:
        if isinstance(stop.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from None
        raise
    finally:
        if in_main:
            signal.signal(signal.SIGINT, on_interrupt)
        for voice, level in zip(voices, levels, strict=True):
            voice.setLevel(level)
