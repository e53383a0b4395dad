"""Can an outsider tell from what a generator makes whose cases it was trained on?

Source: Chen, Yu, Zhang & Fritz, GAN-Leaks, CCS 2020, section 5.1 (full black-box attack: the distance to the nearest
generated case), for pictures; Yeom, Giacomelli, Fredrikson & Jha, CSF 2018, section 3 (the loss of a case), for texts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.catalogue.auroc import auroc
from reprodx.metrics.generation.case_vectors import drawn_rows
from reprodx.metrics.generation.nearest import nearest
from reprodx.metrics.scored_cases import renumbered
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray


def membership_auroc(
    train_scores: NDArray[np.float64],
    train_patients: NDArray[np.int64],
    heldout_scores: NDArray[np.float64],
    heldout_patients: NDArray[np.int64],
    *,
    seed: int,
    confidence_level: float,
) -> Estimate:
    """Return the AUROC of an attack that ranks training cases above held-out ones; 0.5 where nothing leaks.

    Args:
        train_scores: Shape (cases,), higher means more likely a training case: `membership_scores` of vectors,
            or minus the mean loss per token of texts.
        train_patients: Shape (cases,).
        heldout_scores: Shape (other cases,).
        heldout_patients: Shape (other cases,), other patients than those of training.
        seed: Of the patients that are drawn from the larger side, so that both have equally many.
        confidence_level: In (0, 1).

    Returns:
        Undefined where a side is empty; `n_events` are the training cases.
    """
    num_patients = min(np.unique(patients).size for patients in (train_patients, heldout_patients))
    if not num_patients:
        return Estimate.undefined("no training case or no held-out case", n=train_scores.size + heldout_scores.size)
    members, others = (drawn_rows(each, num_patients, seed=seed) for each in (train_patients, heldout_patients))
    is_member = np.repeat([True, False], [members.size, others.size])
    scores = np.concatenate([train_scores[members], heldout_scores[others]])
    patients = renumbered(np.concatenate([train_patients[members], heldout_patients[others]]))
    return auroc(is_member, scores, confidence_level=confidence_level, patients=patients)


def membership_scores(
    cases: NDArray[np.float32] | NDArray[np.float64], generated: NDArray[np.float32] | NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return minus the distance of each case to the nearest generated one.

    Args:
        cases: Shape (cases, features).
        generated: Shape (generated, features), at least one.

    Returns:
        Shape (cases,).

    >>> membership_scores(np.array([[0.0], [5.0]]), np.array([[1.0], [3.0]]))
    array([-1., -2.])
    """
    return -nearest(cases, generated).distances
