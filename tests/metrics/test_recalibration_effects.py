"""What recalibration does to test cases that it was not fitted on."""

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import norm
from sklearn.metrics import brier_score_loss, log_loss

from reprodx.artifacts.predictions import Predictions
from reprodx.metrics.recalibration_effects import (
    AS_PREDICTED,
    CLASS_EFFECTS,
    EFFECTS,
    INFINITE_LOSS,
    RECALIBRATORS,
    UNCHANGED,
    recalibration_effects,
)
from reprodx.metrics.recalibrators import fit_platt
from reprodx.metrics.scorecard import score


@pytest.fixture
def overconfident(make_predictions):
    """Logits three times as far from 0 as they should be."""

    def make(num_cases=1600, **arguments):
        rng = np.random.default_rng(0)
        logits = rng.normal(size=num_cases)
        is_positive = rng.random(num_cases) < expit(logits)
        probs = expit(3 * logits)
        split = ["val" if row % 2 else "test" for row in range(num_cases)]
        names = np.where(is_positive, "ill", "well")
        return make_predictions(names, np.column_stack([1 - probs, probs]), ("well", "ill"), split=split, **arguments)

    return make


def by_name(effects):
    return {effect.recalibrator: effect for effect in effects}


def test_an_overconfident_model_is_mended(overconfident, settings):
    effects = by_name(recalibration_effects(overconfident(), settings))
    assert list(effects) == [AS_PREDICTED, *RECALIBRATORS]
    before = effects[AS_PREDICTED].metrics
    assert before["calibration_slope"].ci_high < 0.5
    for name in ("temperature", "Platt (logistic)"):
        after = effects[name].metrics
        assert set(after) == set(EFFECTS)
        assert after["calibration_slope"].value == pytest.approx(1, abs=0.25)
        assert after["brier_change"].ci_high < 0
        assert after["brier_change"].value == pytest.approx(after["brier"].value - before["brier"].value)
        assert after["ece"].value < before["ece"].value / 2
        assert after["auroc"] == before["auroc"]
    assert effects["isotonic"].metrics["auroc"].value != before["auroc"].value
    assert effects["temperature"].fit.startswith("temperature ")
    assert effects[AS_PREDICTED].fit == ""


def test_numbers_are_scikit_learns_and_those_of_the_scorecard(overconfident, settings):
    predictions = overconfident()
    effects = by_name(recalibration_effects(predictions, settings))
    scores = {key.metric: one for key, one in score(predictions, settings)["test"].items()}
    for name in ("brier", "calibration_slope", "calibration_in_the_large", "ece", "ici", "auroc"):
        told = effects[AS_PREDICTED].metrics[name]
        assert told.value == pytest.approx(scores[name].value)
        limits = pytest.approx(scores[name].ci_low), pytest.approx(scores[name].ci_high)
        assert name == "brier" or (told.ci_low, told.ci_high) == limits
    assert effects[AS_PREDICTED].metrics["brier_change"].reason == UNCHANGED
    validation, test = predictions.of("val"), predictions.of("test")
    recalibrated, _ = fit_platt(validation.targets() == 1, validation.probs()[:, 1])
    probs = recalibrated(test.probs()[:, 1])
    metrics = effects["Platt (logistic)"].metrics
    assert metrics["brier"].value == pytest.approx(brier_score_loss(test.targets(), probs))
    assert metrics["log_loss"].value == pytest.approx(log_loss(test.targets(), probs))
    errors = [(p - test.targets()) ** 2 for p in (probs, test.probs()[:, 1])]
    change, differences = metrics["brier_change"], errors[0] - errors[1]
    assert change.value == pytest.approx(differences.mean())
    limits = differences.mean() + np.array([-1, 1]) * norm.ppf(0.975) * differences.std(ddof=1) / 800**0.5
    assert (change.ci_low, change.ci_high) == pytest.approx(tuple(limits), rel=1e-3)


def test_the_test_cases_fit_nothing(overconfident, settings):
    predictions = overconfident(400)
    words = [effect.fit for effect in recalibration_effects(predictions, settings)]
    table = predictions.table
    flipped = table["y_true"].to_numpy().copy()
    is_test = (table["split"] == "test").to_numpy()
    flipped[is_test] = np.where(flipped[is_test] == "ill", "well", "ill")
    other = Predictions(table.with_columns(y_true=flipped), predictions.metadata)
    assert [effect.fit for effect in recalibration_effects(other, settings)] == words


def test_validation_cases_of_one_class_or_none_fit_nothing_and_say_so(overconfident, settings):
    predictions = overconfident(80)
    table = predictions.table
    without = {
        "no case": table.filter(table["split"] == "test"),
        "no positive case": table.filter((table["split"] == "test") | (table["y_true"] == "well")),
    }
    for reason, kept in without.items():
        first, *others = recalibration_effects(Predictions(kept, predictions.metadata), settings)
        assert first.metrics["brier"].value is not None
        for effect in others:
            assert reason in effect.fit
            assert {estimate.value for estimate in effect.metrics.values()} == {None}


def test_a_probability_of_0_of_what_was_has_an_infinite_log_loss_and_says_so(make_predictions, settings):
    probs = np.array([0.0, 0.4, 0.6, 0.9, 0.1, 0.7])
    names = ["ill", "well", "ill", "ill", "well", "well"]
    predictions = make_predictions(names * 2, np.tile(np.column_stack([1 - probs, probs]), (2, 1)), ("well", "ill"))
    first = recalibration_effects(predictions, settings)[0]
    assert first.metrics["log_loss"].reason == INFINITE_LOSS
    assert first.metrics["brier"].value is not None


def test_several_classes_have_a_temperature(make_predictions, settings):
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(900, 3))
    truth = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    targets = (rng.random(900)[:, None] > truth.cumsum(axis=1)).sum(axis=1)
    sharp = np.exp(3 * logits) / np.exp(3 * logits).sum(axis=1, keepdims=True)
    split = ["val" if row % 2 else "test" for row in range(900)]
    names = np.array(["a", "b", "c"])[targets]
    effects = by_name(recalibration_effects(make_predictions(names, sharp, ("a", "b", "c"), split=split), settings))
    before, after = effects[AS_PREDICTED].metrics, effects["temperature"].metrics
    assert set(before) == set(CLASS_EFFECTS)
    assert float(effects["temperature"].fit.split()[1]) == pytest.approx(3, rel=0.2)
    is_test = np.array(split) == "test"
    assert before["log_loss"].value == pytest.approx(log_loss(names[is_test], sharp[is_test]))
    assert after["log_loss"].value < before["log_loss"].value
    assert after["ece"].value < before["ece"].value
    nothing = make_predictions(["a", "b", "c"], np.eye(3), ("a", "b", "c"))
    assert "no case" in by_name(recalibration_effects(nothing, settings))["temperature"].fit


def test_grades_have_their_question_and_labels_one_each(make_graded, make_labelled, settings):
    graded = recalibration_effects(make_graded(), settings)
    assert {effect.about for effect in graded} == {"moderate or above"}
    labelled = recalibration_effects(make_labelled(), settings)
    assert [effect.about for effect in labelled[:: 1 + len(RECALIBRATORS)]] == ["fluid", "cyst", "scar"]
    assert labelled[1].metrics["brier_change"].ci_low is not None


def test_several_cases_a_patient_widen_the_intervals(overconfident, settings):
    patients = [f"p{row // 8}" for row in range(1600)]
    clustered = recalibration_effects(overconfident(columns={"patient_id": patients}), settings)
    assert "clustered by patient" in clustered[1].metrics["brier_change"].method
    assert "patient" in clustered[1].metrics["calibration_slope"].method
