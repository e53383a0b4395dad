"""Which transform and which summary belong to a modality."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Protocol, cast

from reprodx.inputs import Modality

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from reprodx.inputs import Inputs

TRANSFORMS = {
    Modality.IMAGE: "reprodx.preparation.image_transform.ImageTransform",
    Modality.SIGNAL: "reprodx.preparation.signal_transform.SignalTransform",
    Modality.SERIES: "reprodx.preparation.series_transform.SeriesTransform",
    Modality.TEXT: "reprodx.preparation.text_transform.TextTransform",
}
"""What turns inputs as read into what networks take."""
SUMMARIES = {
    Modality.IMAGE: "reprodx.preparation.summaries.image.ImageSummary",
    Modality.SIGNAL: "reprodx.preparation.summaries.signal.SignalSummary",
    Modality.SERIES: "reprodx.preparation.summaries.series.SeriesSummary",
    Modality.TEXT: "reprodx.preparation.summaries.text.TextSummary",
}
"""What sums inputs up in a row of numbers, for models of tables."""


class Summary(Protocol):
    """Sums inputs up in a row of numbers; fitted on training cases only."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the numbers."""
        ...

    @classmethod
    def fit(cls, train: Inputs, targets: NDArray[np.int64]) -> Self:
        """Return the summary of these training cases, as read."""
        ...

    def apply(self, raw: Inputs) -> NDArray[np.float32] | csr_array[np.float32]:
        """Return shape (cases, names), scaled as in training; of texts sparse, with the most telling first."""
        ...

    def to_json(self) -> dict[str, Any]:
        """Return plain containers."""
        ...

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Return the summary that `to_json` made `content` from."""
        ...


class InputTransform(Protocol):
    """Turns inputs as read into what networks take; fitted on training cases only."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns in which a new case's inputs are served."""
        ...

    @classmethod
    def fit(cls, train: Inputs, targets: NDArray[np.int64]) -> Self:
        """Return the transform of these training cases."""
        ...

    def apply(self, raw: Inputs) -> Inputs:
        """Return what networks take."""
        ...

    def scaling(self) -> tuple[list[float], list[float]] | None:
        """Return mean and standard deviation of each channel, which networks subtract and divide by; None for none."""
        ...

    def description(self) -> dict[str, Any]:
        """Return what the manifest says of the inputs."""
        ...

    def read_raw(self, table: pl.DataFrame) -> Inputs:
        """Return the inputs, as read, of new cases that `columns` of a table name or hold."""
        ...

    def example(self) -> dict[str, str]:
        """Return a value for each of `columns` that belongs to no patient."""
        ...

    def to_json(self) -> dict[str, Any]:
        """Return plain containers."""
        ...

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Return the transform that `to_json` made `content` from."""
        ...


def transform_class(modality: Modality) -> type[InputTransform]:
    """Return the transform of a modality other than a table; imported here, for each brings libraries of its own."""
    return cast("type[InputTransform]", _load(TRANSFORMS[modality]))


def summary_class(modality: Modality) -> type[Summary]:
    """Return the summary of a modality other than a table."""
    return cast("type[Summary]", _load(SUMMARIES[modality]))


def _load(path: str) -> object:
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)
