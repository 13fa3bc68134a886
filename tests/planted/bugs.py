"""Bugs worth fearing, each as an edit of the code with the test that must turn red for it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Bug:
    """An edit of one place of the code."""

    name: str
    file: str
    right: str
    """Text that stands once in the file."""
    wrong: str
    test: str
    """The test that must fail, as pytest names it."""


BUGS = (
    Bug(
        name="ties-keep-the-order-of-the-input",
        file="benchmark/score/rank_mae.py",
        right="(values[None] == values[:, None]).sum(axis=1) + 1",
        wrong="2 * np.triu(values[None] == values[:, None]).sum(axis=0)",
        test="tests/benchmark/score/test_rank_mae.py::test_a_constant_answer_scores_two_and_a_half_at_ten_levels",
    ),
    Bug(
        name="answers-are-dealt-to-the-wrong-models",
        file="benchmark/explain/explaining.py",
        right="return tuple(answers[one.id] for one in pairs)",
        wrong="return tuple(answers[id] for id in order)",
        test="tests/benchmark/explain/test_explaining.py::test_explanations_come_back_in_the_order_of_the_plan",
    ),
    Bug(
        name="an-error-is-read-as-zero",
        file="benchmark/score/series.py",
        right="np.nan if score is None",
        wrong="0.0 if score is None",
        test="tests/benchmark/score/test_rank_mae.py::test_an_unreadable_model_costs_the_expected_error_of_a_random_rank",
    ),
    Bug(
        name="a-key-without-the-explainer",
        file="benchmark/run/runner.py",
        right="ExplanationKey(explainer_key=self.job.explainers[explainer],",
        wrong='ExplanationKey(explainer_key="",',
        test="tests/benchmark/run/test_runner.py::test_another_key_of_an_explainer_is_explained_again",
    ),
    Bug(
        name="levels-off-by-one",
        file="benchmark/plan/ground.py",
        right="for level in range(1, preset.n_levels + 1))",
        wrong="for level in range(preset.n_levels))",
        test="tests/benchmark/plan/test_scenarios.py::test_lite_series_keep_ten_levels_of_twenty_steps",
    ),
    Bug(
        name="silence-is-a-failure",
        file="benchmark/read/readers.py",
        right='        outcome="ok",\n',
        wrong='        outcome="ok" if claims else "empty",\n',
        test="tests/benchmark/read/test_readers.py::test_an_empty_explanation_is_an_answer",
    ),
    Bug(
        name="refusing-passes-for-silence",
        file="benchmark/score/claims.py",
        right="return self.claims is not None and not self.said",
        wrong="return not self.said",
        test="tests/benchmark/score/test_false_alarms.py::test_refusing_to_answer_does_not_pay",
    ),
    Bug(
        name="of-equals-the-first-is-picked",
        file="benchmark/score/selection_accuracy.py",
        right="nearest = distances <= distances.min(axis=1, keepdims=True) + TIE",
        wrong="nearest = np.eye(distances.shape[1], dtype=bool)[distances.argmin(axis=1)]",
        test="tests/benchmark/score/test_selection_accuracy.py::test_a_constant_explainer_is_right_one_time_in_six_exactly",
    ),
    Bug(
        name="the-order-of-showing-follows-the-truth",
        file="benchmark/explain/explaining.py",
        right="order = sorted(distinct)",
        wrong="order = list(distinct)",
        test="tests/benchmark/explain/test_explaining.py"
        "::test_models_are_shown_in_an_order_that_depends_on_their_pixels_alone",
    ),
    Bug(
        name="an-outage-is-for-ever",
        file="benchmark/run/runner.py",
        right="return record is None or record.n_failed > 0",
        wrong="return record is None",
        test="tests/benchmark/run/test_runner.py::test_a_group_that_met_an_outage_is_asked_again_by_the_same_command",
    ),
    Bug(
        name="base-minus-personalized",
        file="finexl/divergence.py",
        right='return personalized - image_rows(pairs.base, encoder=encoder, role="base")',
        wrong='return image_rows(pairs.base, encoder=encoder, role="base") - personalized',
        test="tests/finexl/test_divergence.py::test_divergence_is_the_mean_shift_of_a_naive_loop",
    ),
    Bug(
        name="what-was-not-measured-is-certified",
        file="benchmark/certify/verdicts.py",
        right="if floor is None or len(measured) < len(amounts):\n        return False",
        wrong="if floor is None or len(measured) < len(amounts):\n        return True",
        test="tests/benchmark/certify/test_verdicts.py::test_an_aspect_that_was_not_measured_is_not_certified",
    ),
    Bug(
        name="tracks-are-compared-with-each-other",
        file="benchmark/score/comparisons.py",
        right="    blocks = by_track(rows)\n",
        wrong="    blocks = {rows[0].track: best_first(rows)}\n",
        test="tests/benchmark/score/test_comparisons.py::test_tracks_are_ranked_by_themselves_and_not_compared",
    ),
    Bug(
        name="concepts-are-markup-in-the-report",
        file="benchmark/show/templates.py",
        right="autoescape=True",
        wrong="autoescape=False",
        test="tests/benchmark/show/test_report.py::test_hostile_text_stays_text",
    ),
)
