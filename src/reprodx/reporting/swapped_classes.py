"""The question that an AUROC worse than chance asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reprodx.schemas import Estimate

QUESTION = "are the classes swapped?"


def seem_swapped(auroc: Estimate) -> bool:
    """Tell whether a model ranks worse than chance, so that its classes may be swapped.

    Args:
        auroc: Of one yes-or-no question.

    Returns:
        True where the interval lies under 0.5, and where every case is ranked wrong, of which there is no interval.

    >>> from reprodx.schemas import Estimate
    >>> seem_swapped(Estimate(0.3, 0.2, 0.4, 90, 30, "logit DeLong")), seem_swapped(Estimate.undefined("none", n=3))
    (True, False)
    """
    return auroc.value == 0 if auroc.ci_high is None else auroc.ci_high < 0.5
