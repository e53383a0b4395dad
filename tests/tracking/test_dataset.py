"""The data of a run as MLflow shows them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from reprodx.tracking.dataset import dataset_input

if TYPE_CHECKING:
    from collections.abc import Mapping


def test_a_dataset_is_named_counted_and_hashed(manifest: Mapping[str, Any]) -> None:
    dataset = dataset_input("clinic", manifest).dataset
    assert (dataset.name, dataset.digest) == ("clinic", "d" * 8)
    assert json.loads(dataset.profile) == {"num_rows": 12, "split": manifest["splits"]}
    assert [column["name"] for column in json.loads(dataset.schema)["mlflow_colspec"]] == ["age"]
    assert "/" not in dataset.source
