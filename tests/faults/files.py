"""Mutants of a folder of files: pictures, DICOM, WFDB records and beats, MedMNIST's archive, measurements over time."""

from __future__ import annotations

import itertools
import math
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from io import BytesIO
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import wfdb
from PIL import Image

from tests.faults import sources, tables
from tests.faults.judging import CLASS, INPUT, Judge, Reading, Value, as_before, as_one_of, folded
from tests.faults.tables import TableMutant, numbers, plain, spoil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from random import Random


NO_CHECKSUM = {
    ".jpg": "JPEG has no checksum",
    ".bmp": "BMP has no checksum",
    ".tif": "TIFF has no checksum",
    ".dcm": "DICOM has no checksum",
    ".atr": "annotations have no checksum",
    ".hea": "a header has no checksum of its own",
}
"""Why nobody can tell that bytes of a file were spoiled, by its ending."""


@dataclass(frozen=True)
class FileMutant:
    """What was done to a folder, and what may be read of it; without a judge whatever is read is wrong."""

    name: str
    judge: Judge | None
    unseen: str | None = None
    """Why nobody can tell that what is read differs; then the judge's complaint is listed by this, not counted."""


def mutate_pictures(folder: Path, random: Random, original: Reading) -> FileMutant:
    """Spoil one picture, or write it in another form of the same content."""
    file = random.choice(sorted(folder.glob("eye*")))
    same = as_before(original)
    if random.random() < 0.5:
        return _spoiled(file, random, same)
    if file.suffix == ".jpg":
        file = file.with_name("eye0.png")
    with Image.open(file) as opened:
        pixels = np.asarray(opened.convert("RGB"))
    image = Image.fromarray(pixels)
    forms: dict[str, Callable[[], bytes]] = {
        "PNG": lambda: _saved(image, "PNG"),
        "TIFF by LZW": lambda: _saved(image, "TIFF", compression="tiff_lzw"),
        "TIFF in strips": lambda: _saved(image, "TIFF", compression="tiff_adobe_deflate"),
        "WebP without loss": lambda: _saved(image, "WEBP", lossless=True),
        "opaque": lambda: _saved(image.convert("RGBA"), "PNG"),
        "with EXIF": lambda: _saved(image, "PNG", exif=Image.Exif()),
        "PPM": lambda: _saved(image, "PPM"),
        "a picture of no size": lambda: b"P6\n0 0\n255\n",
        "a text": lambda: b"eye0.png is lost",
        "GIF": lambda: _saved(image.quantize(16), "GIF"),
        "a web page": lambda: b"<html><body>404</body></html>",
        "NaN": lambda: _saved(
            Image.fromarray(np.where(pixels[..., 0] > 200, np.nan, pixels[..., 0]).astype(np.float32)), "TIFF"
        ),
        "a bomb": lambda: b"P6\n99999 99999\n255\n" + bytes(100),
        "of no samples": lambda: b"\x89PNG\r\n\x1a\n",
    }
    name = random.choice(list(forms))
    file.write_bytes(forms[name]())
    return FileMutant(f"form: {name}", same, "other values by design" if name in ("GIF", "NaN") else None)


def mutate_dicom(folder: Path, random: Random, original: Reading) -> FileMutant:
    """Spoil one DICOM file, or give it an odd element."""
    file = random.choice(sorted(folder.glob("scan*")))
    same = as_before(original)
    if random.random() < 0.6:
        return _spoiled(file, random, same)
    pixels = sources.scans()[int(re.sub(r"\D", "", file.stem))]
    elements = {
        "a window of no width": {"WindowCenter": 1000, "WindowWidth": 0},
        "a window of negative width": {"WindowCenter": 1000, "WindowWidth": -5},
        "slope 1": {"RescaleSlope": 1, "RescaleIntercept": 0},
        "an empty window": {"WindowCenter": "", "WindowWidth": ""},
        "padding that is absent": {"PixelPaddingValue": 65535},
        "slope of no number": {"RescaleSlope": "", "RescaleIntercept": ""},
        "one frame": {"NumberOfFrames": 1},
        "no frame": {"NumberOfFrames": 0},
        "rows of nothing": {"Rows": 0},
        "too many rows": {"Rows": 60000},
        "3 samples": {"SamplesPerPixel": 3},
        "an unknown photometry": {"PhotometricInterpretation": "ODD"},
    }
    name = random.choice(list(elements))
    file.write_bytes(sources.dicom(pixels, **elements[name]))
    return FileMutant(f"element: {name}", same)


def mutate_records(folder: Path, random: Random, original: Reading) -> FileMutant:
    """Spoil one record's header or samples, or write it in another form."""
    name = f"r{random.randrange(sources.NUM_RECORDS)}"
    return _mutate_wfdb(folder, name, random, as_before(original), 300)


def mutate_beats(folder: Path, random: Random, original: Reading) -> FileMutant:
    """Spoil one record's header, samples or annotations, or write it in another form."""
    name = str(random.randrange(sources.NUM_RECORDS) + 100)
    if random.random() < 0.4:
        return _spoiled(folder / f"{name}.atr", random, as_before(original))
    return _mutate_wfdb(folder, name, random, as_before(original), 1000)


def _mutate_wfdb(folder: Path, name: str, random: Random, same: Judge, num_steps: int) -> FileMutant:
    if random.random() < 0.5:
        file = folder / f"{name}.{random.choice(('hea', 'dat'))}"
        return _spoiled(file, random, same)
    header = folder / f"{name}.hea"
    text = header.read_text()
    values = sources.ecg(int(re.sub(r"\D", "", name)) - (100 if name.isdigit() else 0), num_steps)

    def in_microvolts() -> bytes:
        wfdb.wrsamp(name, 100, ["uV", "uV"], ["MLII", "V1"], values * 1000, fmt=["16", "16"], write_dir=str(folder))
        return header.read_bytes()

    forms: dict[str, Callable[[], bytes]] = {
        "CRLF": lambda: text.replace("\n", "\r\n").encode(),
        "comments": lambda: (text + "# age: 60\n# Dx: none\n").encode(),
        "uV": in_microvolts,
        "micro sign": lambda: in_microvolts().replace(b"uV", "\u00b5V".encode()),
        "Greek mu": lambda: in_microvolts().replace(b"uV", "\u03bcV".encode()),
        "Latin-1 micro sign": lambda: in_microvolts().replace(b"uV", b"\xb5V"),
        "microvolts": lambda: in_microvolts().replace(b"uV", b"microvolts"),
        "capitals": lambda: text.replace("mV", "MV").encode(),
        "no unit": lambda: text.replace("/mV", "").encode(),
        "an unknown unit": lambda: text.replace("mV", "furlong").encode(),
        "another checksum": lambda: re.sub(r" (-?\d+) 0 (MLII|V1)", r" 12345 0 \2", text).encode(),
        "two leads of one name": lambda: text.replace("V1", "MLII").encode(),
        "two leads of one name but for capitals": lambda: text.replace("V1", "mlii").encode(),
        "no names": lambda: text.replace(" MLII", "").replace(" V1", "").encode(),
        "gain 0": lambda: re.sub(r"16 [\d.]+", "16 0", text).encode(),
        "no rate": lambda: re.sub(r"^(\S+ 2) 100", r"\1", text).encode(),
        "rate 0": lambda: re.sub(r"^(\S+ 2) 100", r"\1 0", text).encode(),
        "rate nan": lambda: re.sub(r"^(\S+ 2) 100", r"\1 nan", text).encode(),
        "a file elsewhere": lambda: text.replace(f"{name}.dat", f"../{name}.dat").encode(),
        "an endless length": lambda: re.sub(rf"^(\S+ 2 100) {num_steps}", r"\1 999999999999", text).encode(),
        "no lead": lambda: re.sub(r"^(\S+) 2", r"\1 0", text).encode(),
        "an unknown format": lambda: text.replace(" 16 ", " 999 ").encode(),
        "a missing segment": lambda: f"{name}/2 2 100 {num_steps}\nnothing 100\n{name}x {num_steps - 100}\n".encode(),
        "itself as a segment": lambda: f"{name}/1 2 100 {num_steps}\n{name} {num_steps}\n".encode(),
    }
    kind = random.choice(list(forms))
    header.write_bytes(forms[kind]())
    unseen = "no header says so" if kind in ("no rate", "rate 0") else None
    return FileMutant(f"header: {kind}", same, unseen)


def mutate_medmnist(folder: Path, random: Random, original: Reading) -> FileMutant:
    """Spoil the archive, or write arrays of other shapes and types."""
    file = folder / "set.npz"
    if random.random() < 0.5:
        return _spoiled(file, random, as_before(original))
    arrays: dict[str, Any] = sources.medmnist()
    labels, images = arrays["train_labels"], arrays["train_images"]
    odd: dict[str, dict[str, Any]] = {
        "labels in one row": {"train_labels": labels[:, 0]},
        "wide integers": {"train_labels": labels.astype(np.int64)},
        "whole floats": {"train_labels": labels.astype(np.float64)},
        "big-endian labels": {"train_labels": labels.astype(">i4")},
        "negative labels": {"train_labels": -labels.astype(np.int16)},
        "labels with NaN": {"train_labels": np.where(labels == 1, np.nan, 0.0)},
        "half labels": {"train_labels": labels + 0.5},
        "text labels": {"train_labels": labels.astype(str)},
        "labels of objects": {"train_labels": labels.astype(object)},
        "huge labels": {"train_labels": labels.astype(np.int64) * 2**40},
        "a label fewer": {"train_labels": labels[1:]},
        "labels of truth": {"train_labels": labels.astype(bool)},
        "no labels": {"train_labels": labels[:, :0]},
        "cubic labels": {"train_labels": labels[:, :, None]},
        "float pictures": {"train_images": images / 255.0},
        "wide pictures": {"train_images": images.astype(np.uint16) * 256},
        "signed pictures": {"train_images": images.astype(np.int8)},
        "complex pictures": {"train_images": images.astype(np.complex64)},
        "other size in test": {"test_images": arrays["test_images"][:, :14, :14]},
        "pictures of colour in test": {"test_images": np.stack([arrays["test_images"]] * 3, axis=-1)},
        "pictures of two channels": {
            name: np.stack([arrays[name]] * 2, axis=-1) for name in arrays if "images" in name
        },
        "volumes": {name: np.stack([arrays[name]] * 28, axis=-1) for name in arrays if "images" in name},
        "no picture": {"val_images": arrays["val_images"][:0], "val_labels": arrays["val_labels"][:0]},
        "a number": {"train_images": np.uint8(7)},
        "Fortran order": {"train_images": np.asfortranarray(images)},
        "further arrays": {"notes": np.arange(3)},
    }
    name = random.choice([*odd, "an array is absent", "not compressed"])
    arrays |= odd.get(name, {})
    if name == "an array is absent":
        del arrays[random.choice(list(arrays))]
    (np.savez if name == "not compressed" else np.savez_compressed)(file, **arrays)
    if name == "no picture":
        # Nothing of it is there to be counted.
        original = replace(original, cases={key: case for key, case in original.cases.items() if "val" not in key})
    return FileMutant(f"arrays: {name}", as_before(original))


def mutate_stays(random: Random) -> TableMutant:
    """Return a mutant of the table of measurements."""
    return tables.mutate(SeriesOf(**vars(sources.stays().series)), random)


@dataclass(frozen=True)
class SeriesOf(tables.Table):
    """A table of measurements over time, of which each stay is a case."""

    is_by_case: ClassVar[bool] = False

    def meaning(self) -> Judge | None:
        """Return the judge: each stay's array holds what was measured in each step, or the mean of it.

        None where no column tells stay or hour.
        """
        header = [name.strip() for name in self.header]
        if not {self.id, self.target} <= set(header):
            return None
        died = dict(line.split(",") for line in sources.stays().outcomes.splitlines()[1:])
        names = tuple(name for name in header if name not in (self.id, self.target))
        measured: dict[str, list[tuple[tuple[Value, ...], list[tuple[Value, ...]]]]] = defaultdict(list)
        for row in self.rows:
            cells = dict(zip(header, (*row, *[""] * (len(header) - len(row))), strict=False))
            # What was measured at no time is left out, and counted.
            hour = (None,) if "inf" in cells["hour"] or _is_huge(cells["hour"]) else numbers(cells["hour"])
            measured[plain(cells["stay"])].append((hour, [numbers(cells[name]) for name in names]))
        known = {folded(stay): stay for stay in died}
        inputs = {stay: tuple(_arrays(rows)) for stay, rows in measured.items()}
        return as_one_of(
            {
                folded(stay): {CLASS: (died[known[folded(stay)]],), INPUT: arrays}
                for stay, arrays in inputs.items()
                if folded(stay) in known
            }
        )


def _is_huge(cell: str) -> bool:
    """Return whether so many digits, or such a power of ten, make an infinite hour."""
    return re.fullmatch(r"\d+(?:[eE]\d+)?", cell, re.ASCII) is not None and float(cell) == math.inf


def _arrays(rows: list[tuple[tuple[Value, ...], list[tuple[Value, ...]]]]) -> Iterable[Value]:
    """Return every array that the rows of a stay can mean."""
    choices = [list(itertools.product(hour, *values)) for hour, values in rows]
    for picked in itertools.islice(itertools.product(*choices), 200):
        steps: dict[int, list[tuple[Value, ...]]] = defaultdict(list)
        for hour, *values in picked:
            if isinstance(hour, float) and 0 <= hour < 10_000:
                steps[math.ceil(hour)].append(tuple(values))
        if not steps:
            continue
        array = np.full((max(steps) + 1, len(picked[0]) - 1), np.nan)
        for step, several in steps.items():
            for column, of_column in enumerate(zip(*several, strict=True)):
                there = [value for value in of_column if isinstance(value, float)]
                array[step, column] = np.mean(there) if there else np.nan
        is_measured = ~np.isnan(array).all(axis=1)
        if is_measured.any():
            yield array.shape, array.tobytes()
            last = int(np.flatnonzero(is_measured)[-1]) + 1
            yield array[:last].shape, array[:last].tobytes()


def _saved(image: Image.Image, form: str, **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def _spoiled(file: Path, random: Random, judge: Judge) -> FileMutant:
    kind = random.choices(("bytes", "gone", "a folder"), (20, 1, 1))[0]
    content = file.read_bytes()
    if kind != "bytes":
        file.unlink()
        if kind == "a folder":
            file.mkdir()
        return FileMutant(f"file: {kind}", judge)
    name, spoiled = spoil(content, random)
    file.write_bytes(spoiled)
    return FileMutant(f"bytes of {file.suffix}: {name}", judge, NO_CHECKSUM.get(file.suffix))
