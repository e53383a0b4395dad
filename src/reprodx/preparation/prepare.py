"""From raw data to cases that a model can be trained and tested on.

Read, keep together what belongs together, split, refuse leaks, fit the transforms on train, write.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from reprodx.artifacts.class_values import NO_CLASS, as_entries, values_by_class
from reprodx.artifacts.files import replacing_folder, write_json, write_parquet, write_text
from reprodx.artifacts.prepared import DUPLICATES_FILE, write_inputs, write_terms
from reprodx.hashing import sha256_of_path
from reprodx.preparation import manifest
from reprodx.preparation.case_transform import CaseTransform
from reprodx.preparation.duplicates import duplicates_table
from reprodx.preparation.leakage import check_leakage
from reprodx.preparation.participant_flow import participant_flow
from reprodx.preparation.placement import place
from reprodx.preparation.privacy import check_privacy
from reprodx.preparation.strata import with_strata
from reprodx.preparation.table_one import table_one
from reprodx.preparation.units import find_identical_inputs, find_units, name_units
from reprodx.schemas import CARD, CASE_ID, PATIENT_ID, SAMPLING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from reprodx.datasets.acknowledged import Acknowledged
    from reprodx.inputs import ModelInputs
    from reprodx.schemas import RawCases, Sampling, SplitAssignment

logger = logging.getLogger(__name__)

SCRATCH = "scratch"
"""Where readers may write while cases are prepared."""


class Dataset(Protocol):
    """Where cases come from."""

    @property
    def acknowledged(self) -> Acknowledged:
        """Leaks that may pass."""
        ...

    def read(self, split_column: str | None, *, scratch: Path | None = None) -> RawCases:
        """Return the cases, with the column that the split is read from; large arrays may be written in `scratch`."""
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


def prepare_cases(
    dataset: Dataset, split: Split, folder: Path, *, sampling: Sampling, fingerprint: Mapping[str, object]
) -> dict[str, Any]:
    """Prepare the cases of a dataset and write them as a whole or not at all.

    Args:
        dataset: Where the cases come from.
        split: How they are divided.
        folder: Is replaced by `cases.parquet`, `features.parquet`, `transforms.json`, `table_one.csv`,
            `participant_flow.json`, `duplicates.csv`, `card.md` and `manifest.json`, and where cases are no rows of
            a table also by their inputs and `summary.parquet`, of texts `summary.npz`; equal arguments give equal
            bytes.
        sampling: How the cases came to be; kept in the manifest.
        fingerprint: What identifies the code and configuration; kept in the manifest.

    Returns:
        The manifest.

    Raises:
        DataError: If the data do not fit what the configuration declares.
        PrivacyError: If persons can be known by what is read.
        LeakageError: If training could know what it is tested on.
    """
    with replacing_folder(folder) as temporary, _scratch(temporary) as scratch:
        read = dataset.read(split.column, scratch=scratch)
        known = check_privacy(read, _roles(dataset), dataset.acknowledged.identifying)
        for name, values in values_by_class(as_entries(read.values_of_classes)).items():
            logger.info("%s: %s", name if name == NO_CLASS else f"class {name}", values)
        identical = find_identical_inputs(read)
        units = find_units(read.cases[PATIENT_ID], identical)
        assignment = split.assign(with_strata(read), units)
        placed, is_kept = place(read, assignment)
        identical, units = identical.of(is_kept), units[is_kept]
        leaks = check_leakage(placed, identical, units, dataset.acknowledged)
        placed = replace(placed, cases=name_units(placed, units))
        transform = CaseTransform.fit(placed)
        model_inputs = transform.apply(placed.features, placed.inputs)
        flow = participant_flow(placed)
        content = {
            **manifest.describe_cases(placed, flow),
            **manifest.describe_source(read, assignment),
            **manifest.describe_features(transform, model_inputs.inputs),
            **manifest.describe_leaks(leaks),
            SAMPLING: sampling,
            "warnings": [
                *known,
                *read.warnings,
                *leaks.warnings,
                *manifest.find_warnings(placed, identical, transform),
            ],
            "fingerprint": dict(fingerprint),
        }
        write_parquet(temporary / "cases.parquet", placed.cases)
        write_model_inputs(temporary, placed.cases[CASE_ID], model_inputs, transform)
        rows = table_one(placed.cases, placed.features, placed.units, placed.classes)
        rows.write_csv(temporary / "table_one.csv")
        write_json(temporary / "transforms.json", transform.to_json())
        write_json(temporary / "participant_flow.json", flow)
        duplicates_table(placed, identical).write_csv(temporary / DUPLICATES_FILE)
        write_text(temporary / CARD, read.card)
        content["files"] = {file.name: sha256_of_path(file) for file in sorted(temporary.glob("*.*"))}
        write_json(temporary / "manifest.json", content)
    logger.info("prepared %d cases of modality %s", content["num_cases"], content["modality"])
    return content


def _roles(dataset: Dataset) -> dict[str, str]:
    """Return the columns of the source by the keys that name them, where a dataset is a table of a person's own."""
    text = getattr(dataset, "text", None)
    return {**getattr(dataset, "roles", {}), **({} if text is None else {"data.text": text})}


def write_model_inputs(folder: Path, case_ids: pl.Series, cases: ModelInputs, transform: CaseTransform) -> None:
    """Write what models take, see `artifacts.prepared`.

    Args:
        folder: Exists.
        case_ids: Shape (cases,).
        cases: The cases in the same order.
        transform: Knows the names of the features.
    """
    import numpy as np
    import polars as pl

    tables = {"features": (cases.features, transform.table.feature_names)}
    if isinstance(cases.summary, np.ndarray):
        tables["summary"] = (cases.summary, transform.summary_names)
    elif cases.summary is not None:
        write_terms(folder, cases.summary)
    for name, (values, columns) in tables.items():
        frame = pl.DataFrame(values, schema=list(columns)) if columns else pl.DataFrame(height=len(values))
        write_parquet(folder / f"{name}.parquet", frame.insert_column(0, case_ids))
    if cases.inputs is not None:
        write_inputs(folder, cases.inputs)


@contextlib.contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """Make a folder for arrays that are too large for memory, beside what they become, and remove it afterwards."""
    scratch = folder / SCRATCH
    scratch.mkdir()
    yield scratch
    shutil.rmtree(scratch)
