"""Whole networks in plain NumPy: layers in the order that the equations of their papers name.

A sequence is computed alone, of its own steps, so that nothing can read padding or another case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tests.equations.numpy_layers import (
    Array,
    Weights,
    batch_norm,
    convolve,
    elman_states,
    gelu,
    gru_states,
    layer_norm,
    linear,
    lstm_states,
    max_pool,
    numbered,
    part,
    positions,
    relu,
    self_attention,
    sigmoid,
    softmax,
    tanh,
)

if TYPE_CHECKING:
    from collections.abc import Callable

ACTIVATIONS = {"relu": relu, "tanh": tanh, "sigmoid": sigmoid}
CELLS = {"rnn": elman_states, "lstm": lstm_states, "gru": gru_states}


def logistic(weights: Weights, features: Array) -> Array:
    """Multinomial logistic regression, DL section 6.2.2.3 without a hidden layer."""
    return linear(features, part(weights, "linear"))


def mlp(weights: Weights, features: Array, *, activation: str = "relu", is_training: bool = False) -> Array:
    """DL, algorithm 6.3: h_k = f(W_k h_(k-1) + b_k), the last layer without f."""
    *hidden, last = numbered(weights, "layers")
    has_norm = any(layer["weight"].ndim == 1 for layer in hidden)
    for layer in hidden:
        is_norm = layer["weight"].ndim == 1
        features = batch_norm(features, layer, is_training=is_training) if is_norm else linear(features, layer)
        if is_norm == has_norm:
            features = ACTIVATIONS[activation](features)
    return linear(features, last)


def cnn(weights: Weights, images: Array, *, padding: str, pool: int, pooling_head: str, is_training: bool) -> Array:
    """Blocks of one convolution, batch normalisation, ReLU and max pooling; dense layers with ReLU."""
    layers = numbered(weights, "blocks")
    has_norm = any(layer["weight"].ndim == 1 for layer in layers)
    for layer in layers:
        if is_norm := layer["weight"].ndim == 1:
            images = batch_norm(images, layer, is_training=is_training)
        else:
            half = layer["weight"].shape[2] // 2 if padding == "same" else 0
            images = convolve(images, layer, padding=(half, half))
        if is_norm == has_norm:
            images = max_pool(relu(images), pool)
    values = images.mean((2, 3)) if pooling_head == "average" else images.reshape(len(images), -1)
    *hidden, last = numbered(weights, "head")
    for layer in hidden:
        values = relu(linear(values, layer))
    return linear(values, last)


def resnet18(weights: Weights, images: Array, *, stem: str) -> Array:
    """He et al., CVPR 2016, equation 1, y = relu(F(x) + x), and 2, with a projection where the shape changes."""
    conv, norm = numbered(weights, "stem")
    is_large = stem == "imagenet"
    half = conv["weight"].shape[2] // 2
    maps = relu(batch_norm(convolve(images, conv, stride=2 if is_large else 1, padding=(half, half)), norm))
    maps = max_pool(maps, 3, stride=2, padding=1) if is_large else maps
    for number, block in enumerate(numbered(weights, "blocks")):
        # Each stage but the first begins with a stride of 2.
        stride = 2 if number in {2, 4, 6} else 1
        inner = convolve(maps, part(block, "conv1"), stride=stride, padding=(1, 1))
        inner = convolve(relu(batch_norm(inner, part(block, "norm1"))), part(block, "conv2"), padding=(1, 1))
        if shortcut := numbered(block, "shortcut"):
            maps = batch_norm(convolve(maps, shortcut[0], stride=stride), shortcut[1])
        maps = relu(batch_norm(inner, part(block, "norm2")) + maps)
    return linear(maps.mean((2, 3)), part(weights, "head"))


def resnet1d(weights: Weights, values: Array, lengths: Array, features: Array, *, stride: int, pooling: str) -> Array:
    """The same over time, each block with its stride and its projection."""

    def over_time(maps: Array, layer: Weights, stride: int = 1) -> Array:
        kernel = layer["weight"][:, :, None]
        return convolve(maps, {"weight": kernel}, stride=stride, padding=(0, kernel.shape[3] // 2))

    def states(steps: Array) -> Array:
        maps = relu(batch_norm(over_time(steps.T[None, :, None], part(weights, "stem")), part(weights, "stem_norm")))
        for block in numbered(weights, "blocks"):
            inner = relu(batch_norm(over_time(maps, part(block, "conv1"), stride), part(block, "norm1")))
            inner = batch_norm(over_time(inner, part(block, "conv2")), part(block, "norm2"))
            shortcut = batch_norm(over_time(maps, part(block, "shortcut"), stride), part(block, "shortcut_norm"))
            maps = relu(inner + shortcut)
        return maps[0, :, 0].T

    return _case_by_case(weights, states, values, lengths, features, pooling=pooling)


def recurrent(
    weights: Weights, values: Array, lengths: Array, features: Array, *, cell: str, pooling: str, stride: int
) -> Array:
    """Recurrent layers one upon the other; two directions as in Schuster and Paliwal, 1997."""
    directions = list(zip(numbered(weights, "layers.onwards"), numbered(weights, "layers.backwards"), strict=False))
    is_bidirectional = bool(directions)

    def states(steps: Array) -> Array:
        steps = _embedded(weights, steps)
        steps = np.stack([steps[start : start + stride].mean(0) for start in range(0, len(steps), stride)])
        for onward, backward in directions:
            steps = np.hstack([CELLS[cell](steps, onward), CELLS[cell](steps[::-1], backward)[::-1]])
        for onward in numbered(weights, "layers.onwards") if not directions else []:
            steps = CELLS[cell](steps, onward)
        return steps

    return _case_by_case(weights, states, values, lengths, features, pooling=pooling, is_bidirectional=is_bidirectional)


def transformer(
    weights: Weights, values: Array, lengths: Array, features: Array, *, num_heads: int, patch: int, pooling: str
) -> Array:
    """Vaswani et al., NeurIPS 2017, figure 1 left, normalised before each part (Xiong et al., ICML 2020)."""

    def states(steps: Array) -> Array:
        rows = _embedded(weights, steps)
        if "projection.weight" in weights:
            rows = np.pad(rows, ((0, -len(rows) % patch), (0, 0))).reshape(-1, patch * rows.shape[1])
            rows = linear(rows, part(weights, "projection"))
        rows = np.vstack([weights["first_token"], rows]) if pooling == "first" else rows
        rows = rows + positions(*rows.shape)
        for layer in numbered(weights, "layers"):
            normed = layer_norm(rows, part(layer, "norm1"))
            rows = rows + self_attention(normed, part(layer, "self_attn"), num_heads)
            hidden = gelu(linear(layer_norm(rows, part(layer, "norm2")), part(layer, "linear1")))
            rows = rows + linear(hidden, part(layer, "linear2"))
        return layer_norm(rows, part(weights, "norm"))

    return _case_by_case(weights, states, values, lengths, features, pooling=pooling)


def ft_transformer(weights: Weights, features: Array, *, num_heads: int) -> Array:
    """Gorishniy et al., NeurIPS 2021, section 3.3, the first layer without its first normalisation."""

    def logits(row: Array) -> Array:
        tokens = row[:, None] * weights["tokens.weight"] + weights["tokens.bias"]
        rows = np.vstack([weights["tokens.case_token"], tokens])
        for number, layer in enumerate(numbered(weights, "layers")):
            normed = layer_norm(rows, part(layer, "norm1")) if number else rows
            rows = rows + self_attention(normed, part(layer, "attention"), num_heads)
            values, gates = np.split(linear(layer_norm(rows, part(layer, "norm2")), part(layer, "linear1")), 2, axis=1)
            rows = rows + linear(values * relu(gates), part(layer, "linear2"))
        return linear(relu(layer_norm(rows[0], part(weights, "head.0"))), part(weights, "head.2"))

    return np.stack([logits(row) for row in features])


def char_rnn(weights: Weights, tokens: Array, classes: Array, *, cell: str) -> Array:
    """Mikolov et al., Interspeech 2010, equations 1 to 5: the logits of the next token from the state at each place."""
    layers = part(weights, "layers")

    def logits(text: Array, number: int) -> Array:
        steps = weights["embedding.weight"][text]
        if "class_embedding.weight" in weights:
            steps = steps + weights["class_embedding.weight"][number]
        for layer in range(len(layers) // 4):
            steps = CELLS[cell](steps, layers, layer)
        return linear(steps, part(weights, "head"))

    return np.stack([logits(text, number) for text, number in zip(tokens, classes, strict=True)])


def pooled(states: Array, weights: Weights, kind: str, *, is_bidirectional: bool = False) -> Array:
    """Return one vector of a case's states; attention as in Yang et al., NAACL 2016, equations 5 to 7."""
    match kind:
        case "first":
            return states[0]
        case "last":
            half = states.shape[1] // 2 if is_bidirectional else states.shape[1]
            return np.concatenate([states[-1, :half], states[0, half:]])
        case "mean":
            return states.sum(0) / len(states)
        case "max":
            return np.take_along_axis(states, states.real.argmax(0)[None], axis=0)[0]
        case _:
            scores = linear(tanh(linear(states, part(weights, "hidden"))), part(weights, "score"))
            return softmax(scores[:, 0]) @ states


def _embedded(weights: Weights, steps: Array) -> Array:
    return weights["input.embedding.weight"][steps] if "input.embedding.weight" in weights else steps


def _case_by_case(
    weights: Weights,
    states: Callable[[Array], Array],
    values: Array,
    lengths: Array,
    features: Array,
    *,
    pooling: str,
    is_bidirectional: bool = False,
) -> Array:
    vectors = [
        pooled(states(case[:length]), part(weights, "pooling"), pooling, is_bidirectional=is_bidirectional)
        for case, length in zip(values, lengths, strict=True)
    ]
    return linear(np.hstack([np.stack(vectors), features]), part(weights, "head.linear"))
