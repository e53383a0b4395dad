"""How much of a bare loop's speed is left where a network learns to write texts, and what carrying its state saves.

Training: 256 -> 512 -> vocabulary over characters, Adam, batch 64, one thread, random texts of 20 to 120 characters.
Ours is the whole `fit_text`, with validation texts of one batch and a sheet of samples; the bare loop takes the same
mini-batches, already padded. Sampling: one text, each character from the carried state, beside a loop that reads all
that is written again for each; the latter writes fewer characters, because its time grows with their square.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.nn import functional

from benchmarks.comparison import SHARE_OF_SPEED, TIMES_AS_LONG, Comparison, time_work
from reprodx.config.composition import compose, validate
from reprodx.inputs import Inputs, Modality
from reprodx.models.char_rnn import END_TOKEN, CharRNN
from reprodx.training.cases import Cases
from reprodx.training.checkpoint import Checkpoint
from reprodx.training.determinism import reproducible
from reprodx.training.generation.length_batches import LengthBatches
from reprodx.training.generation.text_fit import fit_text
from reprodx.training.generation.text_sampling import sample_texts
from reprodx.training.generation.token_targets import NOT_PREDICTED, TextBatch, TokenTargets

if TYPE_CHECKING:
    from reprodx.config import Config

BATCH_SIZE, NUM_TRAIN = 64, 1280
VOCABULARY_SIZE, NUM_CLASSES = 54, 2
SHORTEST, LONGEST = 20, 120
NUM_WRITTEN, NUM_READ_AGAIN = 10_000, 500
TARGET = 0.9
CELLS = ("rnn", "lstm")
SMOKE = {"BATCH_SIZE": 8, "NUM_TRAIN": 16, "NUM_WRITTEN": 200, "NUM_READ_AGAIN": 10, "CELLS": ("rnn",)}
"""What the constants are in a smoke run, which asks whether it runs at all."""


def make_cases(num_cases: int, seed: int) -> Cases:
    """Return random texts."""
    random = np.random.default_rng(seed)
    lengths = random.integers(SHORTEST, LONGEST, num_cases)
    values = random.integers(2, VOCABULARY_SIZE, lengths.sum()).astype(np.int32)
    inputs = Inputs.of_steps(Modality.TEXT, values, lengths, settings={"max_tokens": LONGEST})
    return Cases(torch.zeros(num_cases, 0), torch.arange(num_cases) % NUM_CLASSES, inputs)


def make_config(cell: str) -> Config:
    overrides = ["model=char_rnn", f"model.cell={cell}", "optimizer=adam", f"trainer.batch_size={BATCH_SIZE}"]
    return validate(compose([*overrides, "trainer.max_epochs=1", "trainer.early_stopping=null"]), components=())


def architecture_of(config: Config) -> dict[str, Any]:
    return {**config.model, "vocabulary_size": VOCABULARY_SIZE, "num_classes": NUM_CLASSES}


def fit_ours(train: Cases, val: Cases, config: Config, folder: Path, numbers: count[int]) -> None:
    with reproducible(num_threads=1):
        fit_text(
            *(train, val, architecture_of(config), config.optimizer, config.scheduler, config.trainer, config.seed),
            checkpoint=Checkpoint(folder / str(next(numbers)), ""),
            on_epoch=lambda _number, _metrics: None,
            on_samples=lambda _number, _texts, _classes: None,
        )


def make_network(config: Config) -> CharRNN:
    torch.manual_seed(0)
    node = architecture_of(config)
    return CharRNN(**{key: value for key, value in node.items() if key not in {"name", "_target_"}})


def padded_batches(train: Cases) -> list[TextBatch]:
    assert train.inputs is not None, "the cases are texts"
    texts = TokenTargets(train.inputs, train.targets)
    return [
        texts.take(rows) for rows in LengthBatches(texts.lengths, BATCH_SIZE, seed=0, epoch=lambda: 1, weights=None)
    ]


def bare_loop(batches: list[TextBatch], config: Config) -> None:
    """Train the same network on the same mini-batches: no validation, no samples, no checks, no checkpoint."""
    network = make_network(config)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.001)
    for tokens, classes, targets in batches:
        optimizer.zero_grad()
        logits = network(tokens, classes)
        loss = functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=NOT_PREDICTED)
        torch.autograd.backward(loss)
        optimizer.step()


def endless(config: Config) -> CharRNN:
    """Return a network that never ends a text."""
    network = make_network(config).eval()
    with torch.no_grad():
        network.head.bias[END_TOKEN] = -1e9
    return network


def write(network: CharRNN, num_tokens: int) -> None:
    [text] = sample_texts(network, np.zeros(1, dtype=np.int64), seed=0, temperature=1.0, max_tokens=num_tokens)
    assert len(text) == num_tokens, "the text goes on"


def write_reading_again(network: CharRNN, num_tokens: int) -> None:
    """Write a text as long, and read its whole beginning for each character."""
    network, tokens, classes = network.double(), torch.zeros(1, 1, dtype=torch.int64), torch.zeros(1, dtype=torch.int64)
    random = torch.Generator().manual_seed(0)
    with torch.inference_mode():
        for _ in range(num_tokens):
            probs = torch.softmax(network(tokens, classes)[:, -1], dim=1)
            tokens = torch.cat([tokens, torch.multinomial(probs, 1, generator=random)], dim=1)


def measure() -> list[Comparison]:
    """Train in turn with the bare loop, and write texts in both ways."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        return [*(_training(cell, Path(name)) for cell in CELLS), _sampling(CELLS[0])]


def _training(cell: str, folder: Path) -> Comparison:
    config, train, val = make_config(cell), make_cases(NUM_TRAIN, seed=0), make_cases(BATCH_SIZE, seed=1)
    ours = partial(fit_ours, train, val, config, folder / cell, count())
    batches = padded_batches(train)
    bare = partial(bare_loop, batches, config)
    ours()
    what = f"training char_rnn ({cell}), batch {BATCH_SIZE}, characters; bare loop in memory"
    comparison = Comparison.in_turn(what, lambda: time_work(ours), lambda: time_work(bare), SHARE_OF_SPEED, TARGET)
    num_tokens = sum(int((batch.targets != NOT_PREDICTED).sum()) for batch in batches)
    speed = num_tokens / min(timing.clock for timing in comparison.ours)
    return replace(comparison, notes={"tokens per second": f"{speed:.0f} at best"})


def _sampling(cell: str) -> Comparison:
    network = endless(make_config(cell))
    write(network, 100)
    tenth = time_work(partial(write, network, NUM_WRITTEN // 10)).clock
    comparison = Comparison.in_turn(
        f"char_rnn ({cell}) writes {NUM_WRITTEN} characters; reading again, {NUM_READ_AGAIN}",
        partial(time_work, partial(write, network, NUM_WRITTEN)),
        partial(time_work, partial(write_reading_again, network, NUM_READ_AGAIN)),
        TIMES_AS_LONG,
        1.0,
    )
    return replace(comparison, notes={f"{NUM_WRITTEN // 10} characters": f"{tenth:.2f} s"})


if __name__ == "__main__":
    for comparison in measure():
        print(comparison.details())
