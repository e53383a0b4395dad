"""Heterogeneity between sites of each contender and of each difference."""

from dataclasses import replace

from reprodx.comparison.site_heterogeneity import compared_over_sites
from reprodx.metrics.heterogeneity import auroc_over_sites, difference_over_sites
from tests.comparisons import make_comparison, with_third_site


def test_each_contender_and_pair_is_analysed_over_its_own_sites():
    comparison = with_third_site(make_comparison(num_contenders=3))
    found = compared_over_sites(comparison)
    sites = [group for group in comparison.groups if group.column == "site" and group.first == 2]
    assert found is not None
    assert list(found.models) == [0, 1, 2]
    assert list(found.pairs) == [(1, 0), (2, 0)]
    firsts, seconds = ({group.group: group.estimates[side] for group in sites} for side in (0, 1))
    assert found.models[2] == auroc_over_sites(firsts, confidence_level=0.95)
    assert found.models[0] == auroc_over_sites(seconds, confidence_level=0.95)
    differences = {group.group: group.difference.estimate for group in sites}
    assert found.pairs[2, 0] == difference_over_sites(differences, confidence_level=0.95)
    assert found.models[0].num_sites == 3


def test_only_aurocs_and_only_sites():
    comparison = make_comparison()
    brier = next(metric for metric in comparison.metrics if metric.metric.name == "brier")
    assert compared_over_sites(replace(comparison, metrics=(brier,))) is None
    ages = tuple(group for group in comparison.groups if group.column == "group_age")
    assert compared_over_sites(replace(comparison, groups=ages)) is None
