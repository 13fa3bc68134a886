"""Settings of a vision-language model: which one, how it samples, what it may cost, and where its replies are kept."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le

from benchmark.parts.strictness import Count, Positive, Strict
from finexl.errors import InvalidInputError
from finexl.vlms.chat_settings import OPENAI, Detail, StructuredOutput, check_base_url


@dataclass(frozen=True, slots=True, kw_only=True)
class VLMConfig(Strict):
    """The vision-language model of explainers that ask one, or of a judge."""

    name: str
    kind: str | None = None
    """A name in `wiring.VLMS`; None = the name of the choice."""
    folder: str | None = None
    """Local weights; None = those of `model`, or the miniature's best captioner, shipped with the package."""
    device: str = "cpu"

    model: str | None = None
    """What the endpoint calls it, its id on the hub, or which of the miniature's captioners it is."""
    revision: str | None = None
    """The commit of a hub id; it must be given, since what is newest changes and answers that are kept would not."""
    dtype: Literal["float32", "bfloat16", "float16"] = "float32"
    """Of local weights."""

    base_url: str = OPENAI
    """Of the endpoint, up to and without /chat/completions."""
    key_variable: str = "OPENAI_API_KEY"
    """The environment variable that holds the key; the key itself is never a setting."""
    structured_output: StructuredOutput = "off"
    """How answers in JSON are enforced, where the endpoint offers it."""
    detail: Detail | None = None
    """How closely the endpoint looks at images, where it has the choice."""
    max_tokens_name: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"

    temperature: Annotated[float, Ge(0), Le(2)] | None = 0.0
    """None = the endpoint's own."""
    seed: int | None = 0
    max_tokens: Count = 1024
    """Longest answer."""

    n_attempts: Count = 5
    attempt_s: Positive = 90.0
    deadline_s: Positive = 300.0
    """For one question with all attempts and waits."""
    n_parallel: Count = 4
    """Questions asked at a time, by each process."""
    budget_calls: Annotated[int, Ge(0)] | None = None
    """Requests that may be made in all, repeated ones included."""
    budget_dollars: Annotated[float, Ge(0)] | None = None
    input_price: Annotated[float, Ge(0)] | None = None
    """Dollars per million tokens; None = as listed in `finexl.vlms.prices`, if there."""
    output_price: Annotated[float, Ge(0)] | None = None
    ledger: str | None = None
    """The file that calls and money are counted in; None = one in the output folder."""

    record: str | None = None
    """The file that replies are written to, and taken from where it has them."""
    replay: bool = False
    """Answer from `record` alone."""

    def __post_init__(self) -> None:
        check_base_url(self.base_url)
        if (self.input_price is None) != (self.output_price is None):
            raise InvalidInputError(
                "`input_price` and `output_price` must be given together. "
                f"Got {self.input_price!r} and {self.output_price!r}."
            )
