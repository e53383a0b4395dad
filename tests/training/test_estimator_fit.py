"""Estimators through the door of networks."""

import numpy as np
import pytest
from sklearn.metrics import log_loss as reference_log_loss

from reprodx.schemas import Task
from reprodx.training.estimator_fit import log_loss
from reprodx.training.links import probabilities


def test_log_loss_agrees_with_scikit_learn():
    random = np.random.default_rng(0)
    logits, targets = random.normal(size=(30, 3)), random.integers(0, 3, 30)

    assert log_loss(logits, targets) == pytest.approx(
        reference_log_loss(targets, probabilities(logits, Task.MULTICLASS))
    )


@pytest.mark.parametrize("num_classes", [2, 3])
def test_trees_go_through_the_same_door(fit_model, make_config, make_prepared, num_classes):
    fitted = fit_model(make_prepared(num_classes=num_classes), make_config(model="boosting"))

    assert set(fitted.files) == {"model.json", "model.skops"}
    assert [epoch for epoch, _ in fitted.epochs] == list(range(1, fitted.summary.num_epochs + 1))
    assert fitted.epochs[-1][1] == fitted.summary.metrics
    assert fitted.summary.metrics["val/auroc"] > 0.7
    assert fitted.summary.num_parameters > 0


def test_equal_trainings_of_trees_give_equal_bytes(fit_model, make_config, prepared):
    first, again, other = (fit_model(prepared, make_config(model="boosting", seed=seed)) for seed in (0, 0, 1))

    assert first.files == again.files
    assert first.files["model.json"] != other.files["model.json"]
