"""The cases of one split as tensors."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from reprodx.errors import DataError
from reprodx.schemas import TRAIN

if TYPE_CHECKING:
    from torch import Tensor

    from reprodx.artifacts.prepared import PreparedCases


@dataclass(frozen=True)
class Cases:
    """The cases of one split, in memory."""

    features: Tensor
    """Shape (cases, features), float32."""
    targets: Tensor
    """Shape (cases,), class numbers from 0, int64."""

    def sha256(self) -> str:
        """Return the hex digest of the numbers."""
        digest = hashlib.sha256(str(tuple(self.features.shape)).encode())
        for numbers in (self.features, self.targets):
            digest.update(numbers.numpy().data)
        return digest.hexdigest()


def cases_of(prepared: PreparedCases, split: str) -> Cases:
    """Take the cases of one split, and of no other.

    Args:
        prepared: All cases.
        split: One of `SPLITS`.

    Returns:
        The cases, in their order.

    Raises:
        DataError: If there are none, or a class has none to be fitted on.
    """
    rows = prepared.rows(split)
    if len(rows) == 0:
        raise DataError(f"the {split} split has no cases: choose another split, or give it a share")
    targets = prepared.targets[rows]
    missing = sorted(set(range(len(prepared.classes))) - set(np.unique(targets).tolist()))
    if split == TRAIN and missing:
        raise DataError(f"the train split has no case of class {prepared.classes[missing[0]]!r}: choose another split")
    return Cases(torch.from_numpy(prepared.features[rows]), torch.from_numpy(targets))
