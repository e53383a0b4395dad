"""P values of a whole comparison, adjusted for how many there are."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from reprodx.metrics.multiplicity import benjamini_hochberg, holm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reprodx.comparison.result import MetricComparison


def adjusted(metrics: Sequence[MetricComparison]) -> tuple[MetricComparison, ...]:
    """Return the metrics with the adjusted p values of every pair.

    Args:
        metrics: Of one comparison.

    Returns:
        The same; `p_holm` over the pairs of each metric, for claims, and `p_bh` over all pairs of all metrics, for
        screening. A test that is undefined counts as none.
    """
    screened = iter(benjamini_hochberg([pair.difference.p_value for one in metrics for pair in one.pairs]))
    return tuple(_with_adjusted(one, [next(screened) for _ in one.pairs]) for one in metrics)


def _with_adjusted(one: MetricComparison, screened: list[float | None]) -> MetricComparison:
    claimed = holm([pair.difference.p_value for pair in one.pairs])
    pairs = zip(one.pairs, claimed, screened, strict=True)
    return dataclasses.replace(
        one, pairs=tuple(dataclasses.replace(pair, p_holm=p_holm, p_bh=p_bh) for pair, p_holm, p_bh in pairs)
    )
