"""The prepared cases: what `prepare` leaves for `train` and `evaluate`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprodx.artifacts.files import read_json
from reprodx.artifacts.tokens import read_tokens
from reprodx.errors import ArtifactCorruptError, ArtifactMissingError
from reprodx.hashing import sha256_of_path
from reprodx.inputs import Inputs, Modality, ModelInputs
from reprodx.schemas import CASE_ID, LABEL_PREFIX, SPLIT, Y_TRUE, Task

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray
    from scipy.sparse import csr_array


INPUT_FILES = {
    Modality.IMAGE: "images.npy",
    Modality.SIGNAL: "signals.npy",
    Modality.SERIES: "series.npy",
    Modality.TEXT: "tokens.npy",
}
"""Where the values of all cases lie."""
DUPLICATES_FILE = "duplicates.csv"
"""Cases whose inputs are the same as another's, see `preparation.duplicates`."""
STEPS_FILE = "steps.npy"
"""Shape (2, cases): where each case begins in the values, and its length; where lengths vary or cases share values."""
TERMS_FILE = "summary.npz"
"""The summary features of texts, a sparse array as SciPy stores it; the manifest has their names."""
OF_STEPS = (Modality.SERIES, Modality.TEXT)
"""Modalities whose cases are of varying length."""
TEXT_SETTINGS = ("max_tokens",)
"""What a reader of tokens has to know of how they were made: a text of so many may have been cut off."""


@dataclass(frozen=True)
class PreparedCases:
    """What `prepare` leaves for `train` and `evaluate`."""

    cases: pl.DataFrame
    """`case_id patient_id site split y_true y_true_<label> group_*`, one row per case."""
    features: NDArray[np.float32]
    """Shape (cases, features): imputed, scaled and encoded by transforms fitted on train only."""
    feature_names: tuple[str, ...]
    manifest: Mapping[str, Any]
    summary: NDArray[np.float32] | csr_array[np.float32] | None = None
    """Shape (cases, summary features): what sums pictures, signals, series or texts up, and the features; scaled on
    train, sparse of texts. None for a table."""
    summary_names: tuple[str, ...] = ()
    inputs: Inputs | None = None
    """Pictures, signals, series or texts as networks take them, mapped from the disk; None for a table."""
    tokens: tuple[str, ...] = ()
    """The tokens of texts, by number."""

    @property
    def modality(self) -> Modality:
        """What kind of measurement the cases are judged by."""
        return Modality(self.manifest["modality"])

    @property
    def task(self) -> Task:
        """What is predicted of a case."""
        return Task(self.manifest["task"])

    @property
    def model_inputs(self) -> ModelInputs:
        """All that a model may be given of the cases."""
        return ModelInputs(self.features, self.summary, self.inputs)

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of the model's outputs; in a binary task the negative one first."""
        return tuple(self.manifest["classes"])

    @property
    def targets(self) -> NDArray[np.int64]:
        """Shape (cases,): the index of each case's class in `classes`; multi-label, (cases, labels): 0 or 1."""
        import numpy as np

        if self.task == Task.MULTILABEL:
            labels = self.cases.select(LABEL_PREFIX + name for name in self.classes).to_numpy()
            return labels.astype(np.int64)
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
    features, feature_names = _read_numbers(folder / "features.parquet")
    if Modality(manifest["modality"]) == Modality.TABLE:
        return PreparedCases(cases, features, feature_names, manifest)
    inputs = _read_inputs(folder, manifest)
    if inputs.modality == Modality.TEXT:
        terms, tokens = _read_terms(folder), read_tokens(folder)
        return PreparedCases(
            cases, features, feature_names, manifest, terms, tuple(manifest["summary"]), inputs, tokens
        )
    summary, summary_names = _read_numbers(folder / "summary.parquet")
    return PreparedCases(cases, features, feature_names, manifest, summary, summary_names, inputs)


def write_inputs(folder: Path, inputs: Inputs) -> None:
    """Write pictures, signals, series or tokens as NumPy files that can be mapped into memory.

    Args:
        folder: Gets the file that `INPUT_FILES` names and, where lengths vary or cases share values, `STEPS_FILE`.
        inputs: Of all cases, in the order of `cases.parquet`. Where its values are a whole file already, that is moved.
    """
    import numpy as np

    path = folder / INPUT_FILES[inputs.modality]
    is_in_order = inputs.lengths is None and np.array_equal(inputs.starts, np.arange(len(inputs.values)))
    if is_in_order and isinstance(inputs.values, np.memmap) and _is_whole_file(inputs.values):
        inputs.values.flush()
        Path(str(inputs.values.filename)).rename(path)
        return
    written = inputs.write(path)
    lengths = np.ones(len(written), dtype=np.int64) if written.lengths is None else written.lengths
    if written.lengths is not None or len(written) > len(written.values):
        np.save(folder / STEPS_FILE, np.stack([written.starts, lengths]))


def write_terms(folder: Path, terms: csr_array[np.float32]) -> None:
    """Write the summary features of texts as a file without pickles; equal ones give equal bytes."""
    from scipy.sparse import save_npz

    save_npz(folder / TERMS_FILE, terms)


def _read_terms(folder: Path) -> csr_array[np.float32]:
    from scipy.sparse import csr_array, load_npz

    return csr_array(load_npz(folder / TERMS_FILE))


def _is_whole_file(values: np.memmap[Any, Any]) -> bool:
    """Tell an array from the first rows of a file that had room for more."""
    import numpy as np

    return values.filename is not None and np.load(values.filename, mmap_mode="r").shape == values.shape


def _read_inputs(folder: Path, manifest: Mapping[str, Any]) -> Inputs:
    import numpy as np

    modality = Modality(manifest["modality"])
    # Copy-on-write, because torch warns of arrays that cannot be written; nothing writes.
    values = np.load(folder / INPUT_FILES[modality], mmap_mode="c")
    channels = tuple(manifest["inputs"]["channels"])
    if STEPS_FILE not in manifest["files"]:
        return Inputs.of_rows(modality, values, channels=channels)
    starts, lengths = np.load(folder / STEPS_FILE)
    settings = {key: manifest["inputs"][key] for key in TEXT_SETTINGS if key in manifest["inputs"]}
    return Inputs(modality, values, starts, lengths if modality in OF_STEPS else None, channels, settings)


def _read_numbers(path: Path) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    import numpy as np
    import polars as pl

    table = pl.read_parquet(path).drop(CASE_ID)
    return np.ascontiguousarray(table.to_numpy(), dtype=np.float32), tuple(table.columns)
