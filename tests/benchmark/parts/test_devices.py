"""Devices that are not on this machine are refused by their key."""

import subprocess
import sys

import pytest

from benchmark.parts.devices import check_devices
from finexl.errors import InvalidInputError


@pytest.mark.parametrize("device", ["cuda:99", "xpu", "gpu", "cuda:x"])
def test_a_device_that_is_not_there_is_refused_by_its_key(device: str) -> None:
    with pytest.raises(
        InvalidInputError, match=r"`encoder\.device` must be a device of this machine.*encoder\.device=cpu"
    ):
        check_devices({"generator.device": "cpu", "encoder.device": device})


def test_torch_is_not_imported_for_the_cpu() -> None:
    code = (
        "import sys; from benchmark.parts.devices import check_devices; check_devices({'generator.device': 'cpu'}); "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
