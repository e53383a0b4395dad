"""Each network is attributed by the method that fits what it is given."""

import numpy as np
import pytest
import torch
from scipy.special import logit
from torch import nn

from reprodx.errors import AttributionError
from reprodx.explanation.network_attribution import NetworkAttribution
from reprodx.training.determinism import reproducible
from reprodx.training.model_folder import load_network

SHAPES = {
    "logistic": (0, 0),
    "mlp": (0, 0),
    "resnet18": (4, 4),
    "resnet1d": (2, 32),
    "lstm": (2, None),
    "transformer": (1, None),
}


@pytest.fixture(autouse=True)
def deterministic():
    with reproducible(1):
        yield


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_log_odds_and_completeness(stored, name):
    model = stored(name)
    attribution = NetworkAttribution(load_network(model.folder), model.prepared)
    row = model.test_rows[0]
    found = attribution.contributions(row, (1,))
    rows, columns = SHAPES[name]
    length = columns if columns is not None else min(32, int(model.prepared.inputs.lengths[row]))
    if name == "transformer":
        length = int(model.prepared.inputs.lengths[row])
    assert found.grid.shape == (rows, length)
    assert found.log_odds == pytest.approx(logit(model.predictions.table["prob_class1"][row]), rel=1e-9)
    if name == "resnet18":
        assert (attribution.method, attribution.baseline, found.convergence_delta) == ("Grad-CAM", None, None)
    else:
        assert abs(found.convergence_delta) < 0.05
        assert attribution.method.startswith("integrated gradients")
        assert attribution.baseline is not None


def test_a_logistic_regression_is_its_weights_times_the_distance_from_the_mean(stored):
    model = stored("logistic")
    fitted = load_network(model.folder)
    row = model.test_rows[0]
    found = NetworkAttribution(fitted, model.prepared).contributions(row, (1,))
    weights = fitted.network.linear.weight.detach()[0].numpy()
    mean = model.prepared.features[model.prepared.rows("train")].mean(axis=0, dtype=float)
    np.testing.assert_allclose(found.features, weights * (model.prepared.features[row] - mean), rtol=1e-9)


@pytest.mark.parametrize("name", SHAPES)
def test_random_networks_differ_from_the_trained_one_and_repeat(stored, name):
    model = stored(name)
    fitted = load_network(model.folder)
    attribution = NetworkAttribution(fitted, model.prepared)
    state = torch.random.get_rng_state()
    first, again, other = (attribution.random_network(seed) for seed in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), state)
    trained = dict(fitted.network.named_parameters())
    for (key, one), same, different in zip(
        first.named_parameters(), again.parameters(), other.parameters(), strict=True
    ):
        assert torch.equal(one, same)
        assert not torch.equal(one, trained[key])
        if one.dim() > 1:
            assert not torch.equal(one, different)
    row = model.test_rows[0]
    numbers = attribution.contributions(row, (1,), first).flat
    assert numbers.any()
    assert not np.allclose(numbers, attribution.contributions(row, (1,)).flat)


def test_a_picture_network_without_maps_falls_back_to_integrated_gradients(stored, tmp_path):
    model = stored("resnet18")
    fitted = load_network(model.folder)
    flat = nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 1)).double()
    object.__setattr__(fitted, "network", flat)
    attribution = NetworkAttribution(fitted, model.prepared)
    found = attribution.contributions(model.test_rows[0], (1,))
    assert attribution.method == "integrated gradients"
    assert found.grid.shape == (16, 16)
    assert found.convergence_delta == pytest.approx(0, abs=1e-9)


def test_an_answer_without_gradients_is_refused_by_name(stored):
    class Rounding(nn.Module):
        def forward(self, features):
            return features.detach()[:, :1]

    model = stored("mlp")
    attribution = NetworkAttribution(load_network(model.folder), model.prepared)
    with pytest.raises(AttributionError, match="captum cannot attribute the answers of Rounding"):
        attribution.contributions(model.test_rows[0], (1,), Rounding())
