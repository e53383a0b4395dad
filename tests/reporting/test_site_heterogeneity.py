"""What is said under a table of sites."""

import pytest

from reprodx.metrics.heterogeneity import RandomEffects, SiteHeterogeneity
from reprodx.reporting.site_heterogeneity import METHOD, NO_BETTER, heterogeneity_notes


def make_found(num_sites: int = 4, *, left_out: tuple[str, ...] = (), low: float = 0.6) -> SiteHeterogeneity:
    summary = RandomEffects(0.853, 0.76, 0.9104, low, 0.95, 0.4, 0.634, 9.1, num_sites)
    return SiteHeterogeneity(num_sites, left_out, summary)


def test_mean_new_hospital_and_share_are_told_with_their_doubt() -> None:
    told = heterogeneity_notes(make_found(left_out=("tiny",)), "AUROC", 0.95)
    assert told == (
        "AUROC over 4 sites: mean 0.853 (95%\N{NO-BREAK SPACE}CI 0.760 to 0.910); in a new hospital like these 0.600 "
        "to 0.950 (95% prediction interval). I² = 63%: the share of the spread between sites that chance does not "
        "explain.",
        "With 4 sites the prediction interval is itself uncertain.",
        "Left out of the mean, too small or without an interval: tiny.",
        METHOD,
    )


def test_with_many_sites_there_is_no_such_doubt_and_chance_is_pointed_out() -> None:
    assert heterogeneity_notes(make_found(10), "AUROC", 0.9)[1:] == (METHOD,)
    assert NO_BETTER in heterogeneity_notes(make_found(low=0.49), "AUROC", 0.95)


@pytest.mark.parametrize("num_sites", [0, 1])
def test_of_one_site_nothing_is_said_and_of_two_that_they_are_too_few(num_sites: int) -> None:
    assert heterogeneity_notes(SiteHeterogeneity(num_sites, ("tiny",), None), "AUROC", 0.95) == ()
    told = heterogeneity_notes(SiteHeterogeneity(2, ("tiny",), None), "AUROC", 0.95)
    assert told == (
        "Two sites are too few to tell how hospitals differ: it takes 3.",
        "Left out of the mean, too small or without an interval: tiny.",
    )
