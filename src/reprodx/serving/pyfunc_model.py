"""The file that MLflow runs to make the model that it loads (models from code): pandas in, pandas out."""

from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel, PythonModelContext

from reprodx.errors import SchemaError
from reprodx.serving.predictor import Predictor

NOT_IN_ARROW = (pd.PeriodDtype, pd.IntervalDtype, pd.SparseDtype)
"""Types of columns that are handed on object by object."""


class DiagnosticModel(PythonModel):  # type: ignore[misc]  # MLflow is checked without its types
    """Raw tables, files or texts to probabilities."""

    def load_context(self, context: PythonModelContext) -> None:
        """Load the model's files.

        Args:
            context: Knows where MLflow put them.
        """
        files = {name: Path(path) for name, path in context.artifacts.items()}
        self.predictor = Predictor.load(files["model"], files["transforms"])

    def predict(
        self, context: PythonModelContext, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """Predict every row.

        Args:
            context: As in `load_context`.
            model_input: One row per case, see `Predictor.predict`.
            params: Not used.

        Returns:
            The probability of each class, columns `prob_<class>`, with the index of the input.

        Raises:
            SchemaError: If a column is absent or there twice, or a cell is not what it should be, see `Predictor`.
        """
        probs = self.predictor.predict(as_polars(model_input))
        return pd.DataFrame(probs.to_dict(as_series=False), index=model_input.index)


def as_polars(frame: pd.DataFrame) -> pl.DataFrame:
    """Return a frame whose columns of mixed objects, which Arrow refuses, stay objects; every kind of NA is null.

    Args:
        frame: With the features' columns, and perhaps others.

    Returns:
        The same rows.

    Raises:
        SchemaError: If two columns have one name.
    """
    names = frame.columns.map(str)
    if names.has_duplicates:
        raise SchemaError(f"the table has two columns {names[names.duplicated()][0]!r}: leave one out")
    if not len(frame):
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    return pl.DataFrame([_as_polars(str(name), column) for name, column in frame.items()])


def _as_polars(name: str, column: pd.Series) -> pl.Series:
    if column.dtype == object or column.dtype.kind == "c" or isinstance(column.dtype, NOT_IN_ARROW):
        values = [None if is_missing else value for value, is_missing in zip(column, column.isna(), strict=True)]
        return pl.Series(name, values, dtype=pl.Object)
    return pl.from_pandas(column).alias(name)


set_model(DiagnosticModel())
