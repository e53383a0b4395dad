"""What a finished run leaves in the store: its scores, its files, and the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.artifacts.files import read_json
from reprodx.artifacts.prepared import read_manifest
from reprodx.config.targets import is_generator
from reprodx.hashing import sha256_of_path
from reprodx.schemas import CARD, TEST
from reprodx.tracking.names import (
    CLOSED,
    COMPLETE,
    HEALTH,
    HEALTHY,
    OPENED,
    PREDICTIONS_SHA256,
    REPORTED,
    TEST_SPLIT,
    flat_metrics,
)
from reprodx.tracking.patient_ids import uploadable
from reprodx.tracking.record import HASHES_FILE, MANIFEST, SHARED, as_text, hashes_record
from reprodx.tracking.served_model import DESCRIPTION

if TYPE_CHECKING:
    from reprodx.artifacts.locations import Locations
    from reprodx.config import Config
    from reprodx.tracking.run import Run

TABLE_ONE, EXPLANATIONS = "table_one.csv", "explanations.json"
PREPARED = "prepared"
"""The folder of artifacts that say what the cases were."""
OF_PREPARED = (MANIFEST, TABLE_ONE, CARD)
"""Files of the prepared cases that hold counts, means and ids, and no patient's values."""
OF_RESULTS = (EXPLANATIONS, "model_card.md")
"""Further files of the results, where they were made."""


def log_results(run: Run, config: Config, locations: Locations) -> None:
    """Log what evaluation wrote, and the model where there is a report; what is there already is replaced.

    Args:
        run: The open run.
        config: Its `tracking.log_model` says whether the model is logged too, `tracking.patient_ids` what of cases.
        locations: Where the prepared cases, the model and the results are.

    Raises:
        ArtifactError: If the scores are absent or damaged.
    """
    manifest = read_manifest(locations.prepared)
    run.log_dataset(manifest)
    scores = read_json(locations.metrics, made_by="evaluate")
    run.log_metrics(flat_metrics(scores))
    made = locations.samples if is_generator(config.model) else locations.predictions
    of_results = (locations.results / name for name in OF_RESULTS)
    files = dict.fromkeys([locations.metrics, locations.report, locations.plots, *of_results, made], "")
    files |= {locations.prepared / name: PREPARED for name in OF_PREPARED}
    changed = {}
    for path, folder in files.items():
        with uploadable(path, config, run.store, locations.prepared) as shared:
            if shared is None:
                continue
            run.log_file(shared, folder or None)
            if shared != path:
                changed[f"{folder}/{path.name}".lstrip("/")] = sha256_of_path(shared)
    if is_generator(config.model):
        _log_generator(run, config, locations)
    else:
        _log_classifier(run, config, locations)
    hashes = hashes_record(config, locations, manifest) | ({SHARED: changed} if changed else {})
    run.log_text(as_text(hashes), HASHES_FILE)
    judged = {TEST_SPLIT: OPENED if TEST in scores else CLOSED} | ({REPORTED: "true"} if locations.is_reported else {})
    run.set_tags({COMPLETE: "true"} | judged)


def _log_classifier(run: Run, config: Config, locations: Locations) -> None:
    if config.tracking.log_model and locations.is_reported:
        run.log_model(locations)
    if locations.predictions.is_file():
        run.set_tags({PREDICTIONS_SHA256: sha256_of_path(locations.predictions)})


def _log_generator(run: Run, config: Config, locations: Locations) -> None:
    warnings = read_json(locations.models / DESCRIPTION, made_by="train")["warnings"]
    run.set_tags({HEALTH: "; ".join(warnings) or HEALTHY})
    if config.tracking.log_model:
        run.log_file(locations.models)
