"""Generators with random weights, judged: everything is written, the same each time, and no patient is shown."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from reprodx.artifacts.locations import Locations
from reprodx.artifacts.openings import openings
from reprodx.artifacts.prepared import read_manifest, read_prepared
from reprodx.config.composition import compose, validate
from reprodx.hashing import sha256_of_path
from reprodx.inputs import Inputs, Modality
from reprodx.schemas import TEST, TRAIN, VAL
from reprodx.stages.evaluate_generator import Generated, choose_samples, evaluate_generator, generate
from reprodx.stages.prepare import prepare
from reprodx.training.architecture import build_network
from reprodx.training.determinism import reproducible, reseed_network
from reprodx.training.generation.fitted_generator import GeneratorFit, load_generator, save_generator
from reprodx.training.generation.generator_fit import generator_architecture

if TYPE_CHECKING:
    from pathlib import Path

    from reprodx.config import Config

SHORT = [
    "evaluation.num_resamples=100",
    "evaluation.num_generated=40",
    "trainer.num_threads=1",
    "tracking=none",
    "split=case_stratified",
]
PICTURES = [
    *("data=synthetic_fundus", "data.size=[32,32]", "data.num_patients=40", "data.positive=[1,2,3,4]"),
    *("model=dcgan", "model.filters=4", "model.latent_size=4", "evaluation.num_samples=6", "split=patient_stratified"),
]
TEXTS = [
    *(
        "data=text_table",
        "data.text=text",
        "data.target=finding",
        "data.positive=fever",
        "data.vocabulary_size=60",
        "data.max_tokens=20",
    ),
    *("model=char_rnn", "model.embedding_size=8", "model.hidden_size=8", "evaluation.num_samples=6"),
]
HISTORY: dict[Modality, dict[str, float]] = {
    Modality.IMAGE: {"train/generator_loss": 1.5, "train/discriminator_loss": 0.5, "train/diversity": 0.1},
    Modality.TEXT: {"train/loss": 2.5, "val/loss": 2.75, "val/perplexity": 15.0},
}


def write_texts(path: Path) -> None:
    """Write 90 short reports, half of them of a fever."""
    rng = np.random.default_rng(0)
    words = {"fever": ["fever", "chills", "sweats"], "pain": ["pain", "ache", "burning"]}
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["text", "finding"])
        for number in range(90):
            finding = ("fever", "pain")[number % 2]
            said = " and ".join(rng.choice(words[finding], size=3))
            rows.writerow([f"{said} since day {rng.integers(1, 400)}, {rng.choice(list('abcdefgh'))}", finding])


def make(folder: Path, settings: list[str]) -> tuple[Config, Locations]:
    """Prepare cases and save a generator of them that has learnt nothing."""
    config = validate(compose([*SHORT, *settings]))
    locations = Locations(folder / "prepared", folder / "models", folder / "results")
    prepare(config, locations.prepared)
    prepared = read_prepared(locations.prepared)
    architecture = generator_architecture(config.model, prepared)
    with reproducible(1):
        reseed_network(0, 0)
        network = build_network(architecture, prepared.modality, None).eval()
    fit = GeneratorFit(network, 1, 1, (HISTORY[prepared.modality],), ("mode collapse from epoch 1: all alike",))
    save_generator(locations.models, fit, architecture, prepared)
    return config, locations


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> tuple[Config, Locations]:
    return make(tmp_path_factory.mktemp("pictures"), PICTURES)


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Config, Locations]:
    folder = tmp_path_factory.mktemp("texts")
    write_texts(folder / "texts.csv")
    return make(folder, [*TEXTS, f"data.path={folder / 'texts.csv'}"])


def results(locations: Locations) -> dict[str, bytes]:
    files = (file for file in locations.results.rglob("*") if file.is_file())
    return {str(file.relative_to(locations.results)): file.read_bytes() for file in files}


def evaluated(config: Config, locations: Locations) -> dict[str, bytes]:
    evaluate_generator(config, locations)
    return results(locations)


@pytest.mark.parametrize("kind", ["pictures", "texts"])
def test_everything_is_written_the_same_each_time_and_the_look_is_noted(
    request: pytest.FixtureRequest, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, locations = request.getfixturevalue(kind)
    monkeypatch.chdir(tmp_path)
    first = evaluated(config, locations)
    assert {"metrics.json", "report.html", "model_card.md", "plots/training_health.csv"} < set(first)
    samples = [name for name in first if name.startswith("samples/")]
    assert len(samples) == (7 if kind == "pictures" else 1)
    metrics: dict[str, Any] = json.loads(first["metrics.json"])
    assert set(metrics) == {VAL, TEST}
    assert {"two_sample_auroc", "copied_share", "membership_auroc"} < set(metrics[TEST])
    assert ("perplexity" in metrics[TEST]) == (kind == "texts")
    assert "Mode collapse from epoch 1" in first["report.html"].decode()
    (opening,) = openings(read_manifest(locations.prepared)["split_hash"])
    assert opening.predictions_sha256 == sha256_of_path(locations.metrics)
    assert (opening.name, opening.margin) == (config.model["name"], str(config.evaluation.margin))
    if kind == "texts":
        assert evaluated(config, locations) == first


def with_num_generated(config: Config, num: int) -> Config:
    return replace(config, evaluation=replace(config.evaluation, num_generated=num))


def test_cases_are_of_the_classes_of_training_in_their_shares(pictures: tuple[Config, Locations]) -> None:
    config, locations = pictures
    prepared, generator = read_prepared(locations.prepared), load_generator(locations.models)
    generated = generate(config, prepared, generator)
    rows = prepared.rows(TRAIN)
    assert len(generated.inputs) == min(40, len(rows)) == 40
    every = generate(with_num_generated(config, 1000), prepared, generator)
    assert np.bincount(every.classes).tolist() == np.bincount(prepared.targets[rows]).tolist()
    assert every.classes[:40].tolist() == generated.classes.tolist()
    assert generated.names == prepared.classes


def test_a_generator_that_is_told_no_class_makes_cases_of_none(texts: tuple[Config, Locations]) -> None:
    config, locations = texts
    config = replace(config, model={**config.model, "conditional": False})
    generated = generate(config, read_prepared(locations.prepared), load_generator(locations.models))
    assert set(generated.classes.tolist()) == {0}
    assert generated.names == ("",)


def test_a_case_that_equals_a_training_case_is_counted_and_not_shown(texts: tuple[Config, Locations]) -> None:
    prepared = read_prepared(texts[1].prepared)
    assert prepared.inputs is not None
    train, others = (prepared.inputs.select(prepared.rows(split)) for split in (TRAIN, TEST))
    values = [train[0], others[0], others[1]]
    inputs = Inputs.of_steps(Modality.TEXT, np.concatenate(values), np.array([len(value) for value in values]))
    generated = Generated(inputs, np.array([0, 0, 1]), prepared.classes)
    samples, num_withheld = choose_samples(generated, prepared, 3)
    assert num_withheld == 1
    assert len(samples) == len(samples.texts) == 2
    assert samples.classes.tolist() == [0, 1]
    assert [value.tolist() for value in samples.inputs] == [others[0].tolist(), others[1].tolist()]
