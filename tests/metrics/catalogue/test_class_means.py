"""F1, macro F1, balanced accuracy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, f1_score

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
    on_logit = np.diff(np.log([limit / (1 - limit) for limit in (estimate.ci_low, estimate.ci_high)])).item()
    error = np.sqrt(50 * 10 / 60**2 / 59 + 16 * 4 / 20**2 / 19) / 2
    # Within few patients' t of the normal quantile.
    ratio = on_logit * estimate.value * (1 - estimate.value) / (2 * 1.959964 * error)
    assert 1 - 1e-6 < ratio < 1.08


def test_absent_classes_are_undefined():
    assert scored("f1", table(5, 0, 0, 0)).reason == "no case is positive or predicted positive"
    assert scored("f1", table(5, 1, 0, 0)).value == 0
    assert scored("balanced_accuracy", table(5, 1, 0, 0)).reason == "one class only: no positive case"
    assert scored("balanced_accuracy", table(5, 1, 1, 0)).value == pytest.approx(5 / 12)
    assert scored("f1_macro", classed([0, 1], [0, 2]), View.CLASSES).reason == "1 of 3 classes have no case"
    three = classed([0, 1, 2], [0, 2, 2])
    assert scored("f1_macro", three, View.CLASSES).value == pytest.approx((1 + 0 + 2 / 3) / 3)


def test_perfect_calls_have_no_interval():
    for name in ("f1", "balanced_accuracy"):
        estimate = scored(name, table(5, 0, 0, 5))
        assert (estimate.value, estimate.ci_low) == (1, None)
        assert estimate.reason in (AT_AN_END, "interval not estimable: the variance is zero")
