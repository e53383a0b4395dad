"""Macro AUROC and Hand and Till's M."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from reprodx.metrics.bootstrap import Bootstrap
from reprodx.metrics.multiclass_auroc import hand_till, macro_auroc

FEW = Bootstrap(30, 0, 0.95)


@hypothesis_settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_values_are_scikit_learns(seed):
    rng = np.random.default_rng(seed)
    targets = np.concatenate([np.arange(4), rng.integers(0, 4, size=40)])
    probs = rng.dirichlet(np.ones(4), size=44)
    for metric, kind in ((macro_auroc, "ovr"), (hand_till, "ovo")):
        estimate = metric(targets, probs, bootstrap=FEW)
        expected = roc_auc_score(targets, probs, multi_class=kind, average="macro")
        assert estimate.value == pytest.approx(expected, abs=1e-12)
        assert estimate.ci_low < estimate.ci_high
        assert (estimate.n, estimate.n_events) == (44, None)


@pytest.mark.parametrize("metric", [macro_auroc, hand_till])
def test_a_class_without_cases_is_undefined(metric):
    probs = np.random.default_rng(0).dirichlet(np.ones(3), size=4)
    assert metric(np.array([0, 1, 0, 1]), probs, bootstrap=FEW).reason == "1 of 3 classes have no case"
    assert metric(np.array([0, 1, 0, 2]), probs, bootstrap=FEW).value is not None


def test_a_class_that_resampled_patients_may_lack_leaves_no_interval():
    targets, patients = np.array([0, 1, 1, 2, 2]), np.array([0, 0, 1, 2, 3])
    probs = np.random.default_rng(0).dirichlet(np.ones(3), size=5)
    estimate = macro_auroc(targets, probs, bootstrap=FEW, patients=patients)
    assert estimate.value is not None
    assert "resamples leave it undefined" in estimate.reason
