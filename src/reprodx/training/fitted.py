"""What fitting hands over: a summary, and the means to write the model down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from reprodx.training.links import Link


@dataclass(frozen=True)
class FitSummary:
    """How a fit went."""

    best_epoch: int
    """The epoch, from 1, whose weights are used; for trees the last boosting iteration."""
    num_epochs: int
    """Epochs or boosting iterations that were run."""
    num_parameters: int
    """Weights of a network, nodes of trees."""
    metrics: Mapping[str, float]
    """Of the best epoch: `train/loss`, `val/loss`, `val/auroc`, ..., as far as they are defined."""

    def as_metrics(self) -> dict[str, float]:
        """Return what a tracked run shows beside its curves."""
        return {
            "fit/best_epoch": float(self.best_epoch),
            "fit/num_epochs": float(self.num_epochs),
            "fit/num_parameters": float(self.num_parameters),
        }


@dataclass(frozen=True)
class FittedModel:
    """A model that has been fitted and not been written yet."""

    summary: FitSummary
    architecture: Mapping[str, Any]
    """The `_target_` and the arguments that make the model again."""
    link: Link
    """How its outputs become probabilities."""
    write: Callable[[Path], None]
    """Writes the model's weights as files of a folder."""
