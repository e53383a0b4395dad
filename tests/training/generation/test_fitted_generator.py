"""A generator is written down and read again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from reprodx.errors import ArtifactCorruptError, ArtifactMissingError
from reprodx.training.architecture import build_network
from reprodx.training.generation.fitted_generator import (
    WEIGHTS,
    GeneratorFit,
    load_generator,
    save_generator,
    text_inputs,
)
from reprodx.training.generation.generator_fit import generator_architecture
from reprodx.training.model_folder import DESCRIPTION
from tests.training.generation.conftest import CHAR_RNN, DCGAN, SIDE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reprodx.artifacts.prepared import PreparedCases

HISTORY = ({"train/loss": 2.0}, {"train/loss": 1.0})
CLASSES = np.array([0, 1, 1, 0])


@pytest.fixture
def save(tmp_path: Path) -> Callable[[PreparedCases, dict[str, object]], Path]:
    def write(prepared: PreparedCases, model: dict[str, object]) -> Path:
        torch.manual_seed(0)
        architecture = generator_architecture(model, prepared)
        network = build_network(architecture, prepared.modality, None)
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.mul_(30)  # At its initial weights a generator makes the same grey of all noise.
        fit = GeneratorFit(network, 2, 1, HISTORY, ("mode collapse from epoch 2",))
        save_generator(tmp_path / "models", fit, architecture, prepared)
        return tmp_path / "models"

    return write


def test_pictures_are_like_those_that_were_prepared(save, pictures: PreparedCases) -> None:
    generator = load_generator(save(pictures, DCGAN))
    made = generator.sample(CLASSES, seed=0, temperature=1.0)
    assert made.values.shape == (4, SIDE, SIDE, 3)
    assert made.values.dtype == np.uint8
    assert made.channels == ("red", "green", "blue")
    assert generator.warnings == ("mode collapse from epoch 2",)
    assert generator.history == HISTORY
    assert not generator.network.training


def test_texts_are_like_those_that_were_prepared(save, texts: PreparedCases) -> None:
    generator = load_generator(save(texts, CHAR_RNN))
    made = generator.sample(CLASSES, seed=0, temperature=1.0)
    assert made.lengths.min() >= 1
    assert made.lengths.max() <= 12
    assert made.values.min() >= 2
    assert set(" ".join(generator.words(made)).split()) <= {"pain", "fever", "rash", "cough"}


@pytest.mark.parametrize("kind", ["pictures", "texts"])
def test_equal_generators_give_equal_bytes_and_equal_cases(
    save, pictures: PreparedCases, texts: PreparedCases, kind: str
) -> None:
    prepared, model = {"pictures": (pictures, DCGAN), "texts": (texts, CHAR_RNN)}[kind]
    found = []
    for _ in range(2):
        folder = save(prepared, model)
        cases = load_generator(folder).sample(CLASSES, seed=3, temperature=1.0)
        found.append(([file.read_bytes() for file in sorted(folder.iterdir())], cases.digests()))
    assert found[0] == found[1]
    others = load_generator(folder).sample(CLASSES, seed=4, temperature=1.0)
    assert others.digests() != found[0][1]


def test_the_summary_is_of_the_epoch_whose_weights_are_kept(save, pictures: PreparedCases) -> None:
    description = json.loads((save(pictures, DCGAN) / DESCRIPTION).read_text())
    assert (description["fit"]["best_epoch"], description["fit"]["metrics"]) == (1, {"train/loss": 2.0})
    assert description["fit"]["num_parameters"] > 0


def test_damaged_and_absent_files_are_named(save, pictures: PreparedCases) -> None:
    folder = save(pictures, DCGAN)
    content = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(content[:-1] + b"?")
    with pytest.raises(ArtifactCorruptError, match=WEIGHTS):
        load_generator(folder)
    (folder / WEIGHTS).unlink()
    with pytest.raises(ArtifactMissingError, match="reprodx train"):
        load_generator(folder)


def test_weights_of_another_architecture_are_refused(save, pictures: PreparedCases) -> None:
    folder = save(pictures, DCGAN)
    description = json.loads((folder / DESCRIPTION).read_text())
    description["architecture"]["filters"] = 3
    (folder / DESCRIPTION).write_text(json.dumps(description))
    with pytest.raises(ArtifactCorruptError, match="no generator that fits"):
        load_generator(folder)


def test_no_texts_are_texts_too() -> None:
    assert len(text_inputs([], max_tokens=5)) == 0
    texts = text_inputs([np.array([2, 3], np.int32), np.array([4], np.int32)], max_tokens=5)
    assert [list(text) for text in texts] == [[2, 3], [4]]
    assert texts.settings == {"max_tokens": 5}
