"""The membership attack."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from reprodx.metrics.generation.membership import membership_auroc, membership_scores


def test_area_is_scikit_learns():
    rng = np.random.default_rng(0)
    train, heldout = rng.normal(0.5, 1, size=40), rng.normal(size=40)
    found = membership_auroc(train, np.arange(40), heldout, np.arange(40, 80), seed=0, confidence_level=0.95)
    expected = roc_auc_score(np.repeat([1, 0], 40), np.concatenate([train, heldout]))
    assert found.value == pytest.approx(expected)
    assert (found.n, found.n_events, found.method) == (80, 40, "logit DeLong")
    assert found.ci_low < expected < found.ci_high


def test_larger_side_is_drawn_from_by_patients():
    rng = np.random.default_rng(1)
    train, heldout = rng.normal(size=300), rng.normal(size=20)
    patients = np.arange(300) // 3
    found = membership_auroc(train, patients, heldout, 100 + np.arange(20), seed=0, confidence_level=0.95)
    assert (found.n, found.n_events) == (80, 60)
    assert found.method.startswith("logit Obuchowski, clustered by patient")
    again = membership_auroc(train, patients, heldout, 100 + np.arange(20), seed=0, confidence_level=0.95)
    assert found == again


def test_cases_twice_do_not_narrow_the_interval():
    rng = np.random.default_rng(2)
    sides = (rng.normal(0.4, 1, size=30), np.arange(30), rng.normal(size=30), np.arange(30, 60))
    once = membership_auroc(*sides, seed=0, confidence_level=0.95)
    twice = membership_auroc(*(np.tile(side, 2) for side in sides), seed=0, confidence_level=0.95)
    assert (twice.ci_low, twice.ci_high) == pytest.approx((once.ci_low, once.ci_high))


def test_empty_side_is_undefined():
    empty = np.empty(0)
    found = membership_auroc(empty, empty, np.ones(3), np.arange(3), seed=0, confidence_level=0.95)
    assert (found.value, found.reason) == (None, "no training case or no held-out case")


def test_near_generated_case_raises_the_score():
    cases, generated = np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[0.0, 0.0], [9.0, 9.0]])
    assert membership_scores(cases, generated).tolist() == [0, -5]
