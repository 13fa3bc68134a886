"""Looking ahead, in dry runs, without fetching anything."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

_OFFLINE = "HF_HUB_OFFLINE"


@contextmanager
def downloading_nothing() -> Iterator[None]:
    """Look ahead without the hub; what it says of the switch that we set is no advice for people."""
    from finetune.families.hub import HubError

    is_theirs = _OFFLINE in os.environ
    os.environ[_OFFLINE] = "1"
    try:
        yield
    except HubError as error:
        if is_theirs:
            raise
        told = re.sub(rf"[ \t]*[^.\n]*{_OFFLINE}[^.\n]*\.?", "", str(error))
        raise HubError(f"{told}\nA dry run downloads nothing; without --dry-run it is fetched.") from error
