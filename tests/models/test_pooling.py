"""Poolings against NumPy on each case's own steps."""

import numpy as np
import pytest
import torch
from scipy.special import softmax

from reprodx.models.pooling import AttentionPooling, FirstState, LastState, MaxPooling, MeanPooling, sequence_pooling

LENGTHS = torch.tensor([5, 1, 3])
POOLINGS = {
    "last": lambda own: own[-1],
    "first": lambda own: own[0],
    "mean": lambda own: own.mean(0),
    "max": lambda own: own.max(0),
}


def states() -> torch.Tensor:
    return torch.randn(3, 5, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@pytest.mark.parametrize("kind", POOLINGS)
@pytest.mark.parametrize("lengths", [LENGTHS, None])
def test_pools_own_steps_alone(kind, lengths):
    pooled = sequence_pooling(kind, 4)(states(), lengths)

    steps = [5, 5, 5] if lengths is None else lengths.tolist()
    expected = [POOLINGS[kind](case[:length].numpy()) for case, length in zip(states(), steps, strict=True)]
    np.testing.assert_allclose(pooled, expected, atol=1e-12)


@pytest.mark.parametrize("lengths", [LENGTHS, None])
def test_attention_is_a_softmax_of_scores(lengths):
    pooling = AttentionPooling(size=4).double()
    weight, bias, score = (parameter.detach().numpy() for parameter in pooling.parameters())

    pooled = pooling(states(), lengths).detach()

    steps = [5, 5, 5] if lengths is None else lengths.tolist()
    for result, case, length in zip(pooled, states().numpy(), steps, strict=True):
        own = case[:length]
        attention = softmax(np.tanh(own @ weight.T + bias) @ score[0])
        np.testing.assert_allclose(result, attention @ own, atol=1e-12)


@pytest.mark.parametrize("lengths", [LENGTHS, None])
def test_the_backward_half_ends_at_the_first_step(lengths):
    pooled = LastState(bidirectional=True)(states(), lengths)

    assert torch.equal(pooled[:, 2:], states()[:, 0, 2:])
    assert torch.equal(pooled[:, :2], LastState(bidirectional=False)(states(), lengths)[:, :2])


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("last", LastState),
        ("first", FirstState),
        ("mean", MeanPooling),
        ("max", MaxPooling),
        ("attention", AttentionPooling),
    ],
)
def test_names_choose_poolings(kind, expected):
    assert type(sequence_pooling(kind, 4)) is expected
