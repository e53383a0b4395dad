"""Small prepared pictures and texts, and generators small enough for them."""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
import torch

from reprodx.artifacts.prepared import PreparedCases
from reprodx.inputs import Inputs, Modality
from reprodx.training.cases import Cases, cases_of
from reprodx.training.checkpoint import Checkpoint
from reprodx.training.determinism import reproducible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprodx.training.generation.fitted_generator import GeneratorFit

SIDE, NUM_CASES = 32, 48
DCGAN = {
    "name": "dcgan",
    "_target_": "reprodx.models.dcgan.DCGAN",
    "latent_size": 4,
    "filters": 2,
    "objective": "non_saturating",
    "label_smoothing": 0.1,
    "spectral_norm": True,
    "conditional": True,
    "ema_decay": 0.5,
}
CHAR_RNN = {
    "name": "char_rnn",
    "_target_": "reprodx.models.char_rnn.CharRNN",
    "cell": "lstm",
    "embedding_size": 4,
    "hidden_size": 6,
    "num_layers": 1,
    "dropout": 0.0,
    "conditional": True,
}


def make_prepared(inputs: Inputs, manifest: dict[str, Any], tokens: tuple[str, ...] = ()) -> PreparedCases:
    """Return cases of two classes in turn, half of them for training."""
    split = ["train", "val", "train", "test"] * (NUM_CASES // 4)
    classes = ["no", "no", "yes", "yes"] * (NUM_CASES // 4)
    cases = pl.DataFrame({"case_id": [str(row) for row in range(NUM_CASES)], "split": split, "y_true": classes})
    manifest = {
        "classes": ["no", "yes"],
        "task": "binary",
        "modality": inputs.modality.value,
        "inputs": {"scaling": None, **manifest},
        "files": {"images.npy": "0", "tokens.npy": "1"},
    }
    features = np.zeros((NUM_CASES, 0), np.float32)
    return PreparedCases(cases, features, (), manifest, features, (), inputs, tokens)


@pytest.fixture(autouse=True)
def deterministic() -> Iterator[None]:
    """Put back what Lightning's Trainer sets for the whole process."""
    with reproducible(1):
        yield


@pytest.fixture
def pictures() -> PreparedCases:
    """Discs, larger in one class."""
    random = np.random.default_rng(0)
    rows, columns = np.mgrid[:SIDE, :SIDE] - SIDE / 2
    radii = np.where(np.arange(NUM_CASES) % 4 >= 2, 12, 6) + random.normal(size=NUM_CASES)
    is_inside = rows**2 + columns**2 < radii[:, None, None] ** 2
    images = (is_inside[..., None] * random.integers(100, 256, (NUM_CASES, 1, 1, 3))).astype(np.uint8)
    return make_prepared(Inputs.of_rows(Modality.IMAGE, images, channels=("red", "green", "blue")), {})


@pytest.fixture
def texts() -> PreparedCases:
    """Words that repeat, other ones in each class."""
    random = np.random.default_rng(0)
    lengths = random.integers(2, 9, NUM_CASES)
    starts = np.where(np.arange(NUM_CASES) % 4 >= 2, 2, 4)
    values = np.concatenate([start + np.arange(length) % 2 for start, length in zip(starts, lengths, strict=True)])
    inputs = Inputs.of_steps(Modality.TEXT, values.astype(np.int32), lengths)
    tokens = ("<padding>", "<unknown>", "\u2581pain", "\u2581fever", "\u2581rash", "\u2581cough")
    return make_prepared(inputs, {"vocabulary_size": len(tokens), "max_tokens": 12}, tokens)


class KilledError(Exception):
    """Stands for whatever kills a training."""


@dataclass(frozen=True)
class TextRun:
    """What one call of `fit_text` gave."""

    fit: GeneratorFit
    epochs: list[tuple[int, dict[str, float]]]
    samples: list[tuple[int, list[list[int]], list[int]]]


@pytest.fixture
def text_cases(texts: PreparedCases) -> tuple[Cases, Cases]:
    """The texts of training and validation."""
    train, val = (cases_of(texts, split) for split in ("train", "val"))
    return train, val


@pytest.fixture
def architecture() -> dict[str, Any]:
    """A network that reads and writes `texts`."""
    node = {key: value for key, value in CHAR_RNN.items() if key != "name"}
    return {**node, "vocabulary_size": 6, "num_classes": 2}


@pytest.fixture
def run_fit(text_cases, architecture, make_config, tmp_path, monkeypatch):
    """Return a function that fits a text generator, in a folder of its own unless one is given."""
    from reprodx.training.generation.text_fit import fit_text

    numbers = itertools.count()
    # Each epoch leaves a checkpoint, however short it is.
    monkeypatch.setattr("reprodx.training.checkpoint.SECONDS_BETWEEN", 0.0)

    def run(*, node=None, seed=0, limit=12, labels=False, folder=None, stop_after=None, **changes) -> TextRun | None:
        config = make_config(**{"batch_size": 8, "max_epochs": 3, **changes})
        train, val = (replace(each, inputs=_limited(each.inputs, limit)) for each in text_cases)
        if labels:
            train, val = (replace(each, targets=torch.ones(len(each), 3)) for each in (train, val))
        checkpoint = Checkpoint(folder or tmp_path / str(next(numbers)), "identity")
        epochs, samples = [], []

        def on_epoch(epoch, metrics):
            if epoch - 1 == stop_after:
                raise KilledError
            epochs.append((epoch, dict(metrics)))

        with reproducible(1), contextlib.suppress(KilledError):
            return TextRun(
                fit_text(
                    *(train, val, node or architecture, config.optimizer, config.scheduler, config.trainer, seed),
                    checkpoint=checkpoint,
                    on_epoch=on_epoch,
                    on_samples=lambda epoch, texts, classes: samples.append(
                        (epoch, [text.tolist() for text in texts], classes.tolist())
                    ),
                ),
                epochs,
                samples,
            )

    return run


def _limited(texts: Inputs, limit: int | None) -> Inputs:
    return replace(texts, settings={} if limit is None else {"max_tokens": limit})


GAN = {
    "name": "gan",
    "_target_": "reprodx.augmentation.generated_images.GeneratedImages",
    "classes": "minority",
    "balance": 1.0,
    "epochs": 2,
    "batch_size": 16,
    "generator": {key: value for key, value in DCGAN.items() if key not in ("name", "_target_")},
    "optimizer": {"lr": 0.001, "betas": [0.5, 0.999]},
    "transforms": None,
    "acknowledge_copies": False,
}


def draw_discs(random: np.random.Generator, num: int) -> np.ndarray:
    """Return discs of any place, size and colour, shape (num, SIDE, SIDE, 3)."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    places, radii = random.uniform(8, 24, (num, 2, 1, 1)), random.uniform(3, 8, (num, 1, 1))
    is_inside = (rows - places[:, 0]) ** 2 + (columns - places[:, 1]) ** 2 < radii**2
    return (is_inside[..., None] * random.integers(60, 256, (num, 1, 1, 3))).astype(np.uint8)


@pytest.fixture
def rare() -> PreparedCases:
    """Discs of 120 patients, of which few are of the second class; one feature tells the classes apart."""
    random, num = np.random.default_rng(1), 120
    classes = np.where(np.arange(num) % 5 == 4, "yes", "no")
    ids = [f"p{row}" for row in range(num)]
    split = np.resize(["train", "train", "val", "train", "test", "val"], num)
    cases = pl.DataFrame({"case_id": ids, "patient_id": ids, "split": split, "y_true": classes})
    manifest = {
        "classes": ["no", "yes"],
        "task": "binary",
        "modality": "image",
        "inputs": {"scaling": {"mean": [0.1] * 3, "std": [0.3] * 3}},
        "files": {"images.npy": "0"},
    }
    features = np.stack([classes == "yes", np.arange(num)], axis=1).astype(np.float32)
    inputs = Inputs.of_rows(Modality.IMAGE, draw_discs(random, num), channels=("red", "green", "blue"))
    return PreparedCases(cases, features, ("is_yes", "row"), manifest, features, ("is_yes", "row"), inputs)


@pytest.fixture
def gan() -> dict[str, Any]:
    """The section `augmentation` that adds generated discs of the rare class."""
    return GAN


@pytest.fixture
def new_discs() -> np.ndarray:
    """Forty discs like those of `rare`, and none of them."""
    return draw_discs(np.random.default_rng(2), 40)
