"""The GAN whose pictures are added to training: trained once, and shared by all runs that would train the same."""

from __future__ import annotations

import logging
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from reprodx.artifacts.locations import generator_cache
from reprodx.artifacts.prepared import INPUT_FILES
from reprodx.config.identity import by_content
from reprodx.config.targets import NAME, TARGET, check_component
from reprodx.errors import ArtifactError
from reprodx.hashing import sha256_of_code, sha256_of_json
from reprodx.training.checkpoint import Checkpoint
from reprodx.training.generation.fitted_generator import FittedGenerator, load_generator, save_generator
from reprodx.training.generation.gan_fit import fit_gan
from reprodx.training.generation.generator_fit import generator_architecture

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reprodx.artifacts.prepared import PreparedCases
    from reprodx.augmentation.generated_images import GeneratedImages
    from reprodx.config import Config, Trainer
    from reprodx.training.cases import Cases

GENERATOR = {NAME: "dcgan", TARGET: "reprodx.models.dcgan.DCGAN"}
OPTIMIZER = {NAME: "adam", TARGET: "torch.optim.Adam"}
CODE = ("models", "training", "inputs")
"""The packages whose source decides how the GAN's training goes."""
OF_CLASSIFIERS = ("name", "loss", "early_stopping", "select", "max_epochs", "epoch_limit", "samples_every")
"""Settings of a trainer that a GAN does not look at, or that its number of epochs stands for."""

logger = logging.getLogger(__name__)


def find_or_fit(
    train: Cases, prepared: PreparedCases, augmentation: GeneratedImages, config: Config
) -> tuple[FittedGenerator, str]:
    """Return the GAN of the training cases, training it if nobody has.

    Args:
        train: The cases that it learns, of all classes; no other case has any part in it.
        prepared: What they were taken from.
        augmentation: The GAN's settings.
        config: Its `trainer` says on what device and how; its `seed` is the GAN's, too.

    Returns:
        The GAN as it was read from the cache, and its hash.

    Raises:
        ConfigError: If the settings do not fit the pictures, the machine, or the GAN.
        ArtifactCorruptError: If the checkpoint of an interrupted training is damaged.
        TrainingError: If a loss is not a finite number.
    """
    architecture = _architecture(augmentation, prepared)
    optimizer = {**OPTIMIZER, **augmentation.optimizer}
    check_component(optimizer, "augmentation.optimizer", given=("params",))
    trainer = _trainer(config.trainer, augmentation)
    identity = _identity(train, prepared, trainer, [architecture, optimizer, config.seed])
    folder = generator_cache(identity)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        found = _read(folder)
        if found is not None:
            logger.info("the generator was found in the cache, %s", folder)
            return found, identity
        checkpoint = Checkpoint(Path(f"{folder}.checkpoint"), identity)
        logger.info("training the generator on %d training cases for %d epochs", len(train), trainer.num_epochs)
        fit = fit_gan(
            train,
            architecture,
            optimizer,
            trainer,
            config.seed,
            checkpoint=checkpoint,
            on_epoch=lambda epoch, metrics: None,
            on_samples=lambda epoch, samples, classes: None,
        )
        save_generator(folder, fit, architecture, prepared)
        checkpoint.remove()
        # Read again, so that a generator from the cache and one that was just trained make the same pictures.
        return load_generator(folder), identity


def _architecture(augmentation: GeneratedImages, prepared: PreparedCases) -> dict[str, Any]:
    model = {**GENERATOR, **augmentation.generator}
    check_component(model, "augmentation.generator", given=("num_channels", "image_size", "num_classes"))
    architecture = generator_architecture(model, prepared)
    # As JSON has it, so that a generator has one hash wherever its description comes from.
    return {key: list(value) if isinstance(value, tuple) else value for key, value in architecture.items()}


def _trainer(trainer: Trainer, augmentation: GeneratedImages) -> Trainer:
    """Return the GAN's trainer: device and threads are the classifier's, all that is about its fit is not."""
    return replace(
        trainer,
        max_epochs=augmentation.epochs,
        batch_size=augmentation.batch_size,
        gradient_clip_norm=None,
        l1_penalty=0.0,
        l2_penalty=0.0,
        sampling="shuffled",
        accumulate_batches=1,
        compile=False,
        minibatches_per_step="auto",
    )


def _identity(train: Cases, prepared: PreparedCases, trainer: Trainer, settings: list[Any]) -> str:
    used: Mapping[str, Any] = {key: value for key, value in asdict(trainer).items() if key not in OF_CLASSIFIERS}
    return sha256_of_json(
        {
            "settings": by_content(settings),
            "trainer": {**used, "num_epochs": trainer.num_epochs},
            "cases": [train.sha256(), prepared.manifest["files"][INPUT_FILES[prepared.modality]]],
            "code": sha256_of_code(*CODE),
        }
    )


def _read(folder: Path) -> FittedGenerator | None:
    if not folder.is_dir():
        return None
    try:
        return load_generator(folder)
    except ArtifactError as error:
        logger.warning("%s; it is trained again", error)
        return None
