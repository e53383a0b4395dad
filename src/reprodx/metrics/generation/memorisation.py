"""Does a generator give its training cases back?

Distances say so only beside distances between real cases: a generated case near to a training case is a copy where
hardly any held-out case lies as near to a training case, both measured against the distance to held-out cases, which
the generator cannot have kept. A blurred case is near to all of them alike, and is no copy.

Source: Meehan, Chaudhuri & Dasgupta, AISTATS 2020 (arXiv:2004.05675), for the comparison with held-out cases;
van den Burg & Williams, NeurIPS 2021 (arXiv:2106.03216), for calibrating it by cases that the generator has not seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.generation.case_vectors import drawn_patients
from reprodx.metrics.generation.nearest import nearest
from reprodx.metrics.undefined import NO_CASE, PERFECT, ratio
from reprodx.metrics.wilson import proportion
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.metrics.bootstrap import Bootstrap
    from reprodx.metrics.generation.case_vectors import CaseVectors

MIN_PATIENTS = 10
"""Of a side; from fewer, how near real cases come to each other is not known."""
RARE_SHARE = 0.05
"""Of real cases, those that are nearer to a training case than the limit of a copy: not fewer, since real data hold
some cases twice."""
MAX_RATIO = 0.5
"""Of the distances of a copy. The mean of k cases that all lie equally far apart has sqrt((k - 1) / (k + 1)), which is
more, so a blurred case is no copy however little such cases differ."""
MAX_INFINITE = 0.1
"""Of the ratios of distances, so that the median of a resample is finite."""
TOLERATED_SHARE = 0.05
"""Of generated cases that may be copies before a generator counts as one that copies."""
ACCUSATION_LEVEL = 0.02
"""Chance that a generator without memory exceeds the allowed share since the limit is known from few patients."""
TOLERATED_MEMBERSHIP = 0.6
"""AUROC of the membership attack that the lower limit of a generator that copies exceeds."""


@dataclass(frozen=True)
class Memorisation:
    """How near generated cases are to training cases, held against held-out ones."""

    closer_to_train: Estimate
    """Share of generated cases that are nearer to a training case than to any held-out one, among equally many patients
    of both; 0.5 where nothing is kept."""
    distance_ratio: Estimate
    """Median of the distance to the nearest training case over that to the nearest held-out one; 1 likewise."""
    copied: Estimate
    """Share of generated cases that are as near to a training case, of all of them, as hardly any real case is."""
    num_duplicates: int | None
    """Generated cases that equal a training case in every feature; None where the rest is undefined."""
    allowed_share: float | None
    """Share of copies that a generator without memory seldom reaches; None where the rest is undefined."""

    def estimates(self) -> dict[str, Estimate]:
        """Return the numbers by their names in `metrics.json`."""
        return {
            "closer_to_train_share": self.closer_to_train,
            "distance_ratio": self.distance_ratio,
            "copied_share": self.copied,
        }


def memorisation(
    generated: NDArray[np.float32] | NDArray[np.float64],
    train: CaseVectors,
    heldout: CaseVectors,
    *,
    seed: int,
    bootstrap: Bootstrap,
) -> Memorisation:
    """Hold the distances from generated cases to training cases against those to held-out cases.

    Args:
        generated: Shape (generated, features).
        train: The cases that the generator was trained on.
        heldout: Cases of other patients, from the same source.
        seed: Of the patients that are drawn so that both sides have equally many.
        bootstrap: How the interval of the median is made.

    Returns:
        Undefined without generated cases, and with fewer than 10 patients on a side.

    Source: the share of copies is that of cases whose ratio of distances is below 1/2 and the 5th percentile of
    the ratio of held-out cases, whose own patient does not count; its interval is Wilson's.
    """
    num_patients = min(np.unique(side.patients).size for side in (train, heldout))
    if reason := _undefined(len(generated), num_patients):
        nothing = Estimate.undefined(reason, n=len(generated))
        return Memorisation(nothing, nothing, nothing, None, None)
    train_distances = nearest(generated, train.vectors).distances
    heldout_distances = nearest(generated, heldout.vectors).distances
    limit, allowed = _limit_of_copies(train, heldout)
    is_copy = distance_ratios(train_distances, heldout_distances) < limit
    level = bootstrap.confidence_level
    copied = proportion(int(is_copy.sum()), len(generated), n_events=None, confidence_level=level, interval="wilson")
    drawn_train, drawn_heldout = (drawn_patients(side, num_patients, seed=seed) for side in (train, heldout))
    closer, median = _comparison(generated, drawn_train, drawn_heldout, bootstrap)
    return Memorisation(closer, median, copied, int((train_distances == 0).sum()), allowed)


def copies(memorisation: Memorisation, membership: Estimate) -> str | None:
    """Return in words why a generator counts as one that copies its training cases, or None where it does not.

    It does where the share of copies surely exceeds 5 % and what cases without memory reach, or where the membership
    attack surely exceeds an AUROC of 0.6. In simulations with 30 and 100 held-out patients up to 1 % of the generators
    that draw from the population were accused, and all that return training cases with a little noise.

    Args:
        memorisation: Of the generator.
        membership: AUROC of the membership attack on it, see `membership_auroc`.

    Returns:
        One line without a full stop at its end.
    """
    copied, allowed = memorisation.copied, memorisation.allowed_share
    if allowed is not None and copied.ci_low is not None and copied.ci_low > allowed:
        assert copied.value is not None, "an interval has a value"
        return (
            f"{copied.value:.0%} of the generated cases are copies of training cases (at least {copied.ci_low:.0%}; "
            f"up to {allowed:.0%} are put down to chance)"
        )
    if membership.value is None or not _is_above(membership, TOLERATED_MEMBERSHIP):
        return None
    return f"whose cases the generator was trained on can be told with an AUROC of {membership.value:.2f}"


def distance_ratios(
    train_distances: NDArray[np.float64], heldout_distances: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how much nearer the nearest training case is than the nearest held-out one.

    Args:
        train_distances: Shape (cases,).
        heldout_distances: Shape (cases,).

    Returns:
        Shape (cases,); 1 where both are 0, infinite where the latter alone is.

    >>> distance_ratios(np.array([1.0, 0.0, 2.0]), np.array([2.0, 0.0, 0.0]))
    array([0.5, 1. , inf])
    """
    ratios = ratio(train_distances, heldout_distances)
    is_zero = heldout_distances == 0
    ratios[is_zero] = np.where(train_distances[is_zero] == 0, 1, np.inf)
    return ratios


def _undefined(num_generated: int, num_patients: int) -> str | None:
    if not num_generated:
        return NO_CASE
    if num_patients < MIN_PATIENTS:
        return f"{num_patients} training or held-out patients; {MIN_PATIENTS} of each are needed"
    return None


def _limit_of_copies(train: CaseVectors, heldout: CaseVectors) -> tuple[float, float]:
    """Return the ratio of distances that a copy is below, and the share of copies that is put down to chance.

    The share of new cases below the k-th least of m is distributed as Beta(k, m + 1 - k).
    """
    from scipy.stats import beta

    to_train = nearest(heldout.vectors, train.vectors).distances
    to_others = nearest(heldout.vectors, heldout.vectors, left_out=(heldout.patients, heldout.patients)).distances
    ratios = distance_ratios(to_train, to_others)
    # Above 0, so that a case equal to a training case is a copy even where many real cases are.
    limit = max(np.finfo(np.float64).tiny, min(MAX_RATIO, float(np.quantile(ratios, RARE_SHARE, method="lower"))))
    num_patients = np.unique(heldout.patients).size
    place = 1 + int((ratios < limit).mean() * num_patients)
    by_chance = float(beta.ppf(1 - ACCUSATION_LEVEL, place, num_patients + 1 - place))
    return limit, max(TOLERATED_SHARE, by_chance)


def _comparison(
    generated: NDArray[np.float32] | NDArray[np.float64], train: CaseVectors, heldout: CaseVectors, bootstrap: Bootstrap
) -> tuple[Estimate, Estimate]:
    """Return the share of generated cases nearer to the training side, and the median ratio of distances.

    Cases with the same nearest patient lie on the same side together, so patients are resampled, not cases.
    """
    from_train, from_heldout = nearest(generated, train.vectors), nearest(generated, heldout.vectors)
    ratios = distance_ratios(from_train.distances, from_heldout.distances)
    is_closer = (ratios < 1) + 0.5 * (ratios == 1)
    owners = np.where(
        ratios < 1, _numbers(train.patients)[from_train.rows] * 2, _numbers(heldout.patients)[from_heldout.rows] * 2 + 1
    )
    owners = _numbers(owners)
    strata, order = np.zeros(len(generated), np.int64), np.argsort(ratios)

    def share(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        return ratio(np.einsum("rc,c->r", weights, is_closer), weights.sum(axis=1))

    def median(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = np.cumsum(weights[:, order], axis=1)
        medians: NDArray[np.float64] = ratios[order][(sums >= sums[:, -1:] / 2).argmax(axis=1)]
        return medians

    closer = bootstrap.estimate(share, strata, owners, n_events=None)
    if closer.value in (0, 1):
        closer = _one_sided(closer, int(owners.max()) + 1, bootstrap.confidence_level)
    if np.isinf(ratios).mean() > MAX_INFINITE:
        reason = f"over {MAX_INFINITE:.0%} of the generated cases equal a held-out case, where no ratio is finite"
        return closer, Estimate.undefined(reason, n=len(generated))
    return closer, bootstrap.estimate(median, strata, owners, n_events=None)


def _one_sided(closer: Estimate, num_owners: int, confidence_level: float) -> Estimate:
    """Return the share of 0 or 1, whose resamples do not differ, with the exact interval of as many patients."""
    assert closer.value is not None, "the share is defined"
    hits = int(closer.value) * num_owners
    exact = proportion(hits, num_owners, n_events=None, confidence_level=confidence_level, interval="clopper_pearson")
    method = f"Clopper-Pearson of {num_owners} nearest patients"
    return Estimate(closer.value, exact.ci_low, exact.ci_high, closer.n, None, method)


def _is_above(estimate: Estimate, limit: float) -> bool:
    """Return whether an AUROC surely exceeds a limit; one of 1 has no interval, and chance does not reach it."""
    if estimate.ci_low is None:
        assert estimate.n_events is not None, "the events are the training cases"
        is_many = min(estimate.n_events, estimate.n - estimate.n_events) >= MIN_PATIENTS
        return is_many and estimate.value == 1 and estimate.reason == PERFECT
    return estimate.ci_low > limit


def _numbers(patients: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.unique(patients, return_inverse=True)[1].astype(np.int64)
