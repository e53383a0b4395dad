"""SYNTHETIC stays in intensive care of invented patients: hourly vital signs and laboratory values with gaps.

A hidden severity drifts up or down from some hour on; what is measured follows it, and so does the chance that the
patient deteriorates afterwards. Nothing found on these stays says anything about medicine.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import polars as pl

from reprodx.datasets.acknowledged import Acknowledged
from reprodx.datasets.cleaning import CATEGORICAL, NUMERIC, ColumnRule
from reprodx.datasets.groups import group_of
from reprodx.datasets.keys import refuse_split_column
from reprodx.datasets.missing_values import EVERY_COLUMN
from reprodx.datasets.missing_words import USUAL_WORDS
from reprodx.datasets.series_format import SeriesFormat
from reprodx.errors import ConfigError
from reprodx.inputs import Inputs, Modality
from reprodx.schemas import CASE_ID, GROUP_PREFIX, PATIENT_ID, SITE, Y_TRUE, RawCases

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

STABLE, DETERIORATION = CLASSES = ("stable", "deterioration")
"""Whether the patient stays as he is in the hours after those that are shown."""
MIN_HOURS = 6
"""The shortest stay."""
AGE_CUTS = (50, 70)
"""Years, between the bands that are reported."""
SITES = {"university": 1.0, "district": 0.7}
"""Two invented hospitals, and how often they measure: a factor on the odds of each measurement."""
UNIVERSITY_SHARE = 0.6
"""Of the patients."""
VARIABLES = {
    "heart_rate": "beats/min",
    "systolic_pressure": "mmHg",
    "respiratory_rate": "breaths/min",
    "oxygen_saturation": "%",
    "temperature": "degrees Celsius",
    "urine_output": "mL/h",
    "lactate": "mmol/L",
    "creatinine": "mg/dL",
    "white_cells": "10^9/L",
    "platelets": "10^9/L",
    "potassium": "mmol/L",
    "glucose": "mg/dL",
}
"""What is measured, with its unit."""
# Mean, differences between persons and from hour to hour (standard deviations), change by severity, share of hours
# in which it is measured, lowest and highest value; all in the units of VARIABLES.
NUMBERS = np.array([
    [84, 12, 5, 6.0, 0.95, 30, 220],
    [122, 14, 7, -6.0, 0.95, 40, 240],
    [17, 2.5, 1.8, 1.6, 0.90, 5, 60],
    [96.5, 1.2, 0.9, -0.8, 0.95, 50, 100],
    [36.9, 0.35, 0.2, 0.15, 0.25, 32, 42],
    [75, 22, 25, -11, 0.60, 0, 600],
    [1.5, 0.4, 0.2, 0.35, 0.12, 0.3, 25],
    [1.0, 0.35, 0.05, 0.12, 0.08, 0.2, 15],
    [9.5, 3.0, 0.8, 1.0, 0.08, 0.1, 80],
    [220, 60, 12, -12, 0.08, 5, 900],
    [4.1, 0.4, 0.2, 0.10, 0.12, 2, 8],
    [135, 28, 15, 5.0, 0.25, 30, 700],
])  # fmt: skip
DRIFT_STD, NOISE_STD, NOISE_MEMORY = 1.6, 0.3, 0.8
"""Of severity: the drift over a stay, and fluctuations that last hours (a first-order autoregression)."""
RISK = {"intercept": -1.7, "drift": 1.5, "level": 0.4, "age": 0.3, "emergency": 0.4}
"""Log odds of deterioration: per unit of severity, per 15 years above 62, and after an emergency admission."""
REFERENCE_STANDARD = "synthetic: drawn by the simulator from the hidden severity"
CARD = """# SYNTHETIC stays in intensive care

- SYNTHETIC: drawn by `reprodx.datasets.synthetic_icu` from a seed; no patient exists, and no result means anything
  for medicine.
- Series: 12 vital signs and laboratory values by the hour over 6 to 48 hours. Vital signs are measured in most hours,
  laboratory values in about one of ten; sicker patients and the university hospital measure more often.
- Features: age, sex, weight and kind of admission, known when the stay begins.
- Classes: deterioration after the hours shown, or not, drawn with a probability that follows how the hidden severity
  has changed, and less so its level, age and an emergency admission. Chance decides the rest: no model can be perfect.
- Groups: sex, age and two sites. Stays of one patient share his usual values, which differ from those of others.
- Licence: the generator's.
- What is wrong with them: everything that a simulator leaves out, such as treatment, artefacts, diseases and death.
"""
"""Where the data come from and what is known to be wrong with them."""


@dataclass(frozen=True, kw_only=True)
class SyntheticIcu:
    """Stays of invented patients in intensive care; a case is a stay."""

    modality: ClassVar[Modality] = Modality.SERIES
    """What kind of measurement a case is judged by."""

    num_patients: int
    """Invented patients, from 8."""
    max_stays: int
    """Each patient has one to so many stays."""
    max_hours: int
    """The longest stay, from 6 hours."""
    seed: int
    """Of everything that is drawn."""
    acknowledge: Mapping[str, object]
    """Leaks to let through, see `Acknowledged`."""

    def __post_init__(self) -> None:
        """Check the sizes.

        Raises:
            ConfigError: If a key holds what it cannot.
        """
        for key, low in {"num_patients": 8, "max_stays": 1, "max_hours": MIN_HOURS, "seed": 0}.items():
            if getattr(self, key) < low:
                raise ConfigError(f"data.{key}: {getattr(self, key)} is below {low}")
        Acknowledged.from_config(self.acknowledge)

    @property
    def acknowledged(self) -> Acknowledged:
        """Leaks that the leakage gate lets through."""
        return Acknowledged.from_config(self.acknowledge)

    def read(self, split_column: str | None, *, scratch: Path | None = None) -> RawCases:
        """Draw all stays.

        Args:
            split_column: Must be None, since the data name no split.
            scratch: Not used: the measurements fit into memory.

        Returns:
            One case a stay, patient by patient.

        Raises:
            ConfigError: If a column for the split is asked for.
        """
        refuse_split_column(split_column, "synthetic_icu")
        rng = np.random.default_rng(self.seed)
        patients = draw_patients(self.num_patients, rng)
        usual = rng.normal(NUMBERS[:, 0], NUMBERS[:, 1], (self.num_patients, len(VARIABLES)))
        owners = np.repeat(
            np.arange(self.num_patients), rng.integers(1, self.max_stays, self.num_patients, endpoint=True)
        )
        stays = patients[owners].with_columns(
            pl.Series("admission", np.where(rng.random(len(owners)) < 0.7, "emergency", "planned"))
        )
        hours = rng.integers(MIN_HOURS, self.max_hours, len(owners), endpoint=True)
        level, drift = rng.normal(0, [[1.0], [DRIFT_STD]], (2, len(owners)))
        series = []
        for stay, owner in enumerate(owners):
            severity = draw_severity(level[stay], drift[stay], hours[stay], rng)
            series.append(measure(severity, usual[owner], SITES[stays[SITE][stay]], rng))
        truths = np.where(rng.random(len(owners)) < risk_of(level, drift, stays), DETERIORATION, STABLE)
        logger.info("drew %d stays of %d invented patients", len(owners), self.num_patients)
        features = stays.select("age", "sex", "weight", "admission")
        kinds = {name: NUMERIC if dtype.is_numeric() else CATEGORICAL for name, dtype in features.schema.items()}
        return RawCases(
            cases=_cases(owners, stays, truths),
            features=features,
            classes=CLASSES,
            num_read=len(owners),
            exclusions=(),
            has_patients=True,
            card=CARD,
            units={"age": "years", "weight": "kg", **VARIABLES},
            cleaning={name: ColumnRule(kind).as_dict() for name, kind in kinds.items()},
            reference_standard=REFERENCE_STANDARD,
            inputs=Inputs.of_steps(
                Modality.SERIES, np.concatenate(series), hours, channels=tuple(VARIABLES), settings=_settings()
            ),
            is_synthetic=True,
        )


def draw_patients(num_patients: int, rng: np.random.Generator) -> pl.DataFrame:
    """Return who the patients are.

    Args:
        num_patients: How many.
        rng: The source of chance.

    Returns:
        `age` (years), `sex`, `weight` (kg, sometimes not known) and `site`, one row each.
    """
    sex = np.where(rng.random(num_patients) < 0.45, "female", "male")
    weight = rng.normal(np.where(sex == "female", 70, 82), 14).clip(40, 160).round()
    is_known = rng.random(num_patients) > 0.06
    return pl.DataFrame({
        "age": rng.normal(62, 15, num_patients).clip(18, 95).round(),
        "sex": sex,
        "weight": pl.Series(np.where(is_known, weight, np.nan)).fill_nan(None),
        SITE: rng.choice(list(SITES), num_patients, p=(UNIVERSITY_SHARE, 1 - UNIVERSITY_SHARE)),
    })  # fmt: skip


def draw_severity(level: float, drift: float, num_hours: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return how ill a patient is by the hour.

    Args:
        level: At the start; 0 is the average patient, 1 a standard deviation worse.
        drift: How much worse it has become by the end, steadily from some hour of the stay's first two thirds on.
        num_hours: Length of the stay.
        rng: The source of chance.

    Returns:
        Shape (hours,).
    """
    from scipy.signal import lfilter

    onset = rng.uniform(0, 2 / 3) * (num_hours - 1)
    rise = (np.arange(num_hours) - onset).clip(0) / (num_hours - 1 - onset)
    noise = lfilter([1], [1, -NOISE_MEMORY], rng.normal(0, NOISE_STD, num_hours))
    return np.asarray(level + drift * rise + noise)


def measure(
    severity: NDArray[np.float64], usual: NDArray[np.float64], diligence: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return what is measured of a stay.

    Args:
        severity: Shape (hours,).
        usual: Shape (variables,): the patient's own values at severity 0.
        diligence: The hospital's factor on the odds of each measurement.
        rng: The source of chance.

    Returns:
        Shape (hours, variables) in the units of `VARIABLES`, NaN where not measured.
    """
    _, _, noise, effect, share, low, high = NUMBERS.T
    values = (usual + severity[:, None] * effect + rng.normal(0, noise, (len(severity), len(noise)))).clip(low, high)
    odds = share / (1 - share) * diligence * np.exp(0.2 * severity[:, None])
    is_measured = rng.random(values.shape) < odds / (1 + odds)
    # Admission takes the vital signs, so that no stay is empty.
    is_measured[0] |= share > 0.5
    return np.where(is_measured, values, np.nan).astype(np.float32)


def risk_of(level: NDArray[np.float64], drift: NDArray[np.float64], stays: pl.DataFrame) -> NDArray[np.float64]:
    """Return how likely each stay is to end in deterioration.

    Args:
        level: Severity at the start, shape (stays,).
        drift: Its change until the end, shape (stays,).
        stays: `age` and `admission`.

    Returns:
        Probabilities, shape (stays,).
    """
    from scipy.special import expit

    age, is_emergency = stays["age"].to_numpy(), (stays["admission"] == "emergency").to_numpy()
    fixed = RISK["intercept"] + RISK["age"] * (age - 62) / 15 + RISK["emergency"] * is_emergency
    return np.asarray(expit(fixed + RISK["drift"] * drift + RISK["level"] * level))


def _settings() -> dict[str, Any]:
    form = SeriesFormat(
        id="stay",
        hour="hour",
        variable=None,
        value=None,
        variables=tuple(VARIABLES),
        missing={EVERY_COLUMN: USUAL_WORDS},
        ranges={},
        bin_hours=1.0,
        max_hours=8760.0,
        window_hours=None,
        aggregate="mean",
    )
    return form.as_dict()


def _cases(owners: NDArray[np.int64], stays: pl.DataFrame, truths: NDArray[np.str_]) -> pl.DataFrame:
    return pl.DataFrame({
        CASE_ID: [f"stay{row:05d}" for row in range(1, len(owners) + 1)],
        PATIENT_ID: [f"patient{owner + 1:05d}" for owner in owners],
        SITE: stays[SITE],
        Y_TRUE: truths,
        GROUP_PREFIX + "sex": stays["sex"],
        GROUP_PREFIX + "age": group_of(stays["age"], AGE_CUTS),
    })  # fmt: skip
