"""Every metric of a task with more than two classes."""

import numpy as np
import pytest
from sklearn.datasets import load_wine
from sklearn.metrics import classification_report, roc_auc_score

from reprodx.metrics.multiclass import score_multiclass
from reprodx.metrics.scored_cases import ScoredCases

CLASSES = ("barolo", "grignolino", "barbera")


@pytest.fixture
def cases():
    features, targets = load_wine(return_X_y=True)
    scores = -np.stack([np.abs(features[:, 0] - features[targets == index, 0].mean()) for index in range(3)], axis=1)
    probs = np.exp(scores * 2)
    return ScoredCases(targets, probs / probs.sum(axis=1, keepdims=True), None, CLASSES)


def test_every_metric_is_scikit_learns(cases, settings):
    scores = score_multiclass(cases, settings)
    called = cases.probs.argmax(axis=1)
    report = classification_report(cases.targets, called, target_names=CLASSES, output_dict=True)
    assert scores["accuracy"].value == pytest.approx(report["accuracy"])
    assert scores["f1_macro"].value == pytest.approx(report["macro avg"]["f1-score"])
    assert scores["balanced_accuracy"].value == pytest.approx(report["macro avg"]["recall"])
    assert scores["auroc"] == scores["auroc_macro"]
    assert scores["auroc"].value == pytest.approx(roc_auc_score(cases.targets, cases.probs, multi_class="ovr"))
    for index, name in enumerate(CLASSES):
        assert scores[f"sensitivity_{name}"].value == pytest.approx(report[name]["recall"])
        assert scores[f"ppv_{name}"].value == pytest.approx(report[name]["precision"])
        specificity = (called != index)[cases.targets != index].mean()
        assert scores[f"specificity_{name}"].value == pytest.approx(specificity)
        npv = (cases.targets != index)[called != index].mean()
        assert scores[f"npv_{name}"].value == pytest.approx(npv)
        area = roc_auc_score(cases.targets == index, cases.probs[:, index])
        assert scores[f"auroc_{name}"].value == pytest.approx(area)
        assert scores[f"auroc_{name}"].method == "logit DeLong"
    assert len(scores) == 7 + 5 * 3
    assert all(estimate.ci_low < estimate.value < estimate.ci_high for estimate in scores.values())


def test_an_absent_class_leaves_the_others(cases, settings):
    kept = cases.targets != 2
    scores = score_multiclass(ScoredCases(cases.targets[kept], cases.probs[kept], None, CLASSES), settings)
    undefined = {name for name, estimate in scores.items() if estimate.value is None}
    means = {"auroc", "auroc_macro", "hand_till", "balanced_accuracy", "f1_macro"}
    assert undefined == means | {"auroc_barbera", "sensitivity_barbera"}
    assert all(scores[name].reason for name in undefined)
