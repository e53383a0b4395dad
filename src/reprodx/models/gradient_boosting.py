"""Gradient-boosted trees: scikit-learn's histogram method behind the contract of an estimator."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from reprodx.errors import ConfigError
from reprodx.inputs import Modality
from reprodx.models.skops_file import read_skops, write_skops

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import Self

    from numpy.typing import NDArray

TRUSTED = ("sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",)
"""The one type of a stored model that skops does not trust by itself: arrays of tree nodes."""


class GradientBoosting:
    """Gradient-boosted trees on the log loss.

    Source: Ke et al., LightGBM, NeurIPS 2017; `sklearn.ensemble.HistGradientBoostingClassifier`.
    """

    modalities: ClassVar[tuple[Modality, ...]] = (Modality.TABLE,)
    """What it can be given."""
    takes_summary: ClassVar[bool] = True
    """On other modalities it is fitted on summary features."""

    def __init__(
        self,
        *,
        learning_rate: float,
        max_iterations: int,
        max_leaf_nodes: int,
        min_cases_per_leaf: int,
        l2_regularization: float,
        patience: int | None,
    ) -> None:
        """Keep the settings; `fit` grows the trees.

        Args:
            learning_rate: How much of each tree is added, above 0.
            max_iterations: Boosting iterations at most; each adds one tree, or one a class with several classes.
            max_leaf_nodes: Leaves of a tree at most, at least 2.
            min_cases_per_leaf: Cases in a leaf at least.
            l2_regularization: L2 penalty on the leaves' values.
            patience: Iterations without a better validation loss after which to stop; null grows all.

        Raises:
            ConfigError: If a setting is out of its range.
        """
        from sklearn.ensemble import HistGradientBoostingClassifier

        for key, value, low in (
            ("max_iterations", max_iterations, 1),
            ("max_leaf_nodes", max_leaf_nodes, 2),
            ("min_cases_per_leaf", min_cases_per_leaf, 1),
            ("patience", 1 if patience is None else patience, 1),
        ):
            if value < low:
                raise ConfigError(f"model.{key}: {value} is below {low}")
        if learning_rate <= 0:
            raise ConfigError(f"model.learning_rate: {learning_rate} is not above 0")
        self._stops_early = patience is not None
        self._classifier = HistGradientBoostingClassifier(
            learning_rate=learning_rate,
            max_iter=max_iterations,
            max_leaf_nodes=max_leaf_nodes,
            min_samples_leaf=min_cases_per_leaf,
            l2_regularization=l2_regularization,
            early_stopping=self._stops_early,
            n_iter_no_change=patience or 1,
            categorical_features=None,
        )

    def fit(
        self,
        features: NDArray[np.float32],
        targets: NDArray[np.int64],
        val_features: NDArray[np.float32],
        val_targets: NDArray[np.int64],
        *,
        seed: int,
    ) -> None:
        """Grow the trees.

        Args:
            features: Shape (cases, features), the training cases.
            targets: Shape (cases,), class numbers from 0, of which each occurs; or shape (cases, labels), 0 or 1, of
                which both occur: then each label has trees of its own.
            val_features: Shape (validation cases, features); they decide when to stop and nothing else.
            val_targets: As `targets`.
            seed: Of the order in which equally good splits are tried.
        """
        from sklearn.base import clone

        self._classifiers = []
        pairs = [(targets, val_targets)] if targets.ndim == 1 else zip(targets.T, val_targets.T, strict=True)
        for train, val in pairs:
            validation = {"X_val": val_features, "y_val": val} if self._stops_early else {}
            classifier = clone(self._classifier).set_params(random_state=seed)
            self._classifiers.append(classifier.fit(features, train, **validation))

    @property
    def num_iterations(self) -> int:
        """Boosting iterations that were run; with labels, of the one that took most."""
        return max(int(classifier.n_iter_) for classifier in self._classifiers)

    @property
    def num_parameters(self) -> int:
        """Nodes of all trees."""
        stages = [trees for classifier in self._classifiers for trees in classifier._predictors]
        return sum(tree.get_n_leaf_nodes() * 2 - 1 for trees in stages for tree in trees)

    def logits(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the logits.

        Args:
            features: Shape (cases, features).

        Returns:
            Shape (cases, classes), with two classes the first column is 0; or shape (cases, labels).
        """
        return _logits([classifier.decision_function(features) for classifier in self._classifiers])

    def staged_logits(self, features: NDArray[np.float32]) -> Iterator[NDArray[np.float64]]:
        """Yield the logits as they stood after each boosting iteration.

        Args:
            features: Shape (cases, features).

        Yields:
            Logits, as `logits` returns them; a label whose trees are all grown keeps its own.
        """
        stages = [list(classifier.staged_decision_function(features)) for classifier in self._classifiers]
        for iteration in range(self.num_iterations):
            yield _logits([scores[min(iteration, len(scores) - 1)] for scores in stages])

    def save(self, path: Path) -> None:
        """Write the fitted model as a skops file."""
        write_skops(path, self._classifiers)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a fitted model.

        Args:
            path: A skops file.

        Returns:
            The model, fit to score.

        Raises:
            ValueError: If the file is damaged or holds a type outside `TRUSTED`.
        """
        model = cls.__new__(cls)
        model._classifiers = read_skops(path, trusted=TRUSTED)
        return model


def _logits(scores: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the logits of one classifier, or of one for each label."""
    if len(scores) > 1:
        return np.column_stack(scores)
    (single,) = scores
    return single if single.ndim == 2 else np.column_stack([np.zeros_like(single), single])
