"""Beats of annotated records: which class each belongs to, and the intervals around it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from reprodx.datasets.unusable_signal import FILES_MISSING, NO_ANNOTATIONS, FaultyRecordError
from reprodx.datasets.wfdb_signals import record_stem

if TYPE_CHECKING:
    from numpy.typing import NDArray

AAMI_CLASSES = ("N", "S", "V", "F", "Q")
"""Normal and bundle branch block, supraventricular ectopic, ventricular ectopic, fusion, paced or unknown."""
AAMI_CLASS = {
    **dict.fromkeys("NLRBej", "N"),
    **dict.fromkeys("AaJSn", "S"),
    **dict.fromkeys("VEr", "V"),
    "F": "F",
    **dict.fromkeys("/fQ?", "Q"),
}
"""AAMI class by WFDB's symbol of a beat; other symbols, among them the flutter wave `!`, mark no beat.

Source: ANSI/AAMI EC57:1998, in the mapping of de Chazal, O'Dwyer, Reilly. Automatic classification of heartbeats using
ECG morphology and heartbeat interval features. IEEE TBME 2004;51:1196-1206, table I, where escape beats of the atrium
and the junction (e, j) are N. The symbols B, n, r and ?, which the MIT-BIH Arrhythmia Database does not use, follow
their definitions.
"""
PACED = "/"
"""WFDB's symbol of a paced beat."""
NUM_LOCAL = 10
"""Intervals whose mean is the local one (de Chazal et al 2004, section II-D)."""
INTERVALS = ("rr_previous_s", "rr_next_s", "rr_local_s", "rr_ratio")
"""What `intervals` gives."""


@dataclass(frozen=True)
class Beats:
    """The beats of one record, in order."""

    samples: NDArray[np.int64]
    """Shape (beats,): where each beat is annotated, in samples of the record."""
    symbols: NDArray[np.str_]
    """Shape (beats,): WFDB's symbols, keys of `AAMI_CLASS`."""
    rate: float
    """Of the samples, a second, Hz: that of the record's frames, unless the annotations name their own."""

    @property
    def paced_share(self) -> float:
        """Share of beats that a pacemaker made; 0 without beats."""
        return float((self.symbols == PACED).mean()) if len(self.symbols) else 0.0

    @property
    def classes(self) -> NDArray[np.str_]:
        """Shape (beats,): the AAMI class of each beat."""
        return np.array([AAMI_CLASS[symbol] for symbol in self.symbols], dtype="<U1")


def read_beats(path: str | Path, extension: str) -> Beats:
    """Read the annotations of a record and keep those of beats.

    Args:
        path: The record, with or without `.hea` or `.dat`.
        extension: Of the file of annotations, such as "atr".

    Returns:
        The beats.

    Raises:
        FaultyRecordError: If the file is missing, is none of annotations, is cut off, or holds no beat.
    """
    import wfdb

    stem = record_stem(path)
    # Without this look wfdb would take a name for an address.
    if not Path(f"{stem}.{extension}").is_file():
        raise FaultyRecordError(FILES_MISSING)
    # wfdb reads whatever it is given, and leaves the last annotation out, where the end is not marked.
    if not _is_marked(Path(f"{stem}.{extension}").read_bytes()):
        raise FaultyRecordError(NO_ANNOTATIONS)
    try:
        annotation = wfdb.rdann(stem, extension)
    except (OSError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RuntimeError):
        # What wfdb raises on a damaged file depends on where the damage is.
        raise FaultyRecordError(NO_ANNOTATIONS) from None
    samples = np.asarray(annotation.sample, dtype=np.int64)
    symbols = np.array(annotation.symbol, dtype=np.str_)
    is_beat = np.isin(symbols, list(AAMI_CLASS))
    if not is_beat.any() or samples[0] < 0 or (np.diff(samples) < 0).any() or not (annotation.fs or 0) > 0:
        raise FaultyRecordError(NO_ANNOTATIONS)
    return Beats(samples[is_beat], symbols[is_beat], float(annotation.fs))


def _is_marked(content: bytes) -> bool:
    """Return whether a file ends as one of annotations does: whole pairs of bytes, the last of zeros."""
    return len(content) % 2 == 0 and content.endswith(b"\0\0")


def intervals(samples: NDArray[np.int64], rate: float) -> dict[str, NDArray[np.float64]]:
    """Return the intervals around each beat.

    Args:
        samples: Shape (beats,), ascending: where the beats are, in samples.
        rate: Samples a second, Hz.

    Returns:
        Shape (beats,) each, NaN where there is no such neighbour: `rr_previous_s` since the beat before; `rr_next_s`
        until the beat after, which is known only when that has come; `rr_local_s`, the mean of the last up to
        `NUM_LOCAL` intervals, the one that ends with this beat included; `rr_ratio`, previous to local.

    >>> intervals(np.array([0, 100, 300]), 100)["rr_ratio"].tolist()
    [nan, 1.0, 1.3333333333333333]
    """
    previous = np.full(len(samples), np.nan)
    previous[1:] = np.diff(samples) / rate
    following = np.append(previous[1:], np.nan)[: len(samples)]
    sums = np.concatenate([[0.0], np.cumsum(np.nan_to_num(previous))])
    last = np.arange(len(samples))
    first = np.maximum(last - NUM_LOCAL, 0)
    with np.errstate(invalid="ignore"):
        local = (sums[last + 1] - sums[first + 1]) / (last - first)
        ratio = previous / local
    return dict(zip(INTERVALS, (previous, following, local, ratio), strict=True))


def windows(signal: NDArray[np.float32], starts: NDArray[np.int64], length: int) -> NDArray[np.float32]:
    """Return pieces of a signal.

    Args:
        signal: Shape (time, leads), at least `length` long where there are pieces.
        starts: Shape (beats,): the first sample of each piece; every piece must lie inside the signal.
        length: Samples of a piece.

    Returns:
        Shape (beats, length, leads).
    """
    if not len(starts):
        return np.empty((0, length, signal.shape[1]), dtype=signal.dtype)
    pieces = np.lib.stride_tricks.sliding_window_view(signal, length, axis=0)
    return np.asarray(pieces[starts].transpose(0, 2, 1))
