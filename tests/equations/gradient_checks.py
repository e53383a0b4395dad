"""A shipped network's gradients against derivatives of its NumPy reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.equations.numpy_gradients import complex_step
from tests.equations.shipped_networks import assert_equal, gradients_of, weights_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor, nn

    from tests.equations.numpy_layers import Array, Weights


def assert_gradients(
    network: nn.Module, loss: Callable[[], Tensor], reference: Callable[[Weights], Array], *, most: int = 12
) -> None:
    """Demand that loss and gradients equal those of the reference.

    Args:
        network: The shipped network.
        loss: Calls it and the shipped loss.
        reference: The same from its weights, in NumPy.
        most: Numbers that are looked at in each array.
    """
    weights = weights_of(network)
    found = loss()
    assert_equal(found, reference(weights), "the loss")
    gradients, derivatives = gradients_of(network, found), complex_step(reference, weights, most=most)
    assert gradients.keys() == derivatives.keys(), "the reference holds every weight"
    for name, (places, expected) in derivatives.items():
        assert_equal(gradients[name].ravel()[places], expected, name)
