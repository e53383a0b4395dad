"""From a predictions file to every number of a report."""

import dataclasses
import json
import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sklearn.datasets import load_wine
from sklearn.metrics import classification_report, cohen_kappa_score, roc_auc_score

from reprodx.errors import ConfigError, MetricError
from reprodx.metrics.asked import Asked, Key, View, written_names
from reprodx.metrics.catalogue import metric_of, metrics_in
from reprodx.metrics.metric import Need
from reprodx.metrics.scorecard import TRANSPORT_GAP, confusion_matrix, score, score_groups


def written(predictions, settings):
    """Return what stands in `metrics.json`."""
    scores = score(predictions, settings)
    return {split: {written_names(block)[key]: one for key, one in block.items()} for split, block in scores.items()}


YOUDEN = {"value": 0.5, "rule": "largest Youden index", "chosen_on": "val"}


@pytest.fixture
def binary(make_predictions):
    rng = np.random.default_rng(0)
    is_positive = rng.random(200) < 0.4
    probs = 1 / (1 + np.exp(0.5 - is_positive - rng.normal(size=200)))
    return lambda **metadata: make_predictions(
        np.where(is_positive, "ill", "well"),
        np.column_stack([1 - probs, probs]),
        ("well", "ill"),
        split=["val"] * 80 + ["test"] * 120,
        columns={"site": ["x", "y"] * 100},
        **metadata,
    )


def test_both_splits_are_scored_with_one_threshold(binary, settings):
    scores = written(binary(threshold=YOUDEN), settings)
    assert list(scores) == ["val", "test"]
    assert scores["val"]["auroc"].n == 80
    assert scores["test"]["accuracy"].n == 120
    called = binary().of("test").probs()[:, 1] >= 0.5
    assert scores["test"]["accuracy"].value == (called == (binary().of("test").targets() == 1)).mean()


def test_numbers_of_the_split_that_chose_the_threshold_say_so(binary, settings):
    scores = written(binary(threshold=YOUDEN), settings)
    for name in scores["val"]:
        is_marked = scores["val"][name].method.endswith("; threshold chosen on these cases")
        assert is_marked == (Need.CALLS in metric_of(name).needs)
        assert "threshold" not in scores["test"][name].method


@pytest.mark.parametrize("use", [score, score_groups, lambda predictions, _: confusion_matrix(predictions)])
def test_a_threshold_chosen_on_the_test_split_is_refused(binary, settings, use):
    with pytest.raises(MetricError, match="chosen on the test split"):
        use(binary(threshold={**YOUDEN, "chosen_on": "test"}), settings)
    assert use(binary(threshold={**YOUDEN, "chosen_on": "config"}), settings) is not None


def test_files_of_other_tools_have_no_threshold(binary, settings):
    scores = written(binary(), settings)["test"]
    assert scores["auroc"].value is not None
    assert scores["f1"].reason == "no threshold was chosen"
    assert confusion_matrix(binary()).height == 0


def test_every_number_of_breast_cancer(breast_cancer, make_predictions, settings):
    probs = np.column_stack([1 - breast_cancer.probs, breast_cancer.probs])
    names = np.where(breast_cancer.is_positive, "malignant", "benign")
    scores = written(make_predictions(names, probs, ("benign", "malignant"), threshold=YOUDEN), settings)["test"]
    of_prevalence = {"ppv_at_prevalence", "npv_at_prevalence"}
    assert list(scores) == [one.name for one in metrics_in(View.BINARY) if one.name not in of_prevalence]
    published = {
        "auroc": (0.9952830189, 5e-11),
        "brier": (0.0195033, 5e-8),
        "calibration_slope": (1.227387, 5e-7),
        "calibration_in_the_large": (0.087661, 5e-7),
        "ici": (0.007980, 5e-7),
    }
    for name, (value, tolerance) in published.items():
        assert scores[name].value == pytest.approx(value, abs=tolerance)
    for name, estimate in scores.items():
        has_interval = name not in {"ici", "e50", "e90", "emax", "ece"}
        assert (estimate.ci_low is not None) == has_interval == (estimate.reason is None)
        assert not has_interval or estimate.ci_low < estimate.value < estimate.ci_high


def test_predictive_values_at_a_stated_prevalence_are_there_where_one_is_stated(binary, settings):
    stated = written(binary(threshold=YOUDEN), dataclasses.replace(settings, prevalence=0.01))["test"]
    assert stated["ppv_at_prevalence"].value < stated["ppv"].value
    assert stated["npv_at_prevalence"].value > stated["npv"].value
    assert not {"ppv_at_prevalence", "npv_at_prevalence"} & written(binary(threshold=YOUDEN), settings)["test"].keys()


@pytest.fixture
def wine(make_predictions):
    """Three classes, of which the last may be absent."""
    features, targets = load_wine(return_X_y=True)
    scores = -np.stack([np.abs(features[:, 0] - features[targets == index, 0].mean()) for index in range(3)], axis=1)
    probs = np.exp(scores * 2) / np.exp(scores * 2).sum(axis=1, keepdims=True)

    def make(names, num_present=3):
        kept = targets < num_present
        return make_predictions(np.array(names)[targets[kept]], probs[kept], names)

    return make


@pytest.mark.parametrize("names", [("barolo", "grignolino", "barbera"), ("macro", "micro", "referable")])
def test_every_number_of_classes_is_scikit_learns_whatever_they_are_called(wine, settings, names):
    predictions = wine(names)
    scores = score(predictions, settings)["test"]
    targets, probs = predictions.targets(), predictions.probs()
    called = probs.argmax(axis=1)
    report = classification_report(targets, called, target_names=names, output_dict=True)
    together = {key.metric: one for key, one in scores.items() if key.asked == Asked(View.CLASSES)}
    assert together["accuracy"].value == pytest.approx(report["accuracy"])
    assert together["f1_macro"].value == pytest.approx(report["macro avg"]["f1-score"])
    assert together["balanced_accuracy"].value == pytest.approx(report["macro avg"]["recall"])
    assert together["auroc"] == together["auroc_macro"]
    assert together["auroc"].value == pytest.approx(roc_auc_score(targets, probs, multi_class="ovr"))
    assert together["hand_till"].value == pytest.approx(roc_auc_score(targets, probs, multi_class="ovo"))
    for index, name in enumerate(names):
        one = {key.metric: found for key, found in scores.items() if key.asked == Asked(View.CLASS, name)}
        assert one["sensitivity"].value == pytest.approx(report[name]["recall"])
        assert one["ppv"].value == pytest.approx(report[name]["precision"])
        assert one["specificity"].value == pytest.approx((called != index)[targets != index].mean())
        assert one["npv"].value == pytest.approx((targets != index)[called != index].mean())
        assert one["auroc"].value == pytest.approx(roc_auc_score(targets == index, probs[:, index]))
        assert one["auroc"].method == "logit DeLong"
        assert len(one) == 5
    assert len(scores) == len(together) + 5 * 3 == len(set(written_names(scores).values()))
    assert written(predictions, settings)["test"]["auroc_macro"] == together["auroc"]
    assert all(estimate.ci_low < estimate.value < estimate.ci_high for estimate in scores.values())


def test_an_absent_class_leaves_the_others(wine, settings):
    scores = written(wine(("barolo", "grignolino", "barbera"), 2), settings)["test"]
    undefined = {name for name, estimate in scores.items() if estimate.value is None}
    means = {"auroc", "auroc_macro", "hand_till", "balanced_accuracy", "f1_macro"}
    assert undefined == means | {"auroc_barbera", "sensitivity_barbera"}
    assert all(scores[name].reason for name in undefined)


def test_a_model_at_new_sites_has_a_gap_to_those_it_knows(binary, settings):
    assert Key(TRANSPORT_GAP, Asked(View.BINARY)) not in score(binary(threshold=YOUDEN), settings)["test"]
    predictions = binary(threshold=YOUDEN)
    moved = predictions.table.with_columns(site=pl.col("split"))
    scores = score(type(predictions)(moved, predictions.metadata), settings)
    area = Key("auroc", Asked(View.BINARY))
    gap = scores["test"][Key(TRANSPORT_GAP, area.asked)]
    assert gap.value == pytest.approx(scores["val"][area].value - scores["test"][area].value)


def test_groups_are_of_the_test_split(binary, settings):
    rows = score_groups(binary(threshold=YOUDEN), settings)
    assert [(row.group, row.n) for row in rows] == [("x", 60), ("y", 60)]
    assert rows[0].metrics["sensitivity"].value is not None


def test_confusion_matrix_counts_every_case(binary, wine, settings):
    table = confusion_matrix(binary(threshold=YOUDEN))
    assert table.columns == ["split", "true_class", "called_class", "num_cases"]
    assert table.group_by("split", maintain_order=True).agg(pl.col("num_cases").sum())["num_cases"].to_list() == [
        80,
        120,
    ]
    hits = table.row(by_predicate=_cell("test", "ill", "ill"))[3]
    sensitivity = written(binary(threshold=YOUDEN), settings)["test"]["sensitivity"]
    assert sensitivity.value == hits / sensitivity.n
    assert confusion_matrix(wine(("a", "b", "c"))).height == 9


def _cell(split, true_class, called_class):
    return (pl.col("split") == split) & (pl.col("true_class") == true_class) & (pl.col("called_class") == called_class)


def test_patients_with_several_cases_are_recognised(binary, settings):
    predictions = binary(threshold=YOUDEN)
    paired = predictions.table.with_columns(patient_id=pl.int_range(pl.len()).floordiv(4).cast(pl.String))
    scores = written(type(predictions)(paired, predictions.metadata), settings)["test"]
    assert scores["auroc"].method.startswith("logit Obuchowski, clustered by patient")
    assert "clustered by patient" in scores["sensitivity"].method


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from([0.0, 1e-300, 0.2, 0.5, 0.9, 1.0]), st.integers(0, 4)),
        min_size=1,
        max_size=12,
    ),
    st.booleans(),
)
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_nan_and_no_value_without_interval_or_reason(make_predictions, settings, cases, is_binary):
    few = dataclasses.replace(settings, num_resamples=10)
    targets, probs, patients = (np.array(column) for column in zip(*cases, strict=True))
    classes = ("a", "b") if is_binary else ("a", "b", "c")
    rest = (1 - probs) / (len(classes) - 1)
    predictions = make_predictions(
        np.array(classes)[targets % len(classes)],
        np.column_stack([probs, *[rest] * (len(classes) - 1)]),
        classes,
        columns={"patient_id": patients.astype(str).tolist()},
        threshold=YOUDEN,
    )
    for estimate in written(predictions, few)["test"].values():
        json.dumps(estimate.as_dict(), allow_nan=False)
        assert (estimate.ci_low is None) == (estimate.ci_high is None) == (estimate.reason is not None)
        assert estimate.value is not None or estimate.reason
        assert estimate.ci_low is None or estimate.ci_low < estimate.ci_high


def test_importing_it_loads_no_heavy_library():
    heavy = {"sklearn", "statsmodels", "torch", "pandas", "matplotlib", "mlflow"}
    code = f"import sys, reprodx.metrics.scorecard, reprodx.metrics.curves; print({heavy} & sys.modules.keys())"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == "set()"


def test_labels_have_a_binary_block_each(make_labelled, settings):
    thresholds = {
        "fluid": YOUDEN,
        "cyst": {**YOUDEN, "value": 0.2},
        "scar": {**YOUDEN, "value": None, "reason": "no positive case on the validation split"},
    }
    predictions = make_labelled(thresholds=thresholds)
    scores = written(predictions, settings)
    test = predictions.of("test")
    for index, (name, entry) in enumerate(thresholds.items()):
        has_label, probs = test.targets()[:, index] == 1, test.probs()[:, index]
        assert scores["test"][f"auroc_{name}"].value == pytest.approx(roc_auc_score(has_label, probs))
        assert scores["test"][f"brier_{name}"].n_events == has_label.sum()
        if entry["value"] is not None:
            sensitivity = (probs[has_label] >= entry["value"]).mean()
            assert scores["test"][f"sensitivity_{name}"].value == pytest.approx(sensitivity)
    assert scores["test"]["f1_scar"].reason == "no positive case on the validation split"
    assert scores["val"]["f1_cyst"].method.endswith("; threshold chosen on these cases")
    assert scores["test"]["auroc"].value == pytest.approx(roc_auc_score(test.targets(), test.probs()))
    cells = confusion_matrix(predictions).filter(pl.col("split") == "test")
    assert cells["true_class"].unique(maintain_order=True).to_list() == ["no fluid", "fluid", "no cyst", "cyst"]
    assert cells["num_cases"].sum() == 2 * 120


def test_grades_have_a_kappa_and_a_referable_block(make_graded, settings):
    predictions = make_graded(threshold={**YOUDEN, "positive": "moderate or above"}, cases_per_patient=2)
    scores = written(predictions, settings)["test"]
    test = predictions.of("test")
    called = test.probs().argmax(axis=1)
    is_referable, probs = test.targets() >= 2, test.probs()[:, 2:].sum(axis=1)
    assert scores["kappa"].value == pytest.approx(cohen_kappa_score(test.targets(), called, weights="quadratic"))
    assert scores["auroc_referable"].value == pytest.approx(roc_auc_score(is_referable, probs))
    assert scores["specificity_referable"].value == pytest.approx((probs[~is_referable] < 0.5).mean())
    assert scores["auroc"].value == pytest.approx(roc_auc_score(test.targets(), test.probs(), multi_class="ovr"))
    assert {"mae", "within_1", "accuracy", "balanced_accuracy", "auroc_severe"} <= scores.keys()
    assert confusion_matrix(predictions).filter(pl.col("split") == "test").height == 16
    other = written(predictions, dataclasses.replace(settings, ordinal_cut=1))["test"]
    assert other["sensitivity_referable"].reason == "the threshold was chosen for moderate or above"
    assert other["auroc_referable"].value != scores["auroc_referable"].value


def test_a_cut_beyond_the_grades_is_refused(make_graded, settings):
    with pytest.raises(ConfigError, match=r"evaluation\.ordinal_cut"):
        score(make_graded(), dataclasses.replace(settings, ordinal_cut=4))


@pytest.mark.parametrize("task", ["labelled", "graded"])
@pytest.mark.parametrize("num_cases", [3, 6, 12])
def test_few_cases_give_reasons(make_labelled, make_graded, settings, task, num_cases):
    predictions = {"labelled": make_labelled, "graded": make_graded}[task](num_cases, cases_per_patient=2)
    for split in written(predictions, settings).values():
        for estimate in split.values():
            json.dumps(estimate.as_dict(), allow_nan=False)
            assert (estimate.ci_low is None) == (estimate.reason is not None)
            assert estimate.value is not None or estimate.reason
