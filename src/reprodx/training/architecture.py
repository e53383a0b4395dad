"""From the configured model and the sizes of the data to a network, in training and when it is loaded again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from reprodx.config import instantiate
from reprodx.config.targets import NAME, TARGET, is_generator, options_of, resolve_class
from reprodx.errors import ConfigError
from reprodx.inputs import Modality, summary_taken
from reprodx.models.foreign import ForeignNetwork, sizes_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

    from reprodx.artifacts.prepared import PreparedCases

PLURAL = {
    Modality.TABLE: "tables",
    Modality.IMAGE: "images",
    Modality.SIGNAL: "signals",
    Modality.SERIES: "time series",
    Modality.TEXT: "texts",
}
"""The modalities in messages."""
IMAGE_SIZE = "image_size"
"""What networks call height and width of pictures."""
OWN = "reprodx."
"""Begins the modules of our own networks."""


class ScaledNetwork(nn.Module):
    """A network behind the scaling of its channels: (value - mean) / std, both of the training cases."""

    mean: Tensor
    std: Tensor

    def __init__(self, network: nn.Module, mean: Sequence[float], std: Sequence[float], modality: Modality) -> None:
        """Hold both.

        Args:
            network: Takes scaled values first.
            mean: Shape (channels,).
            std: Shape (channels,), above 0.
            modality: Says where the channels lie.
        """
        super().__init__()
        self.network = network
        shape = (1, -1, 1, 1) if modality == Modality.IMAGE else (1, 1, -1)
        self.register_buffer("mean", torch.tensor(mean).view(shape))
        self.register_buffer("std", torch.tensor(std).view(shape))

    def forward(self, values: Tensor, *rest: Tensor | None) -> Tensor:
        """Return the network's logits of the scaled values."""
        logits: Tensor = self.network((values - self.mean) / self.std, *rest)
        return logits


def takes_summary(model: Mapping[str, Any], modality: Modality) -> bool:
    """Return whether a model is given summary features, because it cannot take the cases as they are.

    Args:
        model: The section of the config.
        modality: Of the cases.

    Returns:
        False for a table.
    """
    return modality != Modality.TABLE and getattr(resolve_class(model[TARGET], "model"), "takes_summary", False)


def takes_all_terms(model: Mapping[str, Any], modality: Modality) -> bool:
    """Return whether a model is given all terms of texts and not the most telling ones alone.

    Args:
        model: The section of the config.
        modality: Of the cases.

    Returns:
        False for other cases than texts.
    """
    return modality == Modality.TEXT and getattr(resolve_class(model[TARGET], "model"), "takes_all_terms", False)


def check_fits(model: Mapping[str, Any], modality: Modality) -> None:
    """Refuse a model that cannot take the cases.

    Args:
        model: The section of the config.
        modality: Of the cases.

    Raises:
        ConfigError: Naming the models of `conf/` that can.
    """
    if _fits(resolve_class(model[TARGET], "model"), modality):
        return
    options = options_of("model")
    # Other libraries' networks are left out: importing one takes seconds, and it may not be installed.
    ours = {name: target for name, target in options.items() if target.startswith(OWN)}
    alike = [name for name, target in ours.items() if is_generator({TARGET: target}) == is_generator(model)]
    fitting = [name for name in alike if _fits(resolve_class(ours[name], "model"), modality)]
    raise ConfigError(
        f"model={model[NAME]} does not take {PLURAL[modality]}, which these cases are; "
        f"those that do: {', '.join(sorted(fitting)) or 'none'}"
    )


def check_augmentation_fits(augmentation: object, name: str, modality: Modality, *, is_summed_up: bool) -> None:
    """Refuse an augmentation that cannot change the cases.

    Args:
        augmentation: The object; None leaves the cases as they are.
        name: What the config calls it.
        modality: Of the cases.
        is_summed_up: Whether the model is given summary features, which are a table.

    Raises:
        ConfigError: If it is meant for other modalities.
    """
    given = Modality.TABLE if is_summed_up else modality
    modalities = getattr(augmentation, "modalities", tuple(Modality))
    if augmentation is not None and given not in modalities:
        raise ConfigError(
            f"augmentation={name} changes {' and '.join(PLURAL[each] for each in modalities)}, "
            f"but the model is given {'summary features' if is_summed_up else PLURAL[given]}; use augmentation=none"
        )


def architecture_of(
    model: Mapping[str, Any], prepared: PreparedCases, *, num_outputs: int, seed: int
) -> dict[str, Any]:
    """Return all arguments of a model's constructor: those of the config, and those that the data decide.

    Args:
        model: The section of the config.
        prepared: The cases.
        num_outputs: Of the network.
        seed: The run's, for a model that asks for it.

    Returns:
        A node with `_target_` and every argument that the constructor names.
    """
    target, modality = resolve_class(model[TARGET], "model"), prepared.modality
    sizes: dict[str, Any] = {"num_outputs": num_outputs, "seed": seed, "vocabulary_size": None, "num_steps": None}
    if takes_summary(model, modality):
        is_whole = takes_all_terms(model, modality)
        sizes["num_features"] = len(summary_taken(prepared.summary_names, modality, takes_all_terms=is_whole))
        return {**model, **sizes_for(target, Modality.TABLE, sizes, model)}
    sizes["num_features"] = len(prepared.feature_names)
    if prepared.inputs is not None:
        shape = prepared.inputs.values.shape
        sizes["num_channels"] = len(prepared.inputs.channels)
        sizes["vocabulary_size"] = prepared.manifest["inputs"].get("vocabulary_size")
        if modality == Modality.IMAGE:
            sizes[IMAGE_SIZE] = shape[1:3]
        elif prepared.inputs.lengths is None:
            sizes["num_steps"] = shape[1]
    return {**model, **sizes_for(target, modality, sizes, model)}


def scaling_of(model: Mapping[str, Any], prepared: PreparedCases) -> Mapping[str, Sequence[float]] | None:
    """Return `mean` and `std` of each channel of the training cases; None where values are taken as they are."""
    if prepared.inputs is None or takes_summary(model, prepared.modality):
        return None
    scaling: Mapping[str, Sequence[float]] | None = prepared.manifest["inputs"]["scaling"]
    return scaling


def build_network(
    architecture: Mapping[str, Any], modality: Modality, scaling: Mapping[str, Sequence[float]] | None
) -> nn.Module:
    """Make a network; its weights come from torch's random state.

    Args:
        architecture: What `architecture_of` returned, perhaps read again from JSON.
        modality: Of the cases.
        scaling: What `scaling_of` returned.

    Returns:
        The network, to be called with a batch.

    Raises:
        ConfigError: If the constructor refuses a value.
    """
    # JSON has no tuples.
    arguments = {key: tuple(value) if key == IMAGE_SIZE else value for key, value in architecture.items()}
    network: nn.Module = instantiate(arguments, "model")
    if not resolve_class(architecture[TARGET], "model").__module__.startswith(OWN):
        network = ForeignNetwork(network=network, modality=modality)
    return network if scaling is None else ScaledNetwork(network, scaling["mean"], scaling["std"], modality)


def num_parameters(network: nn.Module) -> int:
    """Return how many numbers a network learns."""
    return sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)


def _fits(target: type, modality: Modality) -> bool:
    modalities = getattr(target, "modalities", (Modality.TABLE, Modality.IMAGE, Modality.SIGNAL, Modality.SERIES))
    return modality in modalities or getattr(target, "takes_summary", False)
