"""How a chat-completions endpoint is asked: all that its answers depend on, and how patiently; nothing secret.

This file needs neither torch nor a client, so that command lines can check and hash the settings at once.
"""

import ipaddress
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal
from urllib.parse import urlsplit

from finexl.errors import InvalidInputError

_LOCAL = (".localhost", ".local", ".internal", ".lan", ".home.arpa")
"""Ends of names that no public server can have."""
GIVEN_UP = "Given up after"
"""How the reason begins of a question that was asked until patience ended, as in an outage."""
OPENAI = "https://api.openai.com/v1"

StructuredOutput = Literal["off", "json_object", "json_schema"]
Detail = Literal["auto", "low", "high"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatSettings:
    """The endpoint, the model, and how it samples."""

    model: str
    base_url: str = OPENAI
    """Up to and without `/chat/completions`."""
    temperature: float | None = 0.0
    """None = not sent: some reasoning models take no other than their own."""
    seed: int | None = 0
    """None = not sent. Endpoints sample repeatably at best, not surely; record replies to keep them."""
    max_tokens: int = 1024
    """Longest answer, thoughts included."""
    max_tokens_name: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    """What the endpoint calls it: OpenAI's newer models take only `max_completion_tokens`."""
    structured_output: StructuredOutput = "off"
    """How answers in JSON are enforced, where the endpoint offers it."""
    detail: Detail | None = None
    """How closely images are looked at, where the endpoint has the choice; None = not sent."""

    def __post_init__(self) -> None:
        check_base_url(self.base_url)
        if not self.model:
            raise InvalidInputError("`model` must be the name that the endpoint gives it. Got none.")
        if self.max_tokens < 1 or (self.temperature is not None and not 0 <= self.temperature <= 2):
            raise InvalidInputError(
                "`max_tokens` must be at least 1 and `temperature` in [0, 2]. "
                f"Got {self.max_tokens!r} and {self.temperature!r}."
            )

    @property
    def url(self) -> str:
        """Where questions are posted."""
        return self.base_url.rstrip("/") + "/chat/completions"

    @property
    def is_local(self) -> bool:
        """Whether the endpoint is on this machine or in its private network, which needs no key."""
        host = urlsplit(self.base_url).hostname or ""
        try:
            return not ipaddress.ip_address(
                host
            ).is_global  # loopback, 0.0.0.0 and shared ones are not either
        except ValueError:  # a name without a dot is of this machine or its network, such as of a container
            return "." not in host or host.endswith(_LOCAL)

    @property
    def identity(self) -> Mapping[str, str | int | float | None]:
        """What answers depend on beside the question."""
        return {**asdict(self), "base_url": self.base_url.rstrip("/")}


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrySettings:
    """How patiently one question is asked; in seconds."""

    n_attempts: int = 5
    attempt_s: float = 90.0
    """How long one attempt may take, from connecting to the last byte."""
    deadline_s: float = 300.0
    """How long a question may take with all attempts and waits."""
    first_wait_s: float = 1.0
    """Wait after the first attempt; doubled after every other, where the server asks for no wait of its own."""
    longest_wait_s: float = 60.0
    n_refused: int = 3
    """Attempts where nobody listens at the address: that seldom changes within minutes, and every question pays."""
    refused_wait_s: float = 0.25
    """Wait between attempts where nobody listens at the address."""
    seed: int = 0
    """Seed of the chance that prolongs waits."""

    def __post_init__(self) -> None:
        waits = (self.first_wait_s, self.longest_wait_s, self.refused_wait_s)
        times = (self.attempt_s, self.deadline_s, *waits)
        if min(self.n_attempts, self.n_refused) < 1 or not all(0 < each < math.inf for each in times):
            raise InvalidInputError(
                f"Attempts must be at least 1, and times positive and finite. Got {self!r}."
            )


def check_base_url(url: str) -> None:
    """Raise unless the address is plain http(s): whatever is in it is shown in records and logs."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # read for its check
    except ValueError as error:
        raise InvalidInputError(f"`base_url` must be an address such as {OPENAI!r}: {error}.") from error
    if any(letter.isspace() or not letter.isprintable() for letter in url):
        raise InvalidInputError(f"`base_url` must hold no white space. Got {url!r}.")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidInputError(
            f"`base_url` must be an http(s) address such as {OPENAI!r}. Got the scheme {parts.scheme!r}."
        )
    if parts.path.rstrip("/").endswith("/chat/completions"):
        whole = parts.path.rstrip("/").removesuffix("/chat/completions")
        raise InvalidInputError(
            "`base_url` must be the address without /chat/completions, which is added to it. Give "
            f"base_url={parts.scheme}://{parts.netloc.rpartition('@')[2]}{whole}"
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise InvalidInputError(
            f"`base_url` must hold no user, password or query, since it is written to records. The one given for "
            f"{parts.hostname!r} does. Put the key into an environment variable and name it with key_variable."
        )
