"""What completes the outs that `dvc.yaml` lists where a kind of run does not make all of them.

DVC fails a stage that leaves out one of its outs, and knows one list for all models. A generator makes no predictions,
and a classifier no samples.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.artifacts.files import write_json, write_text
from reprodx.artifacts.prediction_metadata import GENERATION
from reprodx.artifacts.predictions import Predictions, write_predictions

if TYPE_CHECKING:
    from reprodx.artifacts.locations import Locations


def complete_outs(locations: Locations) -> None:
    """Leave a folder that says that there are no samples, or files that say so of predictions and explanations.

    Args:
        locations: After evaluation; what is there stays as it is.
    """
    import polars as pl

    if not locations.samples.exists():
        # DVC warns of a folder without a file.
        write_text(locations.samples / "none.txt", "The model of this run makes no samples.\n")
    if not locations.predictions.exists():
        write_predictions(locations.predictions, Predictions(pl.DataFrame(), {"task": GENERATION}))
    if not locations.explanations.exists():
        write_json(locations.explanations, {})
