"""Vision-language models: their settings by kind, what their answers depend on, what they need, their recordings."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from annotated_types import Ge, Le

from benchmark.parts.identity import folder_digest
from benchmark.parts.strictness import Amount, Count, Place, Positive, settings
from benchmark.parts.table import OneOf, Part, imported, row
from finetune.miniature.models import CAPTIONERS, captioner_folder
from finexl.code_version import code_version
from finexl.errors import InvalidInputError, unknown_name
from finexl.vlms.chat_settings import OPENAI, ChatSettings, Detail, StructuredOutput, check_base_url
from finexl.vlms.local_settings import LocalSettings
from finexl.vlms.prices import Price, price_of

if TYPE_CHECKING:
    from finexl.interfaces import VLM

Temperature = Annotated[float, Ge(0), Le(2)]


@settings
class VLMSettings:
    """What every model's settings have: where its replies are kept."""

    name: str
    kind: str
    record: Place | None = None
    """The file that replies are written to, and taken from where it has them."""
    replay: bool = False
    """Answer from `record` alone."""

    @property
    def own_identity(self) -> Mapping[str, Any] | None:
        """What answers depend on beside the kind, without loading the model; None if only its recording knows.

        No path is part of it, nor how patiently or how dearly it is asked: answers that are kept outlive those.

        Raises:
            InvalidInputError: What identifies the model is missing.
        """
        raise NotImplementedError

    def check(self) -> None:
        """See before any work is done that it can be asked.

        Raises:
            VLMUnusableError: There is no key.
            InvalidInputError: A price or a commit is missing.
        """


@settings
class MiniatureVLMSettings(VLMSettings):
    """One of the miniature's captioners, which ship with the package."""

    kind: Literal["miniature"] = "miniature"
    folder: Place | None = None
    """Weights of one's own in its layout."""
    model: str = CAPTIONERS[0]
    """One of the miniature's captioners; read where no folder is given."""

    def __post_init__(self) -> None:
        if self.model not in CAPTIONERS:
            raise unknown_name("model", self.model, CAPTIONERS)

    @property
    def place(self) -> Path:
        """The folder that it is loaded from."""
        return self.folder or captioner_folder(self.model)

    @property
    def own_identity(self) -> Mapping[str, Any]:
        return {"name": self.name, "device": "cpu", "vlm": folder_digest(self.place)}


@settings
class SamplingSettings(VLMSettings):
    """A large model that samples its answers: asking it costs money or long waits, which dry runs estimate."""

    model: str | None = None
    """The model, as the endpoint calls it or by its id on the hub."""
    temperature: Temperature | None = 0.0
    """Temperature of sampling; None = the endpoint's own, or greedy on this machine."""
    seed: int | None = 0
    """Seed of sampling; None = not sent, or 0 on this machine."""
    max_tokens: Count = 1024
    """Tokens of the longest answer."""


@settings
class TransformersVLMSettings(SamplingSettings):
    """A model on this machine through transformers."""

    kind: Literal["transformers"] = "transformers"
    folder: Place | None = None
    """Local weights; None = those of `model`."""
    revision: str | None = None
    """The commit of `model`; it must be given, since what is newest changes and answers that are kept would not."""
    device: str = "cpu"
    dtype: Literal["float32", "bfloat16", "float16"] = "float32"

    @property
    def weights(self) -> str:
        """What identifies the weights: the content of the folder, or a commit of the hub.

        Raises:
            InvalidInputError: There is neither folder nor commit, or the folder does not exist.
        """
        if self.folder:
            return folder_digest(self.folder, "vlm.folder")
        if not self.revision:
            raise InvalidInputError(
                "A model of the hub must be pinned to a commit: what is newest changes, and answers that are kept "
                f"would not. {required_model(self)!r} has none. Give vlm.revision= (for a judge "
                "reader.vlm.revision=), or its folder."
            )
        return f"{required_model(self)}@{self.revision}"

    @property
    def own_identity(self) -> Mapping[str, Any]:
        return {
            "weights": self.weights,
            "device": self.device.partition(":")[0],  # cuda:1 answers as cuda:0 does
            "dtype": self.dtype,
            "temperature": self.temperature or 0.0,
            "seed": self.seed or 0,
            "max_tokens": self.max_tokens,
        }

    def check(self) -> None:
        if not self.folder:
            _ = self.weights


@settings
class ChatVLMSettings(SamplingSettings):
    """A model at a chat-completions endpoint: how it samples, how patiently it is asked, what it may cost."""

    kind: Literal["chat"] = "chat"
    base_url: str = OPENAI
    """Address of the endpoint, up to and without /chat/completions."""
    key_variable: str = "OPENAI_API_KEY"
    """The environment variable that holds the key; the key itself is never a setting."""
    structured_output: StructuredOutput = "off"
    """How answers in JSON are enforced, where the endpoint offers it."""
    detail: Detail | None = None
    """How closely the endpoint looks at images, where it has the choice."""
    max_tokens_name: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    """The name under which the endpoint takes `max_tokens`."""
    n_attempts: Count = 5
    """How often a question is put at most."""
    n_refused: Count = 3
    """Connections that the endpoint's machine refuses before it is taken to be closed."""
    attempt_s: Positive = 90.0
    """Seconds that one attempt may take."""
    deadline_s: Positive = 300.0
    """Seconds for one question with all attempts and waits."""
    n_parallel: Count = 4
    """Questions asked at a time, by each process."""
    budget_calls: Annotated[int, Ge(0)] | None = None
    """Requests that may be made in all, repeated ones included."""
    budget_dollars: Amount | None = None
    """Money that may be spent in all."""
    input_price: Amount | None = None
    """Dollars per million tokens of questions; None = as listed in `finexl.vlms.prices`, if there."""
    output_price: Amount | None = None
    """Dollars per million tokens of answers; None = as listed in `finexl.vlms.prices`, if there."""
    probe: bool = True
    """Whether the model must name two plain colours before it is asked; what its endpoint takes is found by the way."""
    ledger: Place | None = None
    """The file that calls and money are counted in; None = one in the output folder."""

    def __post_init__(self) -> None:
        check_base_url(self.base_url)
        if (self.input_price is None) != (self.output_price is None):
            raise InvalidInputError(
                "`input_price` and `output_price` must be given together. "
                f"Got {self.input_price!r} and {self.output_price!r}."
            )

    @property
    def asked(self) -> ChatSettings:
        """What the endpoint's answers depend on."""
        return ChatSettings(
            model=required_model(self),
            base_url=self.base_url,
            temperature=self.temperature,
            seed=self.seed,
            max_tokens=self.max_tokens,
            max_tokens_name=self.max_tokens_name,
            structured_output=self.structured_output,
            detail=self.detail,
        )

    @property
    def price(self) -> Price | None:
        """The configured price, else OpenAI's for its own models; None where nobody stated one."""
        if self.input_price is not None and self.output_price is not None:
            return Price(input=self.input_price, output=self.output_price)
        # another endpoint may call its model by the same name, and asks what it likes for it
        is_openai = self.base_url.rstrip("/") == OPENAI
        return price_of(self.model) if is_openai and self.model else None

    @property
    def own_identity(self) -> Mapping[str, Any]:
        return self.asked.identity

    def check(self) -> None:
        from finexl.vlms.keys import read_key

        read_key(self.asked, key_variable=self.key_variable)
        # a budget that cannot be counted would be none
        if self.budget_dollars is not None and self.price is None:
            raise InvalidInputError(
                f"A budget in dollars needs prices, and none are listed for {self.model!r} at {self.base_url}. "
                "Give both input_price and output_price, in dollars per million tokens."
            )


@settings
class ReplaySettings(VLMSettings):
    """A recording alone: the model is the one that was recorded."""

    kind: Literal["replay"] = "replay"
    replay: Literal[True] = True

    @property
    def own_identity(self) -> None:
        return None


VLMS: dict[str, Part] = {
    "chat": Part(
        "benchmark.parts.vlms:chat",
        settings=ChatVLMSettings,
        # not how patiently or dearly it is asked: answers outlive a price list
        code=("finexl.vlms.chat_answers:read_completion", "finexl.vlms.chat_requests:request_body"),
    ),
    "miniature": Part("benchmark.parts.vlms:miniature", settings=MiniatureVLMSettings),
    "replay": Part("benchmark.parts.vlms:recorded", settings=ReplaySettings),
    "transformers": Part("benchmark.parts.vlms:transformers", settings=TransformersVLMSettings),
}
"""Every kind of vision-language model; a function of settings and ledger opens one."""

AnyVLM = Annotated[VLMSettings, OneOf(VLMS)]
"""The settings of a model of any kind."""


def load_vlm(given: VLMSettings, *, ledger: Path) -> "VLM":
    """The configured model, recorded or replayed if so configured; spending is counted in `ledger`.

    Raises:
        UnknownNameError: There is no such kind.
        InvalidInputError: What it needs is missing, or the recording is of another model.
    """
    if given.replay:
        vlm_identity(given)  # a recording of another model is refused
        return recorded(given, ledger)
    vlm = imported(row("vlm.kind", given.kind, VLMS).target)(given, ledger)
    if given.record is None:
        return vlm
    from finexl.vlms.recorded import RecordingVLM

    return RecordingVLM(vlm, given.record, identity=vlm_identity(given))


def vlm_identity(given: VLMSettings) -> Mapping[str, Any]:
    """What a model's answers depend on, without loading it; a replayed model is the one that was recorded.

    Raises:
        InvalidInputError: The recording is of another model than the configured one, or none is named.
    """
    own = given.own_identity
    if own is not None:
        own = {"kind": given.kind, **own}
    if not given.replay:
        return own or {}
    from finexl.vlms.recorded import read_header

    found = read_header(_recording(given)).identity
    if own is not None and own != found:
        changed = sorted(name for name in own.keys() | found.keys() if own.get(name) != found.get(name))
        raise InvalidInputError(
            f"The recording {str(given.record)!r} must be of the configured model. It differs in "
            f"{', '.join(changed)}. Take the settings that it was recorded with, or vlm=replay, which takes them "
            "from it."
        )
    return found


def vlm_facts(given: VLMSettings) -> dict[str, Any]:
    """The identity of a model with the code that asks it: for keys, not for recordings, which outlive that code."""
    identity = vlm_identity(given)
    # Replies that are replayed came from a model of the kind that was recorded.
    asked = row("vlm.kind", identity.get("kind", given.kind), VLMS)
    return {**identity, "code": code_version(*asked.versioned)}


def check_vlm(given: VLMSettings) -> None:
    """Stop before any work is done if the model could not be asked.

    Raises:
        VLMUnusableError: There is no key.
        InvalidInputError: A price or a commit is missing.
    """
    if not given.replay:
        given.check()


def chat(given: ChatVLMSettings, ledger: Path) -> "VLM":
    """A model at an endpoint."""
    from finexl.vlms.abilities import Memory
    from finexl.vlms.budget import Budget, FileLedger, Limits
    from finexl.vlms.chat import Conduct, load_chat_vlm
    from finexl.vlms.probed import ProbedVLM
    from finexl.vlms.retries import RetrySettings

    counted = given.ledger or ledger
    conduct = Conduct(
        retries=RetrySettings(
            n_attempts=given.n_attempts,
            n_refused=given.n_refused,
            attempt_s=given.attempt_s,
            deadline_s=given.deadline_s,
        ),
        n_parallel=given.n_parallel,
        budget=Budget(
            limits=Limits(n_calls=given.budget_calls, dollars=given.budget_dollars),
            ledger=FileLedger(counted),
        ),
        price=given.price,
    )
    bare = load_chat_vlm(given.asked, key_variable=given.key_variable, conduct=conduct)
    memory = Memory(counted.with_suffix(".abilities.jsonl"))
    return ProbedVLM(chat=bare, settings=given.asked, memory=memory) if given.probe else bare


def miniature(given: MiniatureVLMSettings, _: Path) -> "VLM":
    """One of the miniature's captioners."""
    from finexl.vlms.miniature import load_miniature_vlm

    return load_miniature_vlm(given.place)


def transformers(given: TransformersVLMSettings, _: Path) -> "VLM":
    """A model on this machine."""
    from finexl.vlms.transformers import load_transformers_vlm

    local = LocalSettings(
        model=str(given.folder) if given.folder else required_model(given),
        revision=None if given.folder else given.revision,
        device=given.device,
        dtype=given.dtype,
        temperature=given.temperature or 0.0,
        seed=given.seed or 0,
        max_tokens=given.max_tokens,
    )
    return load_transformers_vlm(local, weights=given.weights)


def recorded(given: VLMSettings, _: Path) -> "VLM":
    """The recording of a model."""
    from finexl.vlms.recorded import ReplayVLM

    return ReplayVLM(_recording(given))


def required_model(given: SamplingSettings) -> str:
    """The model's name, which an endpoint or the hub must be told.

    Raises:
        InvalidInputError: None is given.
    """
    if not given.model:
        raise InvalidInputError(
            f"A vision-language model must have a name. {given.name!r} has none: give it with vlm.model= (for a "
            "judge reader.vlm.model=)."
        )
    return given.model


def _recording(given: VLMSettings) -> Path:
    if given.record is None:
        raise InvalidInputError(
            "A replayed model must have been recorded. Name the recording: vlm.record=FILE (for a judge "
            "reader.vlm.record=FILE)."
        )
    return given.record
