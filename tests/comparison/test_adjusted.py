"""P values adjusted over a whole comparison."""

import pytest

from reprodx.comparison.adjusted import adjusted
from reprodx.comparison.result import MetricComparison, PairedDifference
from reprodx.metrics.difference import Difference
from reprodx.metrics.multiplicity import benjamini_hochberg, holm
from reprodx.schemas import Estimate
from tests.comparisons import compared_metric

ESTIMATE = Estimate(0.1, 0.0, 0.2, 10, None, "made")


def comparison(name, *p_values):
    pairs = [PairedDifference(at + 1, 0, Difference(ESTIMATE, None, p)) for at, p in enumerate(p_values)]
    return MetricComparison(compared_metric(name), (ESTIMATE,), (None,), tuple(pairs))


def test_claims_count_the_pairs_of_a_metric_and_screening_everything():
    found = adjusted([comparison("auroc", 0.01, 0.03), comparison("brier", 0.02, None)])
    assert [[pair.p_holm for pair in one.pairs] for one in found] == [list(holm([0.01, 0.03])), [0.02, None]]
    screened = [pair.p_bh for one in found for pair in one.pairs]
    assert screened == pytest.approx(benjamini_hochberg([0.01, 0.03, 0.02, None]))
    assert [one.metric.name for one in found] == ["auroc", "brier"]
    assert found[0].pairs[1].difference.p_value == 0.03


def test_nothing_is_adjusted_where_nothing_was_compared():
    assert adjusted([]) == ()
    assert adjusted([comparison("auroc")])[0].pairs == ()
