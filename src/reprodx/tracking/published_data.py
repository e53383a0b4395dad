"""Files that git tracks and that may be of patients: whoever clones the repository has them."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from reprodx.tracking.git import ask_git

if TYPE_CHECKING:
    from pathlib import Path

TABLES = (
    *(".arff", ".csv", ".feather", ".jsonl", ".ods", ".parquet", ".sas7bdat", ".sav", ".tsv", ".xls", ".xlsx"),
    *(".db", ".sqlite", ".ipynb"),
)
"""A notebook keeps what it showed."""
MEASURED = (
    *(".dcm", ".dicom", ".ima", ".mha", ".nii", ".nrrd", ".svs"),
    *(".atr", ".bdf", ".dat", ".edf", ".hea", ".npy", ".npz"),
)
PICTURES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp", ".txt", ".zip", ".gz", ".json")
"""Patients' where they lie among data; elsewhere the figures and papers of a project."""
PACKED = (".gz", ".zip", ".bz2", ".xz")
DATA = "data/"
SHIPPED = ("data/raw/heart_disease/", "results/test_openings.csv", "tests/")
"""What comes with reprodx: public, or made up."""


def published_data(root: Path) -> list[str]:
    """Return the files below a folder that git tracks, that may be of patients, and that do not ship.

    Args:
        root: The root of the project.

    Returns:
        Names from there, in order; none outside of git.
    """
    names = ask_git(root, "ls-files", "-z").split("\0")
    return sorted(name for name in names if name and not name.startswith(SHIPPED) and _may_be_of_patients(name))


def _may_be_of_patients(name: str) -> bool:
    path = PurePosixPath(name.lower())
    ending = path.with_suffix("").suffix or path.suffix if path.suffix in PACKED else path.suffix
    return ending in (*TABLES, *MEASURED) or (name.startswith(DATA) and path.suffix in PICTURES)
