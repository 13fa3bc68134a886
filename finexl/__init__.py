"""FineXL: explain how a personalized image generator differs from its base, in scored words.

The public names stand in `__init__.pyi` and are imported on first use: `import finexl` does not import torch. The
function `divergence` stays in its module, since `finexl.divergence` is that module.
"""

import lazy_loader

__version__ = "0.1.0"
"""Version of the distribution, all of whose packages have this one."""

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
