"""The report of a finished run once more, from its results; nothing is trained, explained or read.

Settings and provenance are those that the run wrote down, so that a newer version of the code cannot pass
for the one that made the records.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmark.config.loading import settings_from
from benchmark.parts.corpora import open_corpus
from benchmark.record.records import GroupRecord
from benchmark.run.results import scored
from benchmark.run.workbench import planned
from benchmark.show.report import write_report
from benchmark.show.runs import RunFiles, RunPlan, RunResult
from finexl.errors import InvalidInputError
from finexl.notices import Notice


def render_again(folder: Path) -> RunResult:
    """Write `report.html` of a run's folder, and return what it shows.

    Raises:
        InvalidInputError: The run has not left its results yet.
    """
    files = RunFiles(folder=folder)
    written, costs = _read_json(files.results), _read_json(files.costs)["records"]
    cost_of = {(cost.pop("group"), cost.pop("explainer")): cost for cost in costs}
    if missing := {(record["group"], record["explainer"]) for record in written["records"]} - cost_of.keys():
        raise _unfinished(f"What {min(missing)} cost in {str(files.costs)!r}")
    settings = settings_from({**written["settings"], "output": str(folder)})
    corpus = open_corpus(settings.corpus, store=settings.store)
    plan = RunPlan(
        name=folder.name,
        files=files,
        groups=planned(settings, corpus, generator_id=written["provenance"]["generator"]),
        explainers=tuple(config.name for config in settings.explainers),
        n_reused=len(written["records"]),
    )
    records = [
        GroupRecord.model_validate({**record, "cost": cost_of[record["group"], record["explainer"]]})
        for record in written["records"]
    ]
    kept = [{**one, "examples": tuple(one["examples"])} for one in written.get("notices", [])]
    result = replace(scored(plan, records), notices=tuple(Notice(**one) for one in kept))
    write_report(result, settings=written["settings"], provenance=written["provenance"])
    return result


def _read_json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise _unfinished(repr(str(path)))
    return json.loads(path.read_text(encoding="utf-8"))


def _unfinished(what: str) -> InvalidInputError:
    return InvalidInputError(
        f"A report needs a finished run. {what} is not there yet. "
        "Give the command that started the run again; it goes on where it stopped."
    )
