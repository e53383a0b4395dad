"""From the configured model and the data's sizes to a network."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
import torch
from torch import nn

from reprodx.artifacts.prepared import PreparedCases
from reprodx.augmentation.gaussian_noise import GaussianNoise
from reprodx.augmentation.mixup import Mixup
from reprodx.augmentation.sequence import InSequence
from reprodx.errors import ConfigError
from reprodx.inputs import Inputs, Modality
from reprodx.models.foreign import ForeignNetwork
from reprodx.training.architecture import (
    ScaledNetwork,
    architecture_of,
    build_network,
    check_augmentation_fits,
    check_fits,
    scaling_of,
    takes_summary,
)

CNN = {
    "name": "cnn",
    "_target_": "reprodx.models.cnn.CNN",
    "filters": [2],
    "convs_per_block": 1,
    "kernel_size": 3,
    "padding": "same",
    "pool": 2,
    "batch_norm": False,
    "pooling_head": "flatten",
    "hidden_sizes": [],
    "dropout": 0.0,
}
LOGISTIC = {"name": "logistic", "_target_": "reprodx.models.logistic.Logistic", "text_penalty": 1.0}
GRU = {
    "name": "gru",
    "_target_": "reprodx.models.gru.GRU",
    "embedding_size": 4,
    "stride": 1,
    "hidden_size": 3,
    "num_layers": 1,
    "bidirectional": False,
    "dropout": 0.0,
    "pooling": "last",
}
LINEAR = {"name": "linear", "_target_": "torch.nn.Linear", "bias": False}


def prepared_of(modality: Modality) -> PreparedCases:
    """Return four cases without features, or with three in a table."""
    summary = np.zeros((4, 5), dtype=np.float32)
    described = {"channels": ["a", "b"], "scaling": {"mean": [0.5, 0.5], "std": [0.25, 0.5]}}
    inputs = {
        Modality.IMAGE: Inputs.of_rows(Modality.IMAGE, np.zeros((4, 8, 6, 2), np.uint8), channels=("a", "b")),
        Modality.SIGNAL: Inputs.of_rows(Modality.SIGNAL, np.zeros((4, 20, 2), np.float32), channels=("a", "b")),
        Modality.TEXT: Inputs.of_steps(Modality.TEXT, np.zeros(12, np.int32), np.full(4, 3)),
    }.get(modality)
    if modality == Modality.TEXT:
        described = {"channels": [], "scaling": None, "vocabulary_size": 90}
    manifest = {"modality": modality.value, "task": "binary", "classes": ["no", "yes"], "inputs": described}
    if inputs is None:
        return PreparedCases(pl.DataFrame(), np.zeros((4, 3), np.float32), ("x", "y", "z"), manifest)
    names = tuple("stuvw")
    return PreparedCases(pl.DataFrame(), np.zeros((4, 0), np.float32), (), manifest, summary, names, inputs)


def test_a_network_for_pictures_is_given_their_size() -> None:
    prepared = prepared_of(Modality.IMAGE)
    architecture = architecture_of(CNN, prepared, num_outputs=3, seed=0)
    assert architecture == {**CNN, "num_outputs": 3, "num_channels": 2, "image_size": (8, 6)}
    network = build_network(architecture, Modality.IMAGE, scaling_of(CNN, prepared))
    assert network(torch.zeros(5, 2, 8, 6)).shape == (5, 3)


def test_json_has_no_tuples_and_makes_the_same_network() -> None:
    architecture = architecture_of(CNN, prepared_of(Modality.IMAGE), num_outputs=3, seed=0)
    network = build_network({**architecture, "image_size": [8, 6]}, Modality.IMAGE, None)
    assert network(torch.zeros(1, 2, 8, 6)).shape == (1, 3)


def test_channels_are_scaled_before_the_network() -> None:
    identity = nn.Identity()
    scaled = ScaledNetwork(identity, [0.5, 0.0], [0.25, 2.0], Modality.IMAGE)
    assert scaled(torch.ones(1, 2, 1, 1)).flatten().tolist() == [2.0, 0.5]
    signals = ScaledNetwork(identity, [0.5, 0.0], [0.25, 2.0], Modality.SIGNAL)
    assert signals(torch.ones(1, 3, 2))[0, 1].tolist() == [2.0, 0.5]


def test_texts_need_a_vocabulary_and_no_scaling() -> None:
    prepared = prepared_of(Modality.TEXT)
    architecture = architecture_of(GRU, prepared, num_outputs=1, seed=0)
    assert architecture["vocabulary_size"] == 90
    assert scaling_of(GRU, prepared) is None


def test_a_baseline_is_given_the_summary_and_no_scaling() -> None:
    prepared = prepared_of(Modality.SIGNAL)
    assert takes_summary(LOGISTIC, Modality.SIGNAL)
    assert not takes_summary(LOGISTIC, Modality.TABLE)
    assert architecture_of(LOGISTIC, prepared, num_outputs=1, seed=0)["num_features"] == 5
    assert scaling_of(LOGISTIC, prepared) is None


def test_a_network_of_another_library_is_given_its_own_names() -> None:
    prepared = prepared_of(Modality.TABLE)
    architecture = architecture_of(LINEAR, prepared, num_outputs=1, seed=0)
    assert architecture == {**LINEAR, "in_features": 3, "out_features": 1}
    network = build_network(architecture, Modality.TABLE, None)
    assert isinstance(network, ForeignNetwork)
    assert network(torch.zeros(2, 3)).shape == (2, 1)


@pytest.mark.parametrize(
    ("model", "modality", "named"),
    [
        (CNN, Modality.TABLE, ("tables", "mlp", "ft_transformer", "gradient_boosting")),
        (CNN, Modality.SIGNAL, ("signals", "lstm", "resnet1d", "transformer", "logistic")),
        (GRU, Modality.IMAGE, ("images", "cnn", "resnet18", "logistic")),
    ],
)
def test_a_model_that_does_not_fit_is_refused_with_those_that_do(
    model: dict[str, object], modality: Modality, named: tuple[str, ...]
) -> None:
    with pytest.raises(ConfigError, match=rf"model={model['name']} does not take {named[0]}") as caught:
        check_fits(model, modality)
    fitting = str(caught.value).partition("those that do: ")[2].split(", ")
    assert set(named[1:]) <= set(fitting)
    assert model["name"] not in fitting
    for name in fitting:
        assert name != "rnn" or modality != Modality.IMAGE


@pytest.mark.parametrize(
    ("model", "modality"), [(CNN, Modality.IMAGE), (GRU, Modality.TEXT), (LOGISTIC, Modality.TEXT)]
)
def test_a_model_that_fits_passes(model: dict[str, object], modality: Modality) -> None:
    check_fits(model, modality)


def test_an_augmentation_of_another_modality_is_refused() -> None:
    mixup = Mixup(alpha=0.2, num_classes=2)
    check_augmentation_fits(None, "none", Modality.TEXT, is_summed_up=False)
    check_augmentation_fits(mixup, "mixup", Modality.IMAGE, is_summed_up=False)
    with pytest.raises(ConfigError, match=r"augmentation=mixup changes .*images.*, but the model is given texts"):
        check_augmentation_fits(mixup, "mixup", Modality.TEXT, is_summed_up=False)
    noise = GaussianNoise(std=0.1)
    check_augmentation_fits(noise, "noise", Modality.IMAGE, is_summed_up=True)
    with pytest.raises(ConfigError, match="augmentation=noise changes tables, but the model is given images"):
        check_augmentation_fits(noise, "noise", Modality.IMAGE, is_summed_up=False)
    both = InSequence(augmentations=[mixup, noise], num_classes=2)
    with pytest.raises(ConfigError, match="is given images"):
        check_augmentation_fits(both, "both", Modality.IMAGE, is_summed_up=False)
