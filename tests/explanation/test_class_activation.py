"""Which maps Grad-CAM looks at, and that it is Grad-CAM."""

import numpy as np
import torch
from torch import nn

from reprodx.explanation.class_activation import grad_cam, last_maps

PICTURE = torch.rand(1, 3, 24, 40, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def network(*, pool: int) -> nn.Sequential:
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(pool))
    return nn.Sequential(layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 1)).double().eval()


def test_the_maps_before_the_pooling_of_the_whole_picture_are_taken():
    found = network(pool=2)
    assert last_maps(found, (PICTURE,)) is found[0]


def test_larger_maps_are_preferred_to_maps_of_a_few_pixels():
    found = network(pool=8)
    assert last_maps(found, (PICTURE,)) is found[0][0]


def test_maps_of_a_few_pixels_are_better_than_none():
    layers = nn.Sequential(nn.Conv2d(3, 4, 8, stride=8), nn.Flatten(), nn.Linear(60, 1)).double()
    assert last_maps(layers, (PICTURE,)) is layers[0]


def test_a_network_without_maps_has_none():
    layers = nn.Sequential(nn.Flatten(), nn.Linear(3 * 24 * 40, 1)).double()
    assert last_maps(layers, (PICTURE,)) is None


def test_it_weights_each_map_by_its_mean_gradient_and_sums_to_coarse_cells():
    """Selvaraju et al., ICCV 2017, equations 1 and 2: under a mean and a linear layer gradients are weight / pixels."""
    found = network(pool=1)
    result = grad_cam(lambda *given: found(*given)[:, 0], found[0], (PICTURE,))
    with torch.no_grad():
        maps, weights = found[0](PICTURE)[0], found[3].weight[0] / (24 * 40)
        expected = torch.einsum("c,chw->hw", weights, maps).numpy()
        odds = float(found(PICTURE))
    assert result.grid.shape == (16, 16)
    np.testing.assert_allclose(result.grid.sum(), expected.sum(), rtol=1e-12)
    np.testing.assert_allclose(result.grid[0, 0], expected[:1, :2].sum(), rtol=1e-12)
    assert (result.log_odds, result.convergence_delta, result.features.size) == (odds, None, 0)
    assert (result.grid < 0).any()
