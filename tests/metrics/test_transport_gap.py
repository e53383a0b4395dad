"""The loss of discrimination at new sites."""

from __future__ import annotations

import polars as pl
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from reprodx.artifacts.predictions import Predictions
from reprodx.metrics.transport_gap import has_new_test_sites, transport_gap
from reprodx.schemas import Estimate


def test_mover_of_wilson_intervals_is_newcombes_hybrid() -> None:
    """Newcombe 1998: 56/70 - 48/80 is .2 (.0524 to .3339), which is MOVER applied to Wilson intervals."""
    wilson = [
        Estimate(count / n, *proportion_confint(count, n, method="wilson"), n, count, "Wilson")
        for count, n in [(56, 70), (48, 80)]
    ]
    gap = transport_gap(*wilson)
    assert (gap.ci_low, gap.ci_high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    oracle = confint_proportions_2indep(56, 70, 48, 80, method="newcomb")
    assert (gap.ci_low, gap.ci_high) == pytest.approx(oracle, abs=1e-6)


def test_what_one_side_cannot_say_the_gap_cannot() -> None:
    whole = Estimate(0.9, 0.8, 0.95, 10, 5, "a")
    bare = Estimate(1.0, None, None, 10, 5, "a", "perfect separation")
    assert transport_gap(whole, bare).reason == "perfect separation"
    assert transport_gap(whole, bare).value == pytest.approx(-0.1)
    assert transport_gap(Estimate.undefined("one class only", n=3), whole).value is None


@pytest.mark.parametrize(
    ("sites", "is_new"),
    [({"site": ["a", "b"]}, True), ({"site": ["a", "a"]}, False), ({}, False), ({"site": [None, None]}, False)],
)
def test_only_disjoint_sites_have_a_gap(sites: dict[str, list[str | None]], is_new: bool) -> None:
    table = pl.DataFrame({"split": ["val", "test"], **sites})
    assert has_new_test_sites(Predictions(table, {"classes": ["a", "b"]})) is is_new
