"""From a table to cases that a model can be trained and tested on.

Read, keep together what belongs together, split, refuse leaks, fit the transforms on train, write.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Protocol

from reprodx.artifacts.files import replacing_folder, write_json, write_parquet, write_text
from reprodx.hashing import sha256_of_path
from reprodx.preparation import manifest
from reprodx.preparation.leakage import check_leakage
from reprodx.preparation.participant_flow import participant_flow
from reprodx.preparation.placement import place
from reprodx.preparation.table_one import table_one
from reprodx.preparation.transforms import TableTransform
from reprodx.preparation.units import find_identical_inputs, find_units
from reprodx.schemas import CASE_ID, PATIENT_ID, SPLIT, TRAIN

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from reprodx.datasets.acknowledged import Acknowledged
    from reprodx.schemas import RawCases, SplitAssignment

logger = logging.getLogger(__name__)


class Dataset(Protocol):
    """Where cases come from."""

    @property
    def acknowledged(self) -> Acknowledged:
        """Leaks that may pass."""
        ...

    def read(self, split_column: str | None) -> RawCases:
        """Return the cases, with the column that the split is read from."""
        ...


class Split(Protocol):
    """Who trains, who validates, who tests."""

    @property
    def column(self) -> str | None:
        """The column of the source that it needs, if any."""
        ...

    def assign(self, cases: pl.DataFrame, units: NDArray[np.int64]) -> SplitAssignment:
        """Return the split of each case; cases of a unit should stay together."""
        ...


def prepare_cases(dataset: Dataset, split: Split, folder: Path, *, fingerprint: Mapping[str, object]) -> dict[str, Any]:
    """Prepare the cases of a dataset and write them as a whole or not at all.

    Args:
        dataset: Where the cases come from.
        split: How they are divided.
        folder: Is replaced by `cases.parquet`, `features.parquet`, `transforms.json`, `table_one.csv`,
            `participant_flow.json`, `card.md` and `manifest.json`; equal arguments give equal bytes.
        fingerprint: What identifies the code and configuration; kept in the manifest.

    Returns:
        The manifest.

    Raises:
        DataError: If the data do not fit what the configuration declares.
        LeakageError: If training could know what it is tested on.
    """
    read = dataset.read(split.column)
    identical = find_identical_inputs(read.features)
    units = find_units(read.cases[PATIENT_ID], identical)
    assignment = split.assign(read.cases, units)
    placed, is_kept = place(read, assignment)
    leaks = check_leakage(placed, identical.of(is_kept), units[is_kept], dataset.acknowledged)
    train = placed.features.filter(placed.cases[SPLIT] == TRAIN)
    transform = TableTransform.fit(train, read.cleaning, read.units)
    flow = participant_flow(placed)
    content = {
        **manifest.describe_cases(placed, flow),
        **manifest.describe_source(read, assignment),
        **manifest.describe_features(transform),
        **manifest.describe_leaks(leaks),
        "warnings": [*leaks.warnings, *manifest.find_warnings(placed, identical, transform)],
        "fingerprint": dict(fingerprint),
    }
    with replacing_folder(folder) as temporary:
        _write_tables(placed, transform, temporary)
        write_json(temporary / "transforms.json", transform.to_json())
        write_json(temporary / "participant_flow.json", flow)
        write_text(temporary / "card.md", read.card)
        content["files"] = {file.name: sha256_of_path(file) for file in sorted(temporary.iterdir())}
        write_json(temporary / "manifest.json", content)
    logger.info("prepared %d cases with %d features", content["num_cases"], len(content["features"]))
    return content


def _write_tables(placed: RawCases, transform: TableTransform, folder: Path) -> None:
    write_parquet(folder / "cases.parquet", placed.cases)
    encoded = transform.encode(placed.features).insert_column(0, placed.cases[CASE_ID])
    write_parquet(folder / "features.parquet", encoded)
    table_one(placed.cases, placed.features, placed.units).write_csv(folder / "table_one.csv")
