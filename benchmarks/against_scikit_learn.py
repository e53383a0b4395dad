"""Five-fold AUROC of every network beside scikit-learn's logistic regression on the same folds.

`python -m benchmarks.against_scikit_learn` prints, for each dataset and model, the AUROC of the pooled out-of-fold
predictions with its interval, and the paired difference from scikit-learn's logistic regression (DeLong) on the same
cases, which was fitted on the same training cases of the same folds. Nothing is chosen on the fold that is tested.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reprodx.artifacts.locations import own_locations
from reprodx.artifacts.predictions import read_predictions
from reprodx.artifacts.prepared import PreparedCases, read_prepared
from reprodx.config.composition import compose, validate
from reprodx.config.identity import config_hash
from reprodx.metrics.asked import View
from reprodx.metrics.catalogue import metric_of
from reprodx.metrics.estimation import difference, estimate
from reprodx.metrics.measured import Measured, measured
from reprodx.metrics.scored_cases import ScoredCases
from reprodx.pipeline import run_command
from reprodx.schemas import CASE_ID, PROB_PREFIX, TEST, TRAIN, Y_TRUE
from reprodx.stages.evaluate import score_settings
from reprodx.stages.prepare import find_or_prepare

if TYPE_CHECKING:
    from numpy.typing import NDArray

DATASETS = ("heart_disease", "breast_cancer")
MODELS = ("logistic", "mlp", "gradient_boosting")
NUM_FOLDS = 5
REFERENCE = "scikit-learn"
SETTINGS = score_settings(validate(compose(), components=()))


def main() -> None:
    for dataset in DATASETS:
        folds = pl.concat([_test_fold(dataset, fold) for fold in range(NUM_FOLDS)])
        print(f"{dataset}: {len(folds)} cases, {folds['is_positive'].sum()} positive, {NUM_FOLDS} folds")
        for name in (REFERENCE, *MODELS):
            area = estimate(_area(folds, name), SETTINGS)
            print(f"  {name:18} {area.value:.4f} ({area.ci_low:.4f} to {area.ci_high:.4f})  {_against(folds, name)}")


def _area(folds: pl.DataFrame, name: str) -> Measured:
    targets, probs = folds["is_positive"].cast(pl.Int64).to_numpy(), folds[name].to_numpy()
    cases = ScoredCases(targets, np.column_stack([1 - probs, probs]), None, ("negative", "positive"))
    return measured(metric_of("auroc"), View.BINARY, [cases], SETTINGS)


def _against(folds: pl.DataFrame, name: str) -> str:
    if name == REFERENCE:
        return "reference"
    pair = difference(_area(folds, name), _area(folds, REFERENCE), SETTINGS)
    found = pair.estimate
    return f"{found.value:+.4f} ({found.ci_low:+.4f} to {found.ci_high:+.4f}), p {pair.p_value:.3f}"


def _test_fold(dataset: str, fold: int) -> pl.DataFrame:
    """Return the test cases of one fold with a column of probabilities for each model."""
    shared = [f"data={dataset}", "split=kfold", f"split.num_folds={NUM_FOLDS}", f"split.fold={fold}", "tracking=none"]
    columns = {}
    for model in MODELS:
        config = validate(compose([*shared, f"model={model}"]))
        run_command("run", config)
        prepared = find_or_prepare(config)
        test = read_predictions(own_locations(config_hash(config), prepared).predictions).of(TEST)
        columns[model] = test.table[PROB_PREFIX + test.classes[1]]
        cases = test.table.select(CASE_ID, (pl.col(Y_TRUE) == test.classes[1]).alias("is_positive"))
    return cases.with_columns(**columns, **{REFERENCE: _scikit_learn(read_prepared(prepared))})


def _scikit_learn(prepared: PreparedCases) -> NDArray[np.float64]:
    from sklearn.linear_model import LogisticRegression

    train, test = prepared.rows(TRAIN), prepared.rows(TEST)
    model = LogisticRegression(max_iter=10_000).fit(prepared.features[train], prepared.targets[train])
    probs: NDArray[np.float64] = model.predict_proba(prepared.features[test])[:, 1]
    return probs


if __name__ == "__main__":
    warnings.simplefilter("error")
    main()
