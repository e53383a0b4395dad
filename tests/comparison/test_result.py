"""What was found can be asked for by name."""

from __future__ import annotations

from tests.comparisons import make_comparison


def test_a_metric_is_found_by_its_name_and_the_primary_one_is_the_first() -> None:
    comparison = make_comparison()
    assert comparison.primary is comparison.metrics[0]
    for one in comparison.metrics:
        assert comparison.of(one.metric.name) is one
    assert comparison.of("no_such_metric") is None
