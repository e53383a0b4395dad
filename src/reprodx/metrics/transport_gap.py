"""How much discrimination a model loses when it travels to sites that it was not trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.metrics.mover import mover
from reprodx.schemas import SITE, SPLIT, TEST, VAL, Estimate

if TYPE_CHECKING:
    from reprodx.artifacts.predictions import Predictions

METHOD = "validation at the training sites minus test at new sites; MOVER from both intervals"


def has_new_test_sites(predictions: Predictions) -> bool:
    """Tell whether validation and test cases come from different sites.

    Args:
        predictions: Of the validation and test splits.

    Returns:
        False also where the cases have no site.
    """
    table = predictions.table
    if SITE not in table.columns:
        return False
    sites = {split: set(table.filter(table[SPLIT] == split)[SITE]) for split in (VAL, TEST)}
    return all(sites.values()) and sites[VAL].isdisjoint(sites[TEST])


def transport_gap(internal: Estimate, external: Estimate) -> Estimate:
    """Return the difference of two independent estimates of one metric.

    Args:
        internal: At the sites of training, from cases that did not train.
        external: At the new sites.

    Returns:
        Internal minus external, so that a positive gap is a loss; its interval respects the skew of both intervals.

    >>> inside, outside = Estimate(0.9, 0.8, 0.95, 100, 50, "a"), Estimate(0.7, 0.6, 0.8, 100, 50, "a")
    >>> gap = transport_gap(inside, outside)
    >>> round(gap.value, 3), round(gap.ci_low, 3), round(gap.ci_high, 3)
    (0.2, 0.059, 0.312)
    """
    n = internal.n + external.n
    n_events = None if internal.n_events is None else internal.n_events + (external.n_events or 0)
    if internal.value is None or external.value is None:
        reason = internal.reason or external.reason or "undefined at one of the sites"
        return Estimate.undefined(reason, n=n, n_events=n_events, method=METHOD)
    gap = internal.value - external.value
    if internal.ci_low is None or internal.ci_high is None or external.ci_low is None or external.ci_high is None:
        return Estimate(gap, None, None, n, n_events, METHOD, internal.reason or external.reason)
    limits = (internal.ci_low, internal.ci_high), (external.ci_low, external.ci_high)
    low, high = mover((internal.value, external.value), limits, correlation=0.0)
    return Estimate(gap, low, high, n, n_events, METHOD)
