"""Generated pictures among the training cases."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from reprodx.errors import ConfigError, MemorisationError
from reprodx.schemas import Task
from reprodx.training.determinism import INITIAL, Stream, stream_seed
from reprodx.training.fitted import GeneratedSummary
from reprodx.training.generation.cached_generator import find_or_fit
from reprodx.training.generation.copy_check import check_copies

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from reprodx.artifacts.prepared import PreparedCases
    from reprodx.augmentation.generated_images import GeneratedImages
    from reprodx.config import Config
    from reprodx.inputs import Inputs
    from reprodx.training.cases import Cases

CURVE_PREFIX = "generator/"
"""Before the names of the GAN's metrics, which stand beside those of the classifier."""
TEMPERATURE = 1.0
"""Of samples; pictures have none."""

logger = logging.getLogger(__name__)


def with_generated(
    train: Cases,
    prepared: PreparedCases,
    augmentation: GeneratedImages,
    config: Config,
    *,
    on_epoch: Callable[[int, Mapping[str, float]], None],
) -> tuple[Cases, GeneratedSummary | None]:
    """Return the training cases and pictures that a GAN of them made, which come last.

    A generated picture has the class that it was made as, and the features, where there are any, of a random training
    case of that class.

    Args:
        train: The cases that the GAN learns and that pictures are added to.
        prepared: What they were taken from; validation cases are what a copy is told by.
        augmentation: Which classes get how many, and the GAN's settings.
        config: Seed and trainer.
        on_epoch: Is given the number of each epoch of the GAN, from 1, and its metrics, also of a GAN from the cache.

    Returns:
        The cases, and what was added; None where no class lacks any.

    Raises:
        ConfigError: If cases may have several labels, a class is unknown, or the GAN cannot make such pictures.
        MemorisationError: If the GAN copies its training cases and nobody has acknowledged it.
        TrainingError: If a loss of the GAN is not a finite number.
    """
    if prepared.task == Task.MULTILABEL:
        name = config.augmentation["name"]
        raise ConfigError(
            f"augmentation={name}: a case may have several labels, and pictures are made of one; use none"
        )
    counts = train.targets.bincount(minlength=len(prepared.classes)).numpy()
    wanted = augmentation.num_wanted(counts, prepared.classes)
    if not wanted.any():
        logger.warning("no picture is generated: the classes that may get some have as many cases as balance asks for")
        return train, None
    generator, generator_hash = find_or_fit(train, prepared, augmentation, config)
    for epoch, metrics in enumerate(generator.history, start=1):
        on_epoch(epoch, {CURVE_PREFIX + name.rpartition("/")[2]: value for name, value in metrics.items()})
    classes = np.repeat(np.arange(len(counts)), wanted)
    pictures = generator.sample(classes, seed=config.seed, temperature=TEMPERATURE)
    found = check_copies(pictures, prepared, seed=config.seed)
    _refuse_copies(found.copies, augmentation)
    if found.privacy["copied_share"].value is None:
        logger.warning("whether the generator copies is not known: %s", found.privacy["copied_share"].reason)
    logger.info("added %d generated pictures to %d training cases", len(pictures), len(train))
    summary = GeneratedSummary(
        num_generated=_by_class(wanted, prepared.classes),
        num_real=_by_class(counts, prepared.classes),
        generator_hash=generator_hash,
        num_epochs=len(generator.history),
        warnings=generator.warnings,
        privacy={name: estimate.as_dict() for name, estimate in found.privacy.items()},
        copies=found.copies,
    )
    return _joined(train, pictures, classes, config.seed), summary


def _refuse_copies(copies: str | None, augmentation: GeneratedImages) -> None:
    if copies is None:
        return
    if not augmentation.acknowledge_copies:
        raise MemorisationError(
            f"the generator copies its training cases: {copies}; train it shorter (augmentation.epochs), on more "
            "patients, or use it all the same with augmentation.acknowledge_copies=true"
        )
    logger.warning("the generator copies its training cases: %s; acknowledged", copies)


def _by_class(counts: NDArray[np.int64], names: tuple[str, ...]) -> dict[str, int]:
    return {name: int(count) for name, count in zip(names, counts, strict=True) if count}


def _joined(train: Cases, pictures: Inputs, classes: NDArray[np.int64], seed: int) -> Cases:
    assert train.inputs is not None, "the cases are pictures"
    rng = np.random.default_rng(stream_seed(seed, INITIAL, Stream.AUGMENTATION))
    targets = train.targets.numpy()
    alike = torch.tensor([rng.choice(np.flatnonzero(targets == label)) for label in classes])
    values = np.concatenate([train.inputs.gathered(), pictures.gathered()])
    return replace(
        train,
        features=torch.cat([train.features, train.features[alike]]),
        targets=torch.cat([train.targets, torch.from_numpy(classes)]),
        inputs=replace(train.inputs, values=values, starts=np.arange(len(values))),
    )
