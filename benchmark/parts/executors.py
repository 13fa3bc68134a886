"""Where units of work are done, by kind; nothing here imports an engine."""

from dataclasses import field
from typing import Annotated, Any, Literal

from annotated_types import Ge

from benchmark.parts.strictness import Amount, Count, Place, Positive, settings
from benchmark.parts.table import Part


@settings
class ExecutorSettings:
    """What the settings of every executor have."""

    name: str
    kind: str


@settings
class InlineSettings(ExecutorSettings):
    """This process, one unit after the other."""

    name: str = "inline"
    kind: Literal["inline"] = "inline"


@settings
class LocalSettings(ExecutorSettings):
    """Worker processes of this machine."""

    name: str = "local"
    kind: Literal["local"] = "local"


@settings
class RaySettings(ExecutorSettings):
    """Tasks of Ray, on this machine or on a cluster that runs."""

    name: str = "ray"
    kind: Literal["ray"] = "ray"
    address: str | None = None
    """A cluster's host:port or ray://host:port, or `auto` for the Ray of this machine; None = $RAY_ADDRESS, else
    a Ray of the run's own, which ends with it."""
    cpus: Positive = 1.0
    """Cores that Ray sets aside for a unit; a unit computes with one thread whatever this is."""
    gpus: Amount = 0.0
    """Accelerators that Ray sets aside for a unit, or a part of one; units without any see none."""
    memory_gb: Positive | None = None
    """Memory that Ray sets aside for a unit; None = not counted."""


@settings
class SubmititSettings(ExecutorSettings):
    """Jobs of Slurm, or of submitit's own processes on this machine."""

    name: str = "submitit"
    kind: Literal["submitit"] = "submitit"
    cluster: Literal["slurm", "local"] = "slurm"
    """`local` = processes of this machine under the same rules, for a try."""
    folder: Place | None = None
    """Where jobs and their logs are written, seen by every machine; None = `jobs` in the run's output."""
    n_jobs: Count = 64
    """Jobs of an array at most: the units of a stage are dealt to them in turn."""
    minutes: Count = 240
    """Time that Slurm gives a job; one that takes longer is lost."""
    partition: str | None = None
    """Slurm's partition; None = its default."""
    cpus: Count = 1
    """Cores of a job; a unit computes with one thread whatever this is."""
    gpus: Annotated[int, Ge(0)] = 0
    """Accelerators of a job."""
    memory_gb: Positive | None = None
    """Memory of a job; None = what Slurm gives by default."""
    parameters: dict[str, Any] = field(default_factory=dict)
    """Further parameters that submitit knows of Slurm: account, qos, constraint, setup, additional_parameters..."""


EXECUTORS: dict[str, Part] = {
    "inline": Part(
        "benchmark.run.executors:InlineExecutor",
        settings=InlineSettings,
        about="Everything in this process, one thing after the other; for debugging.",
    ),
    "local": Part(
        "benchmark.run.executors:LocalExecutor",
        settings=LocalSettings,
        about="Worker processes on this machine; `workers=` says how many.",
    ),
    "ray": Part(
        "benchmark.run.executors.ray:RayExecutor",
        settings=RaySettings,
        about="Tasks of Ray: a local one, or the cluster at executor.address=; pip install finexl[ray].",
    ),
    "submitit": Part(
        "benchmark.run.executors.submitit:SubmititExecutor",
        settings=SubmititSettings,
        about="Jobs of Slurm, or executor.cluster=local for a try; pip install finexl[submitit].",
    ),
}
"""Every executor; its constructor may ask for `workers`, `settings`, and `folder`, one for its own files."""
