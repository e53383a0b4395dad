"""F1, macro F1, balanced accuracy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, f1_score

from reprodx.metrics.bootstrap import Bootstrap
from reprodx.metrics.class_means import balanced_accuracy, f1, f1_macro
from reprodx.metrics.confusion import ConfusionTable
from reprodx.metrics.scored_cases import ScoredCases

EVERY_CLASS = [(0, 0), (1, 1), (2, 0)]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=20))
def test_means_over_classes_are_scikit_learns(cases):
    targets, called = zip(*(EVERY_CLASS + cases), strict=True)
    table = ConfusionTable.of(
        ScoredCases(np.array(targets), np.eye(3)[list(called)], None, ("a", "b", "c")), None, Bootstrap(20, 0, 0.95)
    )
    assert f1_macro(table).value == pytest.approx(f1_score(targets, called, average="macro"))
    assert balanced_accuracy(table).value == pytest.approx(balanced_accuracy_score(targets, called))


def test_binary_f1_is_of_the_positive_class(make_table):
    estimate = f1(make_table(50, 10, 4, 16))
    assert estimate.value == pytest.approx(32 / 46)
    assert estimate.ci_low < estimate.value < estimate.ci_high
    assert (estimate.n, estimate.n_events) == (80, 20)


def test_balanced_accuracy_of_two_classes_counts_events(make_table):
    estimate = balanced_accuracy(make_table(50, 10, 4, 16))
    assert estimate.value == pytest.approx((50 / 60 + 16 / 20) / 2)
    assert estimate.n_events == 20


def test_absent_classes_are_undefined(make_table, make_cases):
    assert f1(make_table(5, 0, 0, 0)).reason == "no case is positive or predicted positive"
    assert f1(make_table(5, 1, 0, 0)).value == 0
    assert balanced_accuracy(make_table(5, 1, 0, 0)).reason == "1 of 2 classes have no case"
    assert balanced_accuracy(make_table(5, 1, 1, 0)).value == pytest.approx(5 / 12)
    two_of_three = ConfusionTable.of(make_cases([0, 1], [0, 2], 3), None, Bootstrap(5, 0, 0.95))
    assert f1_macro(two_of_three).reason == "1 of 3 classes have no case"
    three = ConfusionTable.of(make_cases([0, 1, 2], [0, 2, 2], 3), None, Bootstrap(5, 0, 0.95))
    assert f1_macro(three).value == pytest.approx((1 + 0 + 2 / 3) / 3)


def test_perfect_calls_have_no_interval(make_table):
    estimate = f1(make_table(5, 0, 0, 5))
    assert (estimate.value, estimate.ci_low) == (1, None)
    assert estimate.reason == "interval not estimable: resamples do not differ"
