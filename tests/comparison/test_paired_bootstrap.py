"""Differences between models from shared resamples."""

import numpy as np
import pytest
from scipy.special import expit
from sklearn.metrics import average_precision_score

from reprodx.comparison import paired_bootstrap
from reprodx.comparison.catalogue import BINARY, compared_metrics, metric_named
from reprodx.comparison.paired_bootstrap import bootstrap_comparisons, drawn_shares, over_resamples
from reprodx.comparison.statistics.contender_statistics import case_strata
from reprodx.metrics.brier import brier
from reprodx.metrics.precision_recall import average_precision
from reprodx.schemas import Task

N = 200
RNG = np.random.default_rng(11)
TARGETS = (np.arange(N) % 5 < 2).astype(np.int64)
MODELS = [expit(RNG.normal(size=N) + 1.5 * TARGETS - 1) for _ in range(3)]
CALLED = [(probs >= 0.5).astype(np.int64) for probs in MODELS]


def binary(name):
    return metric_named(name, Task.BINARY, ("benign", "malignant"))


def one_comparison(cases, name, settings, pairs=()):
    return bootstrap_comparisons(cases, [binary(name)], pairs, settings)[0]


def test_estimates_are_those_of_the_scorecard(make_compared, make_settings):
    settings, is_positive = make_settings(num_resamples=300), TARGETS == 1
    cases = make_compared(TARGETS, [[MODELS[0]]])
    for name, scored in (("brier", brier), ("average_precision", average_precision)):
        found = one_comparison(cases, name, settings).estimates[0]
        expected = scored(is_positive, MODELS[0], bootstrap=settings.bootstrap)
        limits = [(one.value, one.ci_low, one.ci_high) for one in (found, expected)]
        assert limits[0] == pytest.approx(limits[1], rel=1e-12)
        assert (found.method, found.n, found.n_events) == (expected.method, expected.n, expected.n_events)


def test_differences_are_those_of_a_plain_loop(make_compared, make_settings):
    settings = make_settings(num_resamples=200)
    cases = make_compared(TARGETS, [[MODELS[0]], [MODELS[1]]])
    weights = np.concatenate(list(settings.bootstrap.weights(TARGETS, None)))
    plain = np.array(
        [np.subtract(*(average_precision_score(TARGETS, p, sample_weight=row) for p in MODELS[:2])) for row in weights]
    )
    (pair,) = one_comparison(cases, "average_precision", settings, [(0, 1)]).pairs
    difference = pair.difference
    assert (difference.estimate.ci_low, difference.estimate.ci_high) == pytest.approx(
        np.quantile(plain, [0.025, 0.975])
    )
    assert difference.p_value == pytest.approx(2 * (1 + min((plain <= 0).sum(), (plain >= 0).sum())) / 201)
    assert difference.estimate.method == "paired percentile bootstrap of cases, stratified, B = 200"


def test_a_model_against_itself_does_not_differ(make_compared, make_settings):
    cases, settings = make_compared(TARGETS, [[MODELS[0]]] * 2, called=[CALLED[0]] * 2), make_settings(num_resamples=99)
    found = bootstrap_comparisons(cases, compared_metrics(cases, settings), [(1, 0)], settings)
    for comparison in found:
        estimate = comparison.pairs[0].difference.estimate
        assert (estimate.value, estimate.ci_low, estimate.ci_high) == (0, 0, 0), comparison.metric.name
        assert comparison.pairs[0].difference.p_value == 1
    assert len(found) == len(BINARY)


def test_swapping_a_pair_swaps_the_sign(make_compared, make_settings):
    cases = make_compared(TARGETS, [[MODELS[0]], [MODELS[1]]])
    there, back = (pair.difference for pair in one_comparison(cases, "brier", make_settings(), [(0, 1), (1, 0)]).pairs)
    assert there.estimate.value == -back.estimate.value
    assert (there.estimate.ci_low, there.p_value) == (pytest.approx(-back.estimate.ci_high), back.p_value)


def test_neither_chunks_nor_threads_nor_other_metrics_change_a_number(make_compared, make_settings, monkeypatch):
    cases, settings = make_compared(TARGETS, [[probs] for probs in MODELS], called=CALLED), make_settings()
    metrics = [binary(name) for name in ("brier", "kappa", "average_precision", "calibration_slope")]
    whole = bootstrap_comparisons(cases, metrics, [(1, 0)], settings)
    assert one_comparison(cases, "kappa", settings, [(1, 0)]) == whole[1]
    monkeypatch.setattr(paired_bootstrap, "NUM_THREADS", 1)
    assert bootstrap_comparisons(cases, metrics, [(1, 0)], settings) == whole
    monkeypatch.setattr(paired_bootstrap, "CHUNK_ELEMENTS", 100_000)
    chunked = bootstrap_comparisons(cases, metrics, [(1, 0)], settings)
    for one, other in zip(whole, chunked, strict=True):
        estimates = one.pairs[0].difference.estimate, other.pairs[0].difference.estimate
        assert estimates[0].ci_low == pytest.approx(estimates[1].ci_low, rel=1e-9)


def test_cases_of_a_patient_are_drawn_together(make_compared, make_settings):
    rows = np.repeat(np.arange(N), 4)
    single = make_compared(TARGETS, [[MODELS[0]], [MODELS[1]]])
    several = make_compared(TARGETS[rows], [[MODELS[0][rows]], [MODELS[1][rows]]], patients=rows)
    alone, clustered = (
        one_comparison(cases, "brier", make_settings(), [(0, 1)]).pairs[0].difference for cases in (single, several)
    )
    widths = [found.estimate.ci_high - found.estimate.ci_low for found in (alone, clustered)]
    assert widths[1] == pytest.approx(widths[0], rel=0.1)
    assert clustered.estimate.method == "paired percentile bootstrap of patients, stratified, B = 2000"


def test_members_that_differ_widen_the_interval(make_compared, make_settings):
    noisy = [np.clip(MODELS[0] + shift, 0, 1) for shift in (-0.3, 0.0, 0.3)]
    cases = make_compared(TARGETS, [[MODELS[1]], noisy, [MODELS[0]] * 3])
    found = one_comparison(cases, "brier", make_settings())
    widths = [estimate.ci_high - estimate.ci_low for estimate in found.estimates]
    assert widths[1] > 1.2 * widths[2]
    assert found.estimates[1].method == "percentile bootstrap of cases and repetitions, stratified, B = 2000"
    assert found.spreads[0] is None
    assert found.spreads[1] > 0 == found.spreads[2]


def test_drawing_members_gives_their_mean_its_unbiased_variance(make_compared, make_settings):
    cases = make_compared(TARGETS, [MODELS[:1] * size for size in (1, 2, 3, 5)])
    for shares in drawn_shares(cases, make_settings(num_resamples=20_000)):
        values = np.arange(len(shares)) ** 2.0
        assert shares.sum(axis=0) == pytest.approx(np.ones(20_000))
        expected = values.var(ddof=1) / values.size if values.size > 1 else 0.0
        assert (values @ shares).var() == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize(
    ("name", "probs", "called", "reason"),
    [
        ("sensitivity", MODELS[1], None, "no threshold was chosen"),
        ("calibration_slope", np.full(N, 0.4), CALLED[1], "all probabilities are equal"),
        ("calibration_slope", (TARGETS + 0.5) / 2, CALLED[1], "perfect separation: the slope has no finite estimate"),
    ],
)
def test_what_one_side_lacks_the_difference_lacks(make_compared, make_settings, name, probs, called, reason):
    cases = make_compared(TARGETS, [[MODELS[0]], [probs], [MODELS[2]]], called=[CALLED[0], called, CALLED[2]])
    found = one_comparison(cases, name, make_settings(num_resamples=200), [(1, 0), (2, 0)])
    assert found.estimates[1].reason == found.pairs[0].difference.estimate.reason == reason
    assert (found.estimates[1].value, found.pairs[0].difference.p_value) == (None, None)
    assert found.estimates[0].reason is None
    assert found.pairs[1].difference.estimate.reason is None


def test_resamples_that_separate_the_classes_are_counted(make_compared, make_settings):
    targets, probs = np.repeat([0, 1], 4), [[0.1, 0.2, 0.3, 0.6, 0.4, 0.7, 0.8, 0.9]]
    estimate = one_comparison(make_compared(targets, [probs]), "calibration_slope", make_settings()).estimates[0]
    assert estimate.value > 0
    assert estimate.ci_low is None
    assert "of 2000 resamples leave it undefined" in estimate.reason


def test_no_case_and_one_case_are_said(make_compared, make_settings):
    empty = make_compared(np.zeros(0, int), [[np.zeros(0)]])
    assert one_comparison(empty, "brier", make_settings(), [(0, 0)]).estimates[0].reason == "no case"
    single = one_comparison(make_compared([1], [[[0.8]]]), "brier", make_settings()).estimates[0]
    assert (single.value, single.reason) == (pytest.approx(0.04), "interval not estimable: resamples do not differ")


def test_resamples_keep_their_place_and_strata(make_compared, make_settings):
    cases = make_compared(TARGETS, [[MODELS[0]]])
    settings = make_settings(num_resamples=1001)

    def function(weights, rows):
        return np.stack([np.arange(rows.start, rows.stop), weights[:, case_strata(cases) == 1].sum(axis=1)])

    places, num_positives = over_resamples(function, cases, settings)
    assert places.tolist() == list(range(1001))
    assert set(num_positives) == {TARGETS.sum()}


@pytest.mark.simulation
def test_size_is_nominal_under_the_null(make_compared, make_settings):
    names = ("average_precision", "brier", "calibration_slope", "net_benefit", "kappa")
    rng, settings, num_rejected = np.random.default_rng(0), make_settings(num_resamples=999), np.zeros(len(names))
    for _ in range(2000):
        targets = (rng.random(N) < 0.4).astype(np.int64)
        signal = 0.8 * rng.normal(size=N) + 1.5 * targets - 1.2
        models = [expit(signal + 0.7 * rng.normal(size=N)) for _ in range(2)]
        called = [(probs >= 0.4).astype(np.int64) for probs in models]
        cases = make_compared(targets, [[probs] for probs in models], called=called)
        found = bootstrap_comparisons(cases, [binary(name) for name in names], [(1, 0)], settings)
        num_rejected += [one.pairs[0].difference.p_value < 0.05 for one in found]
    sizes = dict(zip(names, num_rejected / 2000, strict=True))
    assert all(0.035 <= size <= 0.065 for size in sizes.values()), sizes
