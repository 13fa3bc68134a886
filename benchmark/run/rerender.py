"""Finished runs once more, from what they left: their reports, and what W&B is told of them.

Nothing is trained, explained or read. Settings and provenance are those that a run wrote down, so that a newer version
of the code cannot pass for the one that made the records.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmark.config.loading import settings_from
from benchmark.parts.corpora import open_corpus
from benchmark.record.records import GroupRecord
from benchmark.run.jobs import run_name
from benchmark.run.results import scored
from benchmark.run.workbench import planned
from benchmark.show.report import FinishedRun, write_report
from benchmark.show.runs import RunFiles, RunPlan, left_whole, read_left, unfinished
from finexl.errors import InvalidInputError
from finexl.notices import Notice


def render_again(folders: Sequence[Path], page: Path) -> list[FinishedRun]:
    """Write one report of several runs to `page`, and return what it shows.

    Raises:
        InvalidInputError: A run has not left its results yet, or they do not fit the plan that its settings give.
    """
    runs = [finished(folder) for folder in folders]
    write_report(runs, page)
    return runs


def finished(folder: Path) -> FinishedRun:
    """What a run left in its folder.

    Raises:
        InvalidInputError: The run has not left its results yet, or they are not whole, or do not fit the plan that its
            settings give.
    """
    files = RunFiles(folder=folder)
    written, costs = read_left(files.results), read_left(files.costs)
    with left_whole(files.costs):
        cost_of = {(cost.pop("group"), cost.pop("explainer")): cost for cost in costs["records"]}
    with left_whole(files.results):
        made = {(record["group"], record["explainer"]) for record in written["records"]}
        settings = settings_from({**written["settings"], "output": str(folder)})
        generator_id = written["provenance"]["generator"]
    if missing := made - cost_of.keys():
        raise unfinished(f"What {min(missing)} cost in {str(files.costs)!r}")
    corpus = open_corpus(settings.corpus, store=settings.store)
    plan = RunPlan(
        name=run_name(settings),
        files=files,
        groups=planned(settings, corpus, generator_id=generator_id),
        explainers=tuple(config.name for config in settings.explainers),
        n_reused=len(written["records"]),
    )
    with left_whole(files.results, files.costs):
        records = [
            GroupRecord.model_validate({**record, "cost": cost_of[record["group"], record["explainer"]]})
            for record in written["records"]
        ]
        kept = [{**one, "examples": tuple(one["examples"])} for one in written.get("notices", [])]
        notices = tuple(Notice(**one) for one in kept)
    _check_plan(plan, records, folder)
    result = replace(scored(plan, records), notices=notices)
    return FinishedRun(result=result, settings=written["settings"], provenance=written["provenance"])


def _check_plan(plan: RunPlan, records: Sequence[GroupRecord], folder: Path) -> None:
    n_trials = {group.id: len(group.trials) for group in plan.groups}
    for record in records:
        if n_trials.get(record.group) != len(record.trials):
            raise InvalidInputError(
                f"What a run left must fit the plan that its settings give. {record.group!r} of {str(folder)!r} "
                "does not: this version plans other groups than the one that made the run. Run it again."
            )
