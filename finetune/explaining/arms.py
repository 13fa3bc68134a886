"""What is compared with what: a base and a model, each with and without words that are to make the model show itself.

Three questions need three pairs of arms. What the *words* do: the base without and with them. What the *model* does:
base and model, both with them. What *leaks*: base and model, both without.
"""

from dataclasses import dataclass

from finetune.explaining.inspection import stated_trigger
from finetune.explaining.models import Adapted, Base, Model, Sampling, read_base, read_model
from finetune.explaining.paired_images import SHOWN_SEED, Arm
from finetune.explaining.prompts import NEUTRAL, WORLD, read_prompts
from finetune.store.tensor_headers import read_header
from finexl.errors import InvalidInputError

PLACE = "{prompt}"
"""Where the prompt goes in words that are given as a pattern."""
STATED, NONE = "stated", "none"
_LONGEST_WORDS = 300
_SEEDS_APART = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Two models and what they are asked for."""

    base: Base
    model: Model
    words: str | None = None
    """What is put before a prompt to make the model show itself, or a pattern with `{prompt}`; None = nothing."""
    prompts_from: str = NEUTRAL
    seed: int = 0

    @property
    def first_seed(self) -> int:
        """Of the noise."""
        return SHOWN_SEED + _SEEDS_APART * self.seed


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """Two arms whose difference answers a question."""

    name: str
    question: str
    base: str
    tuned: str


MODEL_ALONE = (Contrast(name="model", question="what the model does", base="base", tuned="model"),)
WITH_WORDS = (
    Contrast(name="words", question="what the words do to the base", base="base", tuned="base_words"),
    Contrast(
        name="model",
        question="what the model does, both with the words",
        base="base_words",
        tuned="model_words",
    ),
    Contrast(name="leak", question="what leaks without the words", base="base", tuned="model"),
)


def read_request(
    model: str,
    base: str,
    *,
    words: str = STATED,
    prompts_from: str | None = None,
    sampling: Sampling,
    seed: int = 0,
) -> Request:
    """The models and words that a command names; `words` may be `stated` (what the file's maker states) or `none`.

    Raises:
        InvalidInputError: One cannot be.
        AdapterError, TensorFileError: A file cannot be loaded into this base.
    """
    if not 0 <= seed < _SEEDS_APART:
        raise InvalidInputError(f"`--seed` must be in 0..{_SEEDS_APART - 1}. Got {seed}.")
    found = read_base(base, sampling)
    tuned = read_model(model, found)
    said = {STATED: _stated(tuned), NONE: None}.get(words, words)
    if said is not None and (not said.strip() or len(said) > _LONGEST_WORDS or not said.isprintable()):
        raise InvalidInputError(
            f"Words that make a model show itself must be 1 to {_LONGEST_WORDS} printable characters. Got "
            f"{said[:_LONGEST_WORDS]!r}. Give others with --trigger, or --trigger none."
        )
    return Request(
        base=found,
        model=tuned,
        words=said,
        prompts_from=prompts_from or (WORLD if found.is_shipped else NEUTRAL),
        seed=seed,
    )


def contrasts_of(request: Request) -> tuple[Contrast, ...]:
    """The questions that a request asks."""
    return MODEL_ALONE if request.words is None else WITH_WORDS


def arms_of(request: Request, *, n: int) -> tuple[Arm, ...]:
    """The models with `n` prompts each; those of a smaller number are the first of a larger one's."""
    prompts = read_prompts(request.prompts_from, n, seed=request.seed)
    arms = [
        Arm(name="base", model=request.base, prompts=prompts),
        Arm(name="model", model=request.model, prompts=prompts),
    ]
    if request.words is not None:
        with_words = tuple(put(request.words, prompt) for prompt in prompts)
        arms += [
            Arm(name="base_words", model=request.base, prompts=with_words),
            Arm(name="model_words", model=request.model, prompts=with_words),
        ]
    return tuple(arms)


def put(words: str, prompt: str) -> str:
    """The prompt with the words before it, or where the words' pattern has it.

    >>> put("zxc", "a dog in a field"), put("{prompt} in zxc style", "a dog")
    ('zxc, a dog in a field', 'a dog in zxc style')
    """
    return words.replace(PLACE, prompt) if PLACE in words else f"{words.strip()}, {prompt}"


def _stated(model: Model) -> str | None:
    """What the maker of an adapter's file states."""
    return stated_trigger(read_header(model.file).metadata) if isinstance(model, Adapted) else None
