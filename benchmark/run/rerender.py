"""The report of a finished run once more, from its records; nothing is trained or explained.

Settings and provenance are those that the run wrote down, so that a newer version of the code cannot pass
for the one that made the records.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmark.config.loading import settings_from
from benchmark.parts.corpora import open_corpus
from benchmark.plan.scenarios import scorings_of
from benchmark.record.recording import open_log
from benchmark.run.workbench import planned
from benchmark.score.scores import score_rows
from benchmark.show.report import write_report
from benchmark.show.runs import RunFiles, RunPlan, RunResult
from finexl.errors import InvalidInputError


def render_again(folder: Path) -> RunResult:
    """Write `report.html` of a run's folder, and return what it shows."""
    files = RunFiles(folder=folder)
    written = _read_results(files.results)
    settings = settings_from({**written["settings"], "output": str(folder)})
    corpus = open_corpus(settings.corpus, store=settings.store)
    groups = planned(settings, corpus, generator_id=written["provenance"]["generator"])
    explainers = tuple(config.name for config in settings.explainers)
    latest = {(record.scenario, record.group, record.explainer): record for record in open_log(files.records)}
    keys = [(group.scenario, group.id, name) for group in groups for name in explainers]
    records = tuple(latest[key] for key in keys if key in latest)
    plan = RunPlan(name=folder.name, files=files, groups=groups, explainers=explainers, n_reused=len(records))
    rows = score_rows(records, scorings=scorings_of(groups), seed=settings.seed)
    result = RunResult(plan=plan, records=records, rows=rows)
    write_report(result, settings=written["settings"], provenance=written["provenance"])
    return result


def _read_results(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        raise InvalidInputError(
            f"A report needs a finished run. {str(path)!r} is not there yet. "
            "Give the command that started the run again; it goes on where it stopped."
        )
    return json.loads(path.read_text(encoding="utf-8"))
