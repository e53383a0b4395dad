"""The cases of one split as tensors."""

from __future__ import annotations

import copy
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from reprodx.errors import DataError
from reprodx.inputs import Modality
from reprodx.schemas import TRAIN, Task

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array
    from torch import Tensor

    from reprodx.artifacts.prepared import PreparedCases
    from reprodx.inputs import Inputs

WHITE = 255.0
"""The value of a stored picture that networks see as 1."""
Batch = tuple["Tensor | None", ...]
"""What a network is called with: the values first, lengths and features after them."""


@dataclass(frozen=True)
class Cases:
    """The cases of one split."""

    features: Tensor
    """Shape (cases, features), float32; perhaps without columns."""
    targets: Tensor
    """Shape (cases,), class numbers from 0, int64; multi-label shape (cases, labels), 0 or 1, float32."""
    inputs: Inputs | None = None
    """Pictures, signals, series or texts; None where the features are all that the model takes."""
    terms: csr_array[np.float32] | None = None
    """All terms of texts, shape (cases, terms), in place of features; None where the model does not take them."""

    def __len__(self) -> int:
        """Return the number of cases."""
        return len(self.targets)

    def sha256(self) -> str:
        """Return the hex digest of the numbers; of the inputs only which of them the cases are."""
        digest = hashlib.sha256(str(tuple(self.features.shape)).encode())
        for tensor in (self.features, self.targets):
            digest.update(tensor.numpy().data)
        if self.terms is not None:
            for numbers in (self.terms.data, self.terms.indices, self.terms.indptr):
                digest.update(numbers.data)
        if self.inputs is not None:
            digest.update(np.ascontiguousarray(self.inputs.starts).data)
        return digest.hexdigest()


class InputTensors:
    """The inputs of some cases, of which batches are made; values stay where they lie until a batch asks for them."""

    def __init__(self, inputs: Inputs) -> None:
        """Share the memory of the inputs.

        Args:
            inputs: As prepared.
        """
        self.modality = inputs.modality
        self._dtype = torch.float32
        self._values = torch.from_numpy(inputs.values)
        self._starts = torch.from_numpy(np.ascontiguousarray(inputs.starts))
        self._lengths = None if inputs.lengths is None else torch.from_numpy(np.ascontiguousarray(inputs.lengths))

    def __len__(self) -> int:
        """Return the number of cases."""
        return len(self._starts)

    @property
    def numbers_per_case(self) -> int:
        """How many numbers the largest case holds."""
        steps = 1 if self._lengths is None else int(self._lengths.max())
        return steps * self._values[:1].numel()

    def double(self) -> InputTensors:
        """Return the same inputs, which give values in float64."""
        doubled = copy.copy(self)
        doubled._dtype = torch.float64
        return doubled

    def take(self, rows: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return values and lengths of some cases.

        Args:
            rows: Numbers of the cases.

        Returns:
            Values: pictures (batch, channels, height, width) in [0, 1]; signals and series (batch, time, channels);
            texts (batch, time), int64; padded with zeros to the longest. Lengths: shape (batch,), None without padding.
        """
        starts = self._starts.index_select(0, rows)
        if self._lengths is not None:
            lengths = self._lengths.index_select(0, rows)
            return self._padded(starts, lengths), lengths
        values = self._values.index_select(0, starts)
        if self.modality == Modality.IMAGE:
            return values.permute(0, 3, 1, 2).to(self._dtype).div_(WHITE), None
        return values.to(self._dtype), None

    def _padded(self, starts: Tensor, lengths: Tensor) -> Tensor:
        steps = torch.arange(int(lengths.max()))
        is_padding = steps >= lengths[:, None]
        rows = (starts[:, None] + steps).masked_fill_(is_padding, 0)
        values = self._values.index_select(0, rows.flatten()).view(*rows.shape, *self._values.shape[1:])
        values = values.to(torch.int64 if self.modality == Modality.TEXT else self._dtype)
        return values.masked_fill_(is_padding.view(*rows.shape, *[1] * (values.ndim - 2)), 0)


def model_batch(features: Tensor, inputs: InputTensors | None, rows: Tensor) -> Batch:
    """Return what a network is called with for some cases.

    Args:
        features: Shape (cases, features), on the network's device.
        inputs: Of the same cases; None where the network takes features alone.
        rows: Numbers of the cases, on the features' device.

    Returns:
        The arguments, on the features' device, those that are absent left out at the end.
    """
    of_table = features.index_select(0, rows)
    if inputs is None:
        return (of_table,)
    values, lengths = inputs.take(rows.cpu())
    values = values.to(features.device, non_blocking=True)
    lengths = None if lengths is None else lengths.to(features.device)
    return (values, lengths, of_table) if features.shape[1] else (values, lengths) if lengths is not None else (values,)


def _check_classes(targets: NDArray[np.int64], classes: tuple[str, ...]) -> None:
    is_label = targets.ndim > 1
    num_of = targets.sum(axis=0) if is_label else np.bincount(targets, minlength=len(classes))
    for name, num in zip(classes, num_of, strict=True):
        if num == 0 or (is_label and num == len(targets)):
            lacks = "case without" if num else "case of"
            raise DataError(f"the train split has no {lacks} class {name!r}: choose another split")


def cases_of(
    prepared: PreparedCases, split: str, *, takes_summary: bool = False, takes_all_terms: bool = False
) -> Cases:
    """Take the cases of one split, and of no other.

    Args:
        prepared: All cases.
        split: One of `SPLITS`.
        takes_summary: Whether the model takes summary features instead of pictures, signals, series or texts.
        takes_all_terms: Whether it takes all terms of texts instead.

    Returns:
        The cases, in their order.

    Raises:
        DataError: If there are none, or a class has none to be fitted on.
    """
    rows = prepared.rows(split)
    if len(rows) == 0:
        raise DataError(f"the {split} split has no cases: choose another split, or give it a share")
    targets = prepared.targets[rows]
    if split == TRAIN:
        _check_classes(targets, prepared.classes)
    tensor = torch.from_numpy(targets)
    tensor = tensor.float() if prepared.task == Task.MULTILABEL else tensor
    chosen = prepared.model_inputs.select(rows)
    if takes_all_terms:
        return Cases(torch.zeros(len(rows), 0), tensor, terms=chosen.terms)
    features, inputs = chosen.arrays(takes_summary=takes_summary)
    return Cases(torch.from_numpy(features), tensor, inputs)
