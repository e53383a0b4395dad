"""How compared cases came to be, as their sources say."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from reprodx.comparison.lineup.assumptions import listed
from reprodx.schemas import SAMPLING, Sampling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reprodx.comparison.source import Source


class AgreedSampling(NamedTuple):
    """How the cases of all sources came to be."""

    sampling: Sampling
    notes: tuple[str, ...] = ()
    """That sources contradict each other, in a sentence."""


def agreed_sampling(sources: Sequence[Source]) -> AgreedSampling:
    """Return case-control where every source that says how its cases came to be says this, else a cohort."""
    stated = [one for one in sources if SAMPLING in one.predictions.metadata]
    fixed = [one.label for one in stated if one.predictions.sampling == Sampling.CASE_CONTROL]
    others = [one.label for one in stated if one.predictions.sampling == Sampling.COHORT]
    if fixed and others:
        note = (
            f"The classes were fixed by design as {listed(fixed)} would have it, and patients taken as they came as "
            f"{listed(others)} would. The cases are the same, so one is wrong: they are taken for a cohort."
        )
        return AgreedSampling(Sampling.COHORT, (note,))
    return AgreedSampling(Sampling.CASE_CONTROL if fixed else Sampling.COHORT)
