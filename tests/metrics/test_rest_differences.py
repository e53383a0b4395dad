"""A group against the rest: by fairlearn, by textbook formulas, and by simulation."""

import dataclasses

import numpy as np
import polars as pl
import pytest
from fairlearn.metrics import MetricFrame, false_positive_rate, true_positive_rate
from scipy.stats import norm
from scipy.stats import t as student
from sklearn.metrics import roc_auc_score
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from reprodx.artifacts.predictions import Predictions
from reprodx.metrics.catalogue.auroc import auroc
from reprodx.metrics.rest_differences import rest_differences
from reprodx.metrics.transport_gap import transport_gap
from tests.scored import shares_of_pairs


@pytest.fixture
def make_grouped(make_predictions):
    """Binary predictions of cases in groups; patients have one case or several."""

    def make(n=360, *, groups=("a", "b", "c"), skill=1.2, seed=0, patients=None):
        rng = np.random.default_rng(seed)
        is_positive = rng.random(n) < 0.4
        probs = 1 / (1 + np.exp(0.5 - skill * is_positive - rng.normal(size=n)))
        columns = {"group_band": rng.choice(groups, n)}
        threshold = {"value": 0.5, "rule": "fixed", "chosen_on": "val"}
        y_true = np.where(is_positive, "ill", "well")
        made = make_predictions(
            y_true, np.column_stack([1 - probs, probs]), ("well", "ill"), columns=columns, threshold=threshold
        )
        if patients is None:
            return made
        return Predictions(made.table.with_columns(patient_id=pl.Series(patients)), made.metadata)

    return make


def of(found, metric):
    return {one.group: one for one in found if one.metric == metric}


def test_values_and_differences_are_those_of_fairlearn(make_grouped, settings):
    predictions = make_grouped()
    true, called = predictions.targets(), (predictions.probs()[:, 1] >= 0.5).astype(int)
    groups = predictions.table["group_band"].to_numpy()
    found = rest_differences(predictions, settings)
    for metric, rate, sign in (("sensitivity", true_positive_rate, 1), ("specificity", false_positive_rate, -1)):
        for group, one in of(found, metric).items():
            frame = MetricFrame(metrics=rate, y_true=true, y_pred=called, sensitive_features=groups == group)
            expected = sign * (frame.by_group[True] - frame.by_group[False])
            assert one.estimate.value == pytest.approx(expected, abs=1e-12)


def test_proportions_have_newcombes_interval_and_the_pooled_test(make_grouped, settings):
    # Newcombe, Stat Med 1998;17:873, method 10: from the Wilson limits of both proportions.
    predictions = make_grouped()
    one = of(rest_differences(predictions, settings), "sensitivity")["a"]
    is_positive = predictions.targets() == 1
    is_right = predictions.probs()[is_positive, 1] >= 0.5
    is_member = predictions.table["group_band"].to_numpy()[is_positive] == "a"
    (p1, n1), (p2, n2) = ((is_right[part].mean(), part.sum()) for part in (is_member, ~is_member))
    (l1, u1), (l2, u2) = (proportion_confint(round(p * n), n, method="wilson") for p, n in ((p1, n1), (p2, n2)))
    low = p1 - p2 - np.hypot(p1 - l1, u2 - p2)
    high = p1 - p2 + np.hypot(u1 - p1, p2 - l2)
    np.testing.assert_allclose((one.estimate.ci_low, one.estimate.ci_high), (low, high))
    pooled = is_right.mean()
    z = (p1 - p2) / np.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    assert one.p_value == pytest.approx(2 * norm.sf(abs(z)))


def test_areas_have_delongs_variances_of_both_parts(make_grouped, settings):
    predictions = make_grouped()
    one = of(rest_differences(predictions, settings), "auroc")["b"]
    is_positive, probs = predictions.targets() == 1, predictions.probs()[:, 1]
    is_member = predictions.table["group_band"].to_numpy() == "b"
    parts, logits, variance = [], [], 0.0
    for part in (is_member, ~is_member):
        area = roc_auc_score(is_positive[part], probs[part])
        own = sum(values.var(ddof=1) / values.size for values in shares_of_pairs(is_positive[part], probs[part]))
        parts.append(auroc(is_positive[part], probs[part], confidence_level=0.95))
        logits.append(np.log(area / (1 - area)))
        variance += own / (area * (1 - area)) ** 2
    z = abs(logits[0] - logits[1]) / np.sqrt(variance)
    # Between the p-value of very many patients and that of few.
    assert 2 * norm.sf(z) * (1 - 1e-9) <= one.p_value <= 2 * student.sf(z, 20)
    # The limits of the difference are those that validation and test at other sites have.
    expected = transport_gap(*parts)
    found = one.estimate
    np.testing.assert_allclose(
        (found.value, found.ci_low, found.ci_high), (expected.value, expected.ci_low, expected.ci_high)
    )


def test_a_perfect_group_has_no_interval(make_grouped, settings):
    predictions = make_grouped()
    is_positive = predictions.targets() == 1
    perfect = np.where(predictions.table["group_band"] == "a", is_positive, predictions.probs()[:, 1]).astype(float)
    table = predictions.table.with_columns(prob_ill=pl.Series(perfect), prob_well=pl.Series(1 - perfect))
    found = of(rest_differences(Predictions(table, predictions.metadata), settings), "auroc")
    assert found["a"].estimate.reason == "interval not estimable: the classes are separated without error"
    assert (found["a"].p_value, found["a"].p_holm) == (None, None)
    assert found["b"].p_holm is not None


def test_areas_of_clustered_cases_are_those_of_obuchowski(make_grouped, settings):
    predictions = make_grouped()
    doubled = Predictions(
        predictions.table.vstack(predictions.table.with_columns(case_id=predictions.table["case_id"] + "x")),
        predictions.metadata,
    )
    alone = of(rest_differences(predictions, settings), "auroc")["a"]
    twice = of(rest_differences(doubled, settings), "auroc")["a"]
    # The same patients told twice know no more.
    assert "Obuchowski" in twice.estimate.method
    np.testing.assert_allclose(dataclasses.astuple(twice.estimate)[:3], dataclasses.astuple(alone.estimate)[:3])


def test_patients_with_several_cases_are_clustered(make_grouped, settings):
    predictions = make_grouped(patients=[f"p{row // 3}" for row in range(360)])
    found = rest_differences(predictions, settings)
    sensitivity = of(found, "sensitivity")["a"]
    assert "clustered by patient" in sensitivity.estimate.method
    assert sensitivity.estimate.ci_low < sensitivity.estimate.value < sensitivity.estimate.ci_high
    # Cases that do not resemble each other, in groups that cross patients: much like independent ones.
    alone = of(rest_differences(make_grouped(), settings), "sensitivity")["a"]
    assert sensitivity.estimate.value == alone.estimate.value
    np.testing.assert_allclose(sensitivity.p_value, alone.p_value, atol=0.1)


def test_holm_is_over_the_groups_of_a_metric(make_grouped, settings):
    found = rest_differences(make_grouped(groups=("a", "b", "c", "d")), settings)
    for metric in ("auroc", "sensitivity", "specificity"):
        raw = [one.p_value for one in of(found, metric).values()]
        expected = multipletests(raw, method="holm")[1]
        np.testing.assert_allclose([one.p_holm for one in of(found, metric).values()], expected)


def test_two_groups_are_one_question(make_grouped, settings):
    first, second = of(rest_differences(make_grouped(groups=("a", "b")), settings), "auroc").values()
    assert first.p_holm == first.p_value == pytest.approx(second.p_holm)
    assert first.estimate.value == pytest.approx(-second.estimate.value)


def test_too_few_in_the_group_or_in_the_rest_give_no_number(make_grouped, settings):
    predictions = make_grouped(n=100, groups=("a",) * 9 + ("b",))
    found = of(rest_differences(predictions, settings), "auroc")
    assert found["b"].estimate.reason.startswith("too few: ")
    assert found["a"].estimate.reason.startswith("too few: the rest has ")
    assert (found["a"].p_value, found["a"].p_holm) == (None, None)
    least = dataclasses.replace(settings, min_group_size=2, min_group_events=1)
    assert of(rest_differences(predictions, least), "auroc")["a"].estimate.value is not None


def test_where_all_are_right_there_is_no_difference(make_grouped, settings):
    found = rest_differences(make_grouped(skill=40), settings)
    assert of(found, "auroc")["a"].estimate.reason == "interval not estimable: the classes are separated without error"
    assert of(found, "sensitivity")["a"].estimate.value == 0
    assert of(found, "sensitivity")["a"].p_value == 1.0
    assert of(rest_differences(make_grouped(), settings), "sensitivity")["a"].p_value < 1


def test_equal_scores_have_no_variance(make_predictions, settings):
    is_positive = np.arange(120) % 2 == 0
    flat = make_predictions(
        np.where(is_positive, "ill", "well"),
        np.full((120, 2), 0.5),
        ("well", "ill"),
        columns={"site": ["x", "x", "y", "y"] * 30},
    )
    (one,) = {one.estimate.reason for one in rest_differences(flat, settings) if one.metric == "auroc"}
    assert one == "interval not estimable: the variance is zero"


def test_a_class_of_one_patient_has_no_variance(make_grouped, settings):
    predictions = make_grouped()
    of_one = np.where(predictions.targets() == 1, "p", predictions.table["patient_id"])
    clustered = Predictions(predictions.table.with_columns(patient_id=pl.Series(of_one)), predictions.metadata)
    found = of(rest_differences(clustered, settings), "auroc")["a"]
    assert found.estimate.reason == "interval not estimable: a class has one case or one patient only"
    assert found.estimate.value == of(rest_differences(predictions, settings), "auroc")["a"].estimate.value


def test_without_a_threshold_areas_alone_differ(make_grouped, settings):
    predictions = make_grouped()
    found = rest_differences(Predictions(predictions.table, {"classes": predictions.classes}), settings)
    assert of(found, "sensitivity")["a"].estimate.reason == "no threshold was chosen"
    assert of(found, "auroc")["a"].p_value is not None


def test_a_column_with_one_value_has_no_rest(make_grouped, settings):
    assert rest_differences(make_grouped(groups=("a",)), settings) == []
    ungrouped = make_grouped()
    assert rest_differences(Predictions(ungrouped.table.drop("group_band"), ungrouped.metadata), settings) == []


def test_grades_and_labels_are_compared_by_their_own_metrics(make_graded, make_labelled, settings):
    graded = rest_differences(make_graded(), settings)
    assert [one.metric for one in graded] == ["kappa", "within_1", "accuracy"] * 2
    assert all(one.p_value is not None for one in graded)
    predictions = make_labelled()
    (first, _) = rest_differences(predictions, dataclasses.replace(settings, min_group_events=2))
    is_x = predictions.table["site"].to_numpy() == "x"
    areas = [
        np.mean([roc_auc_score(predictions.targets()[part, i], predictions.probs()[part, i]) for i in range(3)])
        for part in (is_x, ~is_x)
    ]
    assert (first.metric, first.group) == ("auroc", "x")
    assert first.estimate.value == pytest.approx(areas[0] - areas[1])


@pytest.mark.simulation
def test_the_size_of_the_area_test_is_held_near_one(make_grouped, settings):
    # A group of about 50 cases in 400 that a model of AUROC .96 ranks: without the logit the size of the test is 11%.
    groups = ("a",) * 7 + ("b",)
    found = [
        of(rest_differences(make_grouped(n=400, skill=2.5, groups=groups, seed=seed), settings), "auroc")["b"].p_value
        for seed in range(400)
    ]
    p_values = np.array([p for p in found if p is not None])
    assert p_values.size > 380
    assert np.mean(p_values < 0.05) < 0.05 + 4 * np.sqrt(0.05 * 0.95 / p_values.size)
    assert np.mean(p_values < 0.5) == pytest.approx(0.5, abs=0.1)


def test_patients_in_both_parts_tie_them_together(make_grouped, settings):
    # Each patient has one case in the group and a like one in the rest, so that their difference hardly varies.
    predictions = make_grouped(n=200, groups=("a",))
    twin = predictions.table.with_columns(case_id=pl.col("case_id") + "x", group_band=pl.lit("b"))
    pairs = Predictions(predictions.table.vstack(twin), predictions.metadata)
    (first, second) = of(rest_differences(pairs, settings), "auroc").values()
    assert first.estimate.value == 0
    assert first.p_value == pytest.approx(1)
    np.testing.assert_allclose((first.estimate.ci_low, second.estimate.ci_high), (0, 0), atol=0.03)
    apart = Predictions(pairs.table.with_columns(patient_id=pl.col("case_id")), pairs.metadata)
    assert of(rest_differences(apart, settings), "auroc")["a"].estimate.ci_high > 0.05


def test_an_area_of_all_cases_is_what_its_group_would_have_alone(make_grouped, settings):
    predictions = make_grouped()
    is_member = predictions.table["group_band"].to_numpy() == "a"
    parts = [
        auroc(predictions.targets()[part] == 1, predictions.probs()[part, 1], confidence_level=0.95).value
        for part in (is_member, ~is_member)
    ]
    assert of(rest_differences(predictions, settings), "auroc")["a"].estimate.value == pytest.approx(
        parts[0] - parts[1]
    )


def test_of_two_parts_with_patients_in_common_one_may_make_no_error(make_grouped, settings):
    # What they have in common is then an error of rounding, of which no share can be taken.
    predictions = make_grouped(66, groups=("a", "b"), patients=np.arange(66) // 2)
    is_right = (predictions.table["group_band"] == "a").to_numpy() & (predictions.targets() == 0)
    probs = np.where(is_right, np.minimum(predictions.probs()[:, 1], 0.45), predictions.probs()[:, 1])
    table = predictions.table.with_columns(prob_ill=pl.Series(probs), prob_well=pl.Series(1 - probs))
    found = of(rest_differences(Predictions(table, predictions.metadata), settings), "specificity")["a"].estimate
    assert found.ci_low is not None
    assert found.ci_low < found.value < found.ci_high
