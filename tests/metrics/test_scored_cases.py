"""The cases of a predictions table as arrays."""

import numpy as np
import polars as pl
import pytest

from reprodx.artifacts.predictions import Predictions
from reprodx.errors import MetricError
from reprodx.metrics.asked import View
from reprodx.metrics.scored_cases import ScoredCases, patient_numbers, renumbered
from tests.scored import asked, classed, drawn, labelled


def test_cases_of_a_table(make_predictions):
    probs = np.array([[0.8, 0.2], [0.4, 0.6], [0.3, 0.7]])
    columns = {"patient_id": ["b", "a", "b"]}
    cases = ScoredCases.of(make_predictions(["yes", "no", "yes"], probs, ("no", "yes"), columns=columns))
    assert cases.targets.tolist() == [1, 0, 1]
    assert cases.is_positive.tolist() == [True, False, True]
    assert cases.positive_probs.tolist() == [0.2, 0.6, 0.7]
    assert cases.patients.tolist() == [1, 0, 1]


def test_a_case_at_the_threshold_is_called_positive():
    cases = ScoredCases(np.array([0, 1]), np.array([[0.7, 0.3], [0.5, 0.5]]), None, ("no", "yes"))
    assert cases.called(0.3).tolist() == [1, 1]
    assert cases.called(0.4).tolist() == [0, 1]
    assert cases.called(None).tolist() == [0, 0]


def test_patients_with_one_case_each_need_no_numbers():
    assert patient_numbers(pl.Series(["a", "c", "b"])) is None
    assert patient_numbers(pl.Series([7, 3, 7])).tolist() == [1, 0, 1]


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_probabilities_that_are_not_numbers_are_refused(make_predictions, bad):
    predictions = make_predictions(["no", "yes"], np.array([[0.8, 0.2], [0.4, bad]]), ("no", "yes"))
    with pytest.raises(MetricError, match="1 of 2 predictions are not numbers"):
        ScoredCases.of(predictions)


def test_labelled_cases_come_in_the_tables_order(make_labelled):
    predictions = make_labelled(cases_per_patient=4)
    cases = ScoredCases.of(predictions)
    np.testing.assert_array_equal(cases.targets[:, 1], predictions.table["y_true_cyst"])
    np.testing.assert_array_equal(cases.probs[:, 2], predictions.table["prob_scar"])
    assert (cases.classes, cases.num_patients, cases.calls) == (("fluid", "cyst", "scar"), 60, None)
    assert ScoredCases.of(make_labelled()).patients is None
    one = cases.about(2)
    assert one.classes == ("no scar", "scar")
    np.testing.assert_array_equal(one.is_positive, cases.targets[:, 2] == 1)
    np.testing.assert_array_equal(one.positive_probs, cases.probs[:, 2])
    np.testing.assert_array_equal(one.patients, cases.patients)
    broken = predictions.table.with_columns(pl.lit(float("nan")).alias("prob_cyst"))
    with pytest.raises(MetricError, match="240 of 240 predictions are not numbers"):
        ScoredCases.of(Predictions(broken, predictions.metadata))


def test_grades_are_called_the_most_probable_one_and_one_of_them_against_the_rest(make_graded):
    cases = ScoredCases.of(make_graded(cases_per_patient=2))
    np.testing.assert_array_equal(cases.calls, cases.probs.argmax(axis=1))
    assert cases.has_grades
    one = cases.about(3)
    assert (one.classes, one.has_grades) == (("other classes", "severe"), False)
    np.testing.assert_array_equal(one.calls, cases.calls == 3)
    np.testing.assert_array_equal(one.targets, cases.targets == 3)


def test_some_of_the_cases_keep_their_order_and_their_patients(make_graded):
    cases, rows = ScoredCases.of(make_graded(cases_per_patient=2)).with_fixed_classes(), np.array([5, 4, 100])
    some = cases.select(rows)
    for name in ("targets", "probs", "calls", "design_strata"):
        np.testing.assert_array_equal(getattr(some, name), getattr(cases, name)[rows])
    assert some.patients.tolist() == [0, 0, 1]
    assert cases.select(np.array([0, 2])).patients is None
    assert renumbered(np.array([90, 90, 20, 20])).tolist() == [1, 1, 0, 0]


def test_a_threshold_calls_and_is_where_decisions_are_taken():
    cases = asked([0, 1], [0.3, 0.5])
    assert (cases.calls, cases.not_called, cases.decision_threshold) == (None, "no threshold was chosen", 0.5)
    called = cases.called_at(0.4)
    assert (called.calls.tolist(), called.decision_threshold) == ([0, 1], 0.4)
    assert cases.called_at(1.2).decision_threshold == 0.5
    assert called.called_at(None, "why not").not_called == "why not"


def test_a_case_control_study_fixes_the_numbers_of_its_classes(make_predictions):
    given = ["no", "yes", "no"], np.full((3, 2), 0.5), ("no", "yes")
    cohort, fixed = (ScoredCases.of(make_predictions(*given, sampling=kind)) for kind in ("cohort", "case_control"))
    assert cohort.design_strata is None
    assert (cohort.drawn_within.tolist(), fixed.drawn_within.tolist()) == ([0, 0, 0], [0, 1, 0])


def test_strata_are_the_rarest_labels():
    targets = np.array([[1, 0, 0], [1, 1, 0], [1, 1, 1], [0, 0, 0], [1, 0, 0]])
    assert labelled(targets, targets).strata.tolist() == [1, 2, 3, 0, 1]
    assert labelled(targets[:, ::-1], targets).strata.tolist() == [1, 2, 3, 0, 1]


@pytest.mark.parametrize(
    ("column", "reason"), [(0, "one class only: no positive case"), (1, "one class only: no negative case")]
)
def test_a_label_that_says_nothing_is_named(column, reason):
    targets = np.array([[0, 1, 1], [0, 1, 0]])[:, [column, 2]]
    assert labelled(targets, targets).missing == f"label 'label0': {reason}"
    assert labelled(targets[:, 1:], targets[:, 1:]).missing is None
    assert classed([0, 2], [0, 2]).missing == "1 of 3 classes have no case"


def test_the_rarest_are_counted_by_patient_among_those_that_count():
    cases = asked([1, 1, 1, 0, 0, 0], np.full(6, 0.5), patients=[0, 0, 1, 1, 2, 3])
    assert cases.num_of_rarest(np.ones(6, dtype=bool)) == 2
    assert cases.num_of_rarest(~cases.is_positive) == 3
    assert cases.num_of_rarest(np.zeros(6, dtype=bool)) == 0
    labels = drawn(View.LABELS)
    num_with = labels.targets.sum(axis=0)
    assert labels.num_of_rarest(np.ones(60, dtype=bool)) == min(*num_with, *(60 - num_with))


def test_errors_are_squared_distances_of_each_task():
    assert asked([1, 0], [0.6, 0.1]).errors == pytest.approx([0.16, 0.01])
    assert classed([0, 2], [[0.5, 0.3, 0.2], [0, 0, 1]]).errors == pytest.approx([0.25 + 0.09 + 0.04, 0])
    assert labelled([[1, 0]], [[0.6, 0.1]]).errors == pytest.approx([0.085])
