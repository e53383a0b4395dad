"""How the AUROC of each contender, and each difference, varies between sites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reprodx.metrics.heterogeneity import auroc_over_sites, difference_over_sites
from reprodx.schemas import SITE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reprodx.comparison.result import Comparison
    from reprodx.metrics.heterogeneity import SiteHeterogeneity
    from reprodx.schemas import Estimate

AUROC = "auroc"


@dataclass(frozen=True)
class ComparedOverSites:
    """The heterogeneity of a comparison's primary metric."""

    models: Mapping[int, SiteHeterogeneity]
    """By position of the contender."""
    pairs: Mapping[tuple[int, int], SiteHeterogeneity]
    """Of differences, by the positions of first and second."""


def compared_over_sites(comparison: Comparison) -> ComparedOverSites | None:
    """Return how the primary metric varies between sites.

    Args:
        comparison: With its groups.

    Returns:
        None where the primary metric is no AUROC, and where the cases name no sites.
    """
    sites = [group for group in comparison.groups if group.column == SITE]
    if not sites or comparison.primary.metric.metric.name != AUROC:
        return None
    areas: dict[int, dict[str, Estimate]] = {}
    differences: dict[tuple[int, int], dict[str, Estimate]] = {}
    for one in sites:
        for position, estimate in zip((one.first, one.second), one.estimates, strict=True):
            areas.setdefault(position, {})[one.group] = estimate
        differences.setdefault((one.first, one.second), {})[one.group] = one.difference.estimate
    level = comparison.settings.confidence_level
    return ComparedOverSites(
        {place: auroc_over_sites(areas[place], confidence_level=level) for place in sorted(areas)},
        {pair: difference_over_sites(found, confidence_level=level) for pair, found in differences.items()},
    )
