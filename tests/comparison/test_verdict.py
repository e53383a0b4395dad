"""Verdicts in words."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from reprodx.comparison.result import MetricComparison, PairedDifference, Word
from reprodx.comparison.settings import Margin
from reprodx.comparison.verdict import verdict
from reprodx.metrics.difference import Difference
from reprodx.schemas import Estimate
from tests.comparisons import compared_metric
from tests.settings import comparison_settings

SETTINGS = comparison_settings()
NAMES = ("logistic", "forest")


def judge(
    value, low, high, p_value, *, better=True, num_pairs=1, p_holm=None, name="auroc", reason=None, margin=0.02, **known
):
    difference = Difference(Estimate(value, low, high, 300, 100, "made", reason), None, p_value, **known)
    pair = PairedDifference(1, 0, difference, p_holm=p_holm)
    comparison = MetricComparison(compared_metric(name, better=better), (), (), (pair,) * num_pairs)
    settings = replace(SETTINGS, margin=Margin(margin, "on the command line"))
    return verdict(comparison, pair, NAMES, settings, 300)


@pytest.mark.parametrize(
    ("value", "low", "high", "p_value", "word", "said"),
    [
        (0.03, 0.01, 0.05, 0.003, Word.SUPERIOR, "in its favour"),
        (0.005, 0.001, 0.009, 0.01, Word.SUPERIOR, "in its favour"),
        (0.0, -0.01, 0.01, 1.0, Word.NON_INFERIOR, "neither model is shown to be better"),
        (-0.01, -0.015, -0.005, 0.0001, Word.NON_INFERIOR, "yet it is worse, by less than that"),
        (-0.03, -0.05, -0.01, 0.003, Word.INFERIOR, "may reach 0.02 (the margin stated on the command line)"),
        (-0.05, -0.07, -0.03, 0.0001, Word.INFERIOR, "exceeds 0.02"),
        (-0.01, -0.03, 0.01, 0.3, Word.INCONCLUSIVE, "and a difference of 0 as well"),
        (0.01, -0.03, 0.05, 0.6, Word.INCONCLUSIVE, "holds a loss of 0.02"),
        (-0.005, -0.02, 0.01, 0.5, Word.INCONCLUSIVE, "holds a loss of 0.02"),
    ],
)
def test_scenarios_of_consort(value, low, high, p_value, word, said):
    """Piaggio et al., JAMA 2012;308:2594, figure 1, with a limit on the margin itself as well."""
    found = judge(value, low, high, p_value)
    assert found.word == word
    assert said in found.reason
    mirrored = judge(-value, -high, -low, p_value, better=False)
    assert mirrored.word == word
    assert said in mirrored.reason


def test_sentence_reads_like_a_paper():
    assert judge(0.03, 0.01, 0.05, 0.003).reason == (
        "forest is superior to logistic: the difference in AUROC is +0.0300 (95% CI +0.0100 to +0.0500; p = 0.0030); "
        "a difference in its favour is shown."
    )
    assert judge(-0.01, -0.03, 0.01, 0.00001, num_pairs=3, p_holm=0.00002).reason == (
        "The comparison of forest with logistic is inconclusive: the difference in AUROC is -0.0100 (95% CI -0.0300 to "
        "+0.0100; Holm-adjusted p < 0.0001, 3 pairs); the interval holds a loss of 0.02 (the margin stated on the "
        "command line), and a difference of 0 as well."
    )


def test_claims_are_adjusted_for_the_pairs():
    assert judge(0.03, 0.01, 0.05, 0.03, num_pairs=3, p_holm=0.04).word == Word.SUPERIOR
    better = judge(0.03, 0.01, 0.05, 0.03, num_pairs=3, p_holm=0.09)
    assert better.word == Word.NON_INFERIOR
    assert "that it is better is not shown" in better.reason
    worse = judge(-0.03, -0.05, -0.01, 0.03, num_pairs=3, p_holm=0.09)
    assert worse.word == Word.INCONCLUSIVE
    assert "that it is worse is not shown" in worse.reason
    assert "yet it is perhaps worse" in judge(-0.01, -0.015, -0.005, 0.03, num_pairs=3, p_holm=0.09).reason


def test_a_p_value_and_an_interval_that_disagree_claim_nothing():
    """As an exact test and an interval that is not its inverse may."""
    assert judge(0.03, -0.001, 0.06, 0.04).word == Word.NON_INFERIOR
    assert judge(-0.03, -0.06, 0.001, 0.04).word == Word.INCONCLUSIVE
    assert judge(0.03, 0.001, 0.06, 0.06).word == Word.NON_INFERIOR


def test_equal_predictions_are_non_inferior():
    ranked = judge(0.0, 0.0, 0.0, 1.0)
    assert ranked.word == Word.NON_INFERIOR
    assert "both rank every case alike" in ranked.reason
    assert (ranked.minimum_detectable, ranked.patients_needed) == (None, None)
    assert "both agree on every case" in judge(0.0, 0.0, 0.0, 1.0, name="brier", better=False).reason


def test_what_cannot_be_judged_says_why():
    reason = "interval not estimable: the variance is zero"
    without = judge(0.1, None, None, None, reason=reason)
    assert without.word == Word.INCONCLUSIVE
    assert without.reason.endswith(f"the difference in AUROC of +0.1000 has no interval ({reason}).")
    assert without.minimum_detectable is None
    undefined = judge(None, None, None, None, reason="one class only: no positive case")
    assert undefined.reason.endswith("the difference in AUROC is undefined (one class only: no positive case).")
    neither = judge(0.1, 0.05, 0.15, 0.001, better=None)
    assert neither.word == Word.INCONCLUSIVE
    assert neither.reason.endswith("neither a higher nor a lower AUROC is better in itself.")
    assert judge(0.1, 0.05, 0.15, 0.001).word == Word.SUPERIOR


def test_without_a_p_value_nothing_is_claimed_but_the_margin():
    assert judge(0.03, 0.01, 0.05, None).word == Word.NON_INFERIOR
    assert "no p value" in judge(-0.05, -0.07, -0.03, None).reason
    assert judge(-0.05, -0.07, -0.03, None).word == Word.INCONCLUSIVE


def test_patients_are_planned_for_the_margin_and_never_for_the_difference_seen():
    half = norm.ppf(0.975) * 0.01
    seen = ((0.005, 0.62), (-0.005, 0.62), (0.03, 0.003), (-0.03, 0.003))
    found = [judge(value, value - half, value + half, p_value) for value, p_value in seen]
    assert {one.word for one in found} == set(Word)
    for one in found:
        assert one.minimum_detectable == pytest.approx((norm.ppf(0.975) + norm.ppf(0.8)) * 0.01)
        assert one.patients_needed == int(300 * (one.minimum_detectable / 0.02) ** 2) + 1
        assert (one.seeds_floor, one.seeds_needed) == (None, False)


def test_without_a_margin_nothing_is_planned_for():
    found = judge(0.03, 0.01, 0.05, 0.003, margin=0.0)
    assert found.minimum_detectable is not None
    assert (found.patients_needed, found.seeds_needed) == (None, False)


def test_more_seeds_are_needed_where_no_number_of_patients_is_enough():
    found = judge(0.0, -0.05, 0.05, 0.9, standard_error=0.02, degrees_of_freedom=16.0, between=0.0002)
    assert (found.patients_needed, found.seeds_needed) == (None, True)
    assert 0.02 < found.seeds_floor < found.minimum_detectable
    enough = judge(0.0, -0.05, 0.05, 0.9, standard_error=0.02, degrees_of_freedom=4000.0, between=0.000012)
    assert (enough.patients_needed > 300, enough.seeds_needed) == (True, False)
    assert 0 < enough.seeds_floor < 0.02


def test_holm_adjusts_the_tests_that_there_are():
    """Of two pairs one of which has no test, the other's p is claimed as it is."""
    defined = PairedDifference(
        1, 0, Difference(Estimate(0.03, 0.01, 0.05, 300, 100, "made"), None, 0.003), p_holm=0.003
    )
    without = PairedDifference(2, 0, Difference(Estimate.undefined("one class only", n=300), None, None))
    comparison = MetricComparison(compared_metric("auroc"), (), (), (defined, without))
    assert (comparison.num_tests, comparison.claimed_p(defined)) == (1, 0.003)
    assert "; p = 0.0030);" in verdict(comparison, defined, NAMES, SETTINGS, 300).reason


@given(st.floats(-0.1, 0.1), st.floats(1e-4, 0.1))
def test_a_verdict_never_contradicts_its_mirror(value, half):
    """With a Wald interval and its own p, at most one of two models is superior, and a superior one is no worse."""
    p_value = 2 * norm.sf(abs(value) / (half / norm.ppf(0.975)))
    one, other = (judge(sign * value, sign * value - half, sign * value + half, p_value).word for sign in (1, -1))
    assert (one == Word.SUPERIOR) <= (other in (Word.INFERIOR, Word.NON_INFERIOR))
    assert (one == Word.INFERIOR) <= (other == Word.SUPERIOR)
    assert (one == Word.INCONCLUSIVE) <= (other in (Word.INCONCLUSIVE, Word.NON_INFERIOR))


def test_without_a_margin_nothing_is_no_worse():
    above = judge(0.03, 0.001, 0.06, 0.02, num_pairs=3, p_holm=0.06, margin=0.0)
    assert above.word == Word.INCONCLUSIVE
    assert "neither model is shown to be better; a margin is stated" in above.reason
    assert judge(-0.03, -0.06, -0.01, 0.01, margin=0.0).word == Word.INFERIOR
    assert judge(0.03, 0.01, 0.06, 0.01, margin=0.0).word == Word.SUPERIOR
