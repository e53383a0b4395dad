"""Whether a generator whose pictures are to be added to training gives its training cases back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.bootstrap import Bootstrap
from reprodx.metrics.generation.case_vectors import CaseVectors
from reprodx.metrics.generation.membership import membership_auroc, membership_scores
from reprodx.metrics.generation.memorisation import copies, memorisation
from reprodx.metrics.generation.reduction import image_vectors
from reprodx.schemas import PATIENT_ID, TRAIN, VAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reprodx.artifacts.prepared import PreparedCases
    from reprodx.inputs import Inputs
    from reprodx.schemas import Estimate

NUM_RESAMPLES = 1000
CONFIDENCE_LEVEL = 0.95


@dataclass(frozen=True)
class CopyCheck:
    """What the check found."""

    privacy: Mapping[str, Estimate]
    """By their names in a generator's `metrics.json`."""
    copies: str | None
    """Why the generator counts as one that copies; None where it does not."""


def check_copies(generated: Inputs, prepared: PreparedCases, *, seed: int) -> CopyCheck:
    """Hold generated pictures against those of training and those of validation; test pictures are not looked at.

    Args:
        generated: Pictures that are to be added.
        prepared: The cases.
        seed: Of patients that are drawn, and of resamples.

    Returns:
        The numbers, and the verdict.
    """
    made = image_vectors(generated)
    train, val = (_real(prepared, split) for split in (TRAIN, VAL))
    bootstrap = Bootstrap(NUM_RESAMPLES, seed, CONFIDENCE_LEVEL)
    kept = memorisation(made, train, val, seed=seed, bootstrap=bootstrap)
    membership = membership_auroc(
        membership_scores(train.vectors, made),
        train.patients,
        membership_scores(val.vectors, made),
        val.patients,
        seed=seed,
        confidence_level=CONFIDENCE_LEVEL,
    )
    return CopyCheck({**kept.estimates(), "membership_auroc": membership}, copies(kept, membership))


def _real(prepared: PreparedCases, split: str) -> CaseVectors:
    assert prepared.inputs is not None, "pictures are"
    rows = prepared.rows(split)
    _, patients = np.unique(prepared.cases[PATIENT_ID].to_numpy(), return_inverse=True)
    return CaseVectors(image_vectors(prepared.inputs.select(rows)), patients[rows])
