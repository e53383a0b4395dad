"""Cutting 100,000 beats out of WFDB records, beside reading the same records and annotations with wfdb alone."""

from __future__ import annotations

import argparse
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import wfdb

from benchmarks.comparison import TIMES_AS_LONG, Comparison, time_work
from reprodx.config import instantiate
from reprodx.config.composition import compose, validate

if TYPE_CHECKING:
    from reprodx.datasets.wfdb_beats import WfdbBeats

NUM_RECORDS, NUM_BEATS, MINUTES, RATE = 50, 2000, 30, 360
"""As many records as the MIT-BIH Arrhythmia Database has, as long and at its rate (Hz); beats of one record."""
LEADS = ["MLII", "V1"]
LIMIT = 3
SMOKE = {"NUM_RECORDS": 1, "NUM_BEATS": 50, "MINUTES": 1}
"""What the constants are in a smoke run, which asks whether it runs at all."""


def write_records(folder: Path, num_records: int) -> None:
    """Write records of noise with a beat every 0.9 s, every tenth one ventricular."""
    random = np.random.default_rng(0)
    samples = np.linspace(RATE, (MINUTES * 60 - 1) * RATE, NUM_BEATS).astype(np.int64)
    symbols = np.where(np.arange(NUM_BEATS) % 10, "N", "V")
    for number in range(num_records):
        name = f"record{number:02d}"
        values = random.normal(scale=0.3, size=(MINUTES * 60 * RATE, len(LEADS)))
        # In the format and with the gain of that database.
        layout = {"fmt": ["212"] * 2, "adc_gain": [200.0] * 2, "baseline": [1024] * 2}
        wfdb.wrsamp(name, RATE, ["mV"] * 2, LEADS, values, **layout, write_dir=str(folder))
        wfdb.wrann(name, "atr", samples, symbol=symbols, write_dir=str(folder))


def read_with_wfdb(folder: Path, num_records: int) -> None:
    """Read signals and annotations of all records."""
    for number in range(num_records):
        path = str(folder / f"record{number:02d}")
        wfdb.rdrecord(path)
        wfdb.rdann(path, "atr")


def measure(num_records: int = 0) -> list[Comparison]:
    """Read the same records in turn; `NUM_RECORDS` of them unless another number is given."""
    num_records = num_records or NUM_RECORDS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_records(folder, num_records)
        config = validate(compose(["data=wfdb_beats", f"data.folder={folder}"]), components=("data",))
        dataset: WfdbBeats = instantiate(config.data, "data")
        found = dataset.read(None, scratch=folder)
        return [
            Comparison.in_turn(
                f"cutting {found.cases.height:,} beats of {num_records} records; wfdb reads the records",
                lambda: time_work(partial(dataset.read, None, scratch=folder)),
                lambda: time_work(partial(read_with_wfdb, folder, num_records)),
                TIMES_AS_LONG,
                LIMIT,
            )
        ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=NUM_RECORDS)
    for comparison in measure(parser.parse_args().records):
        print(comparison.details())
