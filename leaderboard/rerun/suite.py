"""An explainer that comes with the suite, run again: its code is this project's own, so that nothing is installed.

Only where the code comes from is another than for a package. It is built in the same process, cut off in the same way,
of the same stand-ins; it is told the vocabulary of the corpus too, where its row says so.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from benchmark.bundle.entry_facts import class_and_settings
from benchmark.config.loading import load_settings
from benchmark.parts.explainers import (
    EXPLAINERS,
    ExplainerConfig,
    Supplies,
    build_explainer,
    explainer_key,
    options_of,
    uses_of,
)
from benchmark.parts.table import imported
from finexl.errors import FinexlError, InvalidInputError
from leaderboard.entry.schema import Entry
from leaderboard.rerun.packages import PackageError


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteExplainer:
    """An explainer of the suite, as it is now."""

    config: ExplainerConfig
    concepts: tuple[str, ...]
    """What the bundle calls its aspects, for who is told them."""
    code_sha256: str
    """Hash of its code and of what goes into it, as an entry holds it."""


def suite_explainer(entry: Entry, concepts: tuple[str, ...]) -> SuiteExplainer:
    """The explainer of the suite that an entry names.

    Raises:
        PackageError: There is none of its name, or it is set otherwise now.
    """
    try:
        settings = load_settings(["preset=smoke", "wandb=off", f"explainer={entry.name}"])
    except FinexlError as error:
        raise PackageError(f"The suite has no explainer of its name. {error}") from error
    (config,) = settings.explainers
    if config.kind not in EXPLAINERS:
        raise PackageError(f"The suite has no explainer {entry.name}.")
    now, then = class_and_settings(config), {"target": entry.target, "settings": dict(entry.settings)}
    if other := [name for name in then if now[name] != then[name]]:
        raise PackageError(f"The suite's {entry.name} has another {' and '.join(other)} now.")
    key = explainer_key(config, settings, concepts, probe=dict)
    return SuiteExplainer(config=config, concepts=concepts, code_sha256=sha256(key.encode()).hexdigest())


def given_to(explainer: SuiteExplainer, seed: int) -> dict[str, Any]:
    """What the process builds it of, in JSON values."""
    config = explainer.config
    return {
        "name": config.name,
        "kind": config.kind,
        "options": options_of(config),
        "concepts": list(explainer.concepts),
        "seed": seed,
    }


def found(kind: str) -> dict[str, Any]:
    """What its row and its class say, in the process that builds it."""
    config = ExplainerConfig(name=kind, kind=kind)
    return {
        "uses": list(uses_of(config)),
        "is_joint": hasattr(imported(EXPLAINERS[kind].target), "explain_jointly"),
    }


def built(given: Mapping[str, Any], handed: Mapping[str, Callable[[], Any]]) -> object:
    """The explainer, in the process that builds it: of values that were sent, and stand-ins."""

    def lent(name: str) -> Callable[[], Any]:
        if name in handed:
            return handed[name]

        def lacking() -> Any:
            raise InvalidInputError(
                f"An entry must name what its explainer uses. {given['name']} uses a {name}, and none is named."
            )

        return lacking

    config = ExplainerConfig(name=given["name"], kind=given["kind"], options=given["options"])
    return build_explainer(
        Supplies(
            config=config,
            concepts=tuple(given["concepts"]),
            seed=given["seed"],
            encoder=lent("encoder"),
            vlm=lent("vlm"),
            probe=lent("probe"),
        )
    )
