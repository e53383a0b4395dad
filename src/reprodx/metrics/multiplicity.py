"""What p values are worth when several are looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

Adjust = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def holm(p_values: Sequence[float | None]) -> tuple[float | None, ...]:
    """Return p values adjusted so that any false claim among them is as unlikely as one alone was.

    Args:
        p_values: In [0, 1]; None where a test is undefined, which then counts as no test.

    Returns:
        In their order, None as given.

    Source: Holm, Scand J Stat 1979;6:65.

    >>> holm([0.01, None, 0.04])
    (0.02, None, 0.04)
    """
    return _adjusted(p_values, _stepped_down)


def benjamini_hochberg(p_values: Sequence[float | None]) -> tuple[float | None, ...]:
    """Return p values adjusted so that the expected share of false ones among those picked stays at the level.

    Args:
        p_values: In [0, 1]; None where a test is undefined, which then counts as no test.

    Returns:
        In their order, None as given.

    Source: Benjamini & Hochberg, J R Stat Soc B 1995;57:289.

    >>> benjamini_hochberg([0.01, None, 0.04])
    (0.02, None, 0.04)
    """
    return _adjusted(p_values, _fdr)


def _adjusted(p_values: Sequence[float | None], adjust: Adjust) -> tuple[float | None, ...]:
    known = np.array([p_value for p_value in p_values if p_value is not None])
    adjusted = iter(adjust(known).tolist())
    return tuple(None if p_value is None else next(adjusted) for p_value in p_values)


def _stepped_down(p_values: NDArray[np.float64]) -> NDArray[np.float64]:
    # By hand: statsmodels' multipletests collects Python's garbage at each call, up to a second beside torch.
    order = np.argsort(p_values, kind="stable")
    adjusted = np.empty_like(p_values)
    factors = np.arange(p_values.size, 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(factors * p_values[order]), 1)
    return adjusted


def _fdr(p_values: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.stats import false_discovery_control

    return np.asarray(false_discovery_control(p_values)) if p_values.size else p_values
