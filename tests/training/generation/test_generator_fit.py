"""Which generator is fitted, and what is refused before anything runs."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from reprodx.errors import ConfigError
from reprodx.training.fit import fit
from reprodx.training.generation.fitted_generator import load_generator
from tests.training.generation.conftest import CHAR_RNN, DCGAN

if TYPE_CHECKING:
    from pathlib import Path

    from reprodx.artifacts.prepared import PreparedCases

NOISE = {"name": "noise", "_target_": "reprodx.augmentation.gaussian_noise.GaussianNoise", "std": 0.1}
STEP = {"name": "step", "_target_": "torch.optim.lr_scheduler.StepLR", "step_size": 3}


@pytest.fixture
def fit_generator(make_config, tmp_path: Path):
    def run(prepared: PreparedCases, **changes):
        seen = []
        summary = fit(
            prepared,
            make_config(**{"batch_size": 8, "max_epochs": 3, **changes}),
            models_folder=tmp_path / "models",
            checkpoint_folder=tmp_path / "checkpoint",
            on_epoch=lambda epoch, metrics: None,
            on_samples=lambda epoch, samples, classes: seen.append((epoch, len(samples), len(classes))),
        )
        return summary, seen

    return run


@pytest.mark.parametrize("kind", ["pictures", "texts"])
def test_a_generator_is_fitted_written_and_shown(fit_generator, request, tmp_path: Path, kind: str) -> None:
    prepared, model = request.getfixturevalue(kind), {"pictures": DCGAN, "texts": CHAR_RNN}[kind]
    summary, seen = fit_generator(prepared, model=model)
    generator = load_generator(tmp_path / "models")
    assert [epoch for epoch, _, _ in seen] == [2, 3]
    assert all(num == num_classes > 0 for _, num, num_classes in seen)
    assert summary.num_epochs == len(generator.history) == 3


def test_augmentations_and_schedulers_that_would_be_ignored_are_refused(fit_generator, pictures: PreparedCases) -> None:
    with pytest.raises(ConfigError, match="augmentation=noise"):
        fit_generator(pictures, model=DCGAN, augmentation=NOISE)
    with pytest.raises(ConfigError, match="scheduler=step"):
        fit_generator(pictures, model=DCGAN, scheduler=STEP)


def test_labels_are_no_class_to_be_told(fit_generator, pictures: PreparedCases) -> None:
    labels = pictures.cases.with_columns(y_true_no=(pictures.cases["y_true"] == "no").cast(int), y_true_yes=1)
    labels = labels.with_columns(y_true_yes=1 - labels["y_true_no"])
    multilabel = dataclasses.replace(pictures, cases=labels, manifest={**pictures.manifest, "task": "multilabel"})
    with pytest.raises(ConfigError, match=r"model\.conditional"):
        fit_generator(multilabel, model=DCGAN)
    summary, _ = fit_generator(multilabel, model={**DCGAN, "conditional": False})
    assert summary.num_epochs == 3


def test_models_of_other_cases_are_refused_with_generators_that_fit(fit_generator, texts: PreparedCases) -> None:
    with pytest.raises(ConfigError, match=r"does not take texts.*: char_rnn$"):
        fit_generator(texts, model=DCGAN)
