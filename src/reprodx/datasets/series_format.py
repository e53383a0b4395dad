"""How a table of measurements over time is read, and in which steps of equal length its hours lie."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

ROUNDING = 6
"""Decimals of a step that count, so that 0.3 hours are step 3 of 0.1 hours although 0.3 / 0.1 is below 3."""


@dataclass(frozen=True, kw_only=True)
class SeriesFormat:
    """How a table of measurements is read; as JSON it is all that serving needs to read a new one."""

    id: str
    """The column that names the stay."""
    hour: str
    """The column of times: hours or a duration since the start of the stay, or dates, counted from its first row."""
    variable: str | None
    """The column that names the variable where a row is one measurement; None where each variable is a column."""
    value: str | None
    """The column of what was measured, beside `variable`."""
    variables: Sequence[str] | None
    """What is read; None for all there is."""
    missing: Mapping[str, Sequence[str]]
    """Values that mean that nothing was measured, see `MissingValues`."""
    ranges: Mapping[str, Sequence[float]]
    """Lowest and highest plausible value by variable, inclusive; what is outside counts as not measured."""
    bin_hours: float
    """Length of a step: step k holds what was measured in the hours ((k - 1) * bin_hours, k * bin_hours]."""
    max_hours: float
    """A later hour is refused: no stay lasts so long."""
    window_hours: float | None
    """The last hour that is read; None for all."""
    aggregate: str
    """How several measurements in a step become one: `mean` or `last`."""
    layout: Mapping[str, Any] = field(default_factory=dict)
    """How the file is written, see `TableLayout`; empty in models that are older than the keys."""

    def as_dict(self) -> dict[str, Any]:
        """Return the format as JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Return the format that `as_dict` made `content` from, also in a version where `max_hours` was the window."""
        if "window_hours" not in content:
            content = {**content, "window_hours": content["max_hours"], "max_hours": math.inf}
        return cls(**content)

    def steps_of(self, hours: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the step in which what is measured at these hours lies, any shape."""
        return np.ceil(np.round(hours / self.bin_hours, ROUNDING)).astype(np.int64)

    def steps_until(self, hours: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the last step that holds nothing from after these hours, any shape."""
        return np.floor(np.round(hours / self.bin_hours, ROUNDING)).astype(np.int64)
