"""What a finished run leaves in the store: its scores, its files, and the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.artifacts.files import read_json
from reprodx.artifacts.prepared import read_manifest
from reprodx.tracking.names import COMPLETE, flat_metrics

if TYPE_CHECKING:
    from reprodx.artifacts.locations import Locations
    from reprodx.config import Config
    from reprodx.tracking.run import Run


def log_results(run: Run, config: Config, locations: Locations) -> None:
    """Log what evaluation wrote, and the model; what is there already is replaced.

    Args:
        run: The open run.
        config: Its `tracking.log_model` says whether the model is logged too.
        locations: Where the prepared cases, the model and the results are.

    Raises:
        ArtifactError: If the scores are absent or damaged.
    """
    run.log_dataset(read_manifest(locations.prepared))
    run.log_metrics(flat_metrics(read_json(locations.metrics, made_by="evaluate")))
    for path in (locations.metrics, locations.predictions, locations.report, locations.results / "plots"):
        run.log_file(path)
    if config.tracking.log_model:
        run.log_model(locations)
    run.set_tags({COMPLETE: "true"})
