"""`reprodx prepare` of a CSV with a million rows and 30 columns, beside reading, imputing and writing in bare Polars.

Gates and splitting, which the baseline does not have, are reported apart. Memory is compared with the file's size on
two files, so that one can see whether it grows in proportion.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.comparison import NUM_PAIRS, TIMES_AS_LONG, Comparison, Timing, medians
from benchmarks.projects import BENCHMARKS, Measured, fresh_copy, time_command, time_parts
from benchmarks.random_table import TARGET, write_random_table

LIMIT = 2
NUM_CASES = 1_000_000
PARTS = {
    "identical inputs": ["reprodx.preparation.prepare:find_identical_inputs"],
    "split": [
        "reprodx.preparation.prepare:find_units",
        "reprodx.splits.patient_stratified:PatientStratified.assign",
        "reprodx.preparation.prepare:place",
    ],
    "leakage gate": ["reprodx.preparation.prepare:check_leakage"],
    "table 1, flow, hashes": [
        "reprodx.preparation.prepare:table_one",
        "reprodx.preparation.prepare:participant_flow",
        "reprodx.preparation.prepare:sha256_of_path",
        "reprodx.preparation.manifest:sha256_of_table",
    ],
}
APART = ("identical inputs", "split", "leakage gate")


def measure(num_cases: int = NUM_CASES) -> list[Comparison]:
    """Time both in turn on the same file."""
    with tempfile.TemporaryDirectory() as name:
        folder = fresh_copy(Path(name) / "project")
        half, whole = Path(name) / "half.csv", Path(name) / "whole.csv"
        write_random_table(half, num_cases // 2)
        write_random_table(whole, num_cases)
        peaks = {half: prepare(half, folder).peak_bytes}
        ours, bare = [], []
        for _ in range(NUM_PAIRS):
            ours.append(prepare(whole, folder))
            bare.append(time_bare(whole, folder))
        peaks[whole] = max(each.peak_bytes for each in ours)
        memory = {in_megabytes(path): in_times(path, peak) for path, peak in peaks.items()}
    what = f"`reprodx prepare`, {num_cases:,} x 30"
    alike = Comparison(
        f"{what}, without gates and split; Polars",
        [each.without(*APART) for each in ours],
        bare,
        TIMES_AS_LONG,
        LIMIT,
        {**medians([each.parts for each in ours]), **memory},
    )
    return [alike, Comparison(f"{what}, all; Polars", [each.total for each in ours], bare, TIMES_AS_LONG)]


def prepare(table: Path, folder: Path) -> Measured:
    """Prepare a table as if for the first time."""
    shutil.rmtree(folder / ".cache", ignore_errors=True)
    return time_parts(PARTS, ["prepare", "data=csv_table", f"data.path={table}", f"data.target={TARGET}"], folder)


def time_bare(table: Path, folder: Path) -> Timing:
    """Return how long the baseline takes."""
    script = str(BENCHMARKS / "bare_prepare.py")
    return time_command([sys.executable, script, str(table), TARGET, str(folder / "bare.parquet")], folder)


def in_megabytes(path: Path) -> str:
    """Return the size of a file in words."""
    return f"peak, {path.stat().st_size / 1e6:.0f} MB file"


def in_times(path: Path, peak: float) -> str:
    """Return the peak of memory, also as a multiple of the file's size."""
    return f"{peak / 1e6:.0f} MB of memory, {peak / path.stat().st_size:.1f} times the file"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=NUM_CASES)
    for comparison in measure(parser.parse_args().cases):
        print(comparison.details())
