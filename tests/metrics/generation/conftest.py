"""Populations that generated and real cases are drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from reprodx.metrics.bootstrap import Bootstrap
from reprodx.metrics.generation.case_vectors import CaseVectors

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="session")
def resamples() -> Bootstrap:
    return Bootstrap(num_resamples=200, seed=3, confidence_level=0.95)


@pytest.fixture(scope="session")
def make_real() -> Callable[..., CaseVectors]:
    """Normal cases in 20 dimensions of which few matter, as of pictures."""

    def make(num_patients: int, *, seed: int, cases_per_patient: int = 1, first_patient: int = 0) -> CaseVectors:
        rng = np.random.default_rng(seed)
        scales = 1 / np.arange(1, 21)
        centres = np.repeat(rng.normal(size=(num_patients, 20)), cases_per_patient, axis=0)
        vectors = (centres + 0.1 * rng.normal(size=centres.shape)) * scales
        return CaseVectors(vectors, first_patient + np.repeat(np.arange(num_patients), cases_per_patient))

    return make
