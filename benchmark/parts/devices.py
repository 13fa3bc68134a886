"""Whether the devices of settings are on this machine; torch is imported only where one is not the CPU."""

from collections.abc import Mapping

from finexl.errors import InvalidInputError


def check_devices(devices: Mapping[str, str]) -> None:
    """See that every device is there; `devices` by their full keys.

    Raises:
        InvalidInputError: One is not; the message has its key and what there is.
    """
    asked = {key: device for key, device in devices.items() if device != "cpu"}
    if not asked:
        return
    import torch

    here = ["cpu", *(f"cuda:{number}" for number in range(torch.cuda.device_count()))]
    here += ["mps"] if torch.backends.mps.is_available() else []
    for key, device in asked.items():
        try:
            meant = torch.device(device)
        except RuntimeError:
            meant = None
        name = (
            ""
            if meant is None
            else f"{meant.type}:{meant.index or 0}"
            if meant.type == "cuda"
            else meant.type
        )
        if name not in here:
            raise InvalidInputError(
                f"`{key}` must be a device of this machine. Got {device!r}; there is {', '.join(here)}. "
                f"Give {key}=cpu, or run where it is."
            )
