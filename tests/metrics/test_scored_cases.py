"""The cases of a predictions table as arrays."""

import numpy as np
import polars as pl
import pytest

from reprodx.errors import MetricError
from reprodx.metrics.scored_cases import ScoredCases, patient_numbers


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
