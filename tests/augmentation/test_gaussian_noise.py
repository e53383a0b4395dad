"""Noise of the size that was asked for."""

import pytest
import torch

from reprodx.augmentation.gaussian_noise import GaussianNoise
from reprodx.errors import ConfigError


def noisy(std: float, seed: int = 0) -> torch.Tensor:
    features, targets = torch.zeros(2_000, 3), torch.ones(2_000, dtype=torch.int64)
    noise, same_targets = GaussianNoise(std=std)(features, targets, torch.Generator().manual_seed(seed))
    assert same_targets is targets
    return noise


def test_noise_has_the_configured_size_and_no_bias():
    noise = noisy(0.5)

    # Six standard errors of 6,000 draws.
    assert abs(noise.std().item() - 0.5) < 6 * 0.5 / (2 * 6_000) ** 0.5
    assert abs(noise.mean().item()) < 6 * 0.5 / 6_000**0.5


def test_the_generator_decides_the_noise():
    assert torch.equal(noisy(0.5, seed=1), noisy(0.5, seed=1))
    assert not torch.equal(noisy(0.5, seed=1), noisy(0.5, seed=2))


def test_refuses_a_negative_size():
    assert not noisy(0.0).any()

    with pytest.raises(ConfigError, match=r"augmentation\.std"):
        GaussianNoise(std=-0.1)
