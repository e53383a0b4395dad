"""The prepared cases: what `prepare` leaves for `train` and `evaluate`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reprodx.artifacts.files import read_json
from reprodx.errors import ArtifactCorruptError, ArtifactMissingError
from reprodx.hashing import sha256_of_path
from reprodx.schemas import CASE_ID, SPLIT, Y_TRUE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray


@dataclass(frozen=True)
class PreparedCases:
    """What `prepare` leaves for `train` and `evaluate`."""

    cases: pl.DataFrame
    """`case_id patient_id site split y_true group_*`, one row per case."""
    features: NDArray[np.float32]
    """Shape (cases, features): imputed, scaled and encoded by transforms fitted on train only."""
    feature_names: tuple[str, ...]
    manifest: Mapping[str, Any]

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of the model's outputs; in a binary task the negative one first."""
        return tuple(self.manifest["classes"])

    @property
    def targets(self) -> NDArray[np.int64]:
        """Shape (cases,): the index of each case's class in `classes`."""
        import numpy as np

        index = {name: position for position, name in enumerate(self.classes)}
        return np.array([index[name] for name in self.cases[Y_TRUE]], dtype=np.int64)

    def rows(self, split: str) -> NDArray[np.int64]:
        """Return the row numbers of one split."""
        return (self.cases[SPLIT] == split).arg_true().to_numpy().astype("int64")


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a prepared folder."""
    manifest: dict[str, Any] = read_json(folder / "manifest.json", made_by="prepare")
    return manifest


def read_prepared(folder: Path) -> PreparedCases:
    """Return what `prepare` wrote.

    Args:
        folder: The prepared folder.

    Returns:
        Cases, features and manifest.

    Raises:
        ArtifactMissingError: If `prepare` has not run.
        ArtifactCorruptError: If a file's bytes are not those that the manifest lists.
    """
    import numpy as np
    import polars as pl

    manifest = read_manifest(folder)
    for name, digest in manifest["files"].items():
        if not (folder / name).is_file():
            raise ArtifactMissingError(f"{folder / name} is missing: run `reprodx prepare` or `dvc repro` first")
        if sha256_of_path(folder / name) != digest:
            raise ArtifactCorruptError(
                f"{folder / name} is not what prepare wrote: delete {folder} and run `reprodx prepare` again"
            )
    cases = pl.read_parquet(folder / "cases.parquet")
    features = pl.read_parquet(folder / "features.parquet").drop(CASE_ID)
    return PreparedCases(
        cases=cases,
        features=np.ascontiguousarray(features.to_numpy(), dtype=np.float32),
        feature_names=tuple(features.columns),
        manifest=manifest,
    )
