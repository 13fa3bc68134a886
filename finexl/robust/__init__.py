"""The robust explainer: few claims with intervals, silence where nothing is seen, and amounts on one scale.

The public names stand in `__init__.pyi` and are imported on first use, so that settings need no torch.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
