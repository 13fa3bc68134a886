"""The explainer of commands: the robust one, with the encoder that is named, and the words and eyes that go with it."""

from finetune.explaining.models import Base
from finetune.miniature.models import ENCODERS, WEIGHTS, encoder_folder
from finexl.explain.models import AUTO, DEFAULT, MINIATURE, ChosenEncoder, choose_encoder, choose_vlm
from finexl.explanation import Explanation
from finexl.interfaces import Encoder
from finexl.robust import FineXL
from finexl.robust.settings import RobustSettings
from finexl.values import ImagePairs

_NONE_LEFT_OUT = RobustSettings(
    penalty=0.0,
    least_share=0.0,
    least_explained=0.0,
    explained_per_claim=0.0,
    least_shift=0.0,
)
"""Where words are given the question is how much of each there is, not which of many they are."""


class CommandExplainer:
    """Explains pairs with one encoder, which embeds no picture twice, by its world's words and what a VLM sees.

    `vlm` is a name as `finexl explain` knows it; `auto` is the miniature's captioner for pictures of its world, and
    none for others. Of words that are given it tells the amount of each, leaves none out, and asks nobody.
    """

    def __init__(
        self,
        encoder: ChosenEncoder,
        *,
        words: tuple[str, ...] | None = None,
        vlm: str = AUTO,
        device: str = "cpu",
    ) -> None:
        from finexl.encoders.cache import CachedEncoder

        knows_the_world = encoder.folder is not None and encoder.folder.resolve().is_relative_to(
            WEIGHTS.resolve()
        )
        speaker = choose_encoder(MINIATURE) if knows_the_world else encoder
        self.encoder: Encoder = CachedEncoder(encoder.load(device=device))
        eyes = (MINIATURE if knows_the_world else "none") if vlm == AUTO else vlm
        self._explainer = FineXL(
            encoder=self.encoder,
            vlm=None if words else choose_vlm(eyes),
            dictionary=words or speaker.dictionary(),
            settings=_NONE_LEFT_OUT if words else RobustSettings(),
        )

    def __call__(self, pairs: ImagePairs) -> Explanation:
        return self._explainer.explanation(pairs)


def encoder_for(name: str, base: Base) -> ChosenEncoder:
    """The encoder of a name as `finexl explain` knows it; `auto` is the miniature's for a base of its world, else CLIP.

    Raises:
        UnknownNameError: There is no such name or folder.
        EncoderError: Its weights are not on this disk.
    """
    if name == AUTO:
        return choose_encoder(MINIATURE if base.is_shipped else DEFAULT)
    return choose_encoder(str(encoder_folder(name)) if name in ENCODERS else name)
