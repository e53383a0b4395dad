"""How well two networks train against each other, and what their record says when they do not.

Losses that fall mean little here, because each network's loss depends on the other. What is watched instead:

* `accuracy_real` and `accuracy_generated`: how often the discriminator is right, at a logit of 0. A discriminator that
  is always right for long has nothing left to teach.
* `diversity`: how far apart generated pictures of a class lie, divided by the same of real ones. About 1 is as varied
  as the training cases; towards 0 the generator makes one picture again and again, whatever the noise.
* the losses, which are logits or their softplus: far from 0, one network has run away from the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.distance import pdist

from reprodx.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

GENERATOR_LOSS, DISCRIMINATOR_LOSS = "train/generator_loss", "train/discriminator_loss"
ACCURACY_REAL, ACCURACY_GENERATED = "train/accuracy_real", "train/accuracy_generated"
"""The share of real, of generated, pictures that the discriminator takes for what they are."""
DIVERSITY = "train/diversity"
COLLAPSED_DIVERSITY = 0.25
"""Below this share of the real pictures' diversity, the generator makes much the same picture again and again."""
PERFECT_ACCURACY = 0.99
RUNAWAY_LOSS = 20.0
"""A loss this far from 0 is a mean logit that far from it: a belief of 2e-9 in what is true."""

Metrics = Mapping[str, float]


@dataclass(frozen=True)
class Rule:
    """What is wrong where a condition holds for some epochs in a row."""

    name: str
    holds: Callable[[Metrics], bool]
    patience: int
    """Epochs in a row from which it counts."""
    meaning: str
    """What it means, and what helps."""

    def stretches(self, history: Sequence[Metrics]) -> list[tuple[int, int]]:
        """Return the first and last epoch, from 1, of each time that the condition held long enough."""
        found, first = [], 1
        for epoch, metrics in enumerate(history, start=1):
            if not self.holds(metrics):
                first = epoch + 1
            elif epoch == len(history) or not self.holds(history[epoch]):
                found.append((first, epoch))
        return [(first, last) for first, last in found if last - first + 1 >= self.patience]


RULES = (
    Rule(
        "mode collapse",
        lambda metrics: metrics[DIVERSITY] < COLLAPSED_DIVERSITY,
        5,
        f"generated pictures of a class differ less than {COLLAPSED_DIVERSITY:g} times as much as real ones; "
        "try model.spectral_norm=true, model.objective=hinge, or a lower optimizer.lr",
    ),
    Rule(
        "the discriminator has won",
        lambda metrics: min(metrics[ACCURACY_REAL], metrics[ACCURACY_GENERATED]) >= PERFECT_ACCURACY,
        10,
        f"it tells at least {PERFECT_ACCURACY:.0%} of real and of generated pictures apart, so that the generator "
        "learns little; try more cases, a lower optimizer.lr, or model.objective=non_saturating with "
        "model.label_smoothing=0.1",
    ),
    Rule(
        "divergence",
        lambda metrics: max(abs(metrics[GENERATOR_LOSS]), abs(metrics[DISCRIMINATOR_LOSS])) > RUNAWAY_LOSS,
        5,
        f"a loss is farther than {RUNAWAY_LOSS:g} from 0; try a lower optimizer.lr or model.spectral_norm=true",
    ),
)


def health_warnings(history: Sequence[Metrics]) -> tuple[str, ...]:
    """Say what went wrong in a training.

    An untrained generator's pictures are all alike, and easily told from real ones. So what holds from the first epoch
    counts only where it holds to the last.

    Args:
        history: The metrics of each epoch.

    Returns:
        One sentence for each rule that was broken.
    """
    found = []
    for rule in RULES:
        stretches = [each for each in rule.stretches(history) if each[0] > 1 or each[1] == len(history)]
        if stretches:
            epochs = " and ".join(_words(first, last, len(history)) for first, last in stretches)
            found.append(f"{rule.name} {epochs}: {rule.meaning}")
    return tuple(found)


def new_warnings(history: Sequence[Metrics]) -> tuple[str, ...]:
    """Return what has just held long enough to be said while training goes on.

    Args:
        history: The metrics of each epoch so far.

    Returns:
        One sentence for each rule whose patience the last epoch exhausted, the first epochs of a training aside.
    """
    found = []
    for rule in RULES:
        ongoing = (len(history) - rule.patience + 1, len(history))
        if ongoing[0] > 1 and ongoing in rule.stretches(history):
            found.append(f"{rule.name} from epoch {ongoing[0]}: {rule.meaning}")
    return tuple(found)


def spread(images: NDArray[np.uint8], groups: NDArray[np.int64]) -> float:
    """Return how far apart pictures of a group lie.

    Args:
        images: Shape (cases, height, width, channels).
        groups: Shape (cases,): the class of each, or 0 of all.

    Returns:
        The mean Euclidean distance between two pictures of one group, averaged over the groups that have two; 0 where
        none has.
    """
    rows = images.reshape(len(images), -1).astype(np.float64)
    distances = [pdist(rows[groups == group]) for group in np.unique(groups)]
    means = [each.mean() for each in distances if len(each)]
    return float(np.mean(means)) if means else 0.0


def real_spread(images: NDArray[np.uint8], groups: NDArray[np.int64]) -> float:
    """Return `spread` of real pictures, which generated ones are compared with.

    Args:
        images: Shape (cases, height, width, channels).
        groups: Shape (cases,).

    Returns:
        Above 0.

    Raises:
        DataError: If it is 0, since then there is nothing to be learnt.
    """
    value = spread(images, groups)
    if value == 0:
        raise DataError(
            "the training pictures of each class are all alike, so a generator has nothing to learn from them"
        )
    return value


def _words(first: int, last: int, num_epochs: int) -> str:
    return f"from epoch {first} to the end" if last == num_epochs else f"in epochs {first} to {last}"
