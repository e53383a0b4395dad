"""Decoding pictures with one worker per core, beside one worker: the ratio is how many times as fast.

Other programs take cores away, so each pair is followed by arithmetic in one process per core and in one alone: more
than these gain, threads cannot.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from benchmarks.comparison import NUM_PAIRS, SHARE_OF_SPEED, Comparison, time_work
from benchmarks.random_images import write_random_images
from reprodx.datasets.image_files import ImageSettings, decode_all

NUM_IMAGES, SIDE = 100, 768
SETTINGS = ImageSettings(size=(224, 224), fit="pad", colour="rgb")
TARGET = 1.7
"""On two cores; more cores give more."""
NUM_SUMMANDS = 5_000_000
SMOKE = {"NUM_IMAGES": 2, "SIDE": 64, "NUM_SUMMANDS": 10}
"""What the constants are in a smoke run, which asks whether it runs at all."""


def measure() -> list[Comparison]:
    """Decode the same files in turn, into a file as preparation does."""
    num_cores = len(os.sched_getaffinity(0))
    with (
        tempfile.TemporaryDirectory() as name,
        ProcessPoolExecutor(num_cores, mp_context=get_context("spawn")) as pool,
    ):
        files = write_random_images(Path(name), NUM_IMAGES, SIDE)
        work = partial(decode_all, files, SETTINGS, path=Path(name, "read.npy"))
        work()
        _processes_gain(pool, num_cores)
        ours, bare, gains = [], [], []
        for _ in range(NUM_PAIRS):
            ours.append(time_work(work))
            bare.append(time_work(partial(work, num_workers=1)))
            gains.append(_processes_gain(pool, num_cores))
    notes = {"processes gained": f"{'  '.join(f'{gain:.2f}' for gain in gains)}  ({statistics.median(gains):.2f} x)"}
    what = f"decoding {NUM_IMAGES} pictures of {SIDE} x {SIDE}, {num_cores} workers; one worker"
    return [Comparison(what, ours, bare, SHARE_OF_SPEED, TARGET, notes)]


def _processes_gain(pool: ProcessPoolExecutor, num_cores: int) -> float:
    work = [NUM_SUMMANDS] * num_cores
    together = time_work(lambda: list(pool.map(_sum, work)))
    alone = time_work(lambda: list(map(_sum, work)))
    return alone.clock / together.clock


def _sum(num_summands: int) -> int:
    return sum(range(num_summands))


if __name__ == "__main__":
    for comparison in measure():
        print(comparison.details())
