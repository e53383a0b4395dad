"""How often intervals hold the truth, and tests reject it, where that was wrong once or is hard: by simulation.

Cohorts have a random number of the diseased. The truth of a process is that of a million of its cases. Each share is
printed with its Monte-Carlo error; docs/decisions/03-intervals.md and 07-comparison.md have the table.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import expit, logit, softmax
from scipy.stats import norm

from reprodx.metrics.asked import View
from reprodx.metrics.catalogue import metric_of
from reprodx.metrics.estimation import difference, estimate
from reprodx.metrics.measured import measured
from reprodx.metrics.scored_cases import ScoredCases
from reprodx.schemas import Task
from tests.settings import score_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from reprodx.metrics.difference import Difference
    from reprodx.schemas import Estimate

    Draw = Callable[[np.random.Generator, int], ScoredCases]
    """Cases of so many patients."""
    DrawMembers = Callable[[np.random.Generator, int], list[list[ScoredCases]]]
    """By model, what each of its runs says of the same cases."""
    Keep = Callable[[str, NDArray[np.bool_]], float]

pytestmark = pytest.mark.simulation

MANY = 1_000_000
SETTINGS = score_settings()


class Row(NamedTuple):
    """A share that was simulated."""

    name: str
    share: float
    num: int

    def __str__(self) -> str:
        error = np.sqrt(self.share * (1 - self.share) / self.num)
        return f"{self.name:<92} {100 * self.share:6.2f} % (+- {100 * error:.2f})"


@pytest.fixture(scope="module")
def keep(request: pytest.FixtureRequest) -> Iterator[Callable[[str, NDArray[np.bool_]], float]]:
    """Return a function that keeps a share for the table, which is printed at the end."""
    rows: list[Row] = []

    def kept(name: str, holds: NDArray[np.bool_]) -> float:
        rows.append(Row(name, float(np.mean(holds)), len(holds)))
        return rows[-1].share

    yield kept
    plugins = request.config.pluginmanager
    with plugins.getplugin("capturemanager").global_and_fixture_disabled():
        sys.stdout.write("\n" + "".join(f"{row}\n" for row in rows))


def yes_or_no(
    is_positive: NDArray[np.bool_], probs: NDArray[np.float64], patients: NDArray[np.int64] | None = None
) -> ScoredCases:
    return ScoredCases(is_positive.astype(np.int64), np.column_stack([1 - probs, probs]), patients, ("well", "sick"))


def cohort(prevalence: float, *, spread: float = 1.0, slope: float = 1.0, shift: float = 0.0) -> Draw:
    """Return cases whose true logits vary by `spread`, and whose model says `slope` times them and `shift` more."""
    centre = centre_of(prevalence, spread)

    def draw(rng: np.random.Generator, n: int) -> ScoredCases:
        true = centre + spread * rng.normal(size=n)
        return yes_or_no(rng.random(n) < expit(true), expit(slope * true + shift))

    return draw


def centre_of(prevalence: float, spread: float) -> float:
    """Return the mean logit at which cases have a prevalence."""
    at, weights = np.polynomial.hermite_e.hermegauss(60)
    centre = float(logit(prevalence))
    for _ in range(100):
        centre += logit(prevalence) - logit(np.average(expit(centre + spread * at), weights=weights))
    return centre


def of(metric: str, cases: ScoredCases, view: View = View.BINARY) -> Estimate:
    return estimate(measured(metric_of(metric), view, [cases], SETTINGS), SETTINGS)


def pair(metric: str, one: list[ScoredCases], other: list[ScoredCases], view: View = View.BINARY) -> Difference:
    sides = [measured(metric_of(metric), view, members, SETTINGS) for members in (one, other)]
    return difference(*sides, SETTINGS)


def holds(found: Estimate, truth: float) -> bool:
    """Return whether an interval holds the truth; where there is none nothing wrong is said."""
    return found.ci_low is None or found.ci_high is None or found.ci_low <= truth <= found.ci_high


def coverage(
    metric: str,
    draw: Draw,
    n: int,
    *,
    repeats: int,
    view: View = View.BINARY,
    truth: float | None = None,
    seed: int = 0,
) -> NDArray[np.bool_]:
    rng = np.random.default_rng([seed, n])
    value = of_many(metric, draw(rng, MANY), view) if truth is None else truth
    return np.array([holds(of(metric, draw(rng, n), view), value) for _ in range(repeats)])


def of_many(metric: str, cases: ScoredCases, view: View) -> float:
    return metric_of(metric).statistic(cases, view, SETTINGS).of_all()


def called(draw: Draw, threshold: float) -> Draw:
    return lambda rng, n: draw(rng, n).called_at(threshold)


@pytest.mark.parametrize(("n", "prevalence"), [(200, 0.10), (2000, 0.05), (1000, 0.02)])
@pytest.mark.parametrize("model", [{}, {"slope": 2.0}, {"shift": -1.0}], ids=["calibrated", "overconfident", "too low"])
def test_the_brier_score_of_a_cohort(n: int, prevalence: float, model: dict[str, float], keep: Keep) -> None:
    draw = cohort(prevalence, **model)
    name = f"Brier score, {n} cases, prevalence {prevalence}, {next(iter(model), 'calibrated')}"
    assert 0.93 <= keep(name, coverage("brier", draw, n, repeats=1200)) <= 0.97


@pytest.mark.parametrize(("n", "prevalence"), [(200, 0.10), (2000, 0.05), (1000, 0.02)])
@pytest.mark.parametrize("model", [{}, {"slope": 2.0}, {"shift": -1.0}], ids=["calibrated", "overconfident", "too low"])
def test_the_scaled_brier_score_of_a_cohort(n: int, prevalence: float, model: dict[str, float], keep: Keep) -> None:
    draw = cohort(prevalence, **model)
    name = f"scaled Brier score, {n} cases, prevalence {prevalence}, {next(iter(model), 'calibrated')}"
    found = keep(name, coverage("scaled_brier", draw, n, repeats=1000))
    # Under 30 events the number says that its interval is an approximation.
    assert (0.93 if n * prevalence >= 30 else 0.88) <= found <= 0.97


@pytest.mark.parametrize("metric", ["f1", "balanced_accuracy", "kappa", "ppv", "npv", "accuracy"])
def test_calls_of_a_cohort_of_twenty_events(metric: str, keep: Keep) -> None:
    draw = called(cohort(0.10, spread=2.0), 0.2)
    assert 0.93 <= keep(f"{metric}, 200 cases, prevalence 0.1", coverage(metric, draw, 200, repeats=2000)) <= 0.97


def of_patients(prevalence: float, num_cases: Callable[[np.random.Generator, int], NDArray[np.int64]]) -> Draw:
    """Return cases of patients with several each, whose disease and predictions go together."""

    def draw(rng: np.random.Generator, n: int) -> ScoredCases:
        patients = np.repeat(np.arange(n), num_cases(rng, n))
        sick = rng.random(n) < prevalence
        is_positive = np.where(rng.random(patients.size) < 0.9, sick[patients], rng.random(patients.size) < prevalence)
        score = 1.5 * is_positive + (rng.normal(size=n)[patients] + rng.normal(size=patients.size)) / np.sqrt(2)
        return yes_or_no(is_positive, expit(1.5 * (score - 1)), patients)

    return draw


@pytest.mark.parametrize("metric", ["ppv", "npv", "sensitivity", "accuracy", "f1", "brier"])
def test_patients_with_one_case_or_two(metric: str, keep: Keep) -> None:
    draw = called(of_patients(0.3, lambda rng, n: rng.integers(1, 3, size=n)), 0.5)
    name = f"{metric}, clustered, 100 patients with one or two cases"
    assert 0.93 <= keep(name, coverage(metric, draw, 100, repeats=2000)) <= 0.97


def test_the_sensitivity_of_fifteen_patients_with_four_cases(keep: Keep) -> None:
    draw = called(of_patients(1.0, lambda _, n: np.full(n, 4)), 0.5)
    name = "sensitivity, 15 patients with four cases"
    assert 0.92 <= keep(name, coverage("sensitivity", draw, 15, repeats=2000)) <= 0.98


@pytest.mark.parametrize(("n", "prevalence"), [(500, 0.03), (300, 0.10), (200, 0.5)])
def test_average_precision(n: int, prevalence: float, keep: Keep) -> None:
    name = f"average precision, {n} cases, prevalence {prevalence}"
    found = keep(name, coverage("average_precision", cohort(prevalence, spread=2.0), n, repeats=1500))
    assert (0.92 if n * prevalence < 20 else 0.93) <= found <= 0.97


def binormal(area: float, num_positives: int, num_negatives: int, *, steps: float = 0.0) -> Draw:
    """Return cases of fixed classes; scores are rounded to `steps` where that is above 0, which makes ties."""
    distance = np.sqrt(2) * norm.ppf(area)

    def draw(rng: np.random.Generator, n: int) -> ScoredCases:
        times = max(1, n // (num_positives + num_negatives))
        is_positive = np.repeat([True, False], [times * num_positives, times * num_negatives])
        score = rng.normal(size=is_positive.size) + distance * is_positive
        score = np.round(score / steps) * steps if steps else score
        return yes_or_no(is_positive, expit(score))

    return draw


@pytest.mark.parametrize(
    ("area", "positives", "negatives", "steps"),
    [
        (0.96, 8, 52, 1.0),
        (0.97, 20, 80, 0.0),
        (0.92, 10, 390, 0.0),
        (0.97, 20, 380, 0.0),
        (0.90, 8, 52, 0.0),
        (0.80, 30, 170, 0.0),
    ],
)
def test_auroc(area: float, positives: int, negatives: int, steps: float, keep: Keep) -> None:
    draw = binormal(area, positives, negatives, steps=steps)
    name = f"AUROC {area}, {positives} positives and {negatives} negatives{', ties' if steps else ''}"
    found = keep(name, coverage("auroc", draw, positives + negatives, repeats=2500))
    # Under 30 positives the interval takes the wider of two variances, and says that it is an approximation.
    assert 0.93 <= found <= (0.99 if positives < 30 else 0.97)


def three_classes(rng: np.random.Generator, n: int) -> ScoredCases:
    sizes = np.array([60, 24, 6]) * max(1, n // 90)
    targets = np.repeat([0, 1, 2], sizes)
    logits = rng.normal(size=(targets.size, 3)) + 1.6 * np.eye(3)[targets]
    probs = softmax(logits, axis=1)
    return ScoredCases(targets, probs, None, ("a", "b", "c"), Task.MULTICLASS, probs.argmax(axis=1))


@pytest.mark.parametrize("metric", ["auroc", "hand_till", "brier", "balanced_accuracy", "f1_macro", "kappa"])
def test_classes_of_60_24_and_6_cases(metric: str, keep: Keep) -> None:
    found = keep(
        f"{metric}, classes of 60, 24 and 6", coverage(metric, three_classes, 90, repeats=1500, view=View.CLASSES)
    )
    # With six patients in a class each number says that its interval is an approximation.
    assert 0.92 <= found <= 0.99


@pytest.mark.parametrize("n", [200, 500])
@pytest.mark.parametrize("threshold", [0.1, 0.2])
def test_net_benefit_of_one_model(n: int, threshold: float, keep: Keep) -> None:
    draw = called(cohort(0.10, spread=1.5), threshold)
    name = f"net benefit at {threshold}, {n} cases, prevalence 0.1"
    assert 0.92 <= keep(name, coverage("net_benefit", draw, n, repeats=2000)) <= 0.97


@pytest.mark.parametrize("slope", [0.4, 0.15])
def test_calibration_of_an_overconfident_model(slope: float, keep: Keep) -> None:
    """The true logit is `slope` times the predicted one."""
    draw = cohort(0.3, spread=1.5, slope=1 / slope)
    for metric in ("calibration_in_the_large", "calibration_slope"):
        name = f"{metric}, true slope {slope}, 300 cases"
        assert 0.93 <= keep(name, coverage(metric, draw, 300, repeats=1500)) <= 0.97


def two_models(shifts: tuple[float, float], prevalence: float = 0.3, spread: float = 1.5) -> DrawMembers:
    """Return two models that say the truth, each shifted on the logit and with noise of its own."""
    centre = centre_of(prevalence, spread)

    def draw(rng: np.random.Generator, n: int) -> list[list[ScoredCases]]:
        true = centre + spread * rng.normal(size=n)
        is_positive = rng.random(n) < expit(true)
        return [[yes_or_no(is_positive, expit(true + shift + 0.5 * rng.normal(size=n)))] for shift in shifts]

    return draw


def shift_of_equal_brier(shift: float, prevalence: float, spread: float) -> float:
    """Return the shift in the other direction that costs as much."""
    rng, centre = np.random.default_rng(5), centre_of(prevalence, spread)
    true = centre + spread * rng.normal(size=200_000)
    noise, risk = 0.5 * rng.normal(size=true.size), expit(true)

    def brier(by: float) -> float:
        probs = expit(true + by + noise)
        return float(np.mean(risk * (1 - probs) ** 2 + (1 - risk) * probs**2))

    return float(brentq(lambda by: brier(by) - brier(shift), -3.0, -0.01))


@pytest.mark.parametrize("prevalence", [0.3, 0.1])
def test_equal_brier_scores_of_models_miscalibrated_in_opposite_directions(prevalence: float, keep: Keep) -> None:
    draw = two_models((0.5, shift_of_equal_brier(0.5, prevalence, 1.5)), prevalence)
    rng = np.random.default_rng(6)
    found = [pair("brier", *draw(rng, 200)).p_value < 0.05 for _ in range(3000)]
    share = keep(f"size: Brier scores, opposite miscalibration, 200 cases, prevalence {prevalence}", np.array(found))
    assert 0.035 <= share <= 0.065


@pytest.mark.parametrize("metric", ["accuracy", "net_benefit", "f1", "calibration_in_the_large"])
def test_equal_models_of_patients_with_two_cases(metric: str, keep: Keep) -> None:
    """Two runs of one process: predictions of both have the same error, of which each has its own half."""
    rng, found = np.random.default_rng(7), []
    for _ in range(2500):
        patients = np.repeat(np.arange(100), 2)
        sick = rng.random(100) < 0.3
        is_positive = np.where(rng.random(200) < 0.9, sick[patients], rng.random(200) < 0.3)
        models = []
        for _model in range(2):
            score = 1.5 * is_positive + (rng.normal(size=100)[patients] + rng.normal(size=200)) / np.sqrt(2)
            models.append([yes_or_no(is_positive, expit(1.5 * (score - 1)), patients).called_at(0.5)])
        found.append(pair(metric, *models).p_value < 0.05)
    assert 0.035 <= keep(f"size: {metric}, 100 patients with two cases", np.array(found)) <= 0.065


def test_a_difference_in_net_benefit_with_twelve_events(keep: Keep) -> None:
    draw = two_models((0.0, 0.0), 0.1, 2.0)
    rng, found = np.random.default_rng(8), []
    for _ in range(3000):
        models = [[members[0].called_at(0.1)] for members in draw(rng, 120)]
        p_value = pair("net_benefit", *models).p_value
        found.append(p_value is not None and p_value < 0.05)
    assert 0.02 <= keep("size: net benefit at 0.1, 120 cases, twelve events", np.array(found)) <= 0.065


def correlated(areas: tuple[float, float], num_positives: int, num_negatives: int, rho: float) -> DrawMembers:
    distances = np.sqrt(2) * norm.ppf(areas)

    def draw(rng: np.random.Generator, _: int) -> list[list[ScoredCases]]:
        is_positive = np.repeat([True, False], [num_positives, num_negatives])
        shared, own = rng.normal(size=is_positive.size), rng.normal(size=(2, is_positive.size))
        scores = np.sqrt(rho) * shared + np.sqrt(1 - rho) * own + distances[:, None] * is_positive
        return [[yes_or_no(is_positive, expit(row))] for row in scores]

    return draw


@pytest.mark.parametrize(
    ("areas", "positives", "negatives", "margin"),
    [
        ((0.90, 0.95), 20, 80, 0.05), ((0.90, 0.95), 12, 388, 0.05), ((0.95, 0.97), 20, 80, 0.02),
        ((0.95, 0.97), 30, 270, 0.02), ((0.75, 0.80), 30, 170, 0.05),
    ],
)  # fmt: skip
@pytest.mark.parametrize("rho", [0.5, 0.8])
def test_a_loss_of_the_margin_is_seldom_called_non_inferior(
    areas: tuple[float, float], positives: int, negatives: int, margin: float, rho: float, keep: Keep
) -> None:
    draw, rng, found = correlated(areas, positives, negatives, rho), np.random.default_rng(9), []
    for _ in range(2500):
        one = pair("auroc", *draw(rng, 0))
        low = one.estimate.ci_low
        found.append(low is not None and one.margin_limits is not None and min(low, one.margin_limits[0]) > -margin)
    name = (
        f"non-inferior at a true loss of the margin: AUROC {areas[1]} -> {areas[0]}, {positives}/{negatives}, rho {rho}"
    )
    assert keep(name, np.array(found)) <= 0.035


@pytest.mark.parametrize("area", [0.75, 0.85, 0.95])
@pytest.mark.parametrize(("positives", "negatives"), [(100, 100), (30, 170)])
def test_paired_delong_of_equal_models(area: float, positives: int, negatives: int, keep: Keep) -> None:
    draw, rng = correlated((area, area), positives, negatives, 0.5), np.random.default_rng(10)
    found = np.array([pair("auroc", *draw(rng, 0)).p_value < 0.05 for _ in range(2500)])
    assert 0.035 <= keep(f"size: paired DeLong, AUROC {area}, {positives}/{negatives}", found) <= 0.065


def seeds(num_seeds: int, num_models: int) -> DrawMembers:
    """Return models whose runs share a score, and whose thresholds vary by half a logit between runs."""

    def draw(rng: np.random.Generator, n: int) -> list[list[ScoredCases]]:
        is_positive = rng.random(n) < 0.3
        shared = rng.normal(size=n)
        models = []
        for _ in range(num_models):
            own = rng.normal(size=n)
            score = 2.0 * is_positive - 1.0 + 0.8 * shared + 0.6 * own
            members = [
                yes_or_no(is_positive, expit(score + 0.3 * rng.normal(size=n))).called_at(
                    float(expit(-0.5 + 0.5 * rng.normal()))
                )
                for _ in range(num_seeds)
            ]
            models.append(members)
        return models

    return draw


@pytest.mark.parametrize("num_seeds", [2, 3])
@pytest.mark.parametrize("n", [400, 2000])
@pytest.mark.parametrize("metric", ["sensitivity", "specificity"])
def test_few_seeds_whose_thresholds_vary(metric: str, n: int, num_seeds: int, keep: Keep) -> None:
    rng = np.random.default_rng([11, n, num_seeds])
    many = [of_many(metric, seeds(1, 1)(rng, 20_000)[0][0], View.BINARY) for _ in range(1000)]
    truth, covered, differs = float(np.mean(many)), [], []
    for _ in range(1500):
        models = seeds(num_seeds, 2)(rng, n)
        one = measured(metric_of(metric), View.BINARY, models[0], SETTINGS)
        covered.append(holds(estimate(one, SETTINGS), truth))
        differs.append(pair(metric, *models).p_value < 0.05)
    name = f"{metric} of {num_seeds} seeds, {n} cases"
    assert 0.92 <= keep(name, np.array(covered)) <= 0.97
    # Few seeds tell little of how much they vary, so that the test errs on the side of caution.
    assert 0.005 <= keep(f"size: {name}", np.array(differs)) <= 0.08
