"""Derivatives in plain NumPy: by a complex step and by central differences of any reference, and backwards by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tests.equations.numpy_layers import Array, Weights, convolve, linear, numbered, relu, sigmoid, tanh

if TYPE_CHECKING:
    from collections.abc import Callable

Derivatives = dict[str, tuple[Array, Array]]
"""By a weight's name: which numbers of the flat array were looked at, and the derivative by each."""
STATISTICS = ("running_mean", "running_var", "num_batches_tracked", "._u", "._v")
"""What a network holds and does not learn."""


def complex_step(function: Callable[[Weights], Array], weights: Weights, *, most: int = 12) -> Derivatives:
    """Differentiate a loss by its weights: Im f(w + i h) / h, without rounding error however small h is.

    Source: Squire and Trapp, Using complex variables to estimate derivatives of real functions, SIAM Review 40, 1998.

    Args:
        function: The loss as a function of all weights.
        weights: Where.
        most: Numbers that are looked at in each array; of a larger one these are drawn.
    """
    return _derivatives(lambda at: function(at(1e-30j)).imag / 1e-30, weights, most)


def central_differences(function: Callable[[Weights], Array], weights: Weights, *, most: int = 1000) -> Derivatives:
    """Differentiate a loss by its weights: (f(w + h) - f(w - h)) / 2 h; arguments as `complex_step` has them.

    Source: Bishop, Pattern Recognition and Machine Learning, 2006, equation 5.69.
    """
    return _derivatives(lambda at: (function(at(1e-5)) - function(at(-1e-5))) / 2e-5, weights, most)


def _derivatives(
    derivative: Callable[[Callable[[complex], Weights]], Array], weights: Weights, most: int
) -> Derivatives:
    random = np.random.default_rng(0)
    found = {}
    for name, values in weights.items():
        if name.endswith(STATISTICS):
            continue
        places = np.arange(values.size) if values.size <= most else random.choice(values.size, most, replace=False)

        def at(step: complex, name: str = name, values: Array = values, place: int = 0) -> Weights:
            moved = values.astype(type(step)).ravel()
            moved[place] += step
            return {**weights, name: moved.reshape(values.shape)}

        found[name] = (places, np.array([derivative(lambda step, p=place: at(step, place=p)) for place in places]))
    return found


SLOPES: dict[str, Callable[[Array], Array]] = {
    "sigmoid": lambda values: values * (1 - values),
    "tanh": lambda values: 1 - values**2,
    "relu": lambda values: (values > 0).astype(float),
}
"""The derivative of each activation, from its value."""


def dense_gradients(
    weights: Weights, features: Array, slopes_of: Callable[[Array], Array], activation: Callable[[Array], Array]
) -> dict[str, Array]:
    """Go backwards through dense layers.

    Source: Rumelhart, Hinton and Williams, Nature 323, 1986, equations 4 to 7; DL, algorithm 6.4.

    Args:
        weights: Of the layers, first to last, as `MLP` names them.
        features: Shape (cases, features).
        slopes_of: From the logits to the loss's derivative by each.
        activation: Behind each hidden layer.
    """
    layers = numbered(weights, "layers")
    names = sorted({int(name.split(".")[1]) for name in weights})
    states = [features]
    for layer in layers[:-1]:
        states.append(activation(linear(states[-1], layer)))
    slopes = slopes_of(linear(states[-1], layers[-1]))
    gradients = {}
    for number, layer, below in reversed(list(zip(names, layers, states, strict=True))):
        gradients[f"layers.{number}.weight"] = slopes.T @ below
        gradients[f"layers.{number}.bias"] = slopes.sum(0)
        slopes = (slopes @ layer["weight"]) * SLOPES[activation.__name__](below)
    return gradients


def convolution_gradients(
    maps: Array, weights: Weights, slopes: Array, padding: tuple[int, int]
) -> tuple[dict[str, Array], Array]:
    """Go backwards through a convolution of stride 1: the gradients of filters and bias, and the slopes of the maps.

    Source: DL, equations 9.11 (filters) and 9.13 (maps).
    """
    kernel = weights["weight"]
    (top, left), (rows, columns) = padding, slopes.shape[2:]
    padded = np.pad(maps, ((0, 0), (0, 0), (top, top), (left, left)))
    gradient, below = np.zeros_like(kernel), np.zeros_like(padded)
    for m, n in np.ndindex(*kernel.shape[2:]):
        seen = np.s_[:, :, m : m + rows, n : n + columns]
        gradient[:, :, m, n] = np.einsum("coij,clij->ol", slopes, padded[seen])
        below[seen] += np.einsum("coij,ol->clij", slopes, kernel[:, :, m, n])
    inside = below[:, :, top : top + maps.shape[2], left : left + maps.shape[3]]
    return {"weight": gradient, "bias": slopes.sum((0, 2, 3))}, inside


def max_pool_slopes(maps: Array, slopes: Array, size: int) -> Array:
    """Go backwards through max pooling: the largest number of each square gets all, the others nothing.

    Source: LeCun et al. 1998 with the maximum; the derivative of max(x_1, ..., x_n) by x_i is 1 where x_i is it.
    """
    below = np.zeros_like(maps)
    for case, channel, row, column in np.ndindex(*slopes.shape):
        square = maps[case, channel, row * size : (row + 1) * size, column * size : (column + 1) * size]
        m, n = np.unravel_index(square.argmax(), square.shape)
        below[case, channel, row * size + m, column * size + n] += slopes[case, channel, row, column]
    return below


def one_block_gradients(
    weights: Weights, images: Array, slopes_of: Callable[[Array], Array], *, half: int, pool: int
) -> dict[str, Array]:
    """Go backwards through convolution, ReLU, max pooling and a linear layer, as `CNN` names them."""
    conv, head = numbered(weights, "blocks")[0], numbered(weights, "head")[0]
    maps = relu(convolve(images, conv, padding=(half, half)))
    rows, columns = maps.shape[2] // pool, maps.shape[3] // pool
    squares = maps[:, :, : rows * pool, : columns * pool].reshape(*maps.shape[:2], rows, pool, columns, pool)
    flat = squares.max((3, 5)).reshape(len(images), -1)
    slopes = slopes_of(linear(flat, head))
    gradients = {"head.0.weight": slopes.T @ flat, "head.0.bias": slopes.sum(0)}
    pooled_slopes = (slopes @ head["weight"]).reshape(len(images), -1, rows, columns)
    inner = max_pool_slopes(maps, pooled_slopes, pool) * (maps > 0)
    found, _ = convolution_gradients(images, conv, inner, (half, half))
    return gradients | {f"blocks.0.{name}": gradient for name, gradient in found.items()}


def elman_gradients(steps: Array, weights: Weights, slopes: Array) -> dict[str, Array]:
    """Go backwards through time in a simple recurrence.

    Source: DL, equations 10.18 to 10.28; Werbos, Backpropagation through time, Proceedings of the IEEE 78, 1990.

    Args:
        steps: Shape (time, size) of one case.
        weights: Of the layer, as torch names them.
        slopes: Of the loss by each state, without what later states pass back.
    """
    recurrent = weights["weight_hh_l0"]
    states = [np.zeros(len(recurrent))]
    for step in steps:
        inputs = weights["weight_ih_l0"] @ step + weights["bias_ih_l0"] + weights["bias_hh_l0"]
        states.append(tanh(inputs + recurrent @ states[-1]))
    by_input, by_state = np.zeros_like(weights["weight_ih_l0"]), np.zeros_like(recurrent)
    by_bias, later = np.zeros(len(recurrent)), np.zeros(len(recurrent))
    for time in reversed(range(len(steps))):
        inner = (slopes[time] + later) * (1 - states[time + 1] ** 2)
        by_input += np.outer(inner, steps[time])
        by_state += np.outer(inner, states[time])
        by_bias += inner
        later = recurrent.T @ inner
    return {"weight_ih_l0": by_input, "weight_hh_l0": by_state, "bias_ih_l0": by_bias, "bias_hh_l0": by_bias}


def lstm_gradients(steps: Array, weights: Weights, slopes: Array) -> dict[str, Array]:
    """Go backwards through time in long short-term memory; arguments as `elman_gradients` has them.

    Source: Greff et al., LSTM: a search space odyssey, IEEE TNNLS 28, 2017, section II.B, without peepholes.
    """
    recurrent = weights["weight_hh_l0"]
    size = recurrent.shape[1]
    states, memories, gates = [np.zeros(size)], [np.zeros(size)], []
    for step in steps:
        biases = weights["bias_ih_l0"] + weights["bias_hh_l0"]
        write, keep, new, show = np.split(weights["weight_ih_l0"] @ step + recurrent @ states[-1] + biases, 4)
        gates.append((sigmoid(write), sigmoid(keep), tanh(new), sigmoid(show)))
        memories.append(gates[-1][1] * memories[-1] + gates[-1][0] * gates[-1][2])
        states.append(gates[-1][3] * tanh(memories[-1]))
    by_input, by_state = np.zeros_like(weights["weight_ih_l0"]), np.zeros_like(recurrent)
    by_bias, later, memory_slopes = np.zeros(4 * size), np.zeros(size), np.zeros(size)
    for time in reversed(range(len(steps))):
        write, keep, new, show = gates[time]
        state_slopes, shown = slopes[time] + later, tanh(memories[time + 1])
        memory_slopes = memory_slopes + state_slopes * show * (1 - shown**2)
        inner = np.concatenate(
            [
                memory_slopes * new * write * (1 - write),
                memory_slopes * memories[time] * keep * (1 - keep),
                memory_slopes * write * (1 - new**2),
                state_slopes * shown * show * (1 - show),
            ]
        )
        by_input += np.outer(inner, steps[time])
        by_state += np.outer(inner, states[time])
        by_bias += inner
        later, memory_slopes = recurrent.T @ inner, memory_slopes * keep
    return {"weight_ih_l0": by_input, "weight_hh_l0": by_state, "bias_ih_l0": by_bias, "bias_hh_l0": by_bias}
