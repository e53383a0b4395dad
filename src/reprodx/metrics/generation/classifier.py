"""The classifier that generated cases are judged with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

NUM_TREES = 100


def class_probs(
    features: NDArray[np.float32] | NDArray[np.float64],
    classes: NDArray[np.int64],
    new_features: NDArray[np.float32] | NDArray[np.float64],
    *,
    num_classes: int,
    seed: int,
) -> NDArray[np.float64]:
    """Train on some cases and return the probability of each class in others.

    Extremely randomised trees: of seven classifiers on eight ways in which generated pictures differ from real ones
    (noise, blur, brightness, variance, rank, collapse) they told them apart best or as well, and they need no scaling.

    Args:
        features: Shape (cases, features).
        classes: Shape (cases,), from 0.
        new_features: Shape (new cases, features).
        num_classes: A class without a case has probability 0.
        seed: Of the trees.

    Returns:
        Shape (new cases, classes).

    Source: Geurts, Ernst & Wehenkel, Mach Learn 2006;63:3.
    """
    from sklearn.ensemble import ExtraTreesClassifier

    trees = ExtraTreesClassifier(NUM_TREES, min_samples_leaf=2, random_state=seed, n_jobs=1).fit(features, classes)
    probs = np.zeros((len(new_features), num_classes))
    probs[:, trees.classes_] = trees.predict_proba(new_features)
    return probs
