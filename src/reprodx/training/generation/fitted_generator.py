"""A fitted generator: what fitting hands over, its folder `models/`, and the cases that it makes.

Nothing in the folder is a pickle, and reading it needs neither Lightning nor MLflow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from reprodx.artifacts.files import replacing_folder, write_json
from reprodx.artifacts.tokens import text_of
from reprodx.errors import ArtifactMissingError
from reprodx.hashing import sha256_of_path
from reprodx.inputs import Inputs, Modality
from reprodx.training.architecture import build_network, num_parameters
from reprodx.training.fitted import FitSummary
from reprodx.training.model_folder import DESCRIPTION, described
from reprodx.training.scorer import Interface

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import nn

    from reprodx.artifacts.prepared import PreparedCases
    from reprodx.models.char_rnn import CharRNN
    from reprodx.models.dcgan import DCGAN

WEIGHTS = "generator.safetensors"
"""All weights, a discriminator's among them."""


@dataclass(frozen=True)
class GeneratorFit:
    """A generator that has been fitted and not been written yet."""

    network: nn.Module
    num_epochs: int
    """Epochs that were run."""
    best_epoch: int
    """The epoch, from 1, whose weights the network has."""
    history: tuple[Mapping[str, float], ...]
    """The metrics of each epoch."""
    warnings: tuple[str, ...] = ()
    """What the health of the training gave cause to say, one sentence each."""

    @property
    def summary(self) -> FitSummary:
        """How the fit went."""
        metrics = self.history[self.best_epoch - 1]
        return FitSummary(self.best_epoch, self.num_epochs, num_parameters(self.network), metrics)


@dataclass(frozen=True)
class FittedGenerator:
    """A generator, ready to make cases."""

    network: nn.Module
    """In float32, with dropout off."""
    architecture: Mapping[str, Any]
    interface: Interface
    history: tuple[Mapping[str, float], ...]
    """The metrics of each epoch."""
    warnings: tuple[str, ...]
    """What the health of the training gave cause to say, one sentence each."""
    channels: tuple[str, ...] = ()
    """Of pictures."""
    tokens: tuple[str, ...] = ()
    """Of texts, by number."""
    max_tokens: int | None = None
    """Of a text at most; None for pictures."""

    def sample(self, classes: NDArray[np.int64], *, seed: int, temperature: float) -> Inputs:
        """Make cases.

        Args:
            classes: Shape (cases,): the class that each is to be of; without effect on a generator that is not
                conditional.
            seed: Equal seeds give equal cases.
            temperature: Of texts, at least 0: what logits are divided by; 0 takes the likeliest token each time.

        Returns:
            Pictures in 8 bits, or token numbers; laid out as prepared cases are.
        """
        if self.interface.modality == Modality.IMAGE:
            from reprodx.training.generation.image_sampling import sample_images

            images = sample_images(cast("DCGAN", self.network), classes, seed=seed)
            return Inputs.of_rows(Modality.IMAGE, images, channels=self.channels)
        from reprodx.training.generation.text_sampling import sample_texts

        assert self.max_tokens is not None, "texts have a largest length"
        network = cast("CharRNN", self.network)
        texts = sample_texts(network, classes, seed=seed, temperature=temperature, max_tokens=self.max_tokens)
        return text_inputs(texts, max_tokens=self.max_tokens)

    def words(self, texts: Inputs) -> list[str]:
        """Return generated texts in words."""
        return [text_of(self.tokens, text) for text in texts]


def text_inputs(texts: list[NDArray[np.int32]], *, max_tokens: int) -> Inputs:
    """Return token numbers of several texts as prepared texts are laid out; one of `max_tokens` has no end."""
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    values = np.concatenate([np.zeros(0, np.int32), *texts])
    return Inputs.of_steps(Modality.TEXT, values, lengths, settings={"max_tokens": max_tokens})


def save_generator(folder: Path, fit: GeneratorFit, architecture: Mapping[str, Any], prepared: PreparedCases) -> None:
    """Write a fitted generator, whole or not at all; equal generators give equal bytes.

    Args:
        folder: Is replaced.
        fit: The generator.
        architecture: `_target_` and the arguments that make the network again.
        prepared: The cases that it was fitted on: classes, channels and tokens are theirs.
    """
    from safetensors.torch import save_file

    assert prepared.inputs is not None, "generators make pictures and texts"
    interface = Interface(
        task=prepared.task,
        modality=prepared.modality,
        classes=prepared.classes,
        feature_names=(),
        takes_summary=False,
        scaling=None,
    )
    with replacing_folder(folder) as temporary:
        weights = {name: tensor.detach().contiguous() for name, tensor in fit.network.state_dict().items()}
        save_file(weights, temporary / WEIGHTS)
        description = {
            "architecture": architecture,
            **interface.as_dict(),
            "channels": list(prepared.inputs.channels),
            "tokens": list(prepared.tokens),
            "max_tokens": prepared.manifest["inputs"].get("max_tokens"),
            "fit": fit.summary.as_dict(),
            "history": [dict(metrics) for metrics in fit.history],
            "warnings": list(fit.warnings),
            "files": {WEIGHTS: sha256_of_path(temporary / WEIGHTS)},
        }
        write_json(temporary / DESCRIPTION, description)


def load_generator(folder: Path) -> FittedGenerator:
    """Read a fitted generator.

    Args:
        folder: What `save_generator` wrote.

    Returns:
        The generator, ready to make cases.

    Raises:
        ArtifactMissingError: If a file is missing.
        ArtifactCorruptError: If a file's bytes are not those that were written, or do not fit the architecture.
    """
    with described(folder, "generator") as description:
        if WEIGHTS not in description["files"]:
            raise ArtifactMissingError(f"{folder / WEIGHTS} is missing: run `reprodx train` or `dvc repro` first")
        return _restored(folder / WEIGHTS, description)


def _restored(path: Path, description: Mapping[str, Any]) -> FittedGenerator:
    from safetensors.torch import load_file

    interface = Interface.from_dict(description)
    network = build_network(description["architecture"], interface.modality, None)
    network.load_state_dict(load_file(path))
    return FittedGenerator(
        network=network.eval(),
        architecture=description["architecture"],
        interface=interface,
        history=tuple(description["history"]),
        warnings=tuple(description["warnings"]),
        channels=tuple(description["channels"]),
        tokens=tuple(description["tokens"]),
        max_tokens=description["max_tokens"],
    )
