"""F1, macro F1, balanced accuracy."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, f1_score
from statsmodels.stats.proportion import proportion_confint

from reprodx.metrics.asked import View
from reprodx.metrics.undefined import AT_AN_END
from tests.scored import classed, scored, table

EVERY_CLASS = [(0, 0), (1, 1), (2, 0)]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=20))
def test_means_over_classes_are_scikit_learns(cases):
    targets, called = zip(*(EVERY_CLASS + cases), strict=True)
    of_three = classed(targets, called)
    assert scored("f1_macro", of_three, View.CLASSES).value == pytest.approx(f1_score(targets, called, average="macro"))
    found = scored("balanced_accuracy", of_three, View.CLASSES)
    assert found.value == pytest.approx(balanced_accuracy_score(targets, called))


def test_binary_f1_is_of_the_positive_class():
    estimate = scored("f1", table(50, 10, 4, 16))
    assert estimate.value == pytest.approx(32 / 46)
    assert estimate.ci_low < estimate.value < estimate.ci_high
    assert (estimate.n, estimate.n_events) == (80, 20)


def test_balanced_accuracy_of_two_classes_has_the_variance_of_both_shares():
    estimate = scored("balanced_accuracy", table(50, 10, 4, 16))
    assert estimate.value == pytest.approx((50 / 60 + 16 / 20) / 2)
    assert estimate.n_events == 20
    # Each class's own limits, from statsmodels, squared and added.
    shares, limits = (50 / 60, 16 / 20), [proportion_confint(*one, method="wilson") for one in ((50, 60), (16, 20))]
    down, up = (np.hypot(*(one[end] - share for one, share in zip(limits, shares, strict=True))) / 2 for end in (0, 1))
    assert estimate.ci_low == pytest.approx(estimate.value - down)
    assert estimate.ci_high == pytest.approx(estimate.value + up)


def test_a_class_that_is_called_all_right_still_widens_balanced_accuracy():
    whole, part = scored("balanced_accuracy", table(50, 10, 0, 5)), scored("specificity", table(50, 10, 0, 5))
    assert whole.ci_high - whole.ci_low > 1.5 * (part.ci_high - part.ci_low) / 2
    patients = np.repeat(np.arange(13), 5)
    clustered = scored("balanced_accuracy", dataclasses.replace(table(50, 10, 0, 5), patients=patients))
    assert clustered.ci_low < whole.ci_low
    assert "clustered by patient" in clustered.method


def test_a_class_of_which_f1_is_at_an_end_leaves_the_mean_no_interval():
    found = scored("f1_macro", classed([0, 0, 1, 1, 2, 2], [0, 1, 1, 0, 2, 2]), View.CLASSES)
    assert (found.value, found.ci_low) == (pytest.approx(2 / 3), None)
    assert found.reason == "interval not estimable: 1 of 3 classes have an F1 of 0 or 1"


def test_absent_classes_are_undefined():
    assert scored("f1", table(5, 0, 0, 0)).reason == "no case is positive or predicted positive"
    assert scored("f1", table(5, 1, 0, 0)).value == 0
    assert scored("balanced_accuracy", table(5, 1, 0, 0)).reason == "one class only: no positive case"
    assert scored("balanced_accuracy", table(5, 1, 1, 0)).value == pytest.approx(5 / 12)
    assert scored("f1_macro", classed([0, 1], [0, 2]), View.CLASSES).reason == "1 of 3 classes have no case"
    three = classed([0, 1, 2], [0, 2, 2])
    assert scored("f1_macro", three, View.CLASSES).value == pytest.approx((1 + 0 + 2 / 3) / 3)


def test_perfect_calls():
    estimate = scored("f1", table(5, 0, 0, 5))
    assert (estimate.value, estimate.ci_low, estimate.reason) == (1, None, AT_AN_END)
    estimate = scored("balanced_accuracy", table(5, 0, 0, 5))
    assert 0.5 < estimate.ci_low < estimate.ci_high == 1
