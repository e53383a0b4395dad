"""Generated pictures among the training cases."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from torch import Generator, Tensor

from reprodx.augmentation.sequence import InSequence
from reprodx.errors import ConfigError
from reprodx.inputs import Modality


class GeneratedImages:
    """Adds pictures that a GAN makes to classes with few training cases, and changes batches as others do.

    The GAN is trained within training, on training cases alone; see `training.generation.generated_cases`.

    Source: Frid-Adar et al., GAN-based synthetic medical image augmentation, Neurocomputing 2018;321:321.
    """

    modalities: ClassVar[tuple[Modality, ...]] = (Modality.IMAGE,)
    adds_cases: ClassVar[bool] = True
    """More than batches change, so that it cannot be a part of a sequence."""

    def __init__(
        self,
        *,
        classes: Literal["minority", "all"] | Sequence[str],
        balance: float,
        generator: Mapping[str, Any],
        optimizer: Mapping[str, Any],
        epochs: int,
        batch_size: int,
        transforms: Any,
        acknowledge_copies: bool,
        num_classes: int,
    ) -> None:
        """Keep the settings.

        Args:
            classes: Which get pictures: the one with the fewest training cases, all, or those that are named.
            balance: They are filled up to this share of the training cases of the largest class, above 0 to 1.
            generator: Settings of `DCGAN` as in `conf/model/dcgan.yaml`; it must be conditional.
            optimizer: Settings of Adam for generator and discriminator.
            epochs: Of the GAN's training, at least 1.
            batch_size: Of the GAN's training, at least 2.
            transforms: Another augmentation, of batches of real and generated pictures; None leaves them.
            acknowledge_copies: Whether a GAN that copies its training cases is used all the same.
            num_classes: Of the task.

        Raises:
            ConfigError: If a setting is out of range.
        """
        if not 0 < balance <= 1:
            raise ConfigError(f"augmentation.balance: {balance} must be above 0 and at most 1")
        if not classes:
            raise ConfigError("augmentation.classes: names no class; augmentation=none adds no pictures")
        for key, value, low in (("epochs", epochs, 1), ("batch_size", batch_size, 2)):
            if value < low:
                raise ConfigError(f"augmentation.{key}: {value} is below {low}")
        if not generator.get("conditional"):
            raise ConfigError("augmentation.generator.conditional: must be true, so that a class can be asked for")
        self.classes, self.balance = classes, balance
        self.generator, self.optimizer = dict(generator), dict(optimizer)
        self.epochs, self.batch_size, self.acknowledge_copies = epochs, batch_size, acknowledge_copies
        self._transforms = _sequence(transforms, num_classes)

    def __call__(self, values: Tensor, targets: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
        """Change a training batch by the transforms.

        Args:
            values: Pictures, real and generated.
            targets: Their targets.
            generator: Where all randomness comes from.

        Returns:
            What the transforms return; without any, the same.
        """
        return (values, targets) if self._transforms is None else self._transforms(values, targets, generator)

    def num_wanted(self, counts: NDArray[np.int64], names: Sequence[str]) -> NDArray[np.int64]:
        """Return how many pictures of each class are to be generated.

        Args:
            counts: Shape (classes,), training cases of each class, at least one each.
            names: Of the classes.

        Returns:
            Shape (classes,), 0 for classes that get none.

        Raises:
            ConfigError: If `classes` names one that there is not.
        """
        missing = np.maximum(np.rint(self.balance * counts.max()).astype(np.int64) - counts, 0)
        return np.where(self._are_wanted(counts, names), missing, 0)

    def _are_wanted(self, counts: NDArray[np.int64], names: Sequence[str]) -> NDArray[np.bool_]:
        if isinstance(self.classes, str):
            return np.ones(len(names), dtype=bool) if self.classes == "all" else counts == counts.min()
        for name in self.classes:
            if name not in names:
                raise ConfigError(f"augmentation.classes: there is no class {name!r}; choose of {', '.join(names)}")
        return np.isin(list(names), list(self.classes))


def _sequence(transforms: Any, num_classes: int) -> InSequence | None:
    if transforms is None:
        return None
    sequence = InSequence(augmentations=[transforms], num_classes=num_classes)
    if Modality.IMAGE not in sequence.modalities:
        raise ConfigError("augmentation.transforms: must be an augmentation of pictures")
    return sequence
