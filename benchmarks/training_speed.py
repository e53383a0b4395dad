"""How much of a bare PyTorch loop's speed is left with validation, checkpoints, progress and tracking.

20,000 training cases, 30 features, a 64-32 perceptron, Adam, one thread. Each pair runs the bare loop and reprodx one
after the other; ratios are the median of bare seconds over ours in a pair, so 1 is as fast and more is faster. Seconds
are given twice: by the clock, and of processor time, which other programs on the machine disturb less. Ours is the
whole `fit`: set-up, epochs, and writing the model. `python -m benchmarks.training_speed`, also with batch sizes.
"""

from __future__ import annotations

import io
import logging
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import torch

from benchmarks.bare_loop import bare_loop
from benchmarks.comparison import NUM_PAIRS, SHARE_OF_SPEED, Comparison, time_work
from reprodx.artifacts.prepared import PreparedCases
from reprodx.config.composition import compose, validate
from reprodx.tracking.runs import RunDescription, start_run
from reprodx.tracking.store import open_store
from reprodx.training.fit import fit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reprodx.config import Config
    from reprodx.tracking.store import Store

NUM_TRAIN, NUM_VAL, NUM_FEATURES = 20_000, 2_000, 30
EPOCHS_BY_BATCH_SIZE = {64: 30, 256: 100, 1024: 220}
"""So that each run takes about three seconds."""
SMOKE = {"NUM_TRAIN": 1200, "NUM_VAL": 100, "EPOCHS_BY_BATCH_SIZE": {1024: 1}, "TRACKING": "none"}
"""What the constants are in a smoke run, which asks whether it runs at all."""
TRACKING = "mlflow"
TARGETS = {64: 0.85, 256: 0.90, 1024: 0.90}

OURS, BARE, BARE_VALIDATING = "reprodx", "bare loop", "bare loop that validates"


class FakeTerminal(io.StringIO):
    """Takes the progress bar as a terminal would."""

    def isatty(self) -> bool:
        """Claim to be one."""
        return True


def make_cases() -> PreparedCases:
    random = np.random.default_rng(0)
    features = random.normal(size=(NUM_TRAIN + NUM_VAL, NUM_FEATURES)).astype(np.float32)
    is_ill = features[:, :5].sum(axis=1) + random.normal(size=len(features)) > 0
    split = ["train"] * NUM_TRAIN + ["val"] * NUM_VAL
    cases = pl.DataFrame({"split": split, "y_true": np.where(is_ill, "ill", "well")})
    names = tuple(f"feature{column}" for column in range(NUM_FEATURES))
    manifest = {"classes": ["well", "ill"], "modality": "table", "task": "binary"}
    return PreparedCases(cases, features, names, manifest)


def make_config(batch_size: int) -> Config:
    overrides = [
        "model=mlp",
        "model.dropout=0",
        "optimizer=adam",
        f"trainer.batch_size={batch_size}",
        f"trainer.max_epochs={EPOCHS_BY_BATCH_SIZE[batch_size]}",
        "trainer.early_stopping=null",
        "trainer.num_threads=1",
        f"tracking={TRACKING}",
    ]
    return validate(compose(overrides), components=())


def fit_tracked(prepared: PreparedCases, config: Config, folder: Path, store: Store | None) -> None:
    """Fit as `reprodx train` does, with a progress bar and a tracked run."""
    terminal, sys.stderr = sys.stderr, FakeTerminal()
    description = RunDescription(experiment="speed", name="mlp", config_hash="speed", params={}, tags={})
    try:
        with start_run(store, description) as run:
            fit(
                prepared,
                config,
                models_folder=folder / "models",
                checkpoint_folder=folder / "checkpoint",
                on_epoch=run.log_epoch,
                on_samples=lambda _number, _samples, _classes: None,
            )
        shutil.rmtree(folder / "checkpoint", ignore_errors=True)
    finally:
        sys.stderr = terminal


def measure(batch_sizes: Sequence[int] = ()) -> list[Comparison]:
    """Train in turn with each batch size, all unless some are given: bare, bare with validation, and ours."""
    comparisons = []
    logging.basicConfig(level=logging.WARNING)
    torch.set_num_threads(1)
    prepared = make_cases()
    labels = torch.from_numpy(prepared.targets.astype(np.float32))
    features = torch.from_numpy(prepared.features)
    train, val = (features[:NUM_TRAIN], labels[:NUM_TRAIN]), (features[NUM_TRAIN:], labels[NUM_TRAIN:])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        warm_up = make_config(1024)
        store = open_store(warm_up.tracking, folder)
        fit_tracked(prepared, warm_up, folder, store)
        for batch_size in batch_sizes or EPOCHS_BY_BATCH_SIZE:
            config = make_config(batch_size)
            settings = {"batch_size": batch_size, "num_epochs": EPOCHS_BY_BATCH_SIZE[batch_size]}
            contestants = {
                BARE: partial(bare_loop, train, val, **settings, validates=False),
                BARE_VALIDATING: partial(bare_loop, train, val, **settings, validates=True),
                OURS: partial(fit_tracked, prepared, config, folder, store),
            }
            rounds = [{name: time_work(work) for name, work in contestants.items()} for _ in range(NUM_PAIRS)]
            for baseline, target in ((BARE, TARGETS[batch_size]), (BARE_VALIDATING, None)):
                ours, bare = ([each[name] for each in rounds] for name in (OURS, baseline))
                what = f"training, batch {batch_size}; {baseline}"
                comparisons.append(Comparison(what, ours, bare, SHARE_OF_SPEED, target))
    return comparisons


if __name__ == "__main__":
    asked = [int(text) for text in sys.argv[1:]]
    if unknown := set(asked) - set(EPOCHS_BY_BATCH_SIZE):
        sys.exit(f"no batch size {min(unknown)}: choose from {', '.join(map(str, EPOCHS_BY_BATCH_SIZE))}")
    for comparison in measure(asked):
        print(comparison.details())
