"""A fitted model with its transforms: raw table in, probabilities out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from reprodx.artifacts.files import read_json
from reprodx.errors import ArtifactCorruptError
from reprodx.preparation.transforms import TableTransform
from reprodx.schemas import PROB_PREFIX
from reprodx.training.model_folder import load_scorer
from reprodx.training.scorer import probabilities

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

    from reprodx.training.scorer import Scorer


@dataclass(frozen=True)
class Predictor:
    """Predicts cases of which only the raw table is known."""

    transform: TableTransform
    scorer: Scorer

    @classmethod
    def load(cls, model: Path, transforms: Path) -> Self:
        """Return the predictor that two stages left.

        Args:
            model: The folder that `train` wrote.
            transforms: The `transforms.json` that `prepare` wrote.

        Returns:
            The predictor.

        Raises:
            ArtifactError: If either is absent or damaged, or they do not belong together.
        """
        transform = TableTransform.from_json(read_json(transforms, made_by="prepare"))
        scorer = load_scorer(model)
        if transform.feature_names != scorer.feature_names:
            raise ArtifactCorruptError(
                f"{model} was trained on other features than {transforms} makes: run `reprodx train` again"
            )
        return cls(transform, scorer)

    def predict(self, table: pl.DataFrame) -> pl.DataFrame:
        """Predict every row.

        Args:
            table: The columns of training in any order and type; others are ignored. A value may be missing, also in
                every row, but not the column.

        Returns:
            The probability of each class, columns `prob_<class>`, Float64, one row per row of the table.

        Raises:
            SchemaError: If a column is absent, a numeric one holds text, or a value is out of its plausible range.
        """
        features = self.transform.apply(self.transform.clean_raw(table))
        probs = probabilities(self.scorer.logits(features))
        return pl.DataFrame(probs, schema=[PROB_PREFIX + name for name in self.scorer.classes])
