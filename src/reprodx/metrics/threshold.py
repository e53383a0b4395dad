"""Rules that choose a threshold on the validation cases; a case at or above it is called positive.

Every rule says which candidate it takes among equals, so that equal cases give an equal threshold whatever their
order. The test split never chooses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from reprodx.errors import ConfigError
from reprodx.metrics.threshold_candidates import Candidates

if TYPE_CHECKING:
    from numpy.typing import NDArray


class ThresholdRule(Protocol):
    """How a threshold is chosen."""

    def choose(self, is_positive: NDArray[np.bool_], probs: NDArray[np.float64]) -> float:
        """Return the threshold.

        Args:
            is_positive: Shape (cases,), of the validation split.
            probs: Shape (cases,), of the positive class.

        Returns:
            At or above it a case is called positive.

        Raises:
            UndefinedMetricError: If the rule needs both classes and one is absent.
        """

    def describe(self) -> str:
        """Return the rule in words, such as "largest Youden index"."""


@dataclass(frozen=True)
class Youden:
    """The threshold with the largest sensitivity + specificity - 1; among equals the lowest, which misses the fewest.

    Source: Youden, Cancer 1950;3:32.
    """

    def choose(self, is_positive: NDArray[np.bool_], probs: NDArray[np.float64]) -> float:
        """Return the threshold; see `ThresholdRule.choose`.

        >>> Youden().choose(np.array([False, False, True, True]), np.array([0.1, 0.3, 0.5, 0.9]))
        0.4
        """
        candidates = Candidates.of(is_positive, probs)
        # Whole numbers, so that equal indices compare as equal.
        gains = candidates.true_positives * candidates.num_negatives
        return _lowest_best(candidates, gains - candidates.false_positives * candidates.num_positives)

    def describe(self) -> str:
        """Return the rule in words."""
        return "largest Youden index"


@dataclass(frozen=True)
class TargetSensitivity:
    """The highest threshold whose sensitivity reaches the target, which is the one with the best specificity."""

    target: float
    """In (0, 1]."""

    def __post_init__(self) -> None:
        """Refuse a target that is no proportion."""
        _check_proportion("target", self.target)

    def choose(self, is_positive: NDArray[np.bool_], probs: NDArray[np.float64]) -> float:
        """Return the threshold; see `ThresholdRule.choose`."""
        candidates = Candidates.of(is_positive, probs)
        return float(candidates.thresholds[np.argmax(candidates.sensitivities >= self.target)])

    def describe(self) -> str:
        """Return the rule in words."""
        return f"sensitivity of at least {self.target:g}"


@dataclass(frozen=True)
class TargetSpecificity:
    """The lowest threshold whose specificity reaches the target, which is the one with the best sensitivity."""

    target: float
    """In (0, 1]."""

    def __post_init__(self) -> None:
        """Refuse a target that is no proportion."""
        _check_proportion("target", self.target)

    def choose(self, is_positive: NDArray[np.bool_], probs: NDArray[np.float64]) -> float:
        """Return the threshold; see `ThresholdRule.choose`."""
        candidates = Candidates.of(is_positive, probs)
        return float(candidates.thresholds[candidates.specificities >= self.target][-1])

    def describe(self) -> str:
        """Return the rule in words."""
        return f"specificity of at least {self.target:g}"


@dataclass(frozen=True)
class MinimumCost:
    """The threshold with the least total cost at the validation split's prevalence; among equals the lowest."""

    false_negative_cost: float
    """Above 0, in any unit."""
    false_positive_cost: float
    """Above 0, in the same unit."""

    def __post_init__(self) -> None:
        """Refuse costs that are not above 0."""
        for key, cost in (
            ("false_negative_cost", self.false_negative_cost),
            ("false_positive_cost", self.false_positive_cost),
        ):
            if not 0 < cost < float("inf"):
                raise ConfigError(f"evaluation.threshold.{key}: {cost} is not a cost: give a number above 0")

    def choose(self, is_positive: NDArray[np.bool_], probs: NDArray[np.float64]) -> float:
        """Return the threshold; see `ThresholdRule.choose`."""
        candidates = Candidates.of(is_positive, probs)
        missed = candidates.num_positives - candidates.true_positives
        costs = missed * self.false_negative_cost + candidates.false_positives * self.false_positive_cost
        return _lowest_best(candidates, -costs)

    def describe(self) -> str:
        """Return the rule in words."""
        costs = f"{self.false_negative_cost:g} a false negative, {self.false_positive_cost:g} a false positive"
        return f"least cost at {costs}"


@dataclass(frozen=True)
class FixedThreshold:
    """A threshold that was set before any case was seen."""

    value: float
    """In [0, 1]."""

    def __post_init__(self) -> None:
        """Refuse a value that is no probability."""
        if not 0 <= self.value <= 1:
            raise ConfigError(f"evaluation.threshold.value: {self.value} is not a probability: give one in [0, 1]")

    def choose(self, is_positive: NDArray[np.bool_], probs: NDArray[np.float64]) -> float:
        """Return the value, whatever the cases."""
        return self.value

    def describe(self) -> str:
        """Return the rule in words."""
        return f"fixed at {self.value:g}"


def _lowest_best(candidates: Candidates, gains: NDArray[np.int64] | NDArray[np.float64]) -> float:
    return float(candidates.thresholds[gains == gains.max()][-1])


def _check_proportion(key: str, value: float) -> None:
    if not 0 < value <= 1:
        raise ConfigError(f"evaluation.threshold.{key}: {value} is outside (0, 1]: give a proportion such as 0.9")
