"""Networks of other libraries behind the contract of ours."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from reprodx.errors import ConfigError
from reprodx.inputs import Modality

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jaxtyping import Float, Int

FOREIGN_NAMES = {
    "in_channels": "num_channels",
    "n_input_channels": "num_channels",
    "in_features": "num_features",
    "img_size": "image_size",
    "out_channels": "num_outputs",
    "out_features": "num_outputs",
    "num_classes": "num_outputs",
}
"""What other libraries call the sizes that our networks are given."""
SPATIAL_DIMS = {Modality.IMAGE: 2, Modality.SIGNAL: 1, Modality.SERIES: 1}
"""The axes beside case and channel, MONAI's `spatial_dims`."""


def sizes_for(
    target: type, modality: Modality, sizes: Mapping[str, Any], settings: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the sizes that a constructor's signature names and the config leaves out.

    Args:
        target: The network's class, ours or another library's.
        modality: What it will be given.
        sizes: What the data decide, by our names: `num_outputs`, `num_features`, `num_channels`, ...
        settings: What the config holds.

    Returns:
        Arguments for the constructor, by its own names.

    >>> sizes_for(nn.Linear, Modality.TABLE, {"num_features": 3, "num_outputs": 1}, {"bias": False})
    {'in_features': 3, 'out_features': 1}
    """
    known = {**sizes, **{name: sizes[own] for name, own in FOREIGN_NAMES.items() if own in sizes}}
    if modality in SPATIAL_DIMS:
        known["spatial_dims"] = SPATIAL_DIMS[modality]
    named = inspect.signature(target).parameters
    return {name: known[name] for name in named if name in known and name not in settings}


class ForeignNetwork(nn.Module):
    """A network that takes values alone, signals and series with channels before time."""

    def __init__(self, *, network: nn.Module, modality: Modality) -> None:
        """Hold the network.

        Args:
            network: Takes features (batch, features), pictures (batch, channels, height, width), signals and series
                (batch, channels, time), or tokens (batch, time), and gives logits.
            modality: What it will be given.
        """
        super().__init__()
        self.network, self.modality = network, modality

    def forward(
        self,
        values: Float[Tensor, "batch ..."],
        lengths: Int[Tensor, " batch"] | None = None,
        features: Float[Tensor, "batch features"] | None = None,
    ) -> Float[Tensor, "batch outputs"]:
        """Compute the logits.

        Args:
            values: Laid out as our networks take them.
            lengths: Steps of each case; None where all count.
            features: Not used; the network does not know of them.

        Returns:
            Logits: of the positive class for one output, else one a class or label.

        Raises:
            ConfigError: If a case has padding, which the network would take for measurements, or the network gives
                something else than a row of numbers per case.
        """
        name = type(self.network).__name__
        if lengths is not None and bool((lengths < values.shape[1]).any()):
            raise ConfigError(f"model: {name} cannot tell padding from measurements; choose one of ours, such as lstm")
        if self.modality in (Modality.SIGNAL, Modality.SERIES):
            values = values.transpose(1, 2)
        logits = self.network(values)
        if not isinstance(logits, Tensor) or logits.dim() != 2:
            raise ConfigError(f"model: {name} does not give one row of logits per case; choose a classifier")
        return logits
