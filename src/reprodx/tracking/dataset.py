"""The data of a run as MLflow shows them: name, hash, columns and counts, and never a row."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflow.entities import DatasetInput

DIGEST_DIGITS = 8
"""Of the hash, as MLflow's own digests have, so that its UI shows all of them; the run's tag has the whole hash."""
CONTEXT = "mlflow.data.context"
"""The tag that MLflow's UI shows beside a dataset."""

OF_MANIFEST = ("data_hash", "features", "modality", "num_cases", "splits")
"""What of a manifest is needed here."""


def dataset_input(name: str, manifest: Mapping[str, Any]) -> DatasetInput:
    """Return the prepared cases as an input of a run.

    Args:
        name: `data.name`.
        manifest: The manifest of the prepared cases, `OF_MANIFEST` of it at least.

    Returns:
        One input for all splits; their sizes are in its profile.
    """
    from mlflow.data.meta_dataset import MetaDataset
    from mlflow.data.sources import LocalArtifactDatasetSource
    from mlflow.entities import Dataset, DatasetInput, InputTag
    from mlflow.types.schema import ColSpec, Schema

    columns = [feature["name"] for feature in manifest["features"]] or [manifest["modality"]]
    dataset = MetaDataset(
        LocalArtifactDatasetSource(name),
        name=name,
        digest=manifest["data_hash"][:DIGEST_DIGITS],
        schema=Schema([ColSpec("double", column) for column in columns]),
    )
    profile = json.dumps({"num_rows": manifest["num_cases"], "split": manifest["splits"]})
    return DatasetInput(Dataset(**dataset.to_dict(), profile=profile), [InputTag(CONTEXT, "training")])
