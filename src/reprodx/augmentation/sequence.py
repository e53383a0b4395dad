"""Several augmentations, one after the other."""

import functools
import inspect
from collections.abc import Sequence
from typing import Any

from torch import Generator, Tensor

from reprodx.errors import ConfigError
from reprodx.inputs import Modality


class InSequence:
    """Applies its augmentations in their order."""

    def __init__(self, *, augmentations: Sequence[Any], num_classes: int) -> None:
        """Keep the augmentations.

        Args:
            augmentations: Each as in a configuration of its own; one that needs the number of classes has
                `_partial_: true` beside its `_target_`, and is completed here.
            num_classes: Of the task.

        Raises:
            ConfigError: If there is no augmentation, what is none, no modality that all of them take, or one that adds
                cases.
        """
        if not augmentations:
            raise ConfigError("augmentation.augmentations: is empty; augmentation=none leaves cases as they are")
        self.augmentations = [_complete(augmentation, num_classes) for augmentation in augmentations]
        if any(getattr(augmentation, "adds_cases", False) for augmentation in self.augmentations):
            raise ConfigError("augmentation: one that adds cases must stand first; give the others as its transforms")
        if not all(hasattr(augmentation, "modalities") for augmentation in self.augmentations):
            raise ConfigError(
                "augmentation: transforms and augmentations must have a _target_, as in conf/augmentation/"
            )
        taken = [augmentation.modalities for augmentation in self.augmentations]
        self.modalities = tuple(modality for modality in Modality if all(modality in part for part in taken))
        if not self.modalities:
            raise ConfigError("augmentation.augmentations: there is no modality that all of them take")

    def __call__(self, values: Tensor, targets: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
        """Apply all of them.

        Args:
            values: A training batch, as the first augmentation takes it.
            targets: Its targets.
            generator: Where all randomness comes from.

        Returns:
            What the last augmentation returns.
        """
        for augmentation in self.augmentations:
            values, targets = augmentation(values, targets, generator)
        return values, targets


def _complete(augmentation: Any, num_classes: int) -> Any:
    if not isinstance(augmentation, functools.partial):
        return augmentation
    needs_classes = "num_classes" in inspect.signature(augmentation.func).parameters
    return augmentation(num_classes=num_classes) if needs_classes else augmentation()
