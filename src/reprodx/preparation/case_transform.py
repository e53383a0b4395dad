"""All that turns raw cases into what a model takes: fitted on training cases only, kept as one JSON file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from reprodx.errors import SchemaError
from reprodx.inputs import Modality, ModelInputs
from reprodx.preparation.input_transforms import summary_class, transform_class
from reprodx.preparation.transforms import TableTransform
from reprodx.schemas import SPLIT, TRAIN, Task

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from reprodx.inputs import Inputs
    from reprodx.preparation.input_transforms import InputTransform, Summary
    from reprodx.schemas import RawCases


@dataclass(frozen=True)
class CaseTransform:
    """The transforms of features, of pictures, signals, series or texts, and of what sums these up."""

    modality: Modality
    table: TableTransform
    """Without columns where there are no features."""
    inputs: InputTransform | None
    """None for a table."""
    summary: Summary | None
    """None for a table."""

    @classmethod
    def fit(cls, placed: RawCases) -> CaseTransform:
        """Return the transforms of the training cases.

        Args:
            placed: The cases, with their `split`.

        Returns:
            The transforms.

        Raises:
            SchemaError: If nothing varies among the training cases.
        """
        is_train = (placed.cases[SPLIT] == TRAIN).to_numpy()
        features = placed.features.filter(is_train)
        has_table = placed.inputs is None or features.width > 0
        table = TableTransform.empty()
        if has_table:
            takes_unknown = placed.takes_unknown_levels
            table = TableTransform.fit(features, placed.cleaning, placed.units, takes_unknown_levels=takes_unknown)
        if placed.inputs is None:
            return cls(placed.modality, table, None, None)
        train, targets = placed.inputs.select(is_train), _targets(placed)[is_train]
        return cls(
            placed.modality,
            table,
            transform_class(placed.modality).fit(train, targets),
            summary_class(placed.modality).fit(train, targets),
        )

    @property
    def summary_names(self) -> tuple[str, ...]:
        """Names of the summary features; none for a table."""
        return () if self.summary is None else (*self.table.feature_names, *self.summary.names)

    def apply(self, features: pl.DataFrame, inputs: Inputs | None) -> ModelInputs:
        """Return what models take.

        Args:
            features: Clean.
            inputs: Of the same cases, as read.

        Returns:
            The same cases.
        """
        numbers = self.table.apply(features)
        if inputs is None or self.inputs is None or self.summary is None:
            return ModelInputs(numbers)
        return ModelInputs(numbers, _beside(numbers, self.summary.apply(inputs)), self.inputs.apply(inputs))

    def require_columns(self, table: pl.DataFrame) -> None:
        """Refuse a table of new cases that lacks a column, also where it has no row.

        Args:
            table: As in `apply_raw`.

        Raises:
            SchemaError: If a column is absent.
        """
        self.table.clean_raw(table)
        for column in () if self.inputs is None else self.inputs.example():
            if column not in table.columns:
                raise SchemaError(f"the table has no column {column!r}: add it")

    def apply_raw(self, table: pl.DataFrame, *, takes_summary: bool) -> ModelInputs:
        """Return what one model takes of new cases, as a clinician has them.

        Args:
            table: The features' columns, and those that name or hold pictures, signals, series or texts.
            takes_summary: Whether the model is given summary features; only what it is given is computed.

        Returns:
            One case per row.

        Raises:
            SchemaError: If a column is absent, or a cell is not what it should be.
        """
        numbers = self.table.apply(self.table.clean_raw(table))
        if self.inputs is None or self.summary is None:
            return ModelInputs(numbers)
        raw = self.inputs.read_raw(table)
        if takes_summary:
            return ModelInputs(numbers, _beside(numbers, self.summary.apply(raw)))
        return ModelInputs(numbers, inputs=self.inputs.apply(raw))

    def describe_inputs(self) -> dict[str, Any]:
        """Return what the manifest says of pictures, signals, series or texts."""
        if self.inputs is None:
            return {}
        scaling = self.inputs.scaling()
        names = ("mean", "std")
        return {
            **self.inputs.description(),
            "scaling": None if scaling is None else dict(zip(names, scaling, strict=True)),
        }

    def to_json(self) -> dict[str, Any]:
        """Return the content of `transforms.json`."""
        table = self.table.to_json()
        example = {**table["example"], **({} if self.inputs is None else self.inputs.example())}
        return {
            **table,
            "example": example,
            "modality": self.modality.value,
            "inputs": None if self.inputs is None else self.inputs.to_json(),
            "summary": None if self.summary is None else self.summary.to_json(),
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> CaseTransform:
        """Return the transforms that `to_json` made `content` from."""
        modality, table = Modality(content["modality"]), TableTransform.from_json(content)
        if content["inputs"] is None:
            return cls(modality, table, None, None)
        return cls(
            modality,
            table,
            transform_class(modality).from_json(content["inputs"]),
            summary_class(modality).from_json(content["summary"]),
        )


def _beside(
    features: NDArray[np.float32], summary: NDArray[np.float32] | csr_array[np.float32]
) -> NDArray[np.float32] | csr_array[np.float32]:
    if isinstance(summary, np.ndarray):
        return np.hstack([features, summary])
    from scipy.sparse import csr_array, hstack

    return csr_array(hstack([csr_array(features), summary], format="csr"))


def _targets(placed: RawCases) -> NDArray[np.int64]:
    """Return class numbers, shape (cases,), or in a multi-label task 0 or 1 by label, shape (cases, labels)."""
    is_of = np.column_stack([placed.is_of(name).to_numpy() for name in placed.classes])
    targets = is_of if placed.task == Task.MULTILABEL else is_of.argmax(axis=1)
    return targets.astype(np.int64)
