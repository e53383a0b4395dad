"""A fitted model with its transforms: cases as a clinician has them in, probabilities out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from reprodx.artifacts.files import read_json
from reprodx.errors import ArtifactCorruptError
from reprodx.preparation.case_transform import CaseTransform
from reprodx.schemas import PROB_PREFIX
from reprodx.training.links import probabilities
from reprodx.training.model_folder import load_scorer

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

    from reprodx.training.scorer import Scorer


@dataclass(frozen=True)
class Predictor:
    """Predicts cases of which only raw data are known."""

    transform: CaseTransform
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
        transform = CaseTransform.from_json(read_json(transforms, made_by="prepare"))
        scorer = load_scorer(model)
        names = scorer.interface.names_taken(transform.table.feature_names, transform.summary_names)
        if (transform.modality, names) != (scorer.interface.modality, scorer.feature_names):
            raise ArtifactCorruptError(
                f"{model} was trained on other features than {transforms} makes: run `reprodx train` again"
            )
        return cls(transform, scorer)

    def predict(self, table: pl.DataFrame) -> pl.DataFrame:
        """Predict every row.

        Args:
            table: The columns of training in any order and type; others are ignored. A value may be missing, also in
                every row, but not the column. Pictures, signals and series are paths of files, or their bytes, also
                as base64 text, in the column `image`, `signal` or `series`; texts stand in the column `text`.

        Returns:
            The probability of each class or label, columns `prob_<class>`, Float64, one row per row of the table.

        Raises:
            SchemaError: If a column is absent, a numeric one holds text, a value is out of its plausible range, a level
                is one that no training case had (unless the data say `unknown_levels: other`), or a picture, signal or
                series cannot be read; the message names the row.
        """
        names = [PROB_PREFIX + name for name in self.scorer.classes]
        if not table.height:
            # Nor has a table any row of which no column is left.
            self.transform.require_columns(table)
            return pl.DataFrame(schema=dict.fromkeys(names, pl.Float64))
        interface = self.scorer.interface
        cases = self.transform.apply_raw(table, takes_summary=interface.takes_summary)
        probs = probabilities(self.scorer.logits(cases), interface.task)
        return pl.DataFrame(probs, schema=names)
