"""Which cases are listed as failures, in which order, and how many there are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reprodx.artifacts.explanations import FailureKind
from reprodx.artifacts.predictions import Predictions, joined_labels
from reprodx.errors import MetricError
from reprodx.metrics.failures import count_failures, worst_failures

Make = Callable[..., Predictions]
THRESHOLD = {"value": 0.5, "rule": "fixed", "chosen_on": "val"}
NEGATIVE, POSITIVE, WRONG = FailureKind


def binary(make: Make, y_true: str, positive: list[float], **changes: object) -> Predictions:
    names = [{"s": "sick", "h": "healthy"}[letter] for letter in y_true]
    probs = np.column_stack([1 - np.array(positive), positive])
    return make(names, probs, ("healthy", "sick"), **{"threshold": THRESHOLD, **changes})


def test_the_farthest_from_the_threshold_come_first_and_ties_by_case_id(make_predictions: Make) -> None:
    predictions = binary(make_predictions, "ssshhhs", [0.4, 0.1, 0.4, 0.9, 0.5, 0.2, 0.8], columns={"fold": [2] * 7})
    failures = worst_failures(predictions, 1, 5)
    assert [(one.case_id, one.kind, one.probability) for one in failures] == [
        ("c1", NEGATIVE, 0.1),
        ("c0", NEGATIVE, 0.4),
        ("c2", NEGATIVE, 0.4),
        ("c3", POSITIVE, 0.9),
        ("c4", POSITIVE, 0.5),
    ]
    assert {(one.question, one.threshold, one.site, one.fold) for one in failures} == {("sick", 0.5, None, 2)}
    assert [one.true_class for one in failures] == ["sick"] * 3 + ["healthy"] * 2


def test_all_failures_are_counted_whatever_is_listed(make_predictions: Make) -> None:
    predictions = binary(make_predictions, "ssshhhs", [0.4, 0.1, 0.4, 0.9, 0.5, 0.2, 0.8])
    assert [(one.num_failures, one.num_cases) for one in count_failures(predictions, 1)] == [(3, 4), (2, 3)]
    assert [one.case_id for one in worst_failures(predictions, 1, 1)] == ["c1", "c3"]
    assert worst_failures(predictions, 1, 0) == []


def test_a_model_without_failures_has_none(make_predictions: Make) -> None:
    predictions = binary(make_predictions, "sh", [0.5, 0.4])
    assert worst_failures(predictions, 1, 9) == []
    assert [one.num_failures for one in count_failures(predictions, 1)] == [0, 0]


def test_without_a_threshold_nothing_is_wrong_and_the_reason_is_given(make_predictions: Make) -> None:
    predictions = binary(make_predictions, "sh", [0.1, 0.9], threshold=None)
    assert worst_failures(predictions, 1, 9) == []
    assert {(one.num_failures, one.reason) for one in count_failures(predictions, 1)} == {
        (None, "no threshold was chosen")
    }


def test_a_threshold_of_the_test_split_is_refused(make_predictions: Make) -> None:
    with pytest.raises(MetricError, match="chosen on the test split"):
        worst_failures(binary(make_predictions, "sh", [0.1, 0.9], threshold={**THRESHOLD, "chosen_on": "test"}), 1, 9)


def test_several_classes_fail_by_the_class_that_is_called(make_predictions: Make) -> None:
    probs = np.array([[0.2, 0.7, 0.1], [0.5, 0.3, 0.2], [0.05, 0.05, 0.9], [0.1, 0.2, 0.7]])
    predictions = make_predictions(["a", "a", "b", "a"], probs, ("a", "b", "c"), task="multiclass")
    failures = worst_failures(predictions, 1, 9)
    assert [(one.case_id, one.question, one.true_class, one.probability) for one in failures] == [
        ("c2", "c", "b", 0.9),
        ("c0", "b", "a", 0.7),
        ("c3", "c", "a", 0.7),
    ]
    assert {one.threshold for one in failures} == {None}
    (count,) = count_failures(predictions, 1)
    assert (count.kind, count.question, count.num_failures, count.num_cases) == (WRONG, None, 3, 4)


def test_grades_fail_as_referable_or_not(make_predictions: Make) -> None:
    probs = np.array([[0.6, 0.3, 0.1], [0.1, 0.2, 0.7]])
    threshold = {**THRESHOLD, "positive": "mild or above"}
    predictions = make_predictions(
        ["severe", "none"], probs, ("none", "mild", "severe"), task="ordinal", threshold=threshold
    )
    failures = worst_failures(predictions, 1, 9)
    assert [(one.kind, one.question, one.true_class) for one in failures] == [
        (NEGATIVE, "mild or above", "severe"),
        (POSITIVE, "mild or above", "none"),
    ]
    assert [one.probability for one in failures] == pytest.approx([0.4, 0.9])


def test_labels_are_ranked_together_by_the_distance_to_their_own_thresholds(make_labelled: Make) -> None:
    thresholds = {name: {**THRESHOLD, "value": value} for name, value in [("fluid", 0.9), ("cyst", 0.3)]}
    thresholds["scar"] = {**THRESHOLD, "value": None, "reason": "too few"}
    made = make_labelled(thresholds=thresholds)
    table = made.table.with_columns(joined_labels(made.table, made.classes))
    predictions = Predictions(table, made.metadata).of("test")
    failures = worst_failures(predictions, 1, 4)
    assert [one.kind for one in failures] == [NEGATIVE] * 4 + [POSITIVE] * 4
    distances = [abs(one.probability - (one.threshold or 0)) for one in failures]
    assert distances[:4] == sorted(distances[:4], reverse=True)
    missed = predictions.table.filter((pl.col("y_true_fluid") == 1) & (pl.col("prob_fluid") < 0.9))
    assert failures[0].probability == missed["prob_fluid"].min()
    counts = {(one.question, one.kind): one for one in count_failures(predictions, 1)}
    assert counts["fluid", NEGATIVE].num_failures == missed.height
    assert counts["scar", POSITIVE].reason == "too few"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # the fixture is a function without state
@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=30), st.randoms())
def test_the_order_of_the_rows_does_not_matter(
    make_predictions: Make, cases: list[tuple[bool, float]], random: object
) -> None:
    predictions = binary(make_predictions, "".join("s" if sick else "h" for sick, _ in cases), [p for _, p in cases])
    rows = list(range(len(cases)))
    random.shuffle(rows)  # type: ignore[attr-defined]
    shuffled = Predictions(predictions.table[rows], predictions.metadata)
    assert worst_failures(shuffled, 1, 3) == worst_failures(predictions, 1, 3)
    assert count_failures(shuffled, 1) == count_failures(predictions, 1)
    wrong = sum((p >= 0.5) != sick for sick, p in cases)
    assert sum(one.num_failures or 0 for one in count_failures(predictions, 1)) == wrong
