"""What the same comparison could show: the smallest difference with these patients, the patients for a difference.

Both follow from the standard error of the difference. Its part that patients bring falls with their number; the part
that seeds and repetitions bring does not, and is all that is left with patients without end.

Source: Julious, Stat Med 2004;23:1921, sections 4 and 5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scipy.special import ndtri
from scipy.stats import t as student

if TYPE_CHECKING:
    from reprodx.metrics.difference import Difference

MAX_PATIENTS = 10**7
"""More are not to be had."""


def standard_error(difference: Difference, confidence_level: float) -> float | None:
    """Return the standard error of a difference.

    Args:
        difference: With an interval of any kind.
        confidence_level: Of that interval, in (0, 1).

    Returns:
        The difference's own; where it has none that of a normal interval as wide. None without an interval, and where
        it has no width, since models that do not differ in any case say nothing of how they vary.
    """
    estimate = difference.estimate
    if estimate.ci_low is None or estimate.ci_high is None or estimate.ci_high <= estimate.ci_low:
        return None
    normal = (estimate.ci_high - estimate.ci_low) / (2 * float(ndtri((1 + confidence_level) / 2)))
    return normal if difference.standard_error is None else difference.standard_error


def minimum_detectable(
    standard_error: float, *, alpha: float, power: float, degrees_of_freedom: float = math.inf
) -> float:
    """Return the smallest true difference that would be shown to be one with a wanted power.

    Args:
        standard_error: Of the difference.
        alpha: Two-sided level, in (0, 1).
        power: In (0, 1).
        degrees_of_freedom: Of the t test, at least 1; endless for z.

    Returns:
        In units of the metric, above 0. It is also the smallest margin that models which do not differ would be shown
        to keep, one-sided at half of alpha. With few degrees of freedom its power is slightly under the wanted one
        (0.77 for 0.8 with two).

    Source: Julious 2004, equations 7 and 22, solved for the difference and for the margin, with quantiles of t.

    >>> round(minimum_detectable(0.01, alpha=0.05, power=0.8), 6)
    0.028016
    >>> round(minimum_detectable(0.01, alpha=0.05, power=0.8, degrees_of_freedom=4), 6)
    0.037174
    """
    quantiles = student.ppf(1 - alpha / 2, degrees_of_freedom) + student.ppf(power, degrees_of_freedom)
    return float(quantiles) * standard_error


@dataclass(frozen=True)
class Precision:
    """How well a difference is known, and what it would be with other numbers of patients."""

    num_patients: int
    """That were compared on."""
    sampling: float
    """Variance that they bring."""
    between: float
    """Variance that seeds and repetitions bring."""
    degrees_of_freedom: float
    alpha: float
    power: float

    @property
    def detectable(self) -> float:
        """The smallest true difference that these patients show."""
        return self._detectable(1.0)

    @property
    def floor(self) -> float:
        """The smallest true difference that any number of patients shows; 0 where seeds do not vary."""
        return min(self._detectable(0.0), self.detectable)

    def patients_needed(self, wanted: float) -> int | None:
        """Return how many patients of the same kind would show a difference.

        Args:
            wanted: Difference or margin that is to be shown, above 0.

        Returns:
            At least 1; None where more than `MAX_PATIENTS` would be needed, or no number is enough.

        >>> Precision(100, 0.0001, 0.0, math.inf, 0.05, 0.8).patients_needed(0.014)
        401
        """

        def is_enough(num_patients: int) -> bool:
            return self._detectable(self.num_patients / num_patients) <= wanted

        high = 1
        while not is_enough(high):
            high *= 2
            if high > MAX_PATIENTS:
                return None
        low = high // 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if is_enough(middle) else (middle, high)
        return high

    def _detectable(self, share: float) -> float:
        """Return the smallest difference where the variance that patients bring is a share of what it is now."""
        variance = self.sampling * share + self.between
        degrees = self._degrees_of_freedom(share)
        return minimum_detectable(math.sqrt(variance), alpha=self.alpha, power=self.power, degrees_of_freedom=degrees)

    def _degrees_of_freedom(self, share: float) -> float:
        """Return Satterthwaite's, which fall as more of the variance is estimated from seeds, and rise with patients.

        Few of them come of few seeds, as far as these can have so few, which is one; else of few patients.
        """
        spent = (self.sampling + self.between) ** 2 / self.degrees_of_freedom
        of_seeds = min(spent, self.between**2)
        left = of_seeds + (spent - of_seeds) * share**3
        return max(1.0, (self.sampling * share + self.between) ** 2 / left) if left else math.inf


def precision(difference: Difference, *, num_patients: int, confidence_level: float, power: float) -> Precision | None:
    """Return how well a difference is known.

    Args:
        difference: With an interval of any kind.
        num_patients: That were compared on.
        confidence_level: Of that interval, in (0, 1).
        power: That is wanted, in (0, 1).

    Returns:
        At the two-sided level that the interval leaves; None where nothing is known of how the difference varies.
    """
    error = standard_error(difference, confidence_level)
    if not error:
        return None
    sampling = max(0.0, error**2 - difference.between)
    return Precision(
        num_patients, sampling, difference.between, difference.degrees_of_freedom, 1 - confidence_level, power
    )
