"""Batch normalisation that leaves padding out."""

import pytest
import torch
from torch import nn

from reprodx.models.masked_batch_norm import MaskedBatchNorm
from reprodx.models.padding import step_mask

LENGTHS = torch.tensor([4, 1, 3])


def values() -> torch.Tensor:
    return torch.randn(3, 2, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 3 + 5


@pytest.mark.parametrize("is_training", [True, False])
def test_means_and_variances_are_those_of_own_steps(is_training):
    layer, reference = (kind(2).double().train(is_training) for kind in (MaskedBatchNorm, nn.BatchNorm1d))
    own = step_mask(LENGTHS, 4)

    normalised = layer(values(), own).transpose(1, 2)

    torch.testing.assert_close(normalised[own], reference(values().transpose(1, 2)[own]), atol=1e-12, rtol=0)
    torch.testing.assert_close(layer.running_mean, reference.running_mean, atol=1e-12, rtol=0)
    torch.testing.assert_close(layer.running_var, reference.running_var, atol=1e-12, rtol=0)
    assert not normalised[~own].any()


def test_without_padding_it_is_torch_s():
    assert torch.equal(MaskedBatchNorm(2).double()(values(), None), nn.BatchNorm1d(2).double()(values()))


def test_gradients_reach_own_steps_alone():
    batch = values().requires_grad_()
    (MaskedBatchNorm(2).double()(batch, step_mask(LENGTHS, 4)) ** 3).sum().backward()

    reached = batch.grad.ne(0).any(1)
    assert torch.equal(reached, step_mask(LENGTHS, 4))
