"""A signal summed up in a row of numbers: how strong which rhythm is, how high the waves are, how regular the beats."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from reprodx.inputs import Inputs

SHORT_SECONDS = 2.0
"""Shorter signals are single beats, of which the shape itself is given."""
BANDS = ((0.5, 2), (2, 4), (4, 7), (7, 11), (11, 16), (16, 24), (24, 32), (32, 40))
"""Hz; bands above half the sampling rate are left out."""
WELCH_SECONDS = 4.0
"""Of the windows whose spectra are averaged."""
MIN_STD = 1e-6
"""A lead with less spread, in mV, is flat."""
MIN_SPREAD = 1e-9
"""A number with less spread in the training cases is constant."""
MIN_POWER = 1e-12
"""In mV^2/Hz, below which a band is empty."""
NUM_POINTS = 28
"""Points to which a beat is thinned out, by averaging."""
QRS_BAND = (5.0, 15.0)
"""Hz, where the QRS complex stands out (Pan and Tompkins 1985)."""
QRS_SECONDS = 0.15
"""The moving window in which its energy is gathered (Pan and Tompkins 1985, section II-D)."""
REFRACTORY_SECONDS = 0.25
"""No beat follows another sooner."""
BEAT_SECONDS = (0.25, 0.45)
"""Of the median beat, before and after the R peak."""
AMPLITUDES = ("mean", "std", "lowest", "highest", "low5", "high95", "skewness", "slope")
INTERVALS = ("beats_per_s", "rr_mean", "rr_std", "rr_rmssd", "rr_shortest", "rr_longest")


def r_peaks(signal: NDArray[np.float64], rate: float) -> NDArray[np.int64]:
    """Return where the beats of one signal are.

    Args:
        signal: Shape (time, leads), mV.
        rate: Samples a second, Hz; more than 30.

    Returns:
        Samples, ascending; perhaps none.

    Source: Pan and Tompkins. A real-time QRS detection algorithm. IEEE TBME 1985;32:230-236: band-pass, slope, square
        and moving window, summed over all leads, with a threshold of the record instead of the adaptive one.
    """
    from scipy.signal import butter, find_peaks, sosfiltfilt

    filtered = sosfiltfilt(butter(2, QRS_BAND, "bandpass", fs=rate, output="sos"), signal, axis=0)
    energy = np.square(np.gradient(filtered, axis=0)).sum(axis=1)
    width = max(1, round(QRS_SECONDS * rate))
    gathered = np.convolve(energy, np.ones(width) / width, mode="same")
    threshold = 0.3 * np.quantile(gathered, 0.98)
    peaks, _ = find_peaks(
        gathered, height=max(threshold, np.finfo(np.float64).tiny), distance=round(REFRACTORY_SECONDS * rate)
    )
    return np.asarray(peaks)


def band_powers(signals: NDArray[np.float64], rate: float) -> NDArray[np.float64]:
    """Return the power of each lead in each of `BANDS`, as logarithm.

    Args:
        signals: Shape (cases, time, leads), mV.
        rate: Samples a second, Hz.

    Returns:
        Shape (cases, leads, bands), log of mV^2/Hz.

    Source: Welch. The use of fast Fourier transform for the estimation of power spectra. IEEE Trans Audio
        Electroacoust 1967;15:70-73.
    """
    from scipy.signal import welch

    length = min(signals.shape[1], round(WELCH_SECONDS * rate))
    frequencies, power = welch(signals, fs=rate, nperseg=length, axis=1)
    masks = [(frequencies >= low) & (frequencies < high) for low, high in bands_below(rate)]
    means = [power[:, mask].mean(axis=1) for mask in masks]
    return np.asarray(np.log(np.stack(means, axis=-1) + MIN_POWER))


def bands_below(rate: float) -> list[tuple[float, float]]:
    """Return the bands that signals of a sampling rate can hold."""
    return [(low, high) for low, high in BANDS if high <= rate / 2]


def amplitudes(signals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how the samples of each lead are spread.

    Args:
        signals: Shape (cases, time, leads), mV.

    Returns:
        Shape (cases, leads, `AMPLITUDES`), mV; the skewness without unit, 0 for a flat lead; the slope in mV a sample.
    """
    mean, std = signals.mean(axis=1), signals.std(axis=1)
    low5, high95 = np.quantile(signals, (0.05, 0.95), axis=1)
    skewness = ((signals - mean[:, None]) ** 3).mean(axis=1) / np.where(std < MIN_STD, 1.0, std) ** 3
    slope = np.abs(np.diff(signals, axis=1)).mean(axis=1)
    return np.stack([mean, std, signals.min(axis=1), signals.max(axis=1), low5, high95, skewness, slope], axis=-1)


def rhythm(peaks: NDArray[np.int64], num_steps: int, rate: float) -> list[float]:
    """Return how fast and how regular the beats are.

    Args:
        peaks: Shape (beats,), in samples.
        num_steps: Length of the signal, in samples.
        rate: Samples a second, Hz.

    Returns:
        `INTERVALS`: beats a second; then mean, standard deviation, root mean square of successive differences, shortest
        and longest of the intervals, in seconds, NaN with fewer than three beats.

    Source: Task Force of the ESC and NASPE. Heart rate variability. Circulation 1996;93:1043-1065, table 1.
    """
    pace = len(peaks) / num_steps * rate
    if len(peaks) < 3:
        return [pace, *([np.nan] * (len(INTERVALS) - 1))]
    gaps = np.diff(peaks) / rate
    rmssd = np.sqrt(np.mean(np.diff(gaps) ** 2))
    return [pace, *map(float, (gaps.mean(), gaps.std(), rmssd, gaps.min(), gaps.max()))]


def thinned(signals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return signals of `NUM_POINTS` points, each the mean of its stretch, around the median of each lead.

    Args:
        signals: Shape (..., time, leads), mV.

    Returns:
        Shape (..., leads, points), mV; as many points as there are samples if those are fewer.
    """
    bounds = np.linspace(0, signals.shape[-2], min(NUM_POINTS, signals.shape[-2]) + 1).astype(np.int64)
    centred = signals - np.median(signals, axis=-2, keepdims=True)
    sums = np.add.reduceat(centred, bounds[:-1], axis=-2) / np.diff(bounds)[:, None]
    return np.asarray(np.moveaxis(sums, -1, -2))


def median_beat(signal: NDArray[np.float64], peaks: NDArray[np.int64], rate: float) -> NDArray[np.float64]:
    """Return the median of all whole beats of a signal.

    Args:
        signal: Shape (time, leads), mV.
        peaks: Shape (beats,), in samples.
        rate: Samples a second, Hz.

    Returns:
        Shape (samples of `BEAT_SECONDS`, leads), mV; NaN where no beat is whole.
    """
    before, after = (round(seconds * rate) for seconds in BEAT_SECONDS)
    whole = peaks[(peaks >= before) & (peaks + after <= len(signal))]
    if not len(whole):
        return np.full((before + after, signal.shape[1]), np.nan)
    return np.asarray(np.median(signal[whole[:, None] + np.arange(-before, after)], axis=0))


@dataclass(frozen=True)
class SignalSummary:
    """Summary features of signals, standardised by the training cases."""

    all_names: tuple[str, ...]
    """Of all numbers, before constant ones are left out."""
    kept: tuple[int, ...]
    """Positions of the numbers that vary in the training cases."""
    mean: tuple[float, ...]
    """Of each number that is kept."""
    std: tuple[float, ...]
    """Standard deviation of each number that is kept."""

    @classmethod
    def fit(cls, train: Inputs, targets: NDArray[np.int64] | None) -> Self:
        """Learn which numbers vary, and how much.

        Args:
            train: The training cases, raw.
            targets: Unused.

        Returns:
            The summary.
        """
        del targets
        numbers = measured(train)
        is_known = np.isfinite(numbers)
        num_known = np.maximum(is_known.sum(axis=0), 1)
        mean = np.where(is_known, numbers, 0).sum(axis=0) / num_known
        std = np.sqrt((np.where(is_known, numbers - mean, 0) ** 2).sum(axis=0) / num_known)
        kept = np.flatnonzero(std > MIN_SPREAD)
        columns = {"mean": tuple(mean[kept].tolist()), "std": tuple(std[kept].tolist())}
        return cls(all_names=tuple(names_of(train)), kept=tuple(kept.tolist()), **columns)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features."""
        return tuple(self.all_names[position] for position in self.kept)

    def apply(self, raw: Inputs) -> NDArray[np.float32]:
        """Return the summary of some cases.

        Args:
            raw: Cases of the same form as those of training.

        Returns:
            Shape (cases, features), standardised; 0 where a number is unknown, as without beats.
        """
        numbers = (measured(raw)[:, list(self.kept)] - np.array(self.mean)) / np.array(self.std)
        return np.asarray(np.nan_to_num(numbers, nan=0.0), dtype=np.float32)

    def to_json(self) -> dict[str, Any]:
        """Return the summary as JSON."""
        return {key: list(content) for key, content in asdict(self).items()}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Return the summary that `to_json` made `content` from."""
        return cls(**{key: tuple(content[key]) for key in ("all_names", "kept", "mean", "std")})


def names_of(inputs: Inputs) -> list[str]:
    """Return the names of the numbers that `measured` gives."""
    num_steps, rate = inputs.values.shape[1], float(inputs.settings["sampling_rate"])
    points = range(min(NUM_POINTS, num_steps))
    if num_steps < SHORT_SECONDS * rate:
        of_lead = [*(f"point{point}" for point in points), *AMPLITUDES]
        return [f"{lead}_{name}" for lead in inputs.channels for name in of_lead]
    bands = [f"power_{low:g}_{high:g}hz" for low, high in bands_below(rate)]
    beat = [f"beat{point}" for point in points]
    blocks = [[f"{lead}_{name}" for lead in inputs.channels for name in block] for block in (bands, AMPLITUDES, beat)]
    return [name for block in blocks for name in block] + list(INTERVALS)


def measured(inputs: Inputs) -> NDArray[np.float64]:
    """Return the numbers that sum up each signal, block by block.

    Args:
        inputs: Raw signals.

    Returns:
        Shape (cases, numbers) in the order of `names_of`; NaN is unknown.
    """
    rate = float(inputs.settings["sampling_rate"])
    blocks = [_measured(block.gathered().astype(np.float64), rate) for block in inputs.blocks()]
    return np.concatenate(blocks) if blocks else np.empty((0, len(names_of(inputs))))


def _measured(signals: NDArray[np.float64], rate: float) -> NDArray[np.float64]:
    num_cases, num_steps = signals.shape[:2]
    if num_steps < SHORT_SECONDS * rate:
        return np.concatenate([thinned(signals), amplitudes(signals)], axis=2).reshape(num_cases, -1)
    peaks = [r_peaks(signal, rate) for signal in signals]
    beats = np.stack([median_beat(signal, own, rate) for signal, own in zip(signals, peaks, strict=True)])
    parts = [band_powers(signals, rate), amplitudes(signals), thinned(beats)]
    rhythms = np.array([rhythm(own, num_steps, rate) for own in peaks])
    return np.concatenate([*(part.reshape(num_cases, -1) for part in parts), rhythms], axis=1)
