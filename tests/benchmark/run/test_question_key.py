"""What is asked about a group is part of its record's key, since truth is no part of an image."""

from dataclasses import replace

import pytest

from benchmark.plan.trials import Group, Probe, Trial
from benchmark.run.runner import question_key
from finetune.recipe import Released

TRIALS = tuple(
    Trial(id=f"versions/{number}", variant=Released(generator="g", version=name), truth=(number,))
    for number, name in enumerate(("v14", "v21"), start=1)
)
GROUP = Group(
    id="versions", scenario="versions", aspects=("vivid",), seed=1, probe=Probe(prompts=("a",), seeds=(1,)),
    trials=TRIALS,
)  # fmt: skip


@pytest.mark.parametrize(
    ("group", "corpus"),
    [
        (replace(GROUP, trials=(TRIALS[0], replace(TRIALS[1], truth=(3,)))), ("vivid", "dark")),
        (replace(GROUP, aspects=("dark",)), ("vivid", "dark")),
        (GROUP, ("vivid",)),
    ],
    ids=["truth", "aspects", "aspects of the corpus"],
)
def test_an_edit_of_what_is_known_or_asked_changes_the_key(group: Group, corpus: tuple[str, ...]) -> None:
    assert question_key(group, corpus) != question_key(GROUP, ("vivid", "dark"))
