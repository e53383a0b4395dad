"""Grades as a yes-or-no question: does a case reach the grade from which something is done about it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.errors import ConfigError
from reprodx.metrics.scored_cases import ScoredCases

if TYPE_CHECKING:
    from collections.abc import Sequence


def referable_classes(classes: Sequence[str], cut: int) -> tuple[str, str]:
    """Return both answers in words.

    Args:
        classes: Grades in ascending order.
        cut: Position of the first grade that is referable, from 0.

    Returns:
        The negative answer first.

    Raises:
        ConfigError: If the cut does not leave a grade on both sides.

    >>> referable_classes(["none", "mild", "severe"], 1), referable_classes(["none", "mild", "severe"], 2)
    (('below mild', 'mild or above'), ('below severe', 'severe'))
    """
    if not 1 <= cut < len(classes):
        raise ConfigError(
            f"evaluation.ordinal_cut: {cut} leaves no grade on one side of {list(classes)}: "
            f"give a number from 1 to {len(classes) - 1}"
        )
    name = classes[cut]
    return f"below {name}", name if cut == len(classes) - 1 else f"{name} or above"


def referable_cases(cases: ScoredCases, cut: int) -> ScoredCases:
    """Return graded cases as referable or not.

    Args:
        cases: Of an ordinal task.
        cut: Position of the first grade that is referable, from 0.

    Returns:
        Cases of two classes; the probability is the sum of those of the referable grades.

    Raises:
        ConfigError: If the cut does not leave a grade on both sides.
    """
    classes = referable_classes(cases.classes, cut)
    # A sum of shares can exceed 1 by a rounding error.
    probs = np.minimum(cases.probs[:, cut:].sum(axis=1), 1.0)
    targets = (cases.targets >= cut).astype(np.int64)
    both = np.column_stack([1 - probs, probs])
    return ScoredCases(targets, both, cases.patients, classes, design_strata=cases.design_strata)
