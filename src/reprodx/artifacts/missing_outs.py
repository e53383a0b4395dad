"""What completes the outs that `dvc.yaml` lists where a kind of run does not make all of them.

DVC fails a stage that leaves out one of its outs, and knows one list for all models. A generator makes no predictions,
and a classifier no samples.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.artifacts.files import write_json
from reprodx.artifacts.predictions import GENERATION, Predictions, write_predictions

if TYPE_CHECKING:
    from reprodx.artifacts.locations import Locations


def complete_outs(locations: Locations) -> None:
    """Leave an empty folder of samples, or files that say that they hold no predictions and explanations.

    Args:
        locations: After evaluation; what is there stays as it is.
    """
    import polars as pl

    locations.samples.mkdir(exist_ok=True)
    if not locations.predictions.exists():
        write_predictions(locations.predictions, Predictions(pl.DataFrame(), {"task": GENERATION}))
    if not locations.explanations.exists():
        write_json(locations.explanations, {})
