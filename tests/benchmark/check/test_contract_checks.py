"""Every cheater fails exactly the check that is for it; an honest explainer passes all."""

import cheaters
import pytest

from benchmark.check.contract_checks import Examination
from benchmark.check.contract_rules import RULES, Finding, Limits
from benchmark.explain.explaining import Meter, MeteredExplainer

SKIPPED_WITHOUT_DETERMINISM = {"order_invariance", "name_invariance"}


def found(explainer: type, **limits: float) -> dict[str, Finding]:
    def build() -> MeteredExplainer:
        return MeteredExplainer(explainer=explainer(), meter=Meter())

    findings = Examination(build, limits=Limits(**limits)).findings()
    return {finding.name: finding for finding in findings}


def named(findings: dict[str, Finding], status: str) -> set[str]:
    return {name for name, finding in findings.items() if finding.status == status}


@pytest.mark.parametrize("explainer", [cheaters.Honest, cheaters.HonestTogether])
def test_an_honest_explainer_passes_every_check(explainer: type) -> None:
    findings = found(explainer)
    assert named(findings, "pass") == set(RULES) - {"no_truth_access", "fresh_process", "own_process"}


@pytest.mark.parametrize(
    ("cheater", "check", "seen"),
    [
        (cheaters.ReadsTheId, "name_invariance", "under other ids, model 1 of 3"),
        (cheaters.RemembersTheFirst, "order_invariance", "shown backwards, model 1 of 3"),
        (cheaters.FavoursThePlace, "order_invariance", "shown backwards, model 1 of 3"),
        (cheaters.RaisesOnOnePair, "one_pair", "ValueError: variance requires"),
        (cheaters.ScoresTheImages, "identical_pairs", "where images changed"),
        (cheaters.DividesByTheSpread, "constant_images", "ZeroDivisionError"),
    ],
)
def test_a_cheater_fails_its_own_check_alone(cheater: type, check: str, seen: str) -> None:
    findings = found(cheater)
    assert named(findings, "fail") == {check}
    assert named(findings, "skip") == set()
    assert seen in findings[check].seen


@pytest.mark.parametrize("cheater", [cheaters.Random, cheaters.Counts])
def test_chance_fails_determinism_and_what_needs_it_is_skipped(cheater: type) -> None:
    findings = found(cheater)
    assert named(findings, "fail") == {"determinism"}
    assert named(findings, "skip") == SKIPPED_WITHOUT_DETERMINISM


def test_a_slow_explainer_fails_at_the_limit_it_is_given() -> None:
    assert named(found(cheaters.Sleeps, seconds=1.0), "fail") == {"timing"}
    assert named(found(cheaters.Sleeps, seconds=60.0), "fail") == set()


def test_a_large_process_fails_at_the_limit_it_is_given() -> None:
    assert named(found(cheaters.Honest, memory_mb=1.0), "fail") == {"memory"}


def test_nan_on_constant_images_is_a_matter_of_finite_numbers() -> None:
    findings = found(cheaters.NaNWhereNothingVaries)
    assert named(findings, "fail") == {"finite_numbers"}
    assert named(findings, "skip") == {"constant_images"}
    assert (
        "constant images: InvalidInputError: The amount of concept 'bright'"
        in findings["finite_numbers"].seen
    )


def test_infinity_everywhere_is_a_matter_of_finite_numbers_and_the_rest_is_skipped() -> None:
    findings = found(cheaters.AlwaysInfinite)
    assert named(findings, "fail") == {"finite_numbers"}
    assert named(findings, "pass") == set()
    assert "residual must be finite, got inf" in findings["finite_numbers"].seen


@pytest.mark.parametrize(
    ("cheater", "seen"),
    [
        (cheaters.Raises, "RuntimeError: no such layer"),
        (cheaters.CannotBeBuilt, "building it raised RuntimeError: no key"),
        (cheaters.SaysNothing, "no model was explained"),
        (cheaters.HasNoName, "HasNoName has no `name`"),
        (object, "has no `explain`"),
    ],
)
def test_what_does_not_answer_fails_that_alone(cheater: type, seen: str) -> None:
    findings = found(cheater)
    assert named(findings, "fail") == {"answers"}
    assert named(findings, "pass") == {"finite_numbers"}
    assert seen in findings["answers"].seen


def test_a_failure_says_what_must_hold_what_was_seen_and_what_to_do() -> None:
    detail = found(cheaters.ReadsTheId)["name_invariance"].detail("mine:Mine")
    assert detail.startswith("An explainer must give the same answers under other opaque ids. Seen: ")
    assert detail.endswith("Do not use `pairs.id` for the answer.")


def test_a_control_row_that_fails_by_design_says_so() -> None:
    finding = Finding(name="name_invariance", status="fail", seen="x")
    assert "By design: this control's scores are a hash of the id" in finding.detail("random")
    assert "By design" not in finding.detail("finexl")
