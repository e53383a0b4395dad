"""Cases as group metrics need them."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, cohen_kappa_score, recall_score

from reprodx.metrics.answered_cases import AnsweredCases, proportion_cells, table_metric
from reprodx.schemas import Task


def tables_of(cases):
    size = cases.num_classes
    return np.bincount(cases.cells, minlength=size**2).reshape(1, size, size)


def test_calls_of_grades_give_kappa_and_accuracy(make_graded):
    predictions = make_graded()
    cases = AnsweredCases.of(predictions, 2)
    true, called = predictions.targets(), predictions.probs().argmax(axis=1)
    tables = tables_of(cases)
    assert table_metric("kappa", tables)[0] == pytest.approx(cohen_kappa_score(true, called, weights="quadratic"))
    assert table_metric("accuracy", tables)[0] == pytest.approx(accuracy_score(true, called))
    assert table_metric("within_1", tables)[0] == pytest.approx(np.mean(np.abs(true - called) <= 1))
    # The only question is whether a grade is referable.
    np.testing.assert_array_equal(cases.answers, [true >= 2])


def test_calls_of_two_classes_are_at_the_threshold(make_predictions):
    probs = np.array([0.1, 0.3, 0.5, 0.7])
    predictions = make_predictions(
        ["well", "ill", "well", "ill"],
        np.column_stack([1 - probs, probs]),
        ("well", "ill"),
        threshold={"value": 0.5, "rule": "fixed", "chosen_on": "val"},
    )
    tables = tables_of(AnsweredCases.of(predictions, 0))
    true, called = [0, 1, 0, 1], [0, 0, 1, 1]
    assert table_metric("sensitivity", tables)[0] == recall_score(true, called)
    assert table_metric("specificity", tables)[0] == recall_score(true, called, pos_label=0)


def test_nothing_is_called_without_a_threshold_or_of_labels_together(make_predictions, make_labelled):
    without = make_predictions(["well", "ill"], np.full((2, 2), 0.5), ("well", "ill"))
    cases = AnsweredCases.of(without, 0)
    assert (cases.cells, cases.not_called) == (None, "no threshold was chosen")
    labelled = AnsweredCases.of(make_labelled(), 0)
    assert labelled.cells is None
    assert labelled.answers.shape == (3, 240)


def test_some_of_the_cases_keep_their_order_and_their_patients(make_graded):
    predictions = make_graded(cases_per_patient=2)
    assert predictions.task == Task.ORDINAL
    cases, rows = AnsweredCases.of(predictions, 2), np.array([5, 4, 100])
    some = cases.select(rows)
    np.testing.assert_array_equal(some.scores, cases.scores[:, rows])
    assert some.patients[0] == some.patients[1] != some.patients[2]
    assert cases.select(np.array([0, 2])).patients is None


def test_a_metric_that_is_no_proportion_has_no_cells():
    assert proportion_cells("kappa", 3) is None
    hits, of = proportion_cells("within_1", 3)
    assert (hits.sum(), of.sum()) == (7, 9)
