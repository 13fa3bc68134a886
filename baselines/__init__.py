"""The explainers that FineXL is compared with, and the control rows; names are imported on first use, without torch."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
