"""Max pooling of pictures and pooling over the steps of sequences, with their slopes, against NumPy."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from reprodx.inputs import Modality
from reprodx.models.pooling import sequence_pooling
from tests.equations.numpy_gradients import complex_step, max_pool_slopes
from tests.equations.numpy_layers import max_pool
from tests.equations.numpy_networks import pooled
from tests.equations.shipped_networks import assert_equal, drawn, shipped, weights_of

LENGTHS = torch.tensor([6, 1, 4])


@settings(max_examples=12)
@given(pool=st.integers(1, 3), height=st.integers(3, 8), width=st.integers(3, 8), seed=st.integers(0, 100))
def test_the_largest_number_of_each_square_goes_on_and_takes_the_slope(pool, height, width, seed):
    network = shipped("cnn", Modality.IMAGE, pool=pool, filters=[2], image_size=(height, width))
    random = np.random.default_rng(seed)
    maps = torch.from_numpy(random.normal(size=(3, 2, height, width))).requires_grad_()

    found = network.blocks[-1](maps)
    slopes = random.normal(size=found.shape)
    found.backward(torch.from_numpy(slopes))

    assert_equal(found, max_pool(maps.detach().numpy(), pool))
    assert_equal(maps.grad, max_pool_slopes(maps.detach().numpy(), slopes, pool))


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("kind", ["last", "first", "mean", "max", "attention"])
def test_pooling_reads_a_case_s_own_steps(kind, bidirectional):
    pooling = drawn(sequence_pooling(kind, 4, bidirectional=bidirectional).double())
    states = torch.from_numpy(np.random.default_rng(1).normal(size=(3, 6, 4))).requires_grad_()
    slopes = np.random.default_rng(2).normal(size=(3, 4))

    found = pooling(states, LENGTHS)
    found.backward(torch.from_numpy(slopes))

    weights = weights_of(pooling)
    # Of the poolings one alone knows of two directions.
    is_split = bidirectional and kind == "last"

    def reference(at):
        rows = zip(at["states"], LENGTHS, strict=True)
        return np.stack([pooled(case[:length], weights, kind, is_bidirectional=is_split) for case, length in rows])

    values = states.detach().numpy()
    assert_equal(found, reference({"states": values}))
    _, expected = complex_step(lambda at: (reference(at) * slopes).sum(), {"states": values}, most=100)["states"]
    assert_equal(states.grad.numpy().ravel(), expected)
