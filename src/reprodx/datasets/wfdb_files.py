"""Signals as they lie on the disk: WFDB records and NumPy files, brought to one rate, length and order of leads.

Nothing here reaches for the network: a record whose files are absent is missing.
"""

from __future__ import annotations

import io
import math
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from reprodx.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

MILLIVOLTS = {"v": 1e3, "mv": 1.0, "uv": 1e-3, "nv": 1e-6}
"""Millivolts in one unit of a lead; a lead in another kind of unit keeps it."""
MAX_DENOMINATOR = 10_000
"""Of the ratio of two sampling rates, in Hz."""
HEADER_SUFFIX = ".hea"
NUMPY_SUFFIX = ".npy"
FILES_MISSING = "a file of the record is missing"
UNREADABLE = "the record cannot be read"
LEAD_MISSING = "a lead is missing"
OTHER_RATE = "sampled at another rate than data.sampling_rate"
TOO_SHORT = "shorter than it should be"
TOO_MANY_GAPS = "a lead has more missing samples than data.max_missing_share"
FILE_FAULTS = (FILES_MISSING, UNREADABLE)
"""Rules that say that a file, not its content, is at fault."""


class UnusableSignalError(SchemaError):
    """A signal that cannot be brought to the common form; the message is the rule that it breaks."""


@dataclass(frozen=True)
class WfdbRecord:
    """The content of a WFDB record."""

    values: NDArray[np.float32]
    """Shape (time, leads), in mV where the file gives volts of any size; NaN is a missing sample."""
    leads: tuple[str, ...]
    rate: float
    """Samples a second, Hz."""


@dataclass(frozen=True)
class SignalForm:
    """What every signal of a dataset is brought to."""

    sampling_rate: float
    """Samples a second, Hz."""
    num_steps: int
    """Length, in samples."""
    leads: tuple[str | int, ...]
    """Names in their order, upper and lower case being the same; or positions from 0."""
    resample: bool
    """Whether signals of another rate are resampled; else they are unusable."""
    pad: bool
    """Whether shorter signals are continued with zeros; else they are unusable."""
    max_missing_share: float
    """Up to this share of a lead's samples are interpolated; with more the signal is unusable."""

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the leads in their order."""
        return tuple(lead if isinstance(lead, str) else f"lead_{lead}" for lead in self.leads)

    def as_settings(self) -> dict[str, Any]:
        """Return the form as JSON."""
        return {**asdict(self), "leads": list(self.leads)}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> SignalForm:
        """Return the form that `as_settings` wrote; other keys of `settings` are none of its business."""
        form = {name: settings[name] for name in cls.__dataclass_fields__}
        return cls(**{**form, "leads": tuple(settings["leads"])})


def decode(source: str | Path | bytes, settings: Mapping[str, Any]) -> NDArray[np.float32]:
    """Return one new signal in the form of the cases that a model was trained on.

    Args:
        source: Path of a WFDB record, with or without `.hea` or `.dat`; or a NumPy file, its path or its bytes, of
            shape (time, leads) in mV at the sampling rate and with the leads of `settings`.
        settings: Of the training cases' `Inputs`, see `SignalForm`.

    Returns:
        Shape (time, leads), without NaN.

    Raises:
        UnusableSignalError: If the signal is absent, damaged, or cannot be brought to the form.
    """
    form = SignalForm.from_settings(settings)
    if not isinstance(source, bytes) and str(source).endswith(NUMPY_SUFFIX):
        source = _content(Path(source))
    if isinstance(source, bytes):
        return conform(WfdbRecord(_from_numpy(source, len(form.leads)), form.channels, form.sampling_rate), form)
    return conform(read_wfdb(source), form)


def read_wfdb(path: str | Path) -> WfdbRecord:
    """Read a WFDB record from the disk.

    Args:
        path: The record, with or without `.hea` or `.dat`.

    Returns:
        All samples of all leads.

    Raises:
        UnusableSignalError: If a file is missing or damaged.
    """
    import wfdb

    stem = record_stem(path)
    # Without this look wfdb would take a name for an address.
    if not Path(stem + HEADER_SUFFIX).is_file():
        raise UnusableSignalError(FILES_MISSING)
    try:
        record = wfdb.rdrecord(stem, return_res=32)
    except FileNotFoundError:
        raise UnusableSignalError(FILES_MISSING) from None
    except (OSError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError):
        # What wfdb raises on a damaged file depends on where the damage is.
        raise UnusableSignalError(UNREADABLE) from None
    if record.p_signal is None or not len(record.p_signal) or not record.fs:
        raise UnusableSignalError(UNREADABLE)
    factors = np.array([MILLIVOLTS.get(unit.lower(), 1.0) for unit in record.units], dtype=np.float32)
    return WfdbRecord(record.p_signal * factors, tuple(record.sig_name), float(record.fs))


def record_stem(path: str | Path) -> str:
    """Return the path of a record as wfdb wants it.

    >>> record_stem("records100/00001_lr.hea"), record_stem("records100/00001.2")
    ('records100/00001_lr', 'records100/00001.2')
    """
    path = str(path)
    return path[:-4] if path.endswith((HEADER_SUFFIX, ".dat", ".mat")) else path


def conform(record: WfdbRecord, form: SignalForm) -> NDArray[np.float32]:
    """Return a record's signal in the common form: its first seconds, the leads chosen, gaps filled, resampled.

    Args:
        record: As read.
        form: The common form.

    Returns:
        Shape (steps, leads) of `form`, without NaN.

    Raises:
        UnusableSignalError: If the record has another rate or length than it may have, lacks a lead, or has more
            missing samples than it may have.
    """
    is_other_rate = record.rate != form.sampling_rate
    if is_other_rate and not form.resample:
        raise UnusableSignalError(OTHER_RATE)
    num_used = math.ceil(form.num_steps * record.rate / form.sampling_rate)
    values = record.values[:num_used, lead_positions(record.leads, form.leads)]
    if len(values) < num_used and not form.pad:
        raise UnusableSignalError(TOO_SHORT)
    values = without_gaps(values, form.max_missing_share)
    if is_other_rate:
        values = resampled(values, record.rate, form.sampling_rate)
    signal = np.zeros((form.num_steps, len(form.leads)), dtype=np.float32)
    signal[: len(values)] = values[: form.num_steps]
    return signal


def lead_positions(available: Sequence[str], wanted: Sequence[str | int]) -> list[int]:
    """Return where the wanted leads stand in a record.

    Args:
        available: Names of the record's leads.
        wanted: Names, or positions from 0.

    Returns:
        A position for each.

    Raises:
        UnusableSignalError: If the record has no such lead.

    >>> lead_positions(["MLII", "V1"], ["v1", 0])
    [1, 0]
    """
    names = [name.casefold() for name in available]
    positions = []
    for lead in wanted:
        is_there = 0 <= lead < len(names) if isinstance(lead, int) else lead.casefold() in names
        if not is_there:
            raise UnusableSignalError(LEAD_MISSING)
        positions.append(lead if isinstance(lead, int) else names.index(lead.casefold()))
    return positions


def without_gaps(values: NDArray[np.float32], max_missing_share: float) -> NDArray[np.float32]:
    """Return a signal whose missing samples are interpolated linearly, and at its ends repeat the nearest one.

    Args:
        values: Shape (time, leads); what is not finite is missing.
        max_missing_share: Of a lead's samples, in [0, 1).

    Returns:
        The same shape without NaN; `values` itself where nothing is missing.

    Raises:
        UnusableSignalError: If a lead has more missing samples.
    """
    is_known = np.isfinite(values)
    if is_known.all():
        return values
    if (~is_known).mean(axis=0).max() > max_missing_share or not is_known.any(axis=0).all():
        raise UnusableSignalError(TOO_MANY_GAPS)
    time = np.arange(len(values))
    leads = [np.interp(time, time[known], lead[known]) for lead, known in zip(values.T, is_known.T, strict=True)]
    return np.stack(leads, axis=1).astype(np.float32)


def resampled(values: NDArray[np.float32], rate: float, new_rate: float) -> NDArray[np.float32]:
    """Return a signal at another sampling rate, filtered against aliases by a polyphase filter without delay.

    Args:
        values: Shape (time, leads).
        rate: Samples a second, Hz.
        new_rate: Samples a second wanted, Hz.

    Returns:
        Shape (time * new_rate / rate rounded up, leads).

    Source: Crochiere and Rabiner, Multirate Digital Signal Processing, 1983, as `scipy.signal.resample_poly`.
    """
    from scipy.signal import resample_poly

    ratio = Fraction(new_rate / rate).limit_denominator(MAX_DENOMINATOR)
    resampled: NDArray[np.float32] = resample_poly(values, ratio.numerator, ratio.denominator, axis=0, padtype="line")
    return resampled


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise UnusableSignalError(FILES_MISSING) from None


def _from_numpy(content: bytes, num_leads: int) -> NDArray[np.float32]:
    try:
        values = np.load(io.BytesIO(content), allow_pickle=False).astype(np.float32)
    except (OSError, ValueError, TypeError, EOFError, AttributeError):
        raise UnusableSignalError("the signal is not a NumPy file of numbers: write it with numpy.save") from None
    if values.ndim != 2 or values.shape[1] != num_leads or not len(values):
        raise UnusableSignalError(f"the signal has the shape {values.shape}: give (time, {num_leads} leads)")
    return np.asarray(values)
