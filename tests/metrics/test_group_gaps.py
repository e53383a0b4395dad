"""The largest gap between groups, and the gap that chance alone gives."""

import dataclasses

import numpy as np
import polars as pl
import pytest
from fairlearn.metrics import MetricFrame, true_positive_rate
from sklearn.metrics import roc_auc_score

from reprodx.artifacts.predictions import Predictions
from reprodx.metrics.group_gaps import group_gaps

THRESHOLD = {"value": 0.5, "rule": "fixed", "chosen_on": "val"}


@pytest.fixture
def make_called(make_predictions):
    """Groups of equal size in which calls are right with a given chance, the same for all or one for each."""

    def make(sensitivities, *, num_positives=100, num_negatives=50, seed=0, metadata=None):
        rng = np.random.default_rng(seed)
        targets, probs, groups = [], [], []
        for name, sensitivity in zip("abcdefgh", sensitivities, strict=False):
            is_positive = np.arange(num_positives + num_negatives) < num_positives
            is_called = np.where(
                is_positive, rng.random(is_positive.size) < sensitivity, rng.random(is_positive.size) < 0.1
            )
            targets += np.where(is_positive, "ill", "well").tolist()
            probs += (0.5 * is_called + 0.5 * rng.random(is_positive.size)).tolist()
            groups += [name] * is_positive.size
        columns = {"group_band": groups}
        return make_predictions(
            targets,
            np.column_stack([1 - np.array(probs), probs]),
            ("well", "ill"),
            columns=columns,
            threshold=THRESHOLD,
        )

    return make


def of(found):
    return {one.metric: one for one in found}


def test_a_fair_model_shows_a_gap_by_chance_alone(make_called, settings):
    # A perfectly fair model, six groups of 100 positive cases, each called with sensitivity .9: sqrt(.9 * .1 / 100) =
    # .03, and the range of six normal variables is 2.534 standard deviations, so that the mean gap is .076.
    gaps = [of(group_gaps(make_called([0.9] * 6, seed=seed), settings))["sensitivity"] for seed in range(60)]
    assert np.mean([one.gap for one in gaps]) == pytest.approx(0.076, abs=0.008)
    assert np.mean([one.null_mean for one in gaps]) == pytest.approx(0.076, abs=0.008)
    assert np.mean([one.p_value < 0.05 for one in gaps]) < 0.15
    assert all(one.null_mean < one.null_high for one in gaps)


def test_an_unfair_model_stands_out(make_called, settings):
    found = of(group_gaps(make_called([0.9, 0.9, 0.9, 0.9, 0.9, 0.7]), settings))["sensitivity"]
    assert found.lowest == "f"
    assert found.gap > found.null_high
    assert found.p_value == pytest.approx(1 / 101)
    assert found.num_draws == 100


def test_the_gap_is_that_of_fairlearn(make_called, settings):
    predictions = make_called([0.9, 0.8, 0.7])
    found = of(group_gaps(predictions, settings))
    true, called = predictions.targets(), (predictions.probs()[:, 1] >= 0.5).astype(int)
    groups = predictions.table["group_band"].to_list()
    frame = MetricFrame(metrics=true_positive_rate, y_true=true, y_pred=called, sensitive_features=groups)
    assert found["sensitivity"].gap == pytest.approx(frame.difference(method="between_groups"))
    assert found["sensitivity"].highest == frame.by_group.idxmax()
    areas = [
        roc_auc_score(true[part], predictions.probs()[part, 1]) for part in (np.array(groups) == name for name in "abc")
    ]
    assert found["auroc"].gap == pytest.approx(max(areas) - min(areas))


def test_the_null_band_of_areas_is_that_of_permutations_one_by_one(make_called, settings):
    predictions = make_called([0.8] * 3, num_positives=20, num_negatives=20)
    found = of(group_gaps(predictions, dataclasses.replace(settings, num_null_draws=2000)))["auroc"]
    rng = np.random.default_rng(1)
    true, scores = predictions.targets(), predictions.probs()[:, 1]
    groups = predictions.table["group_band"].to_numpy()
    gaps = []
    for _ in range(600):
        shuffled = groups.copy()
        for answer in (0, 1):
            shuffled[true == answer] = rng.permutation(groups[true == answer])
        areas = [roc_auc_score(true[shuffled == name], scores[shuffled == name]) for name in "abc"]
        gaps.append(max(areas) - min(areas))
    assert found.null_mean == pytest.approx(np.mean(gaps), rel=0.08)
    assert found.null_high == pytest.approx(np.quantile(gaps, 0.95), rel=0.12)


def test_small_groups_are_left_out_and_named(make_called, settings):
    predictions = make_called([0.9] * 3)
    few = predictions.table.filter((pl.col("group_band") != "c") | (pl.int_range(pl.len()) % 10 == 0))
    found = group_gaps(Predictions(few, predictions.metadata), settings)
    assert {(one.groups, one.left_out) for one in found} == {(("a", "b"), ("c",))}
    (gap, *_) = group_gaps(Predictions(few.filter(pl.col("group_band") != "b"), predictions.metadata), settings)
    assert (gap.gap, gap.reason) == (None, "fewer than two groups are large enough")


def test_patients_move_as_a_whole(make_called, settings):
    single = make_called([0.85] * 4, num_positives=60)
    table = single.table
    tripled = pl.concat([table.with_columns(case_id=pl.col("case_id") + f"_{turn}") for turn in range(3)])
    alone = of(group_gaps(single, settings))["sensitivity"]
    thrice = of(group_gaps(Predictions(tripled, single.metadata), settings))["sensitivity"]
    # The same patients told three times know no more, so that chance gives gaps as large as before.
    assert thrice.gap == pytest.approx(alone.gap)
    assert thrice.null_mean == pytest.approx(alone.null_mean, rel=0.1)


def test_patients_in_two_groups_leave_the_band_undefined(make_called, settings):
    predictions = make_called([0.9, 0.9])
    straddling = predictions.table.with_columns(patient_id=pl.int_range(pl.len()).mod(150).cast(pl.String))
    found = of(group_gaps(Predictions(straddling, predictions.metadata), settings))["auroc"]
    assert found.reason == "null band not estimable: a patient has cases in more than one group"
    assert found.gap == of(group_gaps(predictions, settings))["auroc"].gap
    assert found.p_value is None


def test_very_many_cases_are_permuted_less_often(make_called, settings, monkeypatch):
    predictions = make_called([0.9] * 3)
    many = dataclasses.replace(settings, num_null_draws=150)
    assert group_gaps(predictions, many)[0].num_draws == 150
    monkeypatch.setattr("reprodx.metrics.group_gaps.MAX_RANKED", 1)
    assert group_gaps(predictions, many)[0].num_draws == 100


def test_without_a_threshold_there_is_a_gap_of_areas_alone(make_called, settings):
    predictions = make_called([0.9] * 3)
    found = of(group_gaps(Predictions(predictions.table, {"classes": predictions.classes}), settings))
    assert found["sensitivity"].reason == "no threshold was chosen"
    assert found["auroc"].p_value is not None


def test_the_seed_decides_the_band(make_called, settings):
    predictions = make_called([0.9] * 3)
    assert group_gaps(predictions, settings) == group_gaps(predictions, settings)
    assert group_gaps(predictions, settings) != group_gaps(predictions, dataclasses.replace(settings, bootstrap_seed=9))


def test_every_task_has_its_metrics(make_graded, make_labelled, settings):
    assert list(of(group_gaps(make_graded(), settings))) == ["kappa", "within_1", "accuracy"]
    (gap,) = group_gaps(make_labelled(), dataclasses.replace(settings, min_group_events=2))
    assert gap.metric == "auroc"
    assert gap.p_value is not None
    assert group_gaps(Predictions(make_graded().table.drop("site"), make_graded().metadata), settings) == []
