"""The explainer of commands: the robust one, with the encoder that is named."""

from pathlib import Path

from finetune.explaining.models import MINIATURE
from finetune.miniature.models import ENCODERS
from finexl.errors import EncoderError
from finexl.explanation import Explanation
from finexl.robust import RobustFineXL
from finexl.values import ImagePairs

_LIBRARIES = {"open_clip_config.json": "open_clip", "config.json": "transformers"}


class CommandExplainer:
    """Explains pairs with one encoder, which embeds no picture twice."""

    def __init__(self, encoder: str, *, dictionary: tuple[str, ...] | None = None) -> None:
        from finetune.studies.loading import encoder as shipped
        from finetune.studies.loading import read_encoder
        from finexl.encoders.cache import CachedEncoder

        if encoder == MINIATURE or encoder in ENCODERS:
            loaded = shipped("encoder" if encoder == MINIATURE else encoder)
        else:
            loaded = CachedEncoder(read_encoder(Path(encoder), library=library_of(Path(encoder))))
        self._explainer = (
            RobustFineXL(encoder=loaded)
            if dictionary is None
            else RobustFineXL(encoder=loaded, dictionary=dictionary)
        )

    def __call__(self, pairs: ImagePairs) -> Explanation:
        return self._explainer.explanation(pairs)


def library_of(folder: Path) -> str:
    """Which library an encoder's folder is for.

    Raises:
        EncoderError: It holds none.
    """
    for file, library in _LIBRARIES.items():
        if (folder / file).is_file():
            return library
    raise EncoderError(
        f"`--encoder` must be {MINIATURE}, one of {', '.join(ENCODERS)}, or the folder of an open_clip or transformers "
        f"model ({' or '.join(_LIBRARIES)}). Got {str(folder)!r}."
    )
