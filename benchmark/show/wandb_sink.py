"""The W&B sink: one run per explainer, grouped under the benchmark run; offline when there is no key.

W&B is told what the files already hold. Run ids follow from the group and the explainer, so that syncing the
same results twice makes one run. Everything is kept below the output folder; nothing is printed.
"""

from collections.abc import Mapping
from hashlib import sha256
from netrc import NetrcParseError, netrc
from pathlib import Path
from typing import Any, Literal

from benchmark.plan.scenarios import SCENARIOS
from benchmark.record.records import GroupRecord, TrialRecord
from benchmark.score.scores import COSTS, ScoreRow, group_score
from benchmark.show.runs import Progress, RunPlan, RunResult

Mode = Literal["online", "offline"]

PROJECT = "finexl"
_HOST = "api.wandb.ai"
_N_GRIDS = 6
_COLUMNS = ("scenario", "group", "model", "truth", "reading", "outcome", "named", "explanation", "certified")


def mode_of(choice: Literal["auto", "offline"], environment: Mapping[str, str]) -> Mode:
    """`auto` is online when the environment or the user's netrc file holds a W&B key."""
    if choice == "offline" or environment.get("WANDB_MODE") == "offline":
        return "offline"
    return "online" if environment.get("WANDB_API_KEY") or _is_logged_in(environment) else "offline"


class WandbSink:
    """Replays a run to W&B as it goes."""

    name = "wandb"

    def __init__(self, *, mode: Mode, settings: Mapping[str, Any]) -> None:
        self._mode: Mode = mode
        self._settings = dict(settings)
        self._plan: RunPlan | None = None
        self._runs: dict[str, Any] = {}

    def on_start(self, plan: RunPlan) -> None:
        self._plan = plan

    def on_progress(self, progress: Progress) -> None:
        return None

    def on_record(self, record: GroupRecord) -> None:
        n_unreadable = sum(trial.reading is None for trial in record.trials)
        score = group_score(record, SCENARIOS[record.scenario].scoring)
        facts = {"unreadable": n_unreadable, "seconds": record.cost.seconds}
        facts |= {} if score is None else {"score": score}
        self._run(record.explainer).log(
            {f"{record.scenario}/group/{name}": fact for name, fact in facts.items()}
        )

    def on_finish(self, result: RunResult) -> None:
        for explainer in result.plan.explainers:
            run = self._run(explainer)
            for row in result.rows:
                if row.explainer == explainer:
                    run.summary.update(_summary(row))
            run.log({"models": _table(result, explainer), **_grids(result.plan)})

    def close(self) -> None:
        runs, self._runs = self._runs, {}
        for run in runs.values():
            run.finish()

    def _run(self, explainer: str) -> Any:
        if explainer not in self._runs:
            self._runs[explainer] = self._opened(explainer)
        return self._runs[explainer]

    def _opened(self, explainer: str) -> Any:
        import wandb

        if self._plan is None:
            raise RuntimeError("a sink hears of the start of a run before anything else")
        folder = self._plan.files.folder
        (folder / "wandb").mkdir(parents=True, exist_ok=True)
        quiet = wandb.Settings(
            silent=True,
            console="off",
            save_code=False,
            disable_git=True,
            x_disable_stats=True,
            x_disable_meta=True,
        )
        return wandb.init(
            project=PROJECT,
            group=self._plan.name,
            name=f"{self._plan.name}/{explainer}",
            id=run_id(self._plan.name, explainer),
            job_type="explainer",
            mode=self._mode,
            dir=str(folder),
            reinit="create_new",
            config={**self._settings, "explainer": explainer},
            settings=quiet,
        )


def run_id(group: str, explainer: str) -> str:
    """The id of an explainer's run: the same for the same group and explainer."""
    return sha256(f"{group}\n{explainer}".encode()).hexdigest()[:16]


def _summary(row: ScoreRow) -> dict[str, float | int | str | None]:
    facts: dict[str, float | int | str | None] = {
        "track": row.track,
        "chance": row.chance,
        "n": row.own.n,
        "unreadable": row.n_unreadable,
        "naming_accuracy": row.naming_accuracy,
        "tau": row.tau,
        **{name: getattr(row, name) for name in COSTS},
    }
    for score in row.scores:
        facts |= {
            score.name: score.value,
            f"{score.name}_low": score.low,
            f"{score.name}_high": score.high,
            f"{score.name}_chance": score.chance,
            f"{score.name}_certified": score.certified_value,
        }
    return {f"{row.scenario}/{name}": fact for name, fact in facts.items() if fact is not None}


def _table(result: RunResult, explainer: str) -> Any:
    import wandb

    rows: list[Any] = [
        _cells(record, trial)
        for record in result.records
        if record.explainer == explainer
        for trial in record.trials
    ]
    return wandb.Table(columns=list(_COLUMNS), data=rows)


def _cells(record: GroupRecord, trial: TrialRecord) -> list[str | bool]:
    reading = "" if trial.reading is None else ", ".join(f"{value:.4g}" for value in trial.reading)
    return [
        record.scenario,
        record.group,
        trial.trial,
        ", ".join(map(str, trial.truth)),
        reading,
        trial.outcome,
        trial.named or "",
        trial.text or ", ".join(f"{one.concept} {one.amount:.3g}" for one in trial.claims),
        record.certified,
    ]


def _grids(plan: RunPlan) -> dict[str, Any]:
    """Grids under keys of their own, since W&B shows the images of one key at one size."""
    import wandb

    paths = {group.id: plan.files.grid(group) for group in plan.groups[:_N_GRIDS]}
    return {
        f"grids/{name}": wandb.Image(str(path), caption=name) for name, path in paths.items() if path.exists()
    }


def _is_logged_in(environment: Mapping[str, str]) -> bool:
    path = Path(environment.get("NETRC", "~/.netrc")).expanduser()
    try:
        return path.exists() and netrc(str(path)).authenticators(_HOST) is not None
    except (NetrcParseError, OSError):
        return False
