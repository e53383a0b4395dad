"""Net benefit at the threshold of decision."""

import dataclasses

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from reprodx.metrics.decision_curve import decision_curve
from tests.scored import asked, drawn, scored


@pytest.mark.parametrize("threshold", [0.1, 0.3, 0.5, 0.8])
def test_it_is_that_of_the_decision_curve(threshold):
    cases = dataclasses.replace(drawn("binary"), decision_threshold=threshold)
    curve = decision_curve(cases.is_positive, cases.positive_probs, np.array([threshold]))
    found = scored("net_benefit", cases)
    assert found.value == pytest.approx(curve.model[0])
    assert found.ci_low < found.value < found.ci_high


@pytest.mark.parametrize(("threshold", "benefit"), [(0.1, 0.222), (0.2, 0.125), (0.5, -0.4), (0.9, -6.0)])
def test_treating_all_of_whom_three_tenths_are_diseased(threshold, benefit):
    """Table 4 of PMC6993280; treating none is worth 0."""
    truth = np.repeat([1, 0], [3, 7])
    for prob, worth in ((1.0, benefit), (0.0, 0.0)):
        found = scored("net_benefit", asked(truth, np.full(10, prob), threshold=threshold))
        assert found.value == pytest.approx(worth, abs=5e-4)


def test_a_false_positive_that_was_not_seen_is_reckoned_with():
    """At 0.95 one costs 19 true ones: of none among 300 cases the variance knows nothing, Wilson's limit does."""
    truth = np.repeat([1, 0], [90, 210])
    found = scored("net_benefit", asked(truth, np.where(np.arange(300) < 40, 0.99, 0.1), threshold=0.95))
    assert found.value == pytest.approx(40 / 300)
    upper = proportion_confint(0, 300, method="wilson")[1]
    hits = proportion_confint(40, 300, method="wilson")
    assert found.ci_low == pytest.approx(found.value - np.hypot(40 / 300 - hits[0], 19 * upper))
    assert found.ci_high == pytest.approx(hits[1])
