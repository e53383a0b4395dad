"""Signals as they lie on the disk: WFDB records and NumPy files, brought to one rate, length and order of leads."""

from __future__ import annotations

import io
import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from reprodx.datasets.sampling_rates import at_one_rate
from reprodx.datasets.signal_leads import chosen_leads
from reprodx.datasets.unusable_signal import FILES_MISSING, OTHER_RATE, TOO_SHORT, UnusableSignalError
from reprodx.datasets.wfdb_signals import Lead, WfdbRecord, read_wfdb

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

NUMPY_SUFFIX = ".npy"


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
            shape (time, leads) in mV at the sampling rate and with the leads of `settings`, and no longer.
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
        values = _from_numpy(source, len(form.leads))
        if len(values) > form.num_steps:
            # At another rate it would be as long, and the file cannot say its rate.
            raise UnusableSignalError(
                f"the signal has {len(values)} samples: give the first {form.num_steps}, at {form.sampling_rate:g} Hz"
            )
        leads = [Lead(None, lead, form.sampling_rate) for lead in values.T]
        return _in_form(leads, form)
    return conform(read_wfdb(source), form)


def conform(record: WfdbRecord, form: SignalForm) -> NDArray[np.float32]:
    """Return a record's signal in the common form: its first seconds, the leads chosen, gaps filled, resampled.

    Args:
        record: As read.
        form: The common form.

    Returns:
        Shape (steps, leads) of `form`, without NaN.

    Raises:
        UnusableSignalError: If the record has another rate or length than it may have, lacks a lead, has more missing
            samples than it may have, or amplitudes that no ECG has.
    """
    return _in_form(chosen_leads(record, form.leads), form)


def _in_form(leads: Sequence[Lead], form: SignalForm) -> NDArray[np.float32]:
    if not form.resample and any(lead.rate != form.sampling_rate for lead in leads):
        raise UnusableSignalError(OTHER_RATE)
    used = []
    for lead in leads:
        num_used = math.ceil(form.num_steps * lead.rate / form.sampling_rate)
        if len(lead.values) < num_used and not form.pad:
            raise UnusableSignalError(TOO_SHORT)
        used.append(replace(lead, values=lead.values[:num_used]))
    values = at_one_rate(used, form.sampling_rate, form.max_missing_share)
    signal = np.zeros((form.num_steps, len(form.leads)), dtype=np.float32)
    signal[: len(values)] = values[: form.num_steps]
    return signal


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
