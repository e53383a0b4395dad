"""A fitted model as evaluation and serving see it: cases in, logits out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from reprodx.errors import SchemaError
from reprodx.inputs import Modality, summary_taken
from reprodx.schemas import Task
from reprodx.training.links import Link, class_logits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray
    from torch import Tensor, nn

    from reprodx.inputs import Inputs, ModelInputs
    from reprodx.training.cases import InputTensors

NUMBERS_PER_BLOCK = 2**21
"""Numbers of features or values that are scored at a time, so that memory does not grow with the split."""


@dataclass(frozen=True)
class Interface:
    """What a model takes and gives."""

    task: Task
    modality: Modality
    """Of the cases."""
    classes: tuple[str, ...]
    """Names in the order of the logits; with two classes the negative one first."""
    feature_names: tuple[str, ...]
    """What the columns of the features must be."""
    takes_summary: bool
    """Whether summary features stand for pictures, signals, series or texts."""
    scaling: Mapping[str, Sequence[float]] | None
    """`mean` and `std` of each channel of the training cases; None where values are taken as they are."""
    takes_all_terms: bool = False
    """Whether the summary features are all terms of texts, see `ModelInputs.arrays`."""

    def arrays(self, cases: ModelInputs) -> tuple[NDArray[np.float32], Inputs | None]:
        """Return the features and inputs that the model takes, see `ModelInputs.arrays`."""
        return cases.arrays(takes_summary=self.takes_summary, takes_all_terms=self.takes_all_terms)

    def names_taken(self, features: tuple[str, ...], summary: tuple[str, ...]) -> tuple[str, ...]:
        """Return the names of the columns of `arrays`, of those of features and of summary features."""
        if not self.takes_summary:
            return features
        return summary_taken(summary, self.modality, takes_all_terms=self.takes_all_terms)

    def as_dict(self) -> dict[str, Any]:
        """Return plain containers, as in `model.json`."""
        return {
            "task": self.task.value,
            "modality": self.modality.value,
            "classes": list(self.classes),
            "feature_names": list(self.feature_names),
            "takes_summary": self.takes_summary,
            "takes_all_terms": self.takes_all_terms,
            "scaling": None if self.scaling is None else {key: list(value) for key, value in self.scaling.items()},
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Interface:
        """Return the interface that `as_dict` made `content` from; other keys are ignored."""
        return cls(
            task=Task(content["task"]),
            modality=Modality(content["modality"]),
            classes=tuple(content["classes"]),
            feature_names=tuple(content["feature_names"]),
            takes_summary=content["takes_summary"],
            scaling=content["scaling"],
            takes_all_terms=content["takes_all_terms"],
        )


@dataclass(frozen=True)
class Scorer:
    """A fitted model."""

    interface: Interface
    score: Callable[[ModelInputs], NDArray[np.float64]]
    """The model itself: cases in, logits out."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of the logits; with two classes the negative one first."""
        return self.interface.classes

    @property
    def feature_names(self) -> tuple[str, ...]:
        """What the columns of the features must be."""
        return self.interface.feature_names

    def logits(self, cases: ModelInputs) -> NDArray[np.float64]:
        """Score cases.

        Args:
            cases: Prepared as the training cases were.

        Returns:
            Logits, shape (cases, classes); with two classes the first column is 0.

        Raises:
            SchemaError: If there are more or fewer features than the model was fitted on, or no values that it takes.
        """
        size = max(1, NUMBERS_PER_BLOCK // max(1, len(self.feature_names)))
        if self.interface.takes_all_terms and len(cases) > size:
            return np.concatenate([self._logits(block) for block in cases.blocks(size)])
        return self._logits(cases)

    def _logits(self, cases: ModelInputs) -> NDArray[np.float64]:
        features, _ = self.interface.arrays(cases)
        if features.shape[1] != len(self.feature_names):
            raise SchemaError(
                f"the model takes {len(self.feature_names)} features and was given {features.shape[1]}: "
                "prepare and train again"
            )
        if not self.interface.takes_summary and self.interface.modality != _modality(cases):
            raise SchemaError(f"the model takes {self.interface.modality} and was given {_modality(cases)}")
        return self.score(cases)


def network_outputs(network: nn.Module, features: Tensor, inputs: InputTensors | None = None) -> Tensor:
    """Run a network without gradients and with dropout off.

    Args:
        network: Is left in the mode in which it was.
        features: Shape (cases, features), of the network's type and on its device.
        inputs: Of the same cases; None where the network takes features alone.

    Returns:
        Shape (cases, outputs).
    """
    import torch

    from reprodx.training.cases import model_batch

    size = max(1, NUMBERS_PER_BLOCK // max(1, features.shape[1] if inputs is None else inputs.numbers_per_case))
    was_training = network.training
    network.eval()
    try:
        with torch.inference_mode():
            blocks = torch.split(torch.arange(len(features), device=features.device), size)
            return torch.cat([network(*model_batch(features, inputs, rows)) for rows in blocks])
    finally:
        network.train(was_training)


def scored(link: Link, outputs: Tensor) -> NDArray[np.float64]:
    """Return the logits of a network's outputs, shape (cases, classes), in float64."""
    numbers: NDArray[np.float64] = outputs.double().cpu().numpy()
    return class_logits(link, numbers)


def _modality(cases: ModelInputs) -> Modality:
    return Modality.TABLE if cases.inputs is None else cases.inputs.modality
