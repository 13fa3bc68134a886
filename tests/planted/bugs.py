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
        right="for level in range(preset.n_levels))",
        wrong="for level in range(1, preset.n_levels + 1))",
        test="tests/benchmark/plan/test_scenarios.py::test_series_begin_at_a_first_step_and_go_on_in_equal_ones",
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
        test="tests/benchmark/score/test_selection_accuracy.py"
        "::test_one_aspect_alone_shares_credit_among_the_models_that_it_does_not_tell_apart",
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
        file="benchmark/record/recording.py",
        right="return record is None or any(self._missing(record))",
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
        test="tests/benchmark/show/test_report.py::test_hostile_text_stays_text[concept-<script>alert(1)</script>]",
    ),
    Bug(
        name="a-claim-is-true-whatever-its-sign",
        file="benchmark/score/claims.py",
        right="return directions[part] == sign",
        wrong="return True",
        test="tests/benchmark/score/test_claims.py::test_less_of_a_true_aspect_is_false_and_finds_nothing",
    ),
    Bug(
        name="said-twice-is-counted-twice",
        file="benchmark/score/claims.py",
        right="told[said] = max(share, told.get(said, 0.0))",
        wrong="told[said] = share + told.get(said, 0.0)",
        test="tests/benchmark/score/test_claims.py::test_what_was_claimed_before_counts_no_second_time",
    ),
    Bug(
        name="what-nobody-asks-about-is-not-true",
        file="benchmark/score/claims.py",
        right="return {**dict(zip(record.aspects, trial.truth, strict=True)), **trial.unasked}",
        wrong="return dict(zip(record.aspects, trial.truth, strict=True))",
        test="tests/benchmark/score/test_scores.py::test_an_unasked_aspect_is_part_of_the_truth",
    ),
    Bug(
        name="false-alarms-are-shared-by-all-models",
        file="benchmark/score/false_alarms.py",
        right="return None if is_changed(levels)",
        wrong="return 0.0 if is_changed(levels)",
        test="tests/benchmark/score/test_false_alarms.py::test_the_class_is_the_share_of_unchanged_models",
    ),
    Bug(
        name="intervals-have-one-side",
        file="benchmark/score/statistics.py",
        right="stdtrit(max(len(numbers) / effect, 1.0), (1 + confidence) / 2)",
        wrong="stdtrit(max(len(numbers) / effect, 1.0), confidence)",
        test="tests/benchmark/score/test_statistics.py"
        "::test_the_interval_is_students_of_the_units_and_one_in_the_middle",
    ),
    Bug(
        name="differences-have-one-side",
        file="benchmark/score/statistics.py",
        right="(np.abs(signs @ differences.T) >= observed - slack)",
        wrong="(signs @ differences.T >= observed - slack)",
        test="tests/benchmark/score/test_statistics.py::test_sign_flips_agree_with_brute_force",
    ),
    Bug(
        name="many-tests-are-one",
        file="benchmark/score/statistics.py",
        right="np.maximum.accumulate(given[order] * np.arange(len(given), 0, -1))",
        wrong="np.maximum.accumulate(given[order])",
        test="tests/benchmark/score/test_statistics.py::test_holm_gives_known_values_in_the_order_given",
    ),
    Bug(
        name="groups-that-share-aspects-are-independent",
        file="benchmark/score/scores.py",
        right="ends=(facts.best, facts.worst), effect=effect)",
        wrong="ends=(facts.best, facts.worst))",
        test="tests/benchmark/score/test_scores.py"
        "::test_groups_that_share_aspects_have_a_wider_interval_than_groups_that_share_none",
    ),
    Bug(
        name="models-of-several-groups-count-in-each",
        file="benchmark/score/measures.py",
        right="if name not in repeated]",
        wrong="if name]",
        test="tests/benchmark/score/test_scores.py::test_the_mixture_that_groups_share_counts_once",
    ),
    Bug(
        name="what-an-uncertified-aspect-moved-is-certified",
        file="benchmark/score/measures.py",
        right="if not any(trial.truth[index] for index in moved)",
        wrong="if all(trial.truth[index] is not None for index in moved)",
        test="tests/benchmark/score/test_scores.py"
        "::test_without_an_uncertified_aspect_the_models_that_it_moved_are_left_out",
    ),
    Bug(
        name="half-certified-groups-are-certified",
        file="benchmark/score/scores.py",
        right="n_certified=sum(record.certified for record in records),",
        wrong="n_certified=len(sure),",
        test="tests/benchmark/score/test_scores.py::test_a_group_counts_as_certified_with_all_its_aspects_only",
    ),
    Bug(
        name="every-ladder-is-certified",
        file="benchmark/certify/verdicts.py",
        right="if tau is not None and tau < CERTIFIED_TAU:",
        wrong="if tau is None and shown:",
        test="tests/benchmark/certify/test_verdicts.py"
        "::test_a_rising_ladder_is_certified_and_a_flat_or_falling_one_is_not",
    ),
    Bug(
        name="what-shows-no-more-than-noise-is-certified",
        file="benchmark/certify/verdicts.py",
        right="return not at_lowest or float(np.mean(at_lowest)) > floor",
        wrong="return True",
        test="tests/benchmark/certify/test_verdicts.py::test_a_ladder_that_begins_below_the_floor_is_not_certified",
    ),
    Bug(
        name="no-truth-is-planted-where-an-explainer-is-tried",
        file="benchmark/check/canaries.py",
        right="answers = DecoyUnit(truth, n=len(models), truths=truths).do(build, models)",
        wrong="answers = explain_blind(build().explainer, models)",
        test="tests/benchmark/check/test_canaries.py::test_who_looks_for_the_truth_fails_and_is_told_how[ReadsTheFrames]",
    ),
    Bug(
        name="models-of-two-bases-have-one-id",
        file="benchmark/explain/explaining.py",
        right="content.update(base.tobytes())",
        wrong="content.update(personalized.tobytes())",
        test="tests/benchmark/explain/test_explaining.py::test_an_id_is_of_the_base_images_too",
    ),
    Bug(
        name="anybody-can-draw-the-private-noise",
        file="benchmark/plan/ground.py",
        right='secret.seed("noise", seed, index)',
        wrong="settings.seed * 10_000 + index",
        test="tests/benchmark/plan/test_secret.py"
        "::test_another_secret_or_seed_shares_no_prompt_no_noise_and_no_training_seed",
    ),
)
