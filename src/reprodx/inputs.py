"""What a model is given of each case: pictures, signals, series and texts beside a table's features."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

CASES_PER_BLOCK = 256
"""Cases that are held in memory at a time where an array lies on the disk."""
TELLING_TERMS = 1500
"""Summary features of texts, the first ones, that are given to a model which does not take all."""


class Modality(StrEnum):
    """What kind of measurement a case is judged by."""

    TABLE = "table"
    IMAGE = "image"
    SIGNAL = "signal"
    """Evenly sampled, of one length and of one or several leads, such as an ECG."""
    SERIES = "series"
    """Several variables over time, of varying length and with gaps, such as an ICU stay."""
    TEXT = "text"


@dataclass(frozen=True)
class Inputs:
    """One picture, signal, series or text for each case. Choosing cases copies no values."""

    modality: Modality
    values: NDArray[Any]
    """All cases in one array, which may be mapped from the disk.

    image: (stored, height, width, channels), uint8. signal: (stored, time, leads), float32 in physical units.
    series: (steps of all, variables), float32; as read NaN is "not measured", as prepared there is none.
    text: as read (stored,) of Python's text; as prepared (steps of all,), int32 token numbers.
    """
    starts: NDArray[np.int64]
    """Shape (cases,): the row of `values` where each case begins."""
    lengths: NDArray[np.int64] | None = None
    """Shape (cases,): rows of `values` of each case; None where each is one row."""
    channels: tuple[str, ...] = ()
    """Names along the last axis: red, green, blue; leads; variables. Empty for text."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What turned files into values, as JSON, such as size or sampling rate; serving does the same with new cases."""

    @classmethod
    def of_rows(
        cls,
        modality: Modality,
        values: NDArray[Any],
        *,
        channels: tuple[str, ...] = (),
        settings: Mapping[str, Any] | None = None,
    ) -> Inputs:
        """Return inputs of which each row of `values` is a case."""
        import numpy as np

        return cls(modality, values, np.arange(len(values)), None, channels, settings or {})

    @classmethod
    def of_steps(
        cls,
        modality: Modality,
        values: NDArray[Any],
        lengths: NDArray[np.int64],
        *,
        channels: tuple[str, ...] = (),
        settings: Mapping[str, Any] | None = None,
    ) -> Inputs:
        """Return inputs of varying length whose steps stand one after the other in `values`."""
        import numpy as np

        lengths = np.asarray(lengths, dtype=np.int64)
        return cls(modality, values, np.cumsum(lengths) - lengths, lengths, channels, settings or {})

    def __len__(self) -> int:
        """Return the number of cases."""
        return len(self.starts)

    def __getitem__(self, case: int) -> Any:
        """Return the values of one case."""
        start = self.starts[case]
        return self.values[start] if self.lengths is None else self.values[start : start + self.lengths[case]]

    def select(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Inputs:
        """Return some of the cases, in the order of `rows`."""
        return replace(self, starts=self.starts[rows], lengths=None if self.lengths is None else self.lengths[rows])

    def blocks(self, size: int = CASES_PER_BLOCK) -> Iterator[Inputs]:
        """Yield the cases in order, `size` at a time."""
        for start in range(0, len(self), size):
            stop = start + size
            lengths = None if self.lengths is None else self.lengths[start:stop]
            yield replace(self, starts=self.starts[start:stop], lengths=lengths)

    def gathered(self) -> NDArray[Any]:
        """Return the values of these cases alone, in memory."""
        import numpy as np

        if self.lengths is None:
            return self.values[self.starts]
        parts = [self[case] for case in range(len(self))]
        return np.concatenate(parts) if parts else self.values[:0]

    def runs(self) -> tuple[Inputs, NDArray[np.int64]]:
        """Return each stretch of stored steps once, and which of them each case begins.

        Cases that begin at the same row share its steps, such as the hours of one ICU stay; the longest of them is the
        run. Runs are in the order in which the cases name them.

        Returns:
            The runs, and the place of each case's run among them, shape (cases,).
        """
        import numpy as np

        starts, first, place = np.unique(self.starts, return_index=True, return_inverse=True)
        order = np.argsort(first)
        rank = np.argsort(order)
        lengths = None
        if self.lengths is not None:
            lengths = np.zeros(len(starts), dtype=np.int64)
            np.maximum.at(lengths, rank[place], self.lengths)
        return replace(self, starts=starts[order], lengths=lengths), rank[place]

    def write(self, path: Path) -> Inputs:
        """Write the values of these cases alone as a NumPy file, one block at a time; shared steps are written once.

        Args:
            path: The file.

        Returns:
            The same cases on the file, of which only what is asked for is read; keep their `starts` beside it.
        """
        import numpy as np

        runs, place = self.runs()
        lengths = np.ones(len(runs), dtype=np.int64) if runs.lengths is None else runs.lengths
        shape = (int(lengths.sum()), *self.values.shape[1:])
        file = np.lib.format.open_memmap(path, "w+", self.values.dtype, shape)
        written = 0
        for block in runs.blocks():
            values = block.gathered()
            file[written : written + len(values)] = values
            written += len(values)
        file.flush()
        return replace(self, values=file, starts=(np.cumsum(lengths) - lengths)[place])

    def digests(self) -> list[str]:
        """Return a hash of each case's values, equal for equal cases; texts are compared by their words alone."""
        return [hashlib.sha256(content).hexdigest() for content in map(_content, self)]

    def __iter__(self) -> Iterator[Any]:
        """Yield the values of each case."""
        return (self[case] for case in range(len(self)))


def room(shape: tuple[int, ...], dtype: type[np.generic], scratch: Path | None) -> NDArray[Any]:
    """Return an array for a dataset to fill with values.

    Args:
        shape: Of the array.
        dtype: Of its numbers.
        scratch: An existing folder that the array is mapped from, where it may be too large for memory; None keeps it
            in memory.

    Returns:
        The array, whose content is not defined.
    """
    import numpy as np

    if scratch is None:
        return np.empty(shape, dtype=dtype)
    return np.lib.format.open_memmap(scratch / "read.npy", "w+", np.dtype(dtype), shape)


@dataclass(frozen=True)
class ModelInputs:
    """All that a model may be given of some cases."""

    features: NDArray[np.float32]
    """Shape (cases, features): the table's, or what is known beside a picture or signal; perhaps no columns."""
    summary: NDArray[np.float32] | csr_array[np.float32] | None = None
    """Shape (cases, summary features): `features`, and what sums `inputs` up, sparse of texts; None for a table."""
    inputs: Inputs | None = None
    """None for a table."""

    def __len__(self) -> int:
        """Return the number of cases."""
        return len(self.features)

    def select(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> ModelInputs:
        """Return some of the cases, in the order of `rows`."""
        return ModelInputs(
            self.features[rows],
            None if self.summary is None else self.summary[rows],
            None if self.inputs is None else self.inputs.select(rows),
        )

    @property
    def terms(self) -> csr_array[np.float32] | None:
        """Summary features of texts, those first that tell the classes apart; None for other cases."""
        import numpy as np

        return None if self.summary is None or isinstance(self.summary, np.ndarray) else self.summary

    def blocks(self, size: int) -> Iterator[ModelInputs]:
        """Yield the cases in order, `size` at a time."""
        import numpy as np

        return (self.select(np.arange(start, min(start + size, len(self)))) for start in range(0, len(self), size))

    def arrays(
        self, *, takes_summary: bool, takes_all_terms: bool = False
    ) -> tuple[NDArray[np.float32], Inputs | None]:
        """Return the features and inputs that a model takes: the summary features alone, or features and inputs.

        Args:
            takes_summary: Whether it takes the summary features.
            takes_all_terms: Whether these are of texts and it takes all and not `TELLING_TERMS` alone: then ask for a
                few cases at a time.

        Returns:
            Features, shape (cases, features), and inputs; None with summary features.
        """
        import numpy as np

        if not takes_summary or self.summary is None:
            return self.features, self.inputs
        if isinstance(self.summary, np.ndarray):
            return self.summary, None
        return (self.summary if takes_all_terms else self.summary[:, :TELLING_TERMS]).toarray(), None


def summary_taken(names: tuple[str, ...], modality: Modality, *, takes_all_terms: bool) -> tuple[str, ...]:
    """Return the names of the summary features that `ModelInputs.arrays` gives a model, of all their names."""
    return names if takes_all_terms or modality != Modality.TEXT else names[:TELLING_TERMS]


def _content(value: Any) -> bytes:
    if isinstance(value, str):
        return " ".join(value.casefold().split()).encode()
    import numpy as np

    return f"{value.dtype}{value.shape}".encode() + np.ascontiguousarray(value).tobytes()
