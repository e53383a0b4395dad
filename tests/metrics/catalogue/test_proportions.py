"""Sensitivity, specificity, predictive values, accuracy."""

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar

from reprodx.metrics.asked import View
from reprodx.metrics.catalogue import metric_of
from reprodx.metrics.estimation import difference
from reprodx.metrics.measured import measured
from reprodx.metrics.newcombe import paired_interval
from reprodx.metrics.scored_cases import ScoredCases
from tests.scored import asked, classed, scored, table, width
from tests.settings import score_settings

EMPTY = {
    "sensitivity": "no positive case",
    "specificity": "no negative case",
    "ppv": "no case is predicted positive",
    "npv": "no case is predicted negative",
    "accuracy": "no case",
}


def test_each_proportion_of_a_table():
    found = {name: scored(name, table(50, 10, 4, 16)) for name in EMPTY}
    assert {name: (estimate.value, estimate.n, estimate.n_events) for name, estimate in found.items()} == {
        "sensitivity": (16 / 20, 20, 20),
        "specificity": (50 / 60, 60, 0),
        "ppv": (16 / 26, 26, 16),
        "npv": (50 / 54, 54, 4),
        "accuracy": (66 / 80, 80, 20),
    }
    assert {estimate.method for estimate in found.values()} == {"Wilson"}
    assert scored("ppv", table(50, 10, 4, 16), proportion_interval="clopper_pearson").method == "Clopper-Pearson"


@pytest.mark.parametrize("name", EMPTY)
def test_patients_with_several_cases_count_once(name):
    wilson, clustered = (scored(name, table(50, 10, 4, 16, twice=twice)) for twice in (False, True))
    assert "clustered by patient" in clustered.method
    assert clustered.value == wilson.value
    assert width(clustered) == pytest.approx(width(wilson), rel=0.25)


@pytest.mark.parametrize(
    ("name", "empty", "twin"),
    [
        ("sensitivity", (3, 2, 0, 0), (3, 2, 1, 0)),
        ("specificity", (0, 0, 2, 3), (0, 1, 2, 3)),
        ("ppv", (3, 0, 2, 0), (3, 1, 2, 0)),
        ("npv", (0, 3, 0, 2), (0, 3, 1, 2)),
        ("accuracy", (0, 0, 0, 0), (0, 1, 0, 0)),
    ],
)
def test_empty_denominator_is_undefined(name, empty, twin):
    estimate = scored(name, table(*empty))
    assert (estimate.value, estimate.n, estimate.reason) == (None, 0, EMPTY[name])
    assert scored(name, table(*twin)).value == 0


def test_accuracy_of_several_classes_and_grades():
    targets, called = [0, 1, 2, 2, 1, 0], [0, 1, 2, 1, 1, 2]
    exact = scored("accuracy", classed(targets, called), View.CLASSES, proportion_interval="clopper_pearson")
    assert (exact.value, exact.n, exact.n_events, exact.method) == (4 / 6, 6, None, "Clopper-Pearson")
    clustered = scored("accuracy", classed(targets, called, patients=[0, 1, 2, 2, 3, 4]), View.CLASSES)
    assert clustered.ci_low < clustered.value == 4 / 6 < clustered.ci_high
    assert scored("accuracy", classed([], []), View.CLASSES).reason == "no case"
    graded = classed(targets, called, View.GRADES)
    near = scored("within_1", graded, View.GRADES)
    assert (near.value, near.method, scored("accuracy", graded, View.GRADES).value) == (5 / 6, "Wilson", 4 / 6)


def compared(name, first, second):
    settings = score_settings()
    return difference(*(measured(metric_of(name), View.BINARY, [one], settings) for one in (first, second)), settings)


def test_two_models_of_the_same_cases_have_mcnemars_test_and_newcombes_interval():
    """Cavo et al. 2012: 59, 6, 16, 80, all of them positive, and 5 negative cases that both have right."""
    counts = [59, 6, 16, 80, 5]
    truth = np.repeat([1, 1, 1, 1, 0], counts)
    first, second = (
        asked(truth, np.repeat(calls, counts), threshold=0.5) for calls in ([1, 1, 0, 0, 0], [1, 0, 1, 0, 0])
    )
    found = compared("sensitivity", first, second)
    limits = paired_interval((59, 6, 16, 80), confidence_level=0.95)
    assert (found.estimate.ci_low, found.estimate.ci_high) == limits == pytest.approx((-0.1186, -0.0046), abs=5e-5)
    assert found.estimate.value == pytest.approx(-10 / 161)
    assert found.p_value == pytest.approx(statsmodels_mcnemar([[59, 6], [16, 80]], exact=True).pvalue)
    assert (found.discordant, found.estimate.n, found.mid_p < found.p_value) == ((6, 16), 161, True)
    whole = compared("accuracy", first, second)
    assert (whole.estimate.n, whole.estimate.value) == (166, pytest.approx(-10 / 166))
    # Other cases are called positive by either model, so that predictive values are not paired case by case.
    assert (
        compared(
            "ppv", asked([1, 1, 0, 0], [1, 1, 1, 0], threshold=0.5), asked([1, 1, 0, 0], [1, 0, 1, 0], threshold=0.5)
        ).discordant
        is None
    )


@pytest.mark.simulation
def test_clustered_interval_covers_where_wilson_does_not():
    """Sensitivity with four cases a patient, whose chances of being found are spread as Beta(1.2, 0.3)."""
    rng = np.random.default_rng(0)
    patients = np.repeat(np.arange(60), 4)
    covers = {"clustered": 0, "independent": 0}
    for _ in range(1000):
        called = (rng.random(240) < rng.beta(1.2, 0.3, size=60)[patients]).astype(int)
        for name, numbers in (("clustered", patients), ("independent", None)):
            cases = ScoredCases(np.ones(240, dtype=int), np.eye(2)[called], numbers, ("no", "yes"), calls=called)
            estimate = scored("sensitivity", cases)
            covers[name] += estimate.ci_low <= 0.8 <= estimate.ci_high
    assert 920 < covers["clustered"] < 970
    assert covers["independent"] < 850
