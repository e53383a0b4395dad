"""Hand and Till's M."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from reprodx.metrics.asked import View
from tests.scored import classed, drawn, scored


@given(st.integers(0, 2**32 - 1))
def test_values_are_scikit_learns(seed):
    cases = drawn(View.CLASSES, 44, seed=seed)
    estimate = scored("hand_till", cases, View.CLASSES)
    expected = roc_auc_score(cases.targets, cases.probs, multi_class="ovo", average="macro")
    assert estimate.value == pytest.approx(expected, abs=1e-12)
    assert estimate.ci_low < estimate.ci_high
    assert (estimate.n, estimate.n_events) == (44, None)


def test_no_class_is_rare_to_it():
    cases = drawn(View.CLASSES, 44)
    rows = np.concatenate([np.arange(44), *[np.flatnonzero(cases.targets == 2)] * 3])
    many = classed(cases.targets[rows], cases.probs[rows])
    assert scored("hand_till", many, View.CLASSES).value == pytest.approx(
        scored("hand_till", cases, View.CLASSES).value
    )
    assert scored("auroc", many, View.CLASSES).value != pytest.approx(scored("auroc", cases, View.CLASSES).value)


def test_a_class_without_cases_is_undefined():
    probs = np.random.default_rng(0).dirichlet(np.ones(3), size=4)
    assert scored("hand_till", classed([0, 1, 0, 1], probs), View.CLASSES).reason == "1 of 3 classes have no case"
    assert scored("hand_till", classed([0, 1, 0, 2], probs), View.CLASSES).value is not None
