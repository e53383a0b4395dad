"""Every recipe of conf/experiment that needs no files of the user's runs through, learns, and repeats itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
import torch
import yaml
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
from reprodx.stages.prepare import find_or_prepare
from reprodx.training.architecture import architecture_of, build_network, scaling_of, takes_summary
from reprodx.training.cases import InputTensors, cases_of, model_batch
from reprodx.training.determinism import reproducible
from reprodx.training.links import num_outputs
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


def data_of(recipe: str) -> str:
    """Return the option of the data that a recipe, or the recipe that it changes, names."""
    for entry in yaml.safe_load((FOLDER / f"{recipe}.yaml").read_text(encoding="utf-8"))["defaults"]:
        if isinstance(entry, str):
            return data_of(entry)
        if "override /data" in entry:
            return str(entry["override /data"])
    raise AssertionError(f"{recipe} names no data")


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
    return validate(plain)


def run(config: Config) -> Locations:
    run_command("run", config)
    return own_locations(config_hash(config), find_or_prepare(config))


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


@pytest.mark.parametrize("recipe", RECIPES)
def test_runs_through_and_learns(recipe: str, shared_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shared_folder)
    config = small(recipe)

    locations = run(config)

    metrics = read_json(locations.metrics, made_by="evaluate")
    assert {split for split in ("val", "test") if 0 <= metrics[split]["auroc"]["value"] <= 1} == {"val", "test"}
    predictions = pl.read_parquet(locations.predictions).select(pl.col("^prob_.*$"))
    assert all(column.n_unique() > 1 for column in predictions)
    if issubclass(resolve_class(config.model["_target_"], "model"), nn.Module):
        assert_learns_its_own_batch(config, read_prepared(locations.prepared))


def assert_learns_its_own_batch(config: Config, prepared: PreparedCases) -> None:
    losses = []
    with reproducible(1):
        torch.manual_seed(0)
        network, loss_of_batch = outputs_of(config, prepared)
        optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
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
        locations = run(small(recipe))
        files = [*sorted(locations.models.iterdir()), locations.predictions]
        found.append({file.name: file.read_bytes() for file in files})

    assert "best.safetensors" in found[0]
    assert found[0] == found[1]
