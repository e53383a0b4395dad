"""The hearts of invented patients: how they beat in health and in three diseases, and what recording adds.

The waves follow the model of `heart_dipole`; their sizes and directions were chosen by hand to look plausible.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reprodx.datasets.heart_dipole import LEADS, lead_matrix

if TYPE_CHECKING:
    from numpy.typing import NDArray

NORMAL, FIBRILLATION, ST_T, CONDUCTION = CLASSES = (
    "normal",
    "atrial_fibrillation",
    "st_t_change",
    "conduction_disturbance",
)
"""What the simulator is told to draw."""
SHARES = (0.4, 0.2, 0.2, 0.2)
"""Of the patients, by class."""
EARLY_SHARE, EARLY_RATE = 0.2, 0.12
"""Share of records in sinus rhythm with early beats of the atrium, and of the beats that are early on these."""
SITES = ("north", "south")
"""Two invented hospitals: the second has noisier and stronger amplifiers and sees fewer patients."""
# Seconds from R, standard deviation in seconds, dipole in mV to the left, the feet and the back, growth with RR.
BEAT = np.array([
    [-0.150, 0.020, 0.02, 0.07, -0.05, 0.25],  # P of the right atrium
    [-0.120, 0.020, 0.06, 0.07, 0.03, 0.25],  # P of the left atrium
    [-0.028, 0.009, -0.14, -0.04, -0.24, 0.0],  # the septum: q in V6, r in V1
    [-0.004, 0.011, 1.00, 0.70, 0.12, 0.0],  # the free walls: R
    [0.014, 0.011, 0.45, 0.20, 0.80, 0.0],  # the left ventricle's back: S in V1 and V2
    [0.034, 0.010, -0.22, -0.14, 0.28, 0.0],  # the base: S in V5 and V6
    [0.240, 0.055, 0.16, 0.10, -0.10, 0.5],  # T, its slow rise
    [0.285, 0.034, 0.20, 0.13, -0.13, 0.5],  # T, its steep fall
])  # fmt: skip
P_WAVES, QRS_WAVES, T_WAVES = slice(0, 2), slice(2, 6), slice(6, 8)
DEPRESSION = np.array([[t, 0.034, -0.08, -0.07, 0.03, 0.4] for t in (0.09, 0.13, 0.17, 0.21)])
"""ST depression of severity 1: 1 to 1.5 mm in II, V5 and V6."""
LEFT_BLOCK = np.array([
    [-0.004, 0.022, 0.75, 0.35, 0.45, 0.0],
    [0.046, 0.026, 0.85, 0.25, 0.80, 0.0],
    [0.290, 0.055, -0.40, -0.10, -0.36, 0.5],
])  # fmt: skip
"""A wide notched R to the left and back without a septal q, and T against it."""
RIGHT_BLOCK = np.array([[0.056, 0.018, -0.48, -0.10, -0.66, 0.0], [0.290, 0.050, 0.04, 0.02, 0.26, 0.5]])
"""A late wave to the right and front, and T against it."""


@dataclass(frozen=True)
class Patient:
    """An invented person."""

    disease: str
    severity: float
    """1 is the textbook's; near 0 the disease can hardly be seen."""
    is_left: bool
    """Which bundle branch conducts badly, where one does."""
    waves: NDArray[np.float64]
    """Rows like those of `BEAT`: the heart in health."""
    heart_rate: float
    """Beats a minute."""
    site: str
    sex: str
    age: float
    """Years."""


def draw_patient(rng: np.random.Generator) -> Patient:
    """Return a person: who, where, what is wrong, and what the heart looks like in health.

    Args:
        rng: The source of everything.

    Returns:
        The person.
    """
    disease = str(rng.choice(CLASSES, p=SHARES))
    sex, age = str(rng.choice(["female", "male"])), float(np.clip(rng.normal(58, 14), 20, 90).round())
    age = min(90.0, age + 8) if disease == FIBRILLATION else age
    waves = BEAT.copy()
    waves[P_WAVES, 0] -= rng.normal(0, 0.015)
    waves[P_WAVES, 2:5] *= rng.lognormal(-0.1, 0.4)
    waves[T_WAVES, 0] *= rng.normal(1.03 if sex == "female" else 1, 0.06)
    waves[:, 1] *= rng.normal(1, 0.08, len(BEAT)).clip(0.8, 1.3)
    waves[:, 2:5] *= rng.normal(1, 0.2, (len(BEAT), 3))
    waves[QRS_WAVES, 2:5] *= rng.lognormal(-0.1 if sex == "female" else 0, 0.2)
    waves[T_WAVES, 2:5] *= rng.lognormal(-0.1 - (age - 58) / 150, 0.5)
    waves[:, 2:5] = waves[:, 2:5] @ _turn(rng.normal(0, [0.12, 0.15, 0.3])).T
    return Patient(
        disease=disease,
        severity=float(rng.uniform(0.02, 1.0)),
        is_left=bool(rng.random() < 0.5),
        waves=waves,
        heart_rate=float(np.clip(rng.normal(84 if disease == FIBRILLATION else 70, 11), 45, 130)),
        site=str(rng.choice(SITES, p=(0.65, 0.35))),
        sex=sex,
        age=age,
    )


def draw_beats(
    heart_rate: float, seconds: float, is_fibrillating: bool, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return when beats occur, from before the record's begin until after its end.

    Args:
        heart_rate: Beats a minute.
        seconds: Length of the record.
        is_fibrillating: Whether the intervals are independent of each other; else they follow breath and pressure.
        rng: The source of chance.

    Returns:
        Seconds of the R peaks, and of the intervals before them.

    Source: McSharry et al 2003, section III: sinus rhythm varies at 0.1 Hz (Mayer waves) and 0.25 Hz (respiration).
    """
    mean = 60 / heart_rate * rng.lognormal(0, 0.06)
    num_beats = int(np.ceil((seconds + 3) / mean * 1.6)) + 3
    if is_fibrillating:
        spread = rng.uniform(0.07, 0.28)
        intervals = (mean * rng.gamma(1 / spread**2, spread**2, num_beats)).clip(0.32, 2.2)
    else:
        about = np.arange(num_beats) * mean
        slow, fast = (
            size * np.sin(2 * np.pi * (hertz * about + rng.random())) for size, hertz in ((0.02, 0.1), (0.03, 0.25))
        )
        intervals = mean * (1 + rng.lognormal(0, 0.7) * (slow + fast) + rng.normal(0, 0.01, num_beats)).clip(0.6, 1.6)
        intervals = _with_early_beats(intervals, rng)
    beats = np.cumsum(intervals) - 1.0 - mean * rng.random()
    is_near = (beats > -1.0) & (beats < seconds + 1.0)
    return beats[is_near], intervals[is_near]


def waves_of(patient: Patient, truth: str) -> NDArray[np.float64]:
    """Return the waves of a patient's beats on a record that shows a class.

    Args:
        patient: Whose heart it is.
        truth: The class.

    Returns:
        Rows like those of `BEAT`.
    """
    waves, severity = patient.waves.copy(), patient.severity
    if truth == FIBRILLATION:
        return waves[P_WAVES.stop :]
    if truth == ST_T:
        waves[T_WAVES, 2:5] *= 1 - 1.4 * severity
        return np.concatenate([waves, _of_size(DEPRESSION, severity)])
    if truth == CONDUCTION:
        share = 0.05 + 0.95 * severity
        if not patient.is_left:
            return np.concatenate([waves, _of_size(RIGHT_BLOCK, share)])
        waves[P_WAVES.stop :, 2:5] *= 1 - 0.9 * share
        return np.concatenate([waves, _of_size(LEFT_BLOCK, share)])
    return waves


def fibrillation(time: NDArray[np.float64], severity: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return f waves: a saw of 5 to 8 Hz whose rate and size wander, largest in V1 and II.

    Args:
        time: Shape (time,), seconds.
        severity: 1 for waves of about 0.1 mV.
        rng: The source of chance.

    Returns:
        Shape (time, 12), mV.

    Source: Stridh and Soernmo. Spatiotemporal QRST cancellation techniques for analysis of atrial fibrillation. IEEE
        TBME 2001;48:105-111, section III: a saw with harmonics, modulated in amplitude and frequency.
    """
    rate, phase, wander = rng.uniform(5, 8), rng.random(3), rng.uniform(0.1, 0.4, 2)
    stumble = np.cumsum(rng.normal(0, 0.35 * np.sqrt(time[1]), len(time)))
    turns = rate * time + 0.4 * np.sin(2 * np.pi * (wander[0] * time + phase[0])) + phase[1] + stumble
    size = 0.05 * severity * (1 + 0.5 * np.sin(2 * np.pi * (wander[1] * time + phase[2])))
    saw = size * (np.sin(2 * np.pi * turns) + np.sin(4 * np.pi * turns) / 2)
    direction = np.array([0.1, 0.9, -0.9]) + rng.normal(0, 0.2, 3)
    return np.asarray(saw[:, None] * (lead_matrix() @ direction))


def draw_noise(time: NDArray[np.float64], site: str, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return drift of the baseline by breathing and noise of the muscles, of each electrode its own.

    Args:
        time: Shape (time,), seconds.
        site: One of `SITES`.
        rng: The source of chance.

    Returns:
        Shape (time, 12), mV.
    """
    is_noisy = site == SITES[1]
    hertz, phase = rng.uniform(0.08, 0.4, (2, len(LEADS))), rng.random((2, len(LEADS)))
    sizes = rng.rayleigh(0.15 if is_noisy else 0.08, (2, len(LEADS)))
    drift = (sizes * np.sin(2 * np.pi * (time[:, None, None] * hertz + phase))).sum(axis=1)
    muscles = rng.normal(0, (0.05 if is_noisy else 0.03) * rng.lognormal(0, 0.5), (len(time), len(LEADS)))
    return np.asarray(drift + muscles)


def draw_gain(site: str, rng: np.random.Generator) -> float:
    """Return the gain of the amplifier for one record.

    Args:
        site: One of `SITES`.
        rng: The source of chance.

    Returns:
        A factor near 1.
    """
    return float(rng.normal(1.1 if site == SITES[1] else 1.0, 0.03))


def _with_early_beats(intervals: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return intervals of which, in some records, a few are short and the next one is as much longer."""
    rate = EARLY_RATE * (rng.random() < EARLY_SHARE)
    early = np.flatnonzero(rng.random(len(intervals) - 1) < rate)
    shift = np.zeros(len(intervals))
    np.add.at(shift, early, -0.3)
    np.add.at(shift, early + 1, 0.3)
    return np.asarray(intervals * (1 + shift))


def _of_size(waves: NDArray[np.float64], size: float) -> NDArray[np.float64]:
    return np.asarray(waves * np.array([1, 1, size, size, size, 1]))


def _turn(angles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rotation by three angles, in radians, about the axes to the left, the feet and the back."""
    from scipy.spatial.transform import Rotation

    return np.asarray(Rotation.from_euler("xyz", angles).as_matrix())
