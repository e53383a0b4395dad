"""Every recipe of conf/experiment that needs no files of the user's runs through, learns, and repeats itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
import torch
import yaml
from polars.testing import assert_frame_equal
from torch import nn

from reprodx.artifacts.files import read_json
from reprodx.artifacts.locations import Locations, own_locations
from reprodx.artifacts.prepared import PreparedCases, read_prepared
from reprodx.config import instantiate
from reprodx.config.composition import compose, validate
from reprodx.config.identity import config_hash
from reprodx.config.targets import resolve_class
from reprodx.pipeline import run_command
from reprodx.schemas import TRAIN, Task
from reprodx.stages.evaluate import predict
from reprodx.stages.prepare import find_or_prepare
from reprodx.training.architecture import architecture_of, build_network, scaling_of, takes_summary
from reprodx.training.cases import InputTensors, cases_of, model_batch
from reprodx.training.determinism import reproducible
from reprodx.training.links import num_outputs
from reprodx.training.model_folder import load_scorer
from tests.project import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reprodx.config import Config

FOLDER = ROOT / "conf" / "experiment"
SMALL = {
    "breast_cancer": [],
    "heart_disease": [],
    "icd10": ["data.max_per_category=1", "data.max_tokens=16", "data.vocabulary_size=500"],
    "synthetic_cells": ["data.num_patients=50", "data.cells_per_patient=4", "data.size=[32,32]"],
    "synthetic_ecg": ["data.num_patients=60", "data.max_records=2", "data.seconds=2.0"],
    "synthetic_fundus": ["data.num_patients=30", "data.size=[32,32]"],
    "synthetic_icu": ["data.num_patients=60", "data.max_hours=24"],
}
"""The data that need no files of the user's, and what makes them small."""
SHORT = [
    *("trainer.max_epochs=2", "trainer.num_threads=1", "tracking=none"),
    *("evaluation.num_resamples=100", "evaluation.num_null_draws=100", "evaluation.num_attributed=1"),
]
NUM_STEPS = 30
USUAL_RATE = 0.01
RATES = {"image_cnn_10": 0.001}
"""Learning rates for networks whose dense layer is too wide for the usual one, without batch normalisation."""


def data_of(recipe: str) -> str:
    """Return the option of the data that a recipe, or the recipe that it changes, names."""
    for entry in yaml.safe_load((FOLDER / f"{recipe}.yaml").read_text(encoding="utf-8"))["defaults"]:
        if isinstance(entry, str):
            return data_of(entry)
        if "override /data" in entry:
            return str(entry["override /data"])
    raise AssertionError(f"{recipe} names no data")


GENERATORS = ("image_gan", "text_rnn_generation")
JUDGED = (
    *("breast_mlp", "ecg_gru", "fundus_gan", "fundus_ordinal", "heart_ft", "icd_lstm", "icu_gru", "image_cnn_10"),
    *("heart_logistic", "heart_transport"),
)
"""Recipes of every kind of case, task and augmentation, which are also judged and reported; the others predict."""
RECIPES = {file.stem: data for file in sorted(FOLDER.glob("*.yaml")) if (data := data_of(file.stem)) in SMALL}


def make_folder(folder: Path) -> Path:
    (folder / "data").mkdir(parents=True)
    (folder / "conf").symlink_to(ROOT / "conf")
    (folder / "data/raw").symlink_to(ROOT / "data/raw")
    return folder


@pytest.fixture(scope="module")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which cases that several recipes need are prepared once."""
    return make_folder(tmp_path_factory.mktemp("recipes") / "project")


def small(recipe: str) -> Config:
    plain = compose([f"experiment={recipe}", *SMALL[RECIPES[recipe]], *SHORT])
    if "max_iterations" in plain["model"]:
        plain["model"]["max_iterations"] = 5
    if "epochs" in plain["augmentation"]:
        plain["augmentation"]["epochs"] = 2
    plain["evaluation"]["num_generated"] = 40
    return validate(plain)


def run(command: str, config: Config) -> Locations:
    run_command(command, config)
    return own_locations(config_hash(config), find_or_prepare(config))


def predicted(config: Config, locations: Locations) -> pl.DataFrame:
    """Return what a trained model says, without the judgement of it, which takes longer than such a training."""
    with reproducible(1):
        return predict(config, read_prepared(locations.prepared), load_scorer(locations.models)).table


def outputs_of(config: Config, prepared: PreparedCases) -> tuple[nn.Module, Callable[[], torch.Tensor]]:
    """Return the network as training makes it, and its own loss of its first training cases."""
    loss = instantiate(config.trainer.loss, "trainer.loss", **loss_arguments(prepared))
    outputs = num_outputs(loss.link, len(prepared.classes))
    architecture = architecture_of(config.model, prepared, num_outputs=outputs, seed=config.seed)
    network = build_network(architecture, prepared.modality, scaling_of(config.model, prepared))
    cases = cases_of(prepared, TRAIN, takes_summary=takes_summary(config.model, prepared.modality))
    rows = torch.arange(24)
    batch = model_batch(cases.features, None if cases.inputs is None else InputTensors(cases.inputs), rows)
    return network, lambda: loss(network(*batch), cases.targets[rows])


def loss_arguments(prepared: PreparedCases) -> dict[str, Any]:
    targets = prepared.targets[prepared.rows(TRAIN)]
    counts = torch.from_numpy(targets).bincount(minlength=len(prepared.classes)).tolist()
    assert prepared.task != Task.MULTILABEL
    return {"task": prepared.task, "class_counts": counts, "num_cases": len(targets)}


@pytest.mark.parametrize("recipe", [recipe for recipe in RECIPES if recipe not in GENERATORS])
def test_runs_through_and_learns(recipe: str, shared_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shared_folder)
    config = small(recipe)

    locations = run("run" if recipe in JUDGED else "train", config)

    if recipe in JUDGED:
        metrics = read_json(locations.metrics, made_by="evaluate")
        assert {split for split in ("val", "test") if 0 <= metrics[split]["auroc"]["value"] <= 1} == {"val", "test"}
    predictions = predicted(config, locations).select(pl.col("^prob_.*$"))
    assert predictions.width > 1
    assert all(column.n_unique() > 1 for column in predictions)
    # What is given all terms of texts is solved, without mini-batches.
    is_solved = load_scorer(locations.models).interface.takes_all_terms
    if issubclass(resolve_class(config.model["_target_"], "model"), nn.Module) and not is_solved:
        assert_learns_its_own_batch(config, read_prepared(locations.prepared), RATES.get(recipe, USUAL_RATE))


@pytest.mark.parametrize("recipe", GENERATORS)
def test_a_generator_runs_through(recipe: str, shared_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shared_folder)
    config = small(recipe)

    locations = run("run", config)

    metrics = read_json(locations.metrics, made_by="evaluate")
    assert all(0 <= metrics[split]["membership_auroc"]["value"] <= 1 for split in ("val", "test"))
    assert list(locations.samples.iterdir())
    assert not locations.predictions.exists()
    description = read_json(locations.models / "model.json", made_by="train")
    assert len(description["history"]) == 2


def assert_learns_its_own_batch(config: Config, prepared: PreparedCases, rate: float) -> None:
    losses = []
    with reproducible(1):
        torch.manual_seed(0)
        network, loss_of_batch = outputs_of(config, prepared)
        optimizer = torch.optim.Adam(network.parameters(), lr=rate)
        for _ in range(NUM_STEPS):
            optimizer.zero_grad()
            loss = loss_of_batch()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    assert max(losses[-3:]) < 0.8 * losses[0]


@pytest.mark.parametrize("recipe", ["heart_ft", "fundus_cnn", "ecg_gru", "icu_lstm", "icd_transformer"])
def test_the_same_config_gives_the_same_bytes(recipe: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for name in ("first", "second"):
        monkeypatch.chdir(make_folder(tmp_path / name))
        locations = run("train", config := small(recipe))
        files = {file.name: file.read_bytes() for file in sorted(locations.models.iterdir())}
        found.append((files, predicted(config, locations)))

    assert "best.safetensors" in found[0][0]
    assert found[0][0] == found[1][0]
    assert_frame_equal(found[0][1], found[1][1], check_exact=True)
