"""`python -m benchmarks`: every comparison with its raw seconds, then one table. Takes about an hour."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version

from benchmarks import (
    beats_speed,
    char_rnn_speed,
    decode_speed,
    first_repro,
    gan_speed,
    image_prepare,
    modality_training,
    model_comparison,
    no_op_repro,
    prepare_speed,
    search_against_grid,
    start_up,
    text_baseline,
    tracking_share,
    training_speed,
)
from benchmarks.comparison import TABLE_HEAD
from reprodx.start import start

BENCHMARKS = (
    *(start_up, no_op_repro, first_repro, prepare_speed, training_speed, tracking_share),
    *(modality_training, gan_speed, char_rnn_speed, decode_speed, beats_speed, model_comparison, text_baseline),
    search_against_grid,
)
VERSIONS = ("torch", "pytorch-lightning", "mlflow", "dvc", "polars")


def main() -> None:
    names = ", ".join(f"{name} {version(name)}" for name in VERSIONS)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; Python {platform.python_version()}, {names}\n")
    rows = []
    for benchmark in BENCHMARKS:
        for comparison in benchmark.measure():
            print(comparison.details(), end="\n\n", flush=True)
            rows.append(comparison.row())
    image_prepare.main()
    print(TABLE_HEAD, *rows, f"\nload {os.getloadavg()[0]:.1f}", sep="\n")


if __name__ == "__main__":
    start()
    main()
