"""Agreement beyond chance, against scikit-learn and published values."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa

from reprodx.metrics.asked import View
from reprodx.metrics.catalogue.kappa import KAPPA, ONE_ANSWER
from reprodx.metrics.measured import measured, sampling_variance
from tests.scored import classed, scored, table, width
from tests.settings import score_settings

GRADES = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=30)


def quadratic(targets, called, size=4):
    return scored("kappa", classed(targets, called, View.GRADES, size=size), View.GRADES)


def of_counts(counts):
    return tuple(np.repeat(axis.ravel(), counts.ravel()) for axis in np.indices(counts.shape))


def test_kappa_is_that_of_gwets_abstractors_and_cohens_diagnoses():
    # Table and values: R package irrCAC 1.0, cont3x3abstractors; Gwet, Handbook of Inter-Rater Reliability, 4th ed.
    counts = np.array([[13, 0, 0], [0, 20, 7], [0, 4, 56]])
    assert quadratic(*of_counts(counts), 3).value == pytest.approx(0.8921569, abs=5e-8)
    # Cohen, Psychol Bull 1968;70:213, table 1.
    counts = np.array([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
    assert scored("kappa", classed(*of_counts(counts)), View.CLASSES).value == pytest.approx(0.492, abs=5e-4)


@given(GRADES)
def test_kappa_is_scikit_learns_and_symmetric(pairs):
    targets, called = zip(*pairs, strict=True)
    assume(len({*targets, *called}) > 1)
    kappa = quadratic(targets, called).value
    expected = cohen_kappa_score(targets, called, weights="quadratic", labels=[0, 1, 2, 3])
    assert kappa == pytest.approx(expected, abs=1e-12)
    assert -1 - 1e-12 <= kappa <= 1 + 1e-12
    assert quadratic(called, targets).value == pytest.approx(kappa, abs=1e-12)
    turned = quadratic([3 - grade for grade in targets], [3 - grade for grade in called])
    assert turned.value == pytest.approx(kappa, abs=1e-12)
    plain = scored("kappa", classed(targets, called, size=4), View.CLASSES).value
    assert plain == pytest.approx(cohen_kappa_score(targets, called), abs=1e-12)


def test_kappa_knows_chance_and_perfection():
    targets = np.repeat([0, 1, 2], 21)
    assert quadratic(targets, targets, 3).value == 1
    assert quadratic(targets, np.tile([0, 1, 2], 21), 3).value == pytest.approx(0)
    assert quadratic(targets, np.zeros(63), 3).value == pytest.approx(0)
    assert quadratic(np.zeros(60), np.zeros(60), 3).reason == ONE_ANSWER
    assert quadratic([0, 2] * 30, [2, 0] * 30, 3).value == pytest.approx(-1)
    assert scored("kappa", table(5, 0, 0, 0)).reason == ONE_ANSWER
    assert quadratic([], []).reason == "no case"


@pytest.mark.parametrize(("view", "weights"), [(View.CLASSES, None), (View.GRADES, "quadratic")])
def test_variance_is_fleiss_cohen_and_everitts_and_patients_are_counted_once(view, weights):
    rng = np.random.default_rng(0)
    targets = rng.integers(0, 4, size=200)
    called = np.clip(targets + rng.integers(-1, 2, size=200), 0, 3)
    alone = classed(targets, called, view, size=4)
    variance = sampling_variance(measured(KAPPA, view, [alone], score_settings()))[0]
    counts = np.zeros((4, 4))
    np.add.at(counts, (targets, called), 1)
    published = cohens_kappa(counts, wt=None if weights is None else "quadratic")
    # Fleiss, Cohen & Everitt, Psychol Bull 1969;72:323, without n / (n - 1).
    assert variance * 199 / 200 == pytest.approx(published.var_kappa, rel=1e-6)
    # Four equal cases a patient say no more than one.
    four = classed(np.tile(targets, 4), np.tile(called, 4), view, size=4, patients=np.tile(np.arange(200), 4))
    clustered, once = scored("kappa", four, view), scored("kappa", alone, view)
    assert (clustered.value, width(clustered)) == pytest.approx((once.value, width(once)))
    assert "patient" in clustered.method
    assert width(once) == pytest.approx(2 * norm.ppf(0.975) * np.sqrt(published.var_kappa), rel=0.05)
