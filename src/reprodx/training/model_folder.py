"""The folder `models/`: weights as safetensors or skops, and `model.json`, which says what they are.

Nothing in it is a pickle, and reading it needs neither Lightning nor MLflow.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reprodx.artifacts.files import read_json, replacing_folder, write_json
from reprodx.config.targets import TARGET, resolve_class
from reprodx.errors import ArtifactCorruptError, ArtifactMissingError, ConfigError
from reprodx.hashing import sha256_of_path
from reprodx.training.links import Link
from reprodx.training.scorer import Interface, Scorer, network_outputs, scored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor, nn

    from reprodx.inputs import ModelInputs
    from reprodx.training.fitted import FittedModel

BEST, LAST = "best.safetensors", "last.safetensors"
"""A network's weights: those of the chosen epoch, which are used, and those of the last."""
ESTIMATOR = "model.skops"
"""A fitted estimator."""
DESCRIPTION = "model.json"
"""Architecture, interface, how the fit went, and the sha256 of every other file."""


@dataclass(frozen=True)
class FittedNetwork:
    """A network as it was trained, with what it takes to build it again."""

    network: nn.Module
    """In float64, with dropout off."""
    architecture: Mapping[str, Any]
    link: Link
    interface: Interface


def save_model(folder: Path, fitted: FittedModel, interface: Interface) -> None:
    """Write a fitted model, whole or not at all; equal models give equal bytes.

    Args:
        folder: Is replaced.
        fitted: The model.
        interface: What it takes and gives.
    """
    with replacing_folder(folder) as temporary:
        fitted.write(temporary)
        description = {
            "architecture": fitted.architecture,
            "link": fitted.link.value,
            **interface.as_dict(),
            "fit": fitted.summary.as_dict(),
            "files": {file.name: sha256_of_path(file) for file in temporary.iterdir()},
        }
        write_json(temporary / DESCRIPTION, description)


def write_weights(folder: Path, *, best: Mapping[str, Tensor], last: Mapping[str, Tensor]) -> None:
    """Write a network's weights."""
    from safetensors.torch import save_file

    for name, weights in ((BEST, best), (LAST, last)):
        save_file({key: tensor.contiguous() for key, tensor in weights.items()}, folder / name)


def load_scorer(folder: Path) -> Scorer:
    """Read a fitted model.

    Args:
        folder: What `save_model` wrote.

    Returns:
        The model, ready to score.

    Raises:
        ArtifactMissingError: If a file is missing.
        ArtifactCorruptError: If a file's bytes are not those that were written, or do not fit the architecture.
    """
    with described(folder) as description:
        interface = Interface.from_dict(description)
        if ESTIMATOR in description["files"]:
            model: Any = resolve_class(description["architecture"][TARGET], "architecture")
            return Scorer(interface, _estimator_score(model.load(folder / ESTIMATOR), interface))
        return Scorer(interface, _network_score(_fitted_network(folder, description)))


def load_network(folder: Path) -> FittedNetwork | None:
    """Read a fitted network itself, for what needs its gradients.

    Args:
        folder: What `save_model` wrote.

    Returns:
        The network; None where the model is an estimator.

    Raises:
        ArtifactMissingError: If a file is missing.
        ArtifactCorruptError: If a file's bytes are not those that were written, or do not fit the architecture.
    """
    with described(folder) as description:
        return None if ESTIMATOR in description["files"] else _fitted_network(folder, description)


def read_generated(folder: Path) -> dict[str, Any] | None:
    """Return what a generator added to the training cases of a model; None where nothing was added.

    Args:
        folder: What `save_model` wrote.

    Returns:
        See `fitted.GeneratedSummary`.

    Raises:
        ArtifactMissingError: If there is no model.
        ArtifactCorruptError: If its description cannot be read.
    """
    generated: dict[str, Any] | None = read_json(folder / DESCRIPTION, made_by="train").get("fit", {}).get("generated")
    return generated


@contextlib.contextmanager
def described(folder: Path, what: str = "model") -> Iterator[dict[str, Any]]:
    """Yield the description of a model whose files are those that were written; what does not fit it is damaged.

    Args:
        folder: Of the model.
        what: The word for it in messages.

    Yields:
        The description.

    Raises:
        ArtifactMissingError: If a file is missing.
        ArtifactCorruptError: If a file's bytes are not those that were written, or the block cannot make a model of it.
    """
    description = read_json(folder / DESCRIPTION, made_by="train")
    try:
        _check_files(folder, description["files"])
        yield description
    except (ConfigError, KeyError, TypeError, ValueError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        raise ArtifactCorruptError(
            f"{folder} holds no {what} that fits its {DESCRIPTION} ({reason}): run `reprodx train` again"
        ) from error


def _check_files(folder: Path, digests: Mapping[str, str]) -> None:
    for name, digest in digests.items():
        if not (folder / name).is_file():
            raise ArtifactMissingError(f"{folder / name} is missing: run `reprodx train` or `dvc repro` first")
        if sha256_of_path(folder / name) != digest:
            raise ArtifactCorruptError(f"{folder / name} is not what train wrote: run `reprodx train` again")


def _estimator_score(model: Any, interface: Interface) -> Callable[[ModelInputs], NDArray[np.float64]]:
    def score(cases: ModelInputs) -> NDArray[np.float64]:
        features, _ = interface.arrays(cases)
        logits: NDArray[np.float64] = model.logits(features)
        return logits

    return score


def _fitted_network(folder: Path, description: Mapping[str, Any]) -> FittedNetwork:
    from safetensors.torch import load_file

    from reprodx.training.architecture import build_network

    interface, architecture = Interface.from_dict(description), description["architecture"]
    # In float64, so that a case's logits do not depend on the cases beside it by more than their last bits.
    network = build_network(architecture, interface.modality, interface.scaling).double()
    network.load_state_dict(load_file(folder / BEST))
    return FittedNetwork(network.eval(), architecture, Link(description["link"]), interface)


def _network_score(fitted: FittedNetwork) -> Callable[[ModelInputs], NDArray[np.float64]]:
    import torch

    from reprodx.training.cases import InputTensors

    def score(cases: ModelInputs) -> NDArray[np.float64]:
        features, inputs = fitted.interface.arrays(cases)
        tensors = None if inputs is None else InputTensors(inputs).double()
        outputs = network_outputs(fitted.network, torch.tensor(features, dtype=torch.float64), tensors)
        return scored(fitted.link, outputs)

    return score
