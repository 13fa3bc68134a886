"""Settings of the engines that run units of work; nothing here imports an engine."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from annotated_types import Ge

from benchmark.parts.strictness import Count, Positive, Strict


@dataclass(frozen=True, slots=True, kw_only=True)
class InlineSettings(Strict):
    """This process, one unit after the other."""

    name: str = "inline"
    kind: Literal["inline"] = "inline"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSettings(Strict):
    """Worker processes of this machine."""

    name: str = "local"
    kind: Literal["local"] = "local"


@dataclass(frozen=True, slots=True, kw_only=True)
class RaySettings(Strict):
    """Tasks of Ray, on this machine or on a cluster that runs."""

    name: str = "ray"
    kind: Literal["ray"] = "ray"
    address: str | None = None
    """A cluster's host:port or ray://host:port, or `auto` for the Ray of this machine; None = $RAY_ADDRESS, else
    a Ray of the run's own, which ends with it."""
    cpus: Positive = 1.0
    """Cores that Ray sets aside for a unit; a unit computes with one thread whatever this is."""
    gpus: Annotated[float, Ge(0)] = 0.0
    """Accelerators that Ray sets aside for a unit, or a part of one; units without any see none."""
    memory_gb: Positive | None = None
    """Memory that Ray sets aside for a unit; None = not counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmititSettings(Strict):
    """Jobs of Slurm, or of submitit's own processes on this machine."""

    name: str = "submitit"
    kind: Literal["submitit"] = "submitit"
    cluster: Literal["slurm", "local"] = "slurm"
    """`local` = processes of this machine under the same rules, for a try."""
    folder: str | None = None
    """Where jobs and their logs are written, seen by every machine; None = `jobs` in the run's output."""
    n_jobs: Count = 64
    """Jobs of an array at most: the units of a stage are dealt to them in turn."""
    minutes: Count = 240
    """Time that Slurm gives a job; one that takes longer is lost."""
    partition: str | None = None
    cpus: Count = 1
    """Cores of a job; a unit computes with one thread whatever this is."""
    gpus: Annotated[int, Ge(0)] = 0
    memory_gb: Positive | None = None
    """Memory of a job; None = what Slurm gives by default."""
    parameters: dict[str, Any] = field(default_factory=dict)
    """Further parameters that submitit knows of Slurm: account, qos, constraint, setup, additional_parameters..."""


ExecutorSettings = InlineSettings | LocalSettings | RaySettings | SubmititSettings

EXECUTORS: dict[str, type[ExecutorSettings]] = {
    "inline": InlineSettings,
    "local": LocalSettings,
    "ray": RaySettings,
    "submitit": SubmititSettings,
}
"""Every kind of executor, with the settings that a run may change."""
