"""One case as a network is called with it, and what it is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from reprodx.inputs import Modality, ModelInputs
from reprodx.schemas import TRAIN
from reprodx.training.cases import InputTensors, model_batch

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from reprodx.artifacts.prepared import PreparedCases
    from reprodx.training.cases import Batch
    from reprodx.training.scorer import Interface


@dataclass(frozen=True)
class AskedCase:
    """One case and the question that is asked of it."""

    batch: Batch
    """What the network is called with, of one case and in float64."""
    baselines: Batch
    """What stands for each of `batch` in a case that says nothing; None for what is held as it is."""
    yes: tuple[int, ...]
    """Positions of the classes whose log odds are attributed."""


def asked_case(
    prepared: PreparedCases, row: int, interface: Interface, means: NDArray[np.float64], yes: tuple[int, ...]
) -> AskedCase:
    """Take one case.

    Args:
        prepared: All cases.
        row: Of the case.
        interface: What the network takes.
        means: What `training_means` returned.
        yes: Positions of the classes whose log odds are attributed.

    Returns:
        The case; its baseline is the mean training case, and for text one of empty vectors.
    """
    chosen = _selected(prepared, row)
    arrays, inputs = interface.arrays(chosen)
    tensors = None if inputs is None else InputTensors(inputs).double()
    batch = model_batch(torch.tensor(arrays, dtype=torch.float64), tensors, torch.tensor([0]))
    mean_features = torch.from_numpy(means).unsqueeze(0)
    if inputs is None:
        return AskedCase(batch, (mean_features,), yes)
    mean_values = _mean_values(batch[0], interface)
    return AskedCase(batch, (mean_values, None, mean_features)[: len(batch)], yes)


def training_means(prepared: PreparedCases, interface: Interface) -> NDArray[np.float64]:
    """Return the mean of each feature that a model takes over the training cases, shape (features,)."""
    train = prepared.model_inputs.select(prepared.rows(TRAIN))
    if interface.takes_all_terms and train.terms is not None:
        return np.asarray(train.terms.mean(axis=0, dtype=np.float64)).ravel()
    means: NDArray[np.float64] = interface.arrays(train)[0].mean(axis=0, dtype=np.float64)
    return means


def _selected(prepared: PreparedCases, row: int) -> ModelInputs:
    return prepared.model_inputs.select(np.array([row]))


def _mean_values(values: Tensor | None, interface: Interface) -> Tensor:
    assert values is not None, "a network for inputs is called with their values"
    mean = torch.zeros_like(values)
    if interface.scaling is None:
        return mean
    shape = (1, -1, 1, 1) if interface.modality == Modality.IMAGE else (1, 1, -1)
    return mean + torch.tensor(interface.scaling["mean"], dtype=values.dtype).view(shape)
