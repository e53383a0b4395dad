"""How often intervals hold the truth and tests reject it, by simulation of models on 200 cases.

What one function promises alone is simulated beside it; here are the comparisons that `reprodx compare` makes of models
with real differences and with none. A share of 4000 is known to about 0.35 points, one of 1000 to 0.7.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from scipy.special import expit
from scipy.stats import norm
from sklearn.metrics import average_precision_score

from reprodx.comparison.catalogue import metric_named
from reprodx.comparison.compared_cases import ComparedCases, Contender, Member
from reprodx.comparison.delong import PairedAurocs
from reprodx.comparison.mcnemar import mcnemar
from reprodx.comparison.paired_bootstrap import bootstrap_comparisons
from reprodx.comparison.paired_proportions import proportion_comparison
from reprodx.schemas import Task
from tests.settings import comparison_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Row = Callable[[str, float], float]

pytestmark = pytest.mark.simulation

N = 200
AREAS = (0.75, 0.85, 0.95)
SHARED = 0.5
"""Of the variance of a score within a class, what two models have in common."""
BETTER = 0.25
"""By how many standard deviations the better model separates the classes more."""
CLASSES = ("well", "sick")


@pytest.fixture(scope="module")
def row(request: pytest.FixtureRequest) -> Iterator[Row]:
    """Return a function that keeps a share for the table, which is printed at the end."""
    rows: list[tuple[str, float]] = []

    def keep(name: str, share: float) -> float:
        rows.append((name, share))
        return share

    yield keep
    plugins = request.config.pluginmanager
    with plugins.getplugin("capturemanager").global_and_fixture_disabled():
        sys.stdout.write("\n" + "".join(f"{name:<76} {100 * share:6.2f} %\n" for name, share in rows))


def separation(area: float) -> float:
    """Return how many standard deviations two normal classes are apart whose AUROC it is."""
    return float(np.sqrt(2) * norm.ppf(area))


def area_of(worth: float) -> float:
    return float(norm.cdf(worth / np.sqrt(2)))


def scores_of(
    rng: np.random.Generator, is_positive: NDArray[np.bool_], worths: tuple[float, float]
) -> NDArray[np.float64]:
    """Return scores of two models, shape (2, cases), that share half of what is not the class."""
    shared, own = rng.normal(size=is_positive.size), rng.normal(size=(2, is_positive.size))
    return np.array(worths)[:, None] * is_positive + np.sqrt(SHARED) * shared + np.sqrt(1 - SHARED) * own


def compared(is_positive: NDArray[np.bool_], probs: NDArray[np.float64], threshold: float = 0.5) -> ComparedCases:
    """Return the cases of two models, each called at a threshold fixed beforehand."""
    contenders = tuple(
        Contender(
            name, (Member(np.column_stack([1 - p, p]), (p >= threshold) * 1, None, (threshold,), 0, 0, ()),), None
        )
        for name, p in zip("ab", probs, strict=True)
    )
    return ComparedCases(
        pl.DataFrame({"case_id": [str(number) for number in range(is_positive.size)]}),
        is_positive.astype(np.int64), None, None, Task.BINARY, CLASSES, "test", contenders,
        has_patients=False, notes=(), checks=(),
    )  # fmt: skip


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("num_positives", [100, 60])
def test_paired_delong_covers_a_real_difference(area: float, num_positives: int, row: Row) -> None:
    rng = np.random.default_rng(0)
    is_positive = np.arange(N) < num_positives
    worths = (separation(area) + BETTER, separation(area))
    truth, covered = area_of(worths[0]) - area_of(worths[1]), 0
    for _ in range(4000):
        found = PairedAurocs(is_positive, scores_of(rng, is_positive, worths)).difference(0, 1, confidence_level=0.95)
        covered += found.estimate.ci_low is not None and found.estimate.ci_low <= truth <= found.estimate.ci_high
    name = f"coverage, paired DeLong, AUROC {area:.2f}, {num_positives} positives of {N}"
    assert 0.93 <= row(name, covered / 4000) <= 0.97


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("extra", [0.0, BETTER], ids=["equal", "better"])
def test_clustered_delong_with_four_cases_a_patient(area: float, extra: float, row: Row) -> None:
    """Patients of one class each, whose four scores share three quarters of their variance in each model.

    With half as many patients the test rejects 2.9 % at an AUROC of .95: it errs on the side of caution.
    """
    rng = np.random.default_rng(1)
    patients = np.repeat(np.arange(N), 4)
    is_positive = patients < N / 2
    worths = (separation(area) + extra, separation(area))
    truth, covered, independent = area_of(worths[0]) - area_of(worths[1]), 0, 0
    for _ in range(2000):
        of_patients = scores_of(rng, np.arange(N) < N / 2, (0, 0))[:, patients]
        scores = np.array(worths)[:, None] * is_positive + np.sqrt(0.75) * of_patients
        scores += 0.5 * scores_of(rng, is_positive, (0, 0))
        for groups in (patients, None):
            found = PairedAurocs(is_positive, scores, groups).difference(0, 1, confidence_level=0.95).estimate
            holds = found.ci_low <= truth <= found.ci_high
            covered, independent = (
                (covered + holds, independent) if groups is not None else (covered, independent + holds)
            )
    what = "size" if not extra else "coverage"
    turned = 1 if extra else -1
    shares = [(1 - turned) / 2 + turned * count / 2000 for count in (covered, independent)]
    name = f"{what}, clustered DeLong, AUROC {area:.2f}, 4 cases of each of {N} patients"
    share = row(name, shares[0])
    row(f"{what}, independent DeLong on the same", shares[1])
    assert 0.93 <= share <= 0.97 if extra else 0.035 <= share <= 0.065
    assert covered - independent > 100


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("extra", [0.0, BETTER], ids=["equal", "better"])
def test_paired_bootstrap_of_brier_and_average_precision(area: float, extra: float, row: Row) -> None:
    """Calibrated probabilities; what the true differences are comes from a million cases."""
    names, worths = ("brier", "average_precision"), (separation(area) + extra, separation(area))
    metrics = [metric_named(name, Task.BINARY, CLASSES) for name in names]

    def probs_of(rng: np.random.Generator, is_positive: NDArray[np.bool_]) -> NDArray[np.float64]:
        scores = scores_of(rng, is_positive, worths)
        return np.stack([expit(worth * score - worth**2 / 2) for worth, score in zip(worths, scores, strict=True)])

    many = np.arange(1_000_000) % 2 == 0
    probs = probs_of(np.random.default_rng(2), many)
    truths = [
        ((probs[0] - many) ** 2).mean() - ((probs[1] - many) ** 2).mean(),
        average_precision_score(many, probs[0]) - average_precision_score(many, probs[1]),
    ]
    rng, settings, covered = np.random.default_rng(3), comparison_settings(num_resamples=499), np.zeros(2)
    is_positive = np.arange(N) % 2 == 0
    for _ in range(1000):
        cases = compared(is_positive, probs_of(rng, is_positive))
        for place, found in enumerate(bootstrap_comparisons(cases, metrics, [(0, 1)], settings)):
            estimate = found.pairs[0].difference.estimate
            covered[place] += estimate.ci_low <= (truths[place] if extra else 0) <= estimate.ci_high
    for name, count in zip(names, covered, strict=True):
        if extra:
            assert 0.93 <= row(f"coverage, paired bootstrap, {name}, AUROC {area:.2f}", count / 1000) <= 0.97
        else:
            assert 0.035 <= row(f"size, paired bootstrap, {name}, AUROC {area:.2f}", 1 - count / 1000) <= 0.065


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("metric", ["accuracy", "sensitivity"])
def test_mcnemar_of_equally_good_models(area: float, metric: str, row: Row) -> None:
    """Calls of models in which none is better, at the threshold that splits the classes evenly."""
    rng, num_repeats = np.random.default_rng(4), 4000
    is_positive = np.arange(N) % 2 == 0
    worth = separation(area)
    described, settings = metric_named(metric, Task.BINARY, CLASSES), comparison_settings(num_resamples=100)
    rejected = {"exact": 0, "mid-p": 0}
    for _ in range(num_repeats):
        probs = expit(worth * (scores_of(rng, is_positive, (worth, worth)) - worth / 2))
        pair = proportion_comparison(compared(is_positive, probs), described, [(0, 1)], settings).pairs[0]
        assert pair.discordant is not None
        rejected["exact"] += mcnemar(*pair.discordant).exact_p < 0.05
        rejected["mid-p"] += pair.mid_p is not None and pair.mid_p < 0.05
    exact, mid = (
        row(f"size, McNemar {name}, {metric}, AUROC {area:.2f}", count / num_repeats)
        for name, count in rejected.items()
    )
    assert exact <= 0.05
    assert 0.035 <= mid <= 0.065
