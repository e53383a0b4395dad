"""Logistic regression on all terms of texts, against scikit-learn."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression

from reprodx.errors import ConfigError
from reprodx.inputs import Inputs, Modality
from reprodx.training import terms_fit
from reprodx.training.links import probabilities
from reprodx.training.model_folder import load_scorer

LOGISTIC = {"name": "logistic", "_target_": "reprodx.models.logistic.Logistic", "text_penalty": 1.0}
NUM_TERMS = 60


@pytest.fixture(scope="module")
def make_texts(make_prepared):
    """Return a function that makes cases whose texts have terms; the last ones tell the class."""

    def make(num_classes=3):
        table = make_prepared(num_classes=num_classes)
        num = len(table.cases)
        random = np.random.default_rng(0)
        terms = random.random((num, NUM_TERMS)) * (random.random((num, NUM_TERMS)) < 0.1)
        terms[:, -num_classes:] += np.eye(num_classes)[table.targets] * (random.random((num, 1)) < 0.8)
        return dataclasses.replace(
            table,
            manifest={**table.manifest, "modality": "text", "inputs": {"scaling": None}, "files": {}},
            features=np.zeros((num, 0), np.float32),
            feature_names=(),
            summary=csr_array(terms.astype(np.float32)),
            summary_names=tuple(f"word{number}" for number in range(NUM_TERMS)),
            inputs=Inputs.of_steps(Modality.TEXT, np.ones(num, np.int32), np.ones(num, np.int64)),
        )

    return make


@pytest.mark.parametrize(("num_classes", "penalty"), [(2, 1.0), (3, 1.0), (3, 0.2)])
def test_it_reaches_scikit_learns_optimum(fit_model, make_config, make_texts, num_classes, penalty):
    prepared = make_texts(num_classes)

    fitted = fit_model(prepared, make_config(model={**LOGISTIC, "text_penalty": penalty}))

    scorer = load_scorer(fitted.folder)
    train, test = prepared.rows("train"), prepared.rows("test")
    reference = LogisticRegression(C=1 / penalty, tol=1e-6).fit(prepared.summary[train], prepared.targets[train])
    found = probabilities(scorer.logits(prepared.model_inputs.select(test)), prepared.task)
    np.testing.assert_allclose(found, reference.predict_proba(prepared.summary[test]), atol=0.01)
    assert len(scorer.feature_names) == NUM_TERMS
    assert fitted.summary.metrics["val/auroc"] > 0.8
    assert fitted.epochs == [(fitted.summary.num_epochs, fitted.summary.metrics)]


def test_trees_are_given_the_first_terms(fit_model, make_config, make_texts, monkeypatch):
    monkeypatch.setattr("reprodx.inputs.TELLING_TERMS", 20)
    fitted = fit_model(make_texts(), make_config(model="boosting"))

    assert load_scorer(fitted.folder).feature_names == make_texts().summary_names[:20]


def test_equal_fits_give_equal_bytes(fit_model, make_config, make_texts):
    first, again = (fit_model(make_texts(), make_config(model="logistic", seed=seed)) for seed in (0, 1))

    assert first.files == again.files


def test_scores_do_not_depend_on_blocks(fit_model, make_config, make_texts, monkeypatch):
    prepared = make_texts()
    scorer = load_scorer(fit_model(prepared, make_config(model="logistic")).folder)
    whole = scorer.logits(prepared.model_inputs)
    monkeypatch.setattr("reprodx.training.scorer.NUMBERS_PER_BLOCK", 7 * NUM_TERMS)

    np.testing.assert_allclose(scorer.logits(prepared.model_inputs), whole, rtol=1e-12)


def test_an_augmentation_is_refused(fit_model, make_config, make_texts):
    noise = {"name": "noise", "_target_": "reprodx.augmentation.gaussian_noise.GaussianNoise", "std": 0.1}

    with pytest.raises(ConfigError, match="augmentation=noise: model=logistic is fitted to all terms"):
        fit_model(make_texts(), make_config(model="logistic", augmentation=noise))


def test_an_optimum_that_is_not_reached_is_said(fit_model, make_config, make_texts, monkeypatch, caplog):
    monkeypatch.setattr(terms_fit, "MAX_ITERATIONS", 2)
    fit_model(make_texts(), make_config(model="logistic"))
    assert "no optimum after 2 iterations: raise model.text_penalty" in caplog.text
