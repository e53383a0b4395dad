"""Net benefit at the threshold of decision."""

import dataclasses

import numpy as np
import pytest

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
