"""A run that shows explainers a part of the images asks for explanations of their own, and for nothing else."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from ideal_bench import PROBE, IdealBench, World, series

from benchmark.explain.explaining import Meter, MeteredExplainer
from benchmark.plan.trials import Evidence, Group
from benchmark.record.records import ExplanationKey
from benchmark.run import runner
from benchmark.run.stages import ExplainUnit, part_of
from finexl.values import ImagePairs, ScoredExplanation

PROMPTS = "abcdefgh"


def shown(evidence: Evidence | None) -> tuple[str, list[int], list[int]]:
    ours, theirs = part_of(evidence)
    return PROMPTS[ours], [*range(8)][ours], [*range(100, 108)][theirs]


def test_pairs_are_the_first_of_the_probe() -> None:
    assert shown(Evidence(n_pairs=3)) == ("abc", [0, 1, 2], [100, 101, 102])


def test_two_folders_have_no_prompt_in_common() -> None:
    assert shown(Evidence(n_pairs=3, apart=4)) == ("abc", [0, 1, 2], [104, 105, 106])


def test_all_is_shown_unless_a_part_is_named() -> None:
    assert shown(None) == ("abcdefgh", [*range(8)], [*range(100, 108)])


class Seeing:
    """Notes what it is shown."""

    name = "seeing"

    def __init__(self) -> None:
        self.shown: list[ImagePairs] = []

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        self.shown.append(pairs)
        return ScoredExplanation(claims=())


class SeeingBench(IdealBench):
    """The ideal bench with one explainer that can be asked what it saw."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.seeing = Seeing()

    def explainer(self, name: str) -> MeteredExplainer:
        return MeteredExplainer(explainer=self.seeing, meter=Meter())


def part(n_pairs: int, apart: int = 0) -> Group:
    return replace(series(2), evidence=Evidence(n_pairs=n_pairs, apart=apart))


def test_an_explainer_is_shown_the_part_and_no_more(tmp_path: Path) -> None:
    bench, group = SeeingBench(tmp_path), part(1, apart=2)
    bench.make_personalized(tuple(trial.variant for trial in group.trials), PROBE, since=0.0)
    key = ExplanationKey(explainer_key="k", pairs=("p", "q"), version="1")
    ExplainUnit(explainer="seeing", group=group, key=key).do(bench)
    seen = {np.asarray(pairs.personalized[0]).tobytes() for pairs in bench.seeing.shown}
    assert seen == {bench.images(trial, PROBE)[1][2].tobytes() for trial in group.trials}
    assert {pairs.prompts for pairs in bench.seeing.shown} == {PROBE.prompts[:1]}
    base, _ = bench.images(group.trials[0], PROBE)
    assert {np.asarray(pairs.base[0]).tobytes() for pairs in bench.seeing.shown} == {base[0].tobytes()}


def test_explanations_of_a_part_are_not_taken_for_those_of_all(tmp_path: Path) -> None:
    world = World(root=tmp_path, groups=(series(2),), explainers=("measuring",))
    keys = set()
    for group in (series(2), part(2), part(1), part(1, apart=2)):
        (record,) = runner.execute(replace(world, groups=(group,)).job()).records
        keys.add(record.provenance.pairs)
    assert world.log().count("explainer measuring") == len(keys) == 4


def test_models_images_and_certificates_of_all_serve_every_part(tmp_path: Path) -> None:
    world = World(root=tmp_path, groups=(series(2),), explainers=("measuring",))
    for group in (series(2), part(2)):
        runner.execute(replace(world, groups=(group,)).job())
    assert len((tmp_path / "out" / "certificates.jsonl").read_text().splitlines()) == 1
    assert len([line for line in world.log() if line.startswith("made")]) == 3


def test_what_was_explained_before_is_found_again(tmp_path: Path) -> None:
    world = World(root=tmp_path, groups=(part(2),), explainers=("measuring",))
    runner.execute(world.job())
    before = world.log()
    assert runner.execute(world.job()).plan.n_reused == 1 and world.log() == before
