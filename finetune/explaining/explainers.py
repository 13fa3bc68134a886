"""The explainer of commands: the robust one, with the encoder that is named, and the words and eyes that go with it."""

import shlex
from difflib import get_close_matches

from finetune.explaining.models import Base
from finetune.miniature.models import ENCODERS, WEIGHTS, encoder_folder
from finexl.errors import InvalidInputError
from finexl.explain.harmless import shown
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
        dictionary = words or speaker.dictionary()
        self._has_own_words = not words and eyes not in ("none", MINIATURE)
        its_world = choose_encoder(MINIATURE).dictionary() if not words and eyes == MINIATURE else ()
        self._known = frozenset({*dictionary, *its_world})
        self._explainer = FineXL(
            encoder=self.encoder,
            vlm=None if words else choose_vlm(eyes),
            dictionary=dictionary,
            settings=_NONE_LEFT_OUT if words else RobustSettings(),
        )

    def __call__(self, pairs: ImagePairs) -> Explanation:
        return self._explainer.explanation(pairs)

    def check_target(self, target: str | None) -> str:
        """What is to be said of a wanted aspect before any work: nothing, or that only who is asked may name it.

        Raises:
            InvalidInputError: No change can be called so, since nobody is asked who has words of its own.
        """
        if target is None or target in self._known:
            return ""
        near = get_close_matches(target, sorted(self._known), n=1, cutoff=0.5)
        meant = f" Did you mean --target {shlex.quote(near[0])}?" if near else ""
        if self._has_own_words and target.strip():
            return (
                f"target {shown(target)!r} is none of the {len(self._known)} words that are known here: it is found "
                f"only if the model that is asked names it so.{meant}"
            )
        raise InvalidInputError(
            f"`--target` must be one of the {len(self._known)} words that a change is called by here. Got "
            f"{target!r}.{meant} Leave it out for the strongest change."
        )


def encoder_for(name: str, base: Base) -> ChosenEncoder:
    """The encoder of a name as `finexl explain` knows it; `auto` is the miniature's for a base of its world, else CLIP.

    Raises:
        UnknownNameError: There is no such name or folder.
        EncoderError: Its weights are not on this disk.
    """
    if name == AUTO:
        return choose_encoder(MINIATURE if base.is_shipped else DEFAULT)
    return choose_encoder(str(encoder_folder(name)) if name in ENCODERS else name)
