"""Layers in plain NumPy, written from their equations, for real and for complex numbers.

Complex, because a derivative by a complex step (`numpy_gradients`) has no rounding error; so neither `abs` nor `var` is
used. DL stands for Goodfellow, Bengio and Courville, Deep Learning, MIT Press, 2016.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

Array = NDArray[Any]
Weights = Mapping[str, Array]
"""A part of a network's numbers, by the names that they have in it."""
EPSILON = 1e-5
"""What both normalisations add to a variance."""


def part(weights: Weights, name: str) -> Weights:
    """Return what belongs to one layer."""
    return {key.removeprefix(f"{name}."): value for key, value in weights.items() if key.startswith(f"{name}.")}


def numbered(weights: Weights, name: str) -> list[Weights]:
    """Return what belongs to each layer of a list, first to last."""
    inside = part(weights, name)
    return [part(inside, str(number)) for number in sorted({int(key.partition(".")[0]) for key in inside})]


def sigmoid(values: Array) -> Array:
    """DL, equation 3.30: 1 / (1 + exp(-x))."""
    return 1 / (1 + np.exp(-values))


def tanh(values: Array) -> Array:
    """DL, section 6.3.2: 2 sigmoid(2 x) - 1."""
    return 2 * sigmoid(2 * values) - 1


def relu(values: Array) -> Array:
    """DL, section 6.3: max(0, x)."""
    return np.where(values.real > 0, values, 0)


def gelu(values: Array) -> Array:
    """Hendrycks and Gimpel, Gaussian error linear units, 2016, section 2: x Phi(x)."""
    return values * (1 + erf(values / math.sqrt(2))) / 2


def softmax(values: Array) -> Array:
    """DL, equation 6.29, over the last axis: exp(x_i) / sum over j of exp(x_j)."""
    powers = np.exp(values - values.real.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def linear(values: Array, weights: Weights) -> Array:
    """DL, section 6.1: W x + b."""
    return values @ weights["weight"].T + weights.get("bias", 0)


def batch_norm(maps: Array, weights: Weights, *, is_training: bool = False) -> Array:
    """Ioffe and Szegedy, Batch normalization, ICML 2015, algorithm 1; algorithm 2 where it is not training."""
    shape = (1, -1, *[1] * (maps.ndim - 2))
    mean, variance = weights["running_mean"], weights["running_var"]
    if is_training:
        others = tuple(axis for axis in range(maps.ndim) if axis != 1)
        mean = maps.mean(others)
        variance = ((maps - mean.reshape(shape)) ** 2).mean(others)
    normalised = (maps - mean.reshape(shape)) / np.sqrt(variance.reshape(shape) + EPSILON)
    return weights["weight"].reshape(shape) * normalised + weights["bias"].reshape(shape)


def layer_norm(rows: Array, weights: Weights) -> Array:
    """Ba, Kiros and Hinton, Layer normalization, 2016, equation 3, with gain and bias: over the last axis."""
    centred = rows - rows.mean(-1, keepdims=True)
    return weights["weight"] * centred / np.sqrt((centred**2).mean(-1, keepdims=True) + EPSILON) + weights["bias"]


def convolve(maps: Array, weights: Weights, *, stride: int = 1, padding: tuple[int, int] = (0, 0)) -> Array:
    """DL, equations 9.6 to 9.8, with zeros around the maps.

    Z[c, o, i, j] = b[o] + sum over l, m, n of V[c, l, i s + m, j s + n] K[o, l, m, n].
    """
    kernel = weights["weight"]
    padded = np.pad(maps, ((0, 0), (0, 0), *((size, size) for size in padding)))
    rows, columns = ((size - side) // stride + 1 for size, side in zip(padded.shape[2:], kernel.shape[2:], strict=True))
    total = np.zeros((1, len(kernel), 1, 1)) + np.reshape(weights.get("bias", 0.0), (1, -1, 1, 1))
    for m, n in np.ndindex(*kernel.shape[2:]):
        seen = padded[:, :, m : m + stride * rows : stride, n : n + stride * columns : stride]
        total = total + np.einsum("clij,ol->coij", seen[:, :, :rows, :columns], kernel[:, :, m, n])
    return total


def convolve_transposed(maps: Array, weights: Weights, *, stride: int = 1, padding: int = 0) -> Array:
    """Dumoulin and Visin, A guide to convolution arithmetic for deep learning, 2016, chapter 4; DL, equation 9.13.

    Every number spreads the filter: Z[c, o, i s + m - p, j s + n - p] += V[c, l, i, j] K[l, o, m, n].
    """
    kernel = weights["weight"]
    (rows, columns), (height, width) = maps.shape[2:], kernel.shape[2:]
    kind = np.result_type(maps, kernel)
    total = np.zeros((len(maps), kernel.shape[1], (rows - 1) * stride + height, (columns - 1) * stride + width), kind)
    for m, n in np.ndindex(height, width):
        spread = np.einsum("clij,lo->coij", maps, kernel[:, :, m, n])
        total[:, :, m : m + stride * rows : stride, n : n + stride * columns : stride] += spread
    inside = np.s_[padding : total.shape[2] - padding, padding : total.shape[3] - padding]
    return total[:, :, *inside] + np.reshape(weights.get("bias", 0.0), (1, -1, 1, 1))


def spectrally_normalised(weights: Weights) -> Weights:
    """Miyato et al., Spectral normalization, ICLR 2018, equations 8 and 12: W / (u^T W v), u and v as they are held."""
    if (name := "parametrizations.weight.original") not in weights:
        return weights
    weight, held = weights[name], part(weights, "parametrizations.weight.0")
    sigma = held["_u"] @ weight.reshape(len(weight), -1) @ held["_v"]
    return {**weights, "weight": weight / sigma}


def max_pool(maps: Array, size: int, *, stride: int | None = None, padding: int = 0) -> Array:
    """DL, section 9.3: the largest number of each square, of each channel and case for itself."""
    stride = stride or size
    around = ((0, 0), (0, 0), (padding, padding), (padding, padding))
    padded = np.pad(maps, around, constant_values=-np.inf)
    rows, columns = ((side - size) // stride + 1 for side in padded.shape[2:])
    pooled = np.empty((*maps.shape[:2], rows, columns), maps.dtype)
    for case, channel, row, column in np.ndindex(*pooled.shape):
        top, left = row * stride, column * stride
        square = padded[case, channel, top : top + size, left : left + size].ravel()
        pooled[case, channel, row, column] = square[square.real.argmax()]
    return pooled


def elman_states(steps: Array, weights: Weights, layer: int = 0) -> Array:
    """DL, equations 10.8 and 10.9 (Elman 1990): h_t = tanh(b + c + W x_t + U h_(t-1)), h_0 = 0."""
    size = weights[f"weight_hh_l{layer}"].shape[1]
    return _unrolled(lambda gates, state: (tanh(sum(gates)),), steps, weights, layer, size, 1)


def lstm_states(steps: Array, weights: Weights, layer: int = 0) -> Array:
    """DL, equations 10.40 to 10.44, with tanh for what is written, as in Gers et al., Neural Computation 12, 2000.

    i, f, o = sigmoid(b + W x_t + U h_(t-1)), g = tanh(...); c_t = f c_(t-1) + i g; h_t = o tanh(c_t); the rows of the
    weights stand in the order i, f, g, o.
    """

    def cell(gates: tuple[Array, Array], state: tuple[Array, ...]) -> tuple[Array, ...]:
        write, keep, new, show = np.split(sum(gates), 4)
        memory = sigmoid(keep) * state[1] + sigmoid(write) * tanh(new)
        return sigmoid(show) * tanh(memory), memory

    return _unrolled(cell, steps, weights, layer, weights[f"weight_hh_l{layer}"].shape[1], 2)


def gru_states(steps: Array, weights: Weights, layer: int = 0) -> Array:
    """Cho et al., EMNLP 2014, equations 5 to 8, with the reset gate behind the product with U.

    r, z = sigmoid(...); n = tanh(W x + b + r (U h + c)); h_t = (1 - z) n + z h_(t-1); rows in the order r, z, n.
    """

    def cell(gates: tuple[Array, Array], state: tuple[Array, ...]) -> tuple[Array, ...]:
        (reset_x, update_x, new_x), (reset_h, update_h, new_h) = (np.split(each, 3) for each in gates)
        update = sigmoid(update_x + update_h)
        new = tanh(new_x + sigmoid(reset_x + reset_h) * new_h)
        return ((1 - update) * new + update * state[0],)

    return _unrolled(cell, steps, weights, layer, weights[f"weight_hh_l{layer}"].shape[1], 1)


def _unrolled(
    cell: Callable[..., tuple[Array, ...]], steps: Array, weights: Weights, layer: int, size: int, num_parts: int
) -> Array:
    state: tuple[Array, ...] = (np.zeros(size),) * num_parts
    states = []
    for step in steps:
        from_input = weights[f"weight_ih_l{layer}"] @ step + weights[f"bias_ih_l{layer}"]
        from_state = weights[f"weight_hh_l{layer}"] @ state[0] + weights[f"bias_hh_l{layer}"]
        state = cell((from_input, from_state), state)
        states.append(state[0])
    return np.stack(states)


def scaled_dot_product(queries: Array, keys: Array, values: Array) -> Array:
    """Vaswani et al., Attention is all you need, NeurIPS 2017, equation 1: softmax(Q K^T / sqrt(d)) V."""
    return softmax(queries @ keys.T / math.sqrt(keys.shape[1])) @ values


def self_attention(rows: Array, weights: Weights, num_heads: int) -> Array:
    """Vaswani et al., section 3.2.2: Concat(head_1, ..., head_h) W^O, each over its own share of the columns."""
    projected = rows @ weights["in_proj_weight"].T + weights["in_proj_bias"]
    heads = zip(*(np.split(each, num_heads, axis=1) for each in np.split(projected, 3, axis=1)), strict=True)
    return linear(np.hstack([scaled_dot_product(*head) for head in heads]), part(weights, "out_proj"))


def positions(num_steps: int, size: int) -> Array:
    """Vaswani et al., section 3.5: sin(p / 10000^(2 i / size)) in column 2 i, the cosine in column 2 i + 1."""
    angles = np.arange(num_steps)[:, None] / 10_000 ** (np.arange(0, size, 2) / size)
    return np.stack([np.sin(angles), np.cos(angles)], axis=2).reshape(num_steps, size)
