"""Heterogeneity between sites: by R's metafor, by statsmodels, and by what must hold of any sites."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from scipy.stats import norm
from statsmodels.stats.meta_analysis import combine_effects

from reprodx.metrics.heterogeneity import auroc_over_sites, difference_over_sites, random_effects
from reprodx.schemas import Estimate
from tests.scored import shares_of_pairs

# BCG vaccine against tuberculosis (Colditz et al 1994): log risk ratios and variances as metafor's dat.bcg has them.
BCG = np.array(
    [
        (-0.889311333920, 0.325584765004),
        (-1.585388657201, 0.194581121398),
        (-1.348073148300, 0.415367965368),
        (-1.441551190021, 0.020010031902),
        (-0.217547322211, 0.051210172170),
        (-0.786115585819, 0.006905618456),
        (-1.620898223598, 0.223017247572),
        (0.011952333524, 0.003961579298),
        (-0.469417648738, 0.056434210463),
        (-1.371344803473, 0.073024793613),
        (-0.339358828338, 0.012412213972),
        (0.445913400571, 0.532505845200),
        (-0.017313948217, 0.071404659684),
    ]
)
SITES = st.lists(st.tuples(st.floats(-3, 3), st.floats(0.01, 2)), min_size=3, max_size=8).map(np.array)


def of(sites, level=0.95):
    return random_effects(sites[:, 0], sites[:, 1], confidence_level=level)


def test_the_bcg_trials_are_as_metafor_has_them():
    # rma(yi, vi, test="knha"), REML; I2 and Q as printed by metafor.
    found = of(BCG)
    assert found.tau2 == pytest.approx(0.313243325981, abs=1e-6)
    assert found.mean == pytest.approx(-0.714532348365, abs=1e-6)
    assert (found.ci_low, found.ci_high) == pytest.approx((-1.108443723, -0.320620974), abs=1e-6)
    assert found.i2 == pytest.approx(0.922213860750, abs=1e-6)
    assert found.q == pytest.approx(152.233008082, abs=1e-8)
    assert found.num_sites == 13


def test_where_hartung_and_knapps_variance_is_smaller_the_usual_one_is_taken():
    # metafor 5.0.1: rma(yi, vi, test="adhoc") and its predict(predtype="Riley"); unguarded: -0.471652 to 1.708632.
    found = of(np.array([(-0.4, 0.04), (0.1, 0.09), (0.5, 0.05), (1.2, 0.16), (1.8, 0.08)]))
    assert (found.mean, found.tau2) == pytest.approx((0.618490139729, 0.698337681671), abs=1e-6)
    assert (found.ci_low, found.ci_high) == pytest.approx((-0.478224187038, 1.715204464497), abs=1e-6)
    assert (found.prediction_low, found.prediction_high) == pytest.approx((-2.323109466076, 3.560089745535), abs=1e-6)
    assert found.i2 == pytest.approx(0.908556919384, abs=1e-6)


def test_of_two_peaks_of_the_likelihood_the_higher_one_is_taken():
    sites = np.array([(0.0, 0.001), (0.0, 0.001), (3.0, 1.0)])
    assert of(sites).tau2 == 0
    assert of(np.array([(0.0, 0.001), (0.1, 0.001), (9.0, 1.0)])).tau2 > 1


@settings(deadline=None, max_examples=40)
@given(SITES)
def test_intervals_nest_and_without_variance_between_sites_the_mean_is_the_fixed_one(sites):
    found = of(sites)
    assert found.prediction_low <= found.ci_low <= found.mean <= found.ci_high <= found.prediction_high
    assert 0 <= found.i2 < 1
    with np.errstate(divide="ignore", over="ignore"):  # statsmodels' own I2, where sites are equal or nearly so.
        reference = combine_effects(sites[:, 0], sites[:, 1])
    assert found.q == pytest.approx(reference.q, abs=1e-6)
    if found.tau2 == 0:
        assert found.mean == pytest.approx(reference.mean_effect_fe)


@settings(deadline=None, max_examples=40)
@given(SITES, st.randoms(use_true_random=False), st.floats(-2, 2))
def test_neither_the_order_of_sites_nor_where_zero_lies_matters(sites, random, shift):
    order = random.sample(range(len(sites)), len(sites))
    found, other = of(sites), of(sites[order] + [shift, 0])
    assert other.mean - shift == pytest.approx(found.mean, abs=1e-4)
    assert other.tau2 == pytest.approx(found.tau2, rel=1e-3, abs=1e-4)


@settings(deadline=None, max_examples=20)
@given(st.floats(-3, 3), st.lists(st.floats(0.01, 2), min_size=3, max_size=8))
def test_equal_sites_do_not_differ(effect, variances):
    found = of(np.array([(effect, variance) for variance in variances]))
    assert (found.tau2, found.i2) == (0, 0)
    assert found.mean == pytest.approx(effect)


def make_estimates(areas, half=0.5):
    return {
        f"site {place}": Estimate(area, expit(logit(area) - half), expit(logit(area) + half), 60, 20, "logit DeLong")
        for place, area in enumerate(areas)
    }


def test_aurocs_are_analysed_on_their_logits():
    areas, z = (0.7, 0.8, 0.9, 0.85), norm.ppf(0.95)
    found = auroc_over_sites(make_estimates(areas), confidence_level=0.9)
    expected = random_effects(logit(areas), np.full(4, (0.5 / z) ** 2), confidence_level=0.9)
    assert found.summary is not None
    limits = ("mean", "ci_low", "ci_high", "prediction_low", "prediction_high")
    shown, wanted = dataclasses.asdict(found.summary), dataclasses.asdict(expected)
    assert [logit(shown[name]) for name in limits] == pytest.approx([wanted[name] for name in limits], abs=1e-6)
    assert [shown[name] for name in ("tau2", "i2", "q")] == pytest.approx([wanted[n] for n in ("tau2", "i2", "q")])


def test_sites_without_a_usable_interval_are_left_out():
    sites = make_estimates((0.7, 0.8, 0.9))
    unusable = {
        "tiny": Estimate.undefined("too few: 6 cases", n=6),
        "perfect": Estimate(1.0, None, None, 30, 9, "logit DeLong", "perfect"),
        "to one": Estimate(0.98, 0.9, 1.0, 30, 9, "bootstrap"),
        "flat": Estimate(0.8, 0.8, 0.8, 30, 9, "bootstrap"),
        "(missing)": Estimate(0.8, 0.7, 0.9, 30, 9, "logit DeLong"),
    }
    found = auroc_over_sites({**unusable, **sites}, confidence_level=0.95)
    assert (found.num_sites, found.left_out) == (3, tuple(unusable))
    assert found.summary == auroc_over_sites(sites, confidence_level=0.95).summary
    two = auroc_over_sites(make_estimates((0.7, 0.8)), confidence_level=0.95)
    assert (two.num_sites, two.summary) == (2, None)


def test_differences_are_analysed_as_they_are():
    by_site = {
        name: Estimate(d, d - 0.1, d + 0.1, 60, 20, "paired DeLong")
        for name, d in zip("abc", (0, 0.2, 0.7), strict=True)
    }
    found = difference_over_sites(by_site, confidence_level=0.95).summary
    assert found is not None
    assert found.mean == pytest.approx(0.3, abs=1e-9)
    assert found.tau2 == pytest.approx(np.var([0, 0.2, 0.7], ddof=1) - (0.1 / norm.ppf(0.975)) ** 2, abs=1e-6)


def of_scores(is_positive, scores):
    """Return the AUROC with its logit DeLong interval."""
    components = shares_of_pairs(is_positive, scores)
    area = components[0].mean()
    error = np.sqrt(sum(values.var(ddof=1) / values.size for values in components)) / (area * (1 - area))
    low, high = expit(logit(area) + norm.ppf([0.025, 0.975]) * error)
    return Estimate(area, low, high, scores.size, int(is_positive.sum()), "logit DeLong")


def test_the_means_interval_covers_the_truth_and_the_prediction_interval_most_new_sites():
    rng = np.random.default_rng(0)
    hits = []
    for _ in range(300):
        *true, new = logit(0.85) + 0.4 * rng.normal(size=7)
        sites = {}
        for place, (value, size) in enumerate(zip(true, (60, 300) * 3, strict=True)):
            is_positive = np.arange(size) < size // 3
            scores = rng.normal(size=size) + np.sqrt(2) * norm.ppf(expit(value)) * is_positive
            sites[str(place)] = of_scores(is_positive, scores)
        found = auroc_over_sites(sites, confidence_level=0.95).summary
        hits.append(
            (found.ci_low <= 0.85 <= found.ci_high, found.prediction_low <= expit(new) <= found.prediction_high)
        )
    of_mean, of_new = np.mean(hits, axis=0)
    # Standard error .013 at .95; the prediction interval is known to be a little short with few sites.
    assert 0.92 <= of_mean <= 0.99
    assert 0.87 <= of_new <= 0.98
