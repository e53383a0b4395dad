"""Two models on the same cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

if TYPE_CHECKING:
    from numpy.typing import NDArray


class TwoModels(NamedTuple):
    is_positive: NDArray[np.bool_]
    scores: NDArray[np.float64]


@pytest.fixture(scope="session")
def breast_cancer() -> TwoModels:
    """Out-of-fold probabilities of malignancy by logistic regression and by a random forest."""
    features, benign = load_breast_cancer(return_X_y=True)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    logistic = make_pipeline(StandardScaler(), LogisticRegression(max_iter=5000))
    forest = RandomForestClassifier(300, random_state=0)
    scores = [
        cross_val_predict(model, features, 1 - benign, cv=folds, method="predict_proba")[:, 1]
        for model in (logistic, forest)
    ]
    return TwoModels(benign == 0, np.stack(scores))
