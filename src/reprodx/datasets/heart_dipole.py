"""The heart as a moving dipole: what 12 leads show of beats whose waves are given.

Each wave of a beat is a bell in time with a direction in space, after McSharry, Clifford, Tarassenko, Smith. A
dynamical model for generating synthetic electrocardiogram signals. IEEE TBME 2003;50:289-294, equation 1, on whose
limit cycle the phase grows evenly from beat to beat; with three dimensions after Sameni, Clifford, Jutten,
Shamsollahi. Multichannel ECG and noise modeling. EURASIP J Adv Signal Process 2007:043407, equation 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
"""The standard leads in their usual order."""
MEASURED = ("V1", "V2", "V3", "V4", "V5", "V6", "I", "II")
"""The leads that Dower's matrix gives."""
DOWER = (
    (-0.515, 0.157, -0.917),
    (0.044, 0.164, -1.387),
    (0.882, 0.098, -1.277),
    (1.213, 0.127, -0.601),
    (1.125, 0.127, -0.086),
    (0.831, 0.076, 0.230),
    (0.632, -0.235, 0.059),
    (0.235, 1.066, -0.132),
)
"""`MEASURED` leads from Frank's axes, which point to the left, the feet and the back.

Source: Dower, Machado, Osborne. On deriving the electrocardiogram from vectorcardiographic leads. Clin Cardiol
1980;3:87-95.
"""
LIMB_LEADS = {"III": (-1.0, 1.0), "aVR": (-0.5, -0.5), "aVL": (1.0, -0.5), "aVF": (-0.5, 1.0)}
"""The other limb leads from I and II (Einthoven, Goldberger)."""


@dataclass(frozen=True)
class Waves:
    """The waves of one record's beats."""

    peaks: NDArray[np.float64]
    """Shape (waves,), seconds from the R peak at a rate of 60 a minute."""
    widths: NDArray[np.float64]
    """Shape (waves,), standard deviation of each bell in seconds at a rate of 60 a minute."""
    dipoles: NDArray[np.float64]
    """Shape (waves, 3), mV along Frank's axes."""
    stretch: NDArray[np.float64]
    """Shape (waves,): the power of the RR interval by which `peaks` and `widths` grow; 0.5 is Bazett's."""


def lead_matrix() -> NDArray[np.float64]:
    """Return what turns a dipole into leads.

    Returns:
        Shape (12, 3), in the order of `LEADS`.
    """
    rows = dict(zip(MEASURED, np.array(DOWER), strict=True))
    rows |= {lead: of_i * rows["I"] + of_ii * rows["II"] for lead, (of_i, of_ii) in LIMB_LEADS.items()}
    return np.stack([rows[lead] for lead in LEADS])


def electrocardiogram(
    time: NDArray[np.float64],
    beats: NDArray[np.float64],
    intervals: NDArray[np.float64],
    waves: Waves,
    sizes: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the 12 leads without noise.

    Args:
        time: Shape (time,), seconds.
        beats: Shape (beats,), seconds of the R peaks.
        intervals: Shape (beats,), seconds between each beat and the one before.
        waves: Of all beats.
        sizes: Shape (beats, waves), by which each beat's waves are multiplied.

    Returns:
        Shape (time, 12), mV.

    Source: McSharry et al 2003, equation 1, solved on its limit cycle without the slow return to the baseline.
    """
    scale = intervals[:, None] ** waves.stretch
    peaks, widths = beats[:, None] + waves.peaks * scale, waves.widths * scale
    bells = np.exp(-0.5 * ((time[:, None, None] - peaks) / widths) ** 2)
    activity = np.einsum("tbw,bw->tw", bells, sizes)
    leads: NDArray[np.float64] = activity @ waves.dipoles @ lead_matrix().T
    return leads
