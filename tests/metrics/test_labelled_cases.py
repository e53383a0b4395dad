"""Labelled cases as arrays."""

import numpy as np
import polars as pl
import pytest

from reprodx.artifacts.predictions import Predictions
from reprodx.errors import MetricError
from reprodx.metrics.labelled_cases import LabelledCases


def test_cases_come_in_the_tables_order(make_labelled):
    predictions = make_labelled(cases_per_patient=4)
    cases = LabelledCases.of(predictions)
    assert cases.labels == ("fluid", "cyst", "scar")
    np.testing.assert_array_equal(cases.targets[:, 1], predictions.table["y_true_cyst"])
    np.testing.assert_array_equal(cases.probs[:, 2], predictions.table["prob_scar"])
    assert np.unique(cases.patients).size == 60
    assert LabelledCases.of(make_labelled()).patients is None


def test_one_label_is_a_binary_task(make_labelled):
    cases = LabelledCases.of(make_labelled(cases_per_patient=2))
    one = cases.about(2)
    assert one.classes == ("no scar", "scar")
    np.testing.assert_array_equal(one.is_positive, cases.targets[:, 2] == 1)
    np.testing.assert_array_equal(one.positive_probs, cases.probs[:, 2])
    np.testing.assert_array_equal(one.patients, cases.patients)


def test_strata_are_the_rarest_labels():
    targets = np.array([[1, 0, 0], [1, 1, 0], [1, 1, 1], [0, 0, 0], [1, 0, 0]])
    cases = LabelledCases(targets, targets / 1, None, ("a", "b", "c"))
    assert cases.strata.tolist() == [1, 2, 3, 0, 1]
    assert LabelledCases(targets[:, ::-1], targets / 1, None, ("c", "b", "a")).strata.tolist() == [1, 2, 3, 0, 1]


@pytest.mark.parametrize(
    ("column", "reason"), [(0, "one class only: no positive case"), (1, "one class only: no negative case")]
)
def test_a_label_that_says_nothing_is_named(column, reason):
    targets = np.array([[0, 1, 1], [0, 1, 0]])[:, [column, 2]]
    assert LabelledCases(targets, targets / 1, None, ("same", "told")).undefined_label == f"label 'same': {reason}"
    assert LabelledCases(targets[:, 1:], targets[:, 1:] / 1, None, ("told",)).undefined_label is None


def test_a_probability_that_is_no_number_is_refused(make_labelled):
    predictions = make_labelled()
    broken = predictions.table.with_columns(pl.lit(float("nan")).alias("prob_cyst"))
    with pytest.raises(MetricError, match="240 of 240 predictions are not numbers"):
        LabelledCases.of(Predictions(broken, predictions.metadata))
