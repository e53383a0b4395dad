"""How much of a bare PyTorch loop's speed is left where networks take pictures and signals.

A convolutional network on pictures of 64 x 64 pixels and an LSTM on signals of 100 steps, Adam, batch 64, one thread.
Ours is the whole `fit`, with validation cases of one batch. Pictures lie in a file that is mapped into memory, as
training has them, or in memory, where the bare loop always has them.
"""

from __future__ import annotations

import shutil
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import torch
from torch.nn import functional

from benchmarks.comparison import NUM_PAIRS, SHARE_OF_SPEED, Comparison, time_work
from benchmarks.random_images import random_images
from reprodx.artifacts.prepared import INPUT_FILES, PreparedCases
from reprodx.config.composition import compose, validate
from reprodx.inputs import Inputs, Modality
from reprodx.training.architecture import architecture_of, build_network, scaling_of
from reprodx.training.fit import fit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.config import Config

BATCH_SIZE, NUM_TRAIN = 64, 2560
NUM_CASES = NUM_TRAIN + BATCH_SIZE
IMAGE_SIDE, NUM_STEPS = 64, 100
EPOCHS = {Modality.IMAGE: 1, Modality.SIGNAL: 5}
MODELS = {Modality.IMAGE: "cnn", Modality.SIGNAL: "lstm"}
TARGET = 0.9
SMOKE = {"NUM_TRAIN": 64, "NUM_CASES": 128, "EPOCHS": dict.fromkeys(EPOCHS, 1)}
"""What the constants are in a smoke run, which asks whether it runs at all."""


def make_values(modality: Modality) -> NDArray[Any]:
    """Return random pictures or signals of two leads."""
    if modality == Modality.IMAGE:
        return np.stack(list(random_images(NUM_CASES, IMAGE_SIDE)))
    return np.random.default_rng(0).normal(size=(NUM_CASES, NUM_STEPS, 2)).astype(np.float32)


def make_cases(modality: Modality, values: NDArray[Any]) -> PreparedCases:
    """Return training cases and one batch of validation cases, every other one ill."""
    cases = pl.DataFrame({
        "split": ["train"] * NUM_TRAIN + ["val"] * BATCH_SIZE,
        "y_true": ["well", "ill"] * (NUM_CASES // 2),
    })  # fmt: skip
    channels = tuple("rgb") if modality == Modality.IMAGE else ("I", "II")
    scaling = {"mean": [0.5] * len(channels), "std": [0.25] * len(channels)}
    manifest = {
        "classes": ["well", "ill"],
        "modality": modality.value,
        "task": "binary",
        "inputs": {"channels": list(channels), "scaling": scaling},
        "files": {INPUT_FILES[modality]: ""},
    }
    inputs = Inputs.of_rows(modality, values, channels=channels)
    return PreparedCases(cases, np.empty((NUM_CASES, 0), np.float32), (), manifest, inputs=inputs)


def make_config(modality: Modality) -> Config:
    overrides = [
        f"model={MODELS[modality]}",
        "optimizer=adam",
        f"trainer.batch_size={BATCH_SIZE}",
        f"trainer.max_epochs={EPOCHS[modality]}",
        "trainer.early_stopping=null",
        "trainer.num_threads=1",
    ]
    return validate(compose(overrides), components=())


def fit_ours(prepared: PreparedCases, config: Config, folder: Path) -> None:
    fit(
        prepared,
        config,
        models_folder=folder / "models",
        checkpoint_folder=folder / "checkpoint",
        on_epoch=lambda _number, _metrics: None,
        on_samples=lambda _number, _samples, _classes: None,
    )
    shutil.rmtree(folder / "checkpoint", ignore_errors=True)


def bare_loop(prepared: PreparedCases, config: Config, values: torch.Tensor) -> None:
    """Train the same network on tensors in memory: no validation, no seeds per epoch, no checks, no checkpoint."""
    torch.manual_seed(0)
    architecture = architecture_of(config.model, prepared, num_outputs=1, seed=0)
    network = build_network(architecture, prepared.modality, scaling_of(config.model, prepared))
    optimizer = torch.optim.Adam(network.parameters(), lr=0.001)
    labels = torch.from_numpy(prepared.targets.astype(np.float32))
    for _ in range(EPOCHS[prepared.modality]):
        for rows in torch.randperm(NUM_TRAIN).split(BATCH_SIZE):
            batch = values[rows]
            if batch.dtype == torch.uint8:
                batch = batch.permute(0, 3, 1, 2).float() / 255
            optimizer.zero_grad()
            loss = functional.binary_cross_entropy_with_logits(network(batch).flatten(), labels[rows])
            loss.backward()
            optimizer.step()


def measure() -> list[Comparison]:
    """Train in turn on pictures, mapped and in memory, and on signals, each beside the bare loop."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        return [comparison for modality in EPOCHS for comparison in _compare(modality, Path(name))]


def _compare(modality: Modality, folder: Path) -> list[Comparison]:
    values, path, config = make_values(modality), folder / INPUT_FILES[modality], make_config(modality)
    np.save(path, values)
    stored = {"mapped": np.load(path, mmap_mode="c"), "in memory": values}
    cases = {where: make_cases(modality, each) for where, each in stored.items()}
    contestants = {
        "bare": partial(bare_loop, cases["in memory"], config, torch.from_numpy(values)),
        **{where: partial(fit_ours, each, config, folder) for where, each in cases.items()},
    }
    contestants["mapped"]()
    rounds = [{name: time_work(work) for name, work in contestants.items()} for _ in range(NUM_PAIRS)]
    bare = [each["bare"] for each in rounds]
    what = f"training {MODELS[modality]}, batch {BATCH_SIZE}, {modality}s"
    return [
        Comparison(
            f"{what} {where}; bare loop in memory", [each[where] for each in rounds], bare, SHARE_OF_SPEED, TARGET
        )
        for where in stored
    ]


if __name__ == "__main__":
    for comparison in measure():
        print(comparison.details())
