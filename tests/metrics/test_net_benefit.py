"""Net benefit at a few thresholds."""

import dataclasses

import numpy as np
import pytest

from reprodx.metrics.decision_curve import decision_curve
from reprodx.metrics.net_benefit import NO_SPREAD, net_benefits
from reprodx.metrics.scored_cases import ScoredCases


def cases_of(targets, probs, patients=None):
    return ScoredCases(np.array(targets), np.column_stack([1 - np.array(probs), probs]), patients, ("well", "ill"))


@pytest.fixture
def cases():
    rng = np.random.default_rng(0)
    targets = np.arange(120) % 3 == 0
    return cases_of(targets.astype(int), 1 / (1 + np.exp(1 - 2 * targets - rng.normal(size=120))))


def test_thresholds_stand_once_and_in_order_with_the_values_of_the_curve(cases, settings):
    benefits = net_benefits(cases, [0.5, 0.2, 0.5], settings)
    assert [one.threshold for one in benefits] == [0.2, 0.5]
    curve = decision_curve(cases.is_positive, cases.positive_probs, np.array([0.2, 0.5]))
    assert [one.model.value for one in benefits] == curve.model.tolist()
    for one in benefits:
        assert one.model.ci_low < one.model.value < one.model.ci_high
        assert one.gain.value == pytest.approx(one.model.value - max(one.treat_all, 0))
        odds = one.threshold / (1 - one.threshold)
        assert one.avoided == pytest.approx(100 * (one.model.value - one.treat_all) / odds)
        assert one.model.method == "percentile bootstrap of cases, B = 200"


def test_a_stated_prevalence_and_patients_are_heeded(cases, settings):
    (usual,), (rare,) = (
        net_benefits(cases, [0.2], dataclasses.replace(settings, prevalence=prevalence)) for prevalence in (None, 0.05)
    )
    assert rare.treat_all < usual.treat_all
    clustered = cases_of(cases.targets, cases.positive_probs, np.arange(120) // 3)
    assert "of patients" in net_benefits(clustered, [0.2], settings)[0].model.method


def test_one_class_has_none_and_equal_resamples_no_interval(settings):
    assert net_benefits(cases_of([1, 1], [0.2, 0.9]), [0.5], settings) == []
    perfect = cases_of([1, 1, 0], [0.8, 0.9, 0.1])
    assert net_benefits(perfect, [0.5], settings)[0].model.ci_low is not None
    (perfect,) = net_benefits(perfect.with_fixed_classes(), [0.5], settings)
    assert (perfect.model.ci_low, perfect.model.reason) == (None, NO_SPREAD)
