"""SYNTHETIC electrocardiograms of invented patients, for trying everything without any patient's data.

They are made by a published model of the heart's dipole, see `heart_dipole` and `synthetic_heart`. Nothing found
on them says anything about medicine.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import polars as pl

from reprodx.datasets.acknowledged import Acknowledged
from reprodx.datasets.groups import group_of
from reprodx.datasets.heart_dipole import LEADS, Waves, electrocardiogram
from reprodx.datasets.keys import refuse_split_column
from reprodx.datasets.synthetic_heart import (
    CLASSES,
    FIBRILLATION,
    NORMAL,
    Patient,
    draw_beats,
    draw_gain,
    draw_noise,
    draw_patient,
    fibrillation,
    waves_of,
)
from reprodx.datasets.wfdb_files import SignalForm
from reprodx.errors import ConfigError
from reprodx.inputs import Inputs, Modality, room
from reprodx.schemas import CASE_ID, GROUP_PREFIX, PATIENT_ID, SITE, Y_TRUE, RawCases

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

FREE_SHARE = 0.1
"""Of the records of a patient with a disease, those on which it does not show, which count as normal."""
AGE_CUTS = (50, 70)
"""Years, between the bands that are reported."""
REFERENCE_STANDARD = "synthetic: the simulator's own class"
CARD = """# SYNTHETIC electrocardiograms

- SYNTHETIC: drawn by `reprodx.datasets.synthetic_ecg` from a seed; no patient exists, and no result means anything
  for medicine.
- Source: the dynamical model of McSharry et al (IEEE TBME 2003;50:289) as a dipole in three dimensions (Sameni et al,
  EURASIP J Adv Signal Process 2007:043407), seen in 12 leads by Dower's matrix (Clin Cardiol 1980;3:87).
- Classes: normal; atrial fibrillation (irregular RR, no P, f waves); ST-T change (ST depression, flat or inverted T);
  conduction disturbance (wide QRS of left or right bundle branch block), each from hardly visible to textbook.
  Sinus rhythm may have early beats.
- Groups: sex, age and two sites with noise and gain of their own. Records of one patient share his heart.
- Licence: the generator's.
- What is wrong with them: everything that a simulator leaves out. Amplitudes and directions were chosen by hand to
  look plausible; there are no ventricular beats, pacemakers or wrong electrodes, and a patient has one disease.
"""
"""Where the data come from and what is known to be wrong with them."""


@dataclass(frozen=True, kw_only=True)
class SyntheticEcg:
    """Electrocardiograms of invented patients."""

    modality: ClassVar[Modality] = Modality.SIGNAL
    """What kind of measurement a case is judged by."""

    num_patients: int
    """Invented patients, from 8."""
    max_records: int
    """Each patient has one to so many records."""
    sampling_rate: int
    """Samples a second, Hz."""
    seconds: float
    """Length of a record."""
    noise: float
    """Noise and drift, as multiples of a usual recording's."""
    seed: int
    """Of everything that is drawn."""
    acknowledge: Mapping[str, object]
    """Leaks to let through, see `Acknowledged`."""

    def __post_init__(self) -> None:
        """Check the sizes.

        Raises:
            ConfigError: If a key holds what it cannot.
        """
        lowest = {"num_patients": 8, "max_records": 1, "sampling_rate": 50, "seconds": 0.5, "noise": 0, "seed": 0}
        for key, low in lowest.items():
            if getattr(self, key) < low:
                raise ConfigError(f"data.{key}: {getattr(self, key)} is below {low}")
        Acknowledged.from_config(self.acknowledge)

    @property
    def acknowledged(self) -> Acknowledged:
        """Leaks that the leakage gate lets through."""
        return Acknowledged.from_config(self.acknowledge)

    def read(self, split_column: str | None, *, scratch: Path | None = None) -> RawCases:
        """Draw all cases.

        Args:
            split_column: Must be None, since the data name no split.
            scratch: An existing folder for the signals; None to keep them in memory.

        Returns:
            One case a record, patient by patient.

        Raises:
            ConfigError: If a column for the split is asked for.
        """
        refuse_split_column(split_column, "synthetic_ecg")
        logger.info("drawing electrocardiograms of %d invented patients", self.num_patients)
        rng = np.random.default_rng(self.seed)
        patients = [draw_patient(rng) for _ in range(self.num_patients)]
        owners = np.repeat(
            np.arange(self.num_patients), rng.integers(1, self.max_records, self.num_patients, endpoint=True)
        )
        shape = (len(owners), round(self.seconds * self.sampling_rate), len(LEADS))
        signals = room(shape, np.float32, scratch)
        truths = [draw_truth(patients[owner], rng) for owner in owners]
        for row, (owner, truth) in enumerate(zip(owners, truths, strict=True)):
            signals[row] = self._record(patients[owner], truth, rng)
        logger.info("drew %d records", len(owners))
        return RawCases(
            is_synthetic=True,
            cases=_cases(owners, truths, patients),
            features=pl.DataFrame(height=len(owners)),
            classes=CLASSES,
            num_read=len(owners),
            exclusions=(),
            has_patients=True,
            card=CARD,
            reference_standard=REFERENCE_STANDARD,
            inputs=Inputs.of_rows(Modality.SIGNAL, signals, channels=LEADS, settings=self._settings(shape[1])),
        )

    def _settings(self, num_steps: int) -> dict[str, Any]:
        rate = float(self.sampling_rate)
        form = SignalForm(rate, num_steps, LEADS, resample=True, pad=False, max_missing_share=0.0)
        return form.as_settings()

    def _record(self, patient: Patient, truth: str, rng: np.random.Generator) -> NDArray[np.float64]:
        time = np.arange(round(self.seconds * self.sampling_rate)) / self.sampling_rate
        beats, intervals = draw_beats(patient.heart_rate, self.seconds, truth == FIBRILLATION, rng)
        rows = waves_of(patient, truth)
        waves = Waves(rows[:, 0], rows[:, 1], rows[:, 2:5], rows[:, 5])
        sizes = rng.normal(1, 0.04, (len(beats), len(rows)))
        leads = electrocardiogram(time, beats, intervals, waves, sizes)
        if truth == FIBRILLATION:
            leads += fibrillation(time, patient.severity, rng)
        return leads * draw_gain(patient.site, rng) + self.noise * draw_noise(time, patient.site, rng)


def draw_truth(patient: Patient, rng: np.random.Generator) -> str:
    """Return what one record of a patient shows: the disease, or seldom nothing.

    Args:
        patient: Whose record it is.
        rng: The source of chance.

    Returns:
        One of `CLASSES`.
    """
    return NORMAL if rng.random() < FREE_SHARE else patient.disease


def _cases(owners: NDArray[np.int64], truths: list[str], patients: list[Patient]) -> pl.DataFrame:
    ages = pl.Series([patients[owner].age for owner in owners])
    return pl.DataFrame({
        CASE_ID: [f"ecg{row:06d}" for row in range(1, len(owners) + 1)],
        PATIENT_ID: [f"patient{owner + 1:05d}" for owner in owners],
        SITE: [patients[owner].site for owner in owners],
        Y_TRUE: truths,
        GROUP_PREFIX + "sex": [patients[owner].sex for owner in owners],
        GROUP_PREFIX + "age": group_of(ages, AGE_CUTS),
    })  # fmt: skip
