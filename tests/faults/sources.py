"""A small, whole source of cases for every reader, made from a seed: a folder, and the configuration that reads it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import wfdb
import yaml
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage

from reprodx.config.targets import instantiate
from reprodx.preparation.prepare import prepare_cases
from reprodx.schemas import Sampling
from reprodx.splits.patient_stratified import PatientStratified
from tests.faults.judging import INPUT, Reading
from tests.faults.tables import Table

CONF = Path(__file__).parents[2] / "conf" / "data"
NUM_CASES = 40
NUM_PICTURES = 16
NUM_RECORDS = 12


def read_as(option: str, root: Path, /, **settings: Any) -> Reading:
    """Prepare what lies in a folder, in `root / "prepared"`, and return what the reader handed on.

    Args:
        option: Of `conf/data`.
        root: Holds the source.
        **settings: Other than the option's.

    Returns:
        The cases; a text is under the name of its column.
    """
    dataset = _Watched(instantiate({**_shipped(option), **settings}, "data"))
    split = PatientStratified(val=0.2, test=0.2, seed=0)
    prepare_cases(dataset, split, root / "prepared", sampling=Sampling.COHORT, fingerprint={})
    assert dataset.reading is not None, "prepare has read"
    return dataset.reading


@cache
def _shipped(option: str) -> dict[str, Any]:
    node: dict[str, Any] = yaml.safe_load((CONF / f"{option}.yaml").read_text(encoding="utf-8"))
    bases = [base.partition("@")[0] for base in node.pop("defaults", []) if base != "_self_"]
    return {key: value for base in bases for key, value in _shipped(base).items()} | node


class _Watched:
    """A dataset that keeps what it handed on."""

    def __init__(self, dataset: Any) -> None:
        self.dataset = dataset
        self.reading: Reading | None = None

    @property
    def acknowledged(self) -> Any:
        return self.dataset.acknowledged

    def read(self, split_column: str | None, *, scratch: Path | None = None) -> Any:
        raw = self.dataset.read(split_column, scratch=scratch)
        self.reading = Reading.of(raw)
        return raw


def patients() -> Table:
    """Return measurements of patients."""
    random = Random(0)
    rows = []
    for number in range(NUM_CASES):
        has_disease = number % 2
        cells = (
            random.randint(30, 89),
            f"{random.uniform(1, 40) + 5 * has_disease:.2f}",
            random.randint(100, 999) / 10,
        )
        sex, ward = random.choice("fm"), random.choice(("north", "south", "east"))
        rows.append((f"P{number + 101}", *map(str, cells), sex, ward, ("no", "yes")[has_disease]))
    return Table(
        ("who", "age", "crp", "weight_kg", "sex", "ward", "outcome"),
        tuple(rows),
        "who",
        "outcome",
        ("age", "crp", "weight_kg"),
        ("sex", "ward"),
    )


def read_patients(folder: Path, file: str) -> Reading:
    """Read a table of patients."""
    return read_as("csv_table", folder, path=str(folder / file), target="outcome", id="who")


def notes() -> Table:
    """Return notes on patients."""
    random = Random(1)
    words = (
        "fever", "cough", "pain", "chest", "knee", "rash",
        "mild", "acute", "chronic", "left", "right,", "worse", "since",
    )  # fmt: skip
    rows = []
    for number in range(NUM_CASES):
        text = f"{' '.join(random.choices(words, k=9))} {('better', 'pneumonia')[number % 2]} {number}"
        rows.append((f"P{number + 101}", text, ("no", "yes")[number % 2]))
    return Table(("who", "note", "outcome"), tuple(rows), "who", "outcome", (), ("note",))


def read_notes(folder: Path, file: str) -> Reading:
    """Read a table of notes."""
    read = read_as("text_table", folder, path=str(folder / file), text="note", target="outcome", id="who")
    renamed = {case_id: {**case, "note": case[INPUT]} for case_id, case in read.cases.items()}
    return Reading(renamed, read.num_left_out)


def predictions() -> Table:
    """Return the predictions of another tool."""
    random = Random(2)
    rows = []
    for number in range(NUM_CASES):
        thousandths = random.randint(1, 999)
        rows.append(
            (
                f"P{number + 101}",
                ("no", "yes")[number % 2],
                f"{1 - thousandths / 1000:.3f}",
                f"{thousandths / 1000:.3f}",
            )
        )
    return Table(
        ("case_id", "y_true", "prob_no", "prob_yes"), tuple(rows), "case_id", "y_true", ("prob_no", "prob_yes")
    )


def write_pictures(folder: Path) -> None:
    """Write photographs in every format, and the table that lists them."""
    random = np.random.default_rng(3)
    lines = ["file,grade"]
    for number in range(NUM_PICTURES):
        pixels = random.integers(0, 256, (20, 24, 3), dtype=np.uint8)
        suffix = ("png", "jpg", "tif", "bmp")[number % 4]
        Image.fromarray(pixels).save(folder / f"eye{number}.{suffix}")
        lines.append(f"eye{number}.{suffix},{(number // 4) % 2}")
    (folder / "table.csv").write_text("\n".join(lines) + "\n")


def write_dicom(folder: Path) -> None:
    """Write DICOM files, and the table that lists them."""
    lines = ["file,grade"]
    for number, pixels in enumerate(scans()):
        (folder / f"scan{number}.dcm").write_bytes(dicom(pixels))
        lines.append(f"scan{number}.dcm,{number % 2}")
    (folder / "table.csv").write_text("\n".join(lines) + "\n")


def scans() -> list[np.ndarray[Any, Any]]:
    """Return the pixels of the DICOM files."""
    random = np.random.default_rng(4)
    return [random.integers(0, 3000, (16, 16), dtype=np.uint16) for _ in range(NUM_PICTURES)]


def dicom(pixels: np.ndarray[Any, Any], **elements: Any) -> bytes:
    """Return a DICOM file of one grey picture."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = SecondaryCaptureImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = "1.2.3"
    dataset.BurnedInAnnotation = "NO"
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit, dataset.PixelRepresentation = 15, 0
    dataset.PixelData = pixels.tobytes()
    for name, value in elements.items():
        setattr(dataset, name, value)
    file = BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


def read_pictures(folder: Path) -> Reading:
    """Read the pictures that the table lists; half of them may be unreadable."""
    places = {"path": str(folder / "table.csv"), "folder": str(folder)}
    return read_as(
        "image_table", folder, **places, image="file", target="grade", size=[20, 24], max_unreadable_share=0.5
    )


def write_records(folder: Path) -> None:
    """Write ECGs of two leads, and the table that lists them."""
    lines = ["record,outcome"]
    for number in range(NUM_RECORDS):
        write_record(folder, f"r{number}", ecg(number))
        lines.append(f"r{number},{number % 2}")
    (folder / "table.csv").write_text("\n".join(lines) + "\n")


def ecg(seed: int, num_steps: int = 300) -> np.ndarray[Any, Any]:
    """Return two leads in mV, shape (steps, 2), with a spike every 80 steps."""
    values = np.random.default_rng(seed).normal(scale=0.05, size=(num_steps, 2))
    values[20::80] += 1.2
    return values


def write_record(folder: Path, name: str, values: np.ndarray[Any, Any]) -> None:
    """Write one record at 100 Hz."""
    wfdb.wrsamp(name, 100, ["mV", "mV"], ["MLII", "V1"], values, fmt=["16", "16"], write_dir=str(folder))


def read_records(folder: Path) -> Reading:
    """Read the records that the table lists; half of them may be unreadable."""
    places = {"path": str(folder / "table.csv"), "folder": str(folder)}
    return read_as("wfdb_records", folder, **places, record="record", target="outcome", max_unreadable_share=0.5)


def write_beats(folder: Path) -> None:
    """Write records with beats of two kinds."""
    for number in range(NUM_RECORDS):
        write_record(folder, f"{number + 100}", ecg(number, 1000))
        samples = np.arange(100, 960, 80)
        symbols = ["N" if (position + number) % 3 else "V" for position in range(len(samples))]
        wfdb.wrann(f"{number + 100}", "atr", samples, symbols, write_dir=str(folder))


def read_beats(folder: Path) -> Reading:
    """Read the beats of all records; half of them may be unreadable."""
    return read_as("wfdb_beats", folder, folder=str(folder), exclude=[], positive=["V"], max_unreadable_share=0.5)


def write_medmnist(folder: Path) -> None:
    """Write an archive in MedMNIST's layout."""
    np.savez_compressed(folder / "set.npz", **medmnist())


def medmnist() -> dict[str, np.ndarray[Any, Any]]:
    """Return its arrays."""
    random = np.random.default_rng(5)
    arrays = {}
    for split, count in {"train": 24, "val": 8, "test": 8}.items():
        arrays[f"{split}_images"] = random.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        arrays[f"{split}_labels"] = (np.arange(count) % 2).astype(np.uint8)[:, None]
    return arrays


def read_medmnist(folder: Path) -> Reading:
    """Read the archive."""
    return read_as("medmnist", folder, path=str(folder / "set.npz"))


@dataclass(frozen=True)
class Stays:
    """Tables of stays: hourly measurements, and who died."""

    series: Table
    outcomes: str


def stays() -> Stays:
    """Return hourly measurements of stays; each step has one row."""
    random = Random(6)
    rows, outcomes = [], ["stay,died"]
    for stay in range(1, NUM_CASES + 1):
        for hour in range(random.randint(3, 6)):
            pressure = "" if random.random() < 0.2 else str(random.randint(50, 110))
            rows.append((f"S{stay}", str(hour), str(random.randint(50, 140)), pressure))
        outcomes.append(f"S{stay},{stay % 2}")
    table = Table(("stay", "hour", "pulse", "pressure"), tuple(rows), "stay", "hour", ("hour", "pulse", "pressure"))
    return Stays(table, "\n".join(outcomes) + "\n")


def read_stays(folder: Path, file: str) -> Reading:
    """Read the stays."""
    (folder / "outcomes.csv").write_text(stays().outcomes)
    places = {"path": str(folder / file), "outcome_path": str(folder / "outcomes.csv")}
    return read_as("time_series_table", folder, **places, id="stay", hour="hour", target="died")
