"""`reprodx prepare` of 20,000 pictures, and how its memory grows with their number.

Ten per cent of the pictures are prepared first: memory must not be in proportion to the set. Files that are mapped
into memory are left out, because the machine takes their memory back when it is needed.
`python -m benchmarks.image_prepare`, also with a number of pictures.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.projects import Measured, fresh_copy, time_parts
from benchmarks.random_images import write_random_images

NUM_IMAGES, SMALL_SHARE = 20_000, 0.1
FILE_SIDE, SIDE = 256, 64
"""Pixels per side in the files, and prepared."""
PARTS = {
    "decoding": ["reprodx.datasets.image_table:decode_all"],
    "near duplicates": ["reprodx.preparation.prepare:find_identical_inputs"],
    "leakage gate": ["reprodx.preparation.prepare:check_leakage"],
    "summary and scaling": [
        "reprodx.preparation.case_transform:CaseTransform.fit",
        "reprodx.preparation.case_transform:CaseTransform.apply",
    ],
    "table 1, flow, hashes": [
        "reprodx.preparation.prepare:table_one",
        "reprodx.preparation.prepare:participant_flow",
        "reprodx.preparation.prepare:sha256_of_path",
    ],
}


def prepare(folder: Path, project: Path, num_images: int) -> Measured:
    """Prepare pictures as if for the first time.

    Args:
        folder: Gets the files.
        project: Where reprodx runs.
        num_images: How many pictures.
    """
    folder.mkdir()
    write_random_images(folder, num_images, FILE_SIDE)
    shutil.rmtree(project / ".cache", ignore_errors=True)
    data = {
        "path": folder / "images.csv",
        "folder": folder,
        "image": "image",
        "target": "ill",
        "positive": 1,
        "size": f"[{SIDE},{SIDE}]",
    }
    settings = [f"data.{key}={value}" for key, value in data.items()]
    return time_parts(PARTS, ["prepare", "data=image_table", *settings], project)


def in_words(num_images: int, measured: Measured) -> str:
    """Return times and memory, a line each."""
    own, all_of_it = measured.peak_own_bytes / 1e6, measured.peak_bytes / 1e6
    lines = {
        **{name: f"{part.clock:.1f} s, processor {part.processor:.1f} s" for name, part in measured.parts.items()},
        "memory of its own": f"{own:.0f} MB; with mapped files {all_of_it:.0f} MB",
    }
    total = f"{measured.total.clock:.1f} s, processor {measured.total.processor:.1f} s"
    head = f"preparing {num_images:,} pictures: {total}; load {os.getloadavg()[0]:.1f}"
    return "\n".join([head, *(f"    {name:24} {text}" for name, text in lines.items())])


def main(num_images: int = NUM_IMAGES) -> None:
    with tempfile.TemporaryDirectory() as name:
        project = fresh_copy(Path(name, "project"))
        for number in (int(SMALL_SHARE * num_images), num_images):
            print(in_words(number, prepare(Path(name, str(number)), project, number)), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
