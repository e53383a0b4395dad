"""Networks: convergence, the best epoch, early stopping, and every shipped setting."""

import numpy as np
import pytest
from safetensors.numpy import load
from sklearn.linear_model import LogisticRegression

from reprodx.config.composition import compose, validate
from reprodx.errors import ConfigError

FULL_BATCH = {
    "model": "logistic",
    "batch_size": "full",
    "max_epochs": 250,
    "optimizer": {"name": "nesterov", "_target_": "torch.optim.SGD", "lr": 2.0, "momentum": 0.9, "nesterov": True},
    "precision": "64-true",
}


def coefficients(fitted) -> np.ndarray:
    weights = load(fitted.files["last.safetensors"])
    return np.column_stack([weights["linear.weight"], weights["linear.bias"]])


@pytest.mark.parametrize("num_classes", [2, 3])
@pytest.mark.parametrize("l2", [0.0, 0.05])
def test_converges_to_the_logistic_regression_of_scikit_learn(fit_model, make_config, make_prepared, num_classes, l2):
    prepared = make_prepared(num_classes=num_classes)
    rows = prepared.rows("train")
    reference = LogisticRegression(C=1 / (l2 * len(rows)) if l2 else np.inf, tol=1e-10, max_iter=10_000)
    reference.fit(prepared.features[rows].astype(np.float64), prepared.targets[rows])

    ours = coefficients(fit_model(prepared, make_config(**FULL_BATCH, l2_penalty=l2)))

    expected = np.column_stack([reference.coef_, reference.intercept_])
    # A constant added to the coefficients of all classes changes no probability.
    centre = 0 if num_classes == 2 else 1
    np.testing.assert_allclose(ours - centre * ours.mean(axis=0), expected - centre * expected.mean(axis=0), atol=1e-5)


def test_the_weights_of_the_best_epoch_are_kept_beside_the_last(fit_model, make_config, prepared):
    hot = {"name": "adam", "_target_": "torch.optim.Adam", "lr": 0.3}
    fitted = fit_model(prepared, make_config(optimizer=hot, max_epochs=12))

    losses = [metrics["val/loss"] for _, metrics in fitted.epochs]
    assert fitted.summary.best_epoch == 1 + losses.index(min(losses)) < 12
    assert fitted.summary.metrics == fitted.epochs[fitted.summary.best_epoch - 1][1]
    shorter = fit_model(prepared, make_config(optimizer=hot, max_epochs=fitted.summary.best_epoch))
    assert fitted.files["best.safetensors"] == shorter.files["last.safetensors"]
    assert fitted.files["best.safetensors"] != fitted.files["last.safetensors"]


def test_stops_early_on_the_named_metric(fit_model, make_config, prepared):
    stopping = {
        "_target_": "reprodx.training.best_epoch.EarlyStopping",
        "monitor": "val/accuracy",
        "mode": "max",
        "patience": 3,
        "min_delta": 0.0,
    }
    fitted = fit_model(prepared, make_config(early_stopping=stopping, max_epochs=200))

    values = [metrics["val/accuracy"] for _, metrics in fitted.epochs]
    assert fitted.summary.num_epochs == len(values) == values.index(max(values)) + 1 + 3 < 200


def test_batch_normalisation_needs_more_than_one_case(fit_model, make_config, prepared):
    fit_model(prepared, make_config(batch_size=2, max_epochs=1))

    with pytest.raises(ConfigError, match=r"trainer\.batch_size: batch normalisation"):
        fit_model(prepared, make_config(batch_size=1, max_epochs=1))


@pytest.mark.parametrize(
    ("group", "option"),
    [
        *(("optimizer", name) for name in ("sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw")),
        *(("scheduler", name) for name in ("none", "step", "cosine", "one_cycle", "plateau")),
        *(("augmentation", name) for name in ("none", "gaussian_noise")),
        *(("trainer/loss", name) for name in ("cross_entropy", "focal", "mse")),
        *(("model", name) for name in ("logistic", "mlp", "gradient_boosting")),
    ],
)
def test_every_shipped_setting_fits(fit_model, prepared, request, monkeypatch, group, option):
    monkeypatch.chdir(request.config.rootpath)
    config = validate(compose(["trainer=smoke", f"{group}={option}"]), components=())

    fitted = fit_model(prepared, config)

    assert fitted.summary.num_epochs >= 2
    assert np.isfinite(fitted.summary.metrics["val/loss"])
