"""The folder `models/`: weights as safetensors or skops, and `model.json`, which says what they are.

Nothing in it is a pickle, and reading it needs neither Lightning nor MLflow.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from reprodx.artifacts.files import read_json, replacing_folder, write_json
from reprodx.config.targets import TARGET, resolve_class
from reprodx.errors import ArtifactCorruptError, ArtifactMissingError, ConfigError
from reprodx.hashing import sha256_of_path
from reprodx.training.scorer import Scorer, class_logits, network_outputs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from reprodx.training.fitted import FittedModel

BEST, LAST = "best.safetensors", "last.safetensors"
"""A network's weights: those of the chosen epoch, which are used, and those of the last."""
ESTIMATOR = "model.skops"
"""A fitted estimator."""
DESCRIPTION = "model.json"
"""Architecture, classes, feature names, how the fit went, and the sha256 of every other file."""


def save_model(folder: Path, fitted: FittedModel, *, classes: Sequence[str], feature_names: Sequence[str]) -> None:
    """Write a fitted model, whole or not at all; equal models give equal bytes.

    Args:
        folder: Is replaced.
        fitted: The model.
        classes: Names in the order of the logits.
        feature_names: What the columns of the features are.
    """
    with replacing_folder(folder) as temporary:
        fitted.write(temporary)
        description = {
            "architecture": fitted.architecture,
            "classes": list(classes),
            "feature_names": list(feature_names),
            "fit": asdict(fitted.summary),
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
    description = read_json(folder / DESCRIPTION, made_by="train")
    try:
        files, architecture = description["files"], description["architecture"]
        _check_files(folder, files)
        model: Any = resolve_class(architecture[TARGET], "architecture")
        return Scorer(
            classes=tuple(description["classes"]),
            feature_names=tuple(description["feature_names"]),
            score=model.load(folder / ESTIMATOR).logits if ESTIMATOR in files else _load_network(folder, architecture),
        )
    except (ConfigError, KeyError, TypeError, ValueError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        raise ArtifactCorruptError(
            f"{folder} holds no model that fits its {DESCRIPTION} ({reason}): run `reprodx train` again"
        ) from error


def _check_files(folder: Path, digests: Mapping[str, str]) -> None:
    for name, digest in digests.items():
        if not (folder / name).is_file():
            raise ArtifactMissingError(f"{folder / name} is missing: run `reprodx train` or `dvc repro` first")
        if sha256_of_path(folder / name) != digest:
            raise ArtifactCorruptError(f"{folder / name} is not what train wrote: run `reprodx train` again")


def _load_network(
    folder: Path, architecture: Mapping[str, Any]
) -> Callable[[NDArray[np.float32]], NDArray[np.float64]]:
    import torch
    from safetensors.torch import load_file

    from reprodx.config import instantiate

    # In float64, so that a case's logits do not depend on the cases beside it by more than their last bits.
    network = instantiate(architecture, "architecture").double()
    network.load_state_dict(load_file(folder / BEST))

    def score(features: NDArray[np.float32]) -> NDArray[np.float64]:
        outputs: NDArray[np.float64] = network_outputs(network, torch.tensor(features, dtype=torch.float64)).numpy()
        return class_logits(outputs)

    return score
