"""Convolutional networks and the gradients of their losses, against NumPy."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from reprodx.inputs import Modality
from reprodx.schemas import Task
from tests.equations.gradient_checks import assert_gradients
from tests.equations.numpy_gradients import one_block_gradients
from tests.equations.numpy_layers import numbered, relu
from tests.equations.numpy_losses import cross_entropy, cross_entropy_slopes
from tests.equations.numpy_networks import cnn, resnet1d, resnet18
from tests.equations.shipped_networks import (
    arrays,
    assert_equal,
    cases,
    gradients_of,
    read,
    shipped,
    shipped_loss,
    weights_of,
    without_dropout,
)

TARGETS = torch.tensor([0, 2, 1, 1])
SHARES = np.eye(3)[TARGETS]


def draw_images(*shape):
    return torch.from_numpy(np.random.default_rng(2).normal(size=shape))


def loop_convolution(images, kernel, bias, half):
    """DL, equation 9.7, number by number, with zeros around the picture."""
    num, size_in, height, width = images.shape
    size_out, _, rows, columns = kernel.shape
    found = np.empty((num, size_out, height + 2 * half - rows + 1, width + 2 * half - columns + 1))
    for case, out, row, column in np.ndindex(*found.shape):
        total = bias[out]
        for channel, m, n in np.ndindex(size_in, rows, columns):
            i, j = row + m - half, column + n - half
            if 0 <= i < height and 0 <= j < width:
                total += images[case, channel, i, j] * kernel[out, channel, m, n]
        found[case, out, row, column] = total
    return found


@settings(max_examples=12)
@given(
    padding=st.sampled_from(["same", "valid"]),
    kernel_size=st.sampled_from([1, 3]),
    num_channels=st.integers(1, 3),
    num_filters=st.integers(1, 3),
    image_size=st.tuples(st.integers(4, 6), st.integers(4, 6)),
)
def test_a_filter_sums_what_it_covers(padding, kernel_size, num_channels, num_filters, image_size):
    sizes = {"num_channels": num_channels, "image_size": image_size, "filters": [num_filters]}
    network = shipped("cnn", Modality.IMAGE, padding=padding, kernel_size=kernel_size, batch_norm=False, **sizes)
    images = draw_images(2, num_channels, *image_size)

    maps = network.blocks[:2](images)

    layer = numbered(weights_of(network), "blocks")[0]
    half = kernel_size // 2 if padding == "same" else 0
    assert_equal(maps, relu(loop_convolution(images.numpy(), layer["weight"], layer["bias"], half)))


@pytest.mark.parametrize("is_training", [False, True])
@pytest.mark.parametrize("pooling_head", ["flatten", "average"])
@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("batch_norm", [True, False])
def test_the_shipped_cnn_follows_the_equations(batch_norm, padding, pooling_head, is_training):
    changes = {"batch_norm": batch_norm, "padding": padding, "pooling_head": pooling_head, "image_size": (11, 10)}
    network = without_dropout(shipped("cnn", Modality.IMAGE, **changes)).train(is_training)
    images, loss = draw_images(4, 3, 11, 10), shipped_loss("cross_entropy", Task.MULTICLASS, 3)
    settings = {"padding": padding, "pool": read("model/cnn")[1]["pool"], "pooling_head": pooling_head}

    assert_gradients(
        network,
        lambda: loss(network(images), TARGETS),
        lambda weights: cross_entropy(cnn(weights, images.numpy(), is_training=is_training, **settings), SHARES),
        most=2,
    )


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("pool", [1, 2, 3])
def test_filters_learn_by_the_chain_rule_by_hand(padding, pool):
    changes = {"filters": [2], "hidden_sizes": [], "batch_norm": False, "padding": padding, "pool": pool}
    network = shipped("cnn", Modality.IMAGE, **changes)
    images, loss = draw_images(4, 3, 8, 7), shipped_loss("cross_entropy", Task.MULTICLASS, 3)

    gradients = gradients_of(network, loss(network(images), TARGETS))

    half = 1 if padding == "same" else 0
    expected = one_block_gradients(
        weights_of(network), images.numpy(), lambda logits: cross_entropy_slopes(logits, SHARES), half=half, pool=pool
    )
    assert gradients.keys() == expected.keys()
    for name, gradient in gradients.items():
        assert_equal(gradient, expected[name], name)


@pytest.mark.parametrize(("stem", "side"), [("small", 9), ("imagenet", 33)])
def test_the_shipped_resnet18_follows_the_equations(stem, side):
    network = shipped("resnet18", Modality.IMAGE, stem=stem).eval()
    images, loss = draw_images(4, 3, side, side - 1), shipped_loss("cross_entropy", Task.MULTICLASS, 3)

    assert_gradients(
        network,
        lambda: loss(network(images), TARGETS),
        lambda weights: cross_entropy(resnet18(weights, images.numpy(), stem=stem), SHARES),
        most=1,
    )


@pytest.mark.parametrize(("stride", "pooling"), [(2, "mean"), (1, "max"), (2, "max"), (3, "attention")])
def test_the_shipped_resnet1d_follows_the_equations_on_every_length(stride, pooling):
    network = shipped("resnet1d", Modality.SIGNAL, stride=stride, pooling=pooling, filters=[2, 3, 3]).eval()
    given_cases, loss = cases(Modality.SIGNAL, num_steps=13), shipped_loss("cross_entropy", Task.MULTICLASS, 3)

    assert_gradients(
        network,
        lambda: loss(network(**given_cases), TARGETS),
        lambda weights: cross_entropy(resnet1d(weights, **arrays(given_cases), stride=stride, pooling=pooling), SHARES),
        most=1,
    )


def test_masked_batch_normalisation_in_training_counts_a_case_s_own_steps_alone():
    network = without_dropout(shipped("resnet1d", Modality.SIGNAL))
    given_cases = cases(Modality.SIGNAL)
    convolved = network.stem(given_cases["values"].transpose(1, 2)).detach().numpy()
    own = np.arange(7) < given_cases["lengths"].numpy()[:, None]
    steps, weights = convolved.transpose(0, 2, 1)[own], weights_of(network)

    normalised = network.stem_norm(torch.from_numpy(convolved), torch.from_numpy(own))

    centred = (steps - steps.mean(0)) / np.sqrt(steps.var(0) + 1e-5)
    expected = centred * weights["stem_norm.weight"] + weights["stem_norm.bias"]
    assert_equal(normalised.transpose(1, 2)[torch.from_numpy(own)], expected)
    assert not normalised.transpose(1, 2)[torch.from_numpy(~own)].any()


def test_filters_are_not_turned_round():
    """DL, equation 9.6: networks correlate; a mathematician's convolution would mirror the filter."""
    network = shipped("cnn", Modality.IMAGE, num_channels=1, filters=[1], batch_norm=False, image_size=(3, 3))
    nn.init.zeros_(network.blocks[0].bias)
    kernel = network.blocks[0].weight.data[0, 0]
    kernel.copy_(torch.arange(1.0, 10.0).view(3, 3))
    image = torch.zeros(1, 1, 3, 3, dtype=torch.float64)
    image[0, 0, 0, 0] = 1.0

    assert network.blocks[:2](image)[0, 0, 0, 0] == kernel[1, 1] == 5
    assert network.blocks[:2](image)[0, 0, 1, 1] == kernel[0, 0] == 1
