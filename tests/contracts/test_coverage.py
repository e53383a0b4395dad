"""How often intervals hold the truth, and tests reject it, where that was wrong once or is hard: by simulation.

Cohorts have a random number of the diseased. The truth of a process is that of a million of its cases. Each share is
printed with its Monte-Carlo error; docs/decisions/03-intervals.md and 07-comparison.md have the table.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from scipy.special import expit, logit

from reprodx.metrics.asked import View
from reprodx.metrics.catalogue import metric_of
from reprodx.metrics.estimation import difference, estimate, measured
from reprodx.metrics.scored_cases import ScoredCases
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
    if truth is None:
        value = of_many(metric, draw(rng, MANY), view)
    else:
        value = truth
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
    assert 0.93 <= keep(name, coverage("brier", draw, n, repeats=1500)) <= 0.97


@pytest.mark.parametrize(("n", "prevalence"), [(200, 0.10), (2000, 0.05), (1000, 0.02)])
@pytest.mark.parametrize("model", [{}, {"slope": 2.0}, {"shift": -1.0}], ids=["calibrated", "overconfident", "too low"])
def test_the_scaled_brier_score_of_a_cohort(n: int, prevalence: float, model: dict[str, float], keep: Keep) -> None:
    draw = cohort(prevalence, **model)
    name = f"scaled Brier score, {n} cases, prevalence {prevalence}, {next(iter(model), 'calibrated')}"
    assert 0.93 <= keep(name, coverage("scaled_brier", draw, n, repeats=1500)) <= 0.97
