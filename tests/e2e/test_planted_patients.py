"""Identifiers of patients are planted wherever they may stand, and nothing but the data and the local ids holds them.

The server is a real one. Compressed files are searched unpacked, pictures by the bytes of their file.
"""

from __future__ import annotations

import io
import time
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from PIL import Image, PngImagePlugin

from tests.datasets.test_dicom_files import dicom
from tests.mlflow_server import SECONDS, MlflowServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.project import Project

PERSONS = ("Plantagenet", "Zwiebelfisch")
BIRTHS = ("1931-07-19", "19310719", "19.07.1931")
OTHERS = ("planted@example.org", "PLANTNOTE")
PATIENT, CASE = "MRNX77", "VISITX88"
"""How the ids of patients and of cases begin."""
PLANTED = (*PERSONS, *BIRTHS, *OTHERS)
SMALL = ("model=logistic", "trainer=smoke", "evaluation.num_resamples=100", "evaluation.num_null_draws=100")
NUM_PATIENTS = 40


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MlflowServer]:
    folder = tmp_path / "server"
    folder.mkdir()
    started = MlflowServer(
        folder, "server", f"--backend-store-uri=sqlite:///{folder}/s.db", f"--artifacts-destination={folder}/artifacts"
    )
    yield started
    started.kill()


def write_table(folder: Path) -> None:
    """Write two visits of each patient, with identifiers in every column that is not read, and in ids."""
    folder.mkdir(parents=True)
    draw, rows = np.random.default_rng(0), []
    for number in range(2 * NUM_PATIENTS):
        y, patient = number % 2, number // 2
        rows.append(
            {
                "visit": f"{CASE}{number:04}",
                "mrn": f"{PATIENT}{patient:04}",
                "name": f"{PERSONS[0]}, {chr(65 + patient % 26)}",
                "doctor": PERSONS[1],
                "born": BIRTHS[0],
                "mail": OTHERS[0],
                "note": f"{OTHERS[1]} {BIRTHS[2]} {patient}",
                "age": 30 + patient,
                "crp": round(draw.random() + 0.4 * y, 5),
                "sex": "FM"[patient % 2],
                "file": f"scan{number:04}" + (".dcm" if number else ".png"),
                "disease": y,
            }
        )
    pl.DataFrame(rows).write_csv(folder / "table.csv")
    (folder / "card.md").write_text(f"# Planted\n\nOf {PATIENT}0003 a visit was lost.\n")


def write_pictures(folder: Path) -> None:
    """Write a DICOM for each visit whose header names the patient, and one PNG that does."""
    folder.mkdir()
    draw = np.random.default_rng(0)
    for number in range(2 * NUM_PATIENTS):
        pixels = draw.integers(0, 120 + 90 * (number % 2), (16, 16), dtype=np.uint8)
        own = {
            "PatientName": f"{PERSONS[0].upper()}^{PERSONS[0]}",
            "PatientID": f"{PATIENT}{number // 2:04}",
            "PatientBirthDate": BIRTHS[1],
            "PatientComments": OTHERS[1],
            "ReferringPhysicianName": PERSONS[1],
        }
        (folder / f"scan{number:04}.dcm").write_bytes(dicom(pixels, BurnedInAnnotation="NO", **own))
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", " ".join(PLANTED))
    Image.fromarray(pixels).save(folder / "scan0000.png", pnginfo=text)
    (folder / "scan0000.dcm").unlink()


def holds(content: bytes, names: tuple[str, ...]) -> list[str]:
    """Return which names stand in a file, also packed in a ZIP or a Parquet file, and in UTF-16."""
    parts = [content]
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts += [archive.read(name) for name in archive.namelist()]
    if content.startswith(b"PAR1"):
        parts.append(pl.read_parquet(io.BytesIO(content)).write_csv().encode())
    folded = [part.lower() for part in parts]
    return [
        name
        for name in names
        if any(name.lower().encode(code) in part for part in folded for code in ("utf-8", "utf-16-le"))
    ]


def found_in(folder: Path, names: tuple[str, ...], *, but_for: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Return the files of a folder that hold names, by their paths."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    searched = {name: path for name, path in files.items() if not any(part in name for part in but_for)}
    assert searched, "nothing was searched"
    found = {name: holds(path.read_bytes(), names) for name, path in searched.items()}
    return {name: told for name, told in found.items() if told}


def wait_until_delivered(spool: Path) -> None:
    """Wait until the server has all that was logged."""
    end = time.monotonic() + SECONDS
    while list(spool.glob("*.db")) and time.monotonic() < end:
        time.sleep(0.2)
    assert not list(spool.glob("*.db"))


@pytest.mark.pipeline
def test_what_is_planted_is_found_nowhere_else(project: Project, server: MlflowServer, tmp_path: Path) -> None:
    raw = project.folder / "data/raw/planted"
    write_table(raw)
    write_pictures(raw / "scans")
    place = raw.relative_to(project.folder)
    asked = (
        f"data.path={place}/table.csv",
        "data.target=disease",
        "data.patient=mrn",
        "data.id=visit",
        "data.groups=[sex]",
        f"data.acknowledge.duplicates=[{CASE}0003]",
        f"tracking.uri={server.uri}",
        *SMALL,
    )
    said = project.here("prepare", "data=csv_table", "data.drop=[name,doctor,born,mail,note,file]", *asked)
    pictures = ("data.image=file", "data.size=[16,16]", f"data.folder={place}/scans")
    said += project.here("run", "data=image_table", *pictures, *asked)
    wait_until_delivered(project.folder / ".cache/tracking/spool")
    of_cases = ("predictions.parquet", "explanations.json", "report.html")
    kept = ("data/raw/", ".cache/prepared/", *(f"results/{name}" for name in of_cases))
    assert found_in(project.folder, PLANTED, but_for=("data/raw/",)) == {}
    assert found_in(project.folder, (PATIENT, CASE), but_for=kept) == {}
    assert found_in(tmp_path / "server", (*PLANTED, PATIENT, CASE)) == {}
    assert holds(said.encode(), (*PLANTED, PATIENT)) == []
    # The search finds what is there.
    local = found_in(project.folder, (PATIENT, CASE), but_for=kept[:2])
    assert any(name.endswith("results/predictions.parquet") for name in local)
    logged = [pl.read_parquet(path) for path in (tmp_path / "server").rglob("predictions.parquet")]
    assert [table["case_id"].str.len_chars().unique().to_list() for table in logged] == [[32]]


def test_ids_that_are_names_are_refused_without_telling_them(project: Project) -> None:
    raw = project.folder / "data/raw/planted"
    write_table(raw)
    asked = (f"data.path={raw.relative_to(project.folder)}/table.csv", "data.target=disease", "data.patient=name")
    line = project.refused_here("prepare", "data=csv_table", "data.drop=[visit,mrn,born,file]", *asked, exit_code=3)
    for part in ("id 'name' holds names of persons", "'mail' holds e-mail addresses", "'note' holds full dates"):
        assert part in line
    assert holds(line.encode(), PLANTED) == []
