"""What fitting hands over: a summary, and the means to write the model down."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from reprodx.training.links import Link


@dataclass(frozen=True)
class GeneratedSummary:
    """What a generator added to the training cases, and whether it gives them back."""

    num_generated: Mapping[str, int]
    """Cases that were added, by class; only classes that got some."""
    num_real: Mapping[str, int]
    """Training cases by class, without these."""
    generator_hash: str
    """Of all that decides the generator; it lies below `.cache/generators` under this name."""
    num_epochs: int
    """Of the generator's training."""
    warnings: tuple[str, ...]
    """What the health of its training gave cause to say, one sentence each."""
    privacy: Mapping[str, Mapping[str, float | int | str | None]]
    """Estimates by their names in a generator's `metrics.json`, on training and validation cases."""
    copies: str | None
    """Why it counts as one that copies its training cases, and was used all the same; None where it does not."""


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
    generated: GeneratedSummary | None = None
    """What was added to the training cases; None where nothing was."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain containers, as in `model.json`; `generated` is present only where cases were added."""
        summary = asdict(self)
        return summary if self.generated else {key: value for key, value in summary.items() if key != "generated"}

    def as_metrics(self) -> dict[str, float]:
        """Return what a tracked run shows beside its curves."""
        added = {"fit/num_generated": float(sum(self.generated.num_generated.values()))} if self.generated else {}
        return {
            "fit/best_epoch": float(self.best_epoch),
            "fit/num_epochs": float(self.num_epochs),
            "fit/num_parameters": float(self.num_parameters),
            **added,
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
