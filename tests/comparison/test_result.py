"""What was found can be asked for by name."""

from __future__ import annotations

from reprodx.metrics.asked import Asked, View
from tests.comparisons import make_comparison


def test_a_metric_is_found_by_its_name_and_the_primary_one_is_the_first() -> None:
    comparison = make_comparison()
    assert comparison.primary is comparison.metrics[0]
    for one in comparison.metrics:
        assert comparison.of(*one.metric.key) is one
    assert comparison.of("auroc", Asked(View.LABEL, "fluid")) is None
