"""How strange test cases are, and whether that foretells errors."""

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score
from statsmodels.stats.proportion import proportion_confint

from reprodx.artifacts.predictions import Predictions
from reprodx.metrics.novelty import novelty

THRESHOLD = {"value": 0.5, "rule": "fixed", "chosen_on": "val"}


@pytest.fixture
def make_strange(make_predictions):
    """Binary predictions that err the more, the stranger a case is."""

    def make(n=400, *, strength=2.0, **metadata):
        rng = np.random.default_rng(0)
        scores, is_positive = rng.random(n), rng.random(n) < 0.5
        is_wrong = rng.random(n) < 0.05 + strength * 0.4 * scores**2 / 2
        probs = np.where(is_positive != is_wrong, 0.9, 0.1) + rng.random(n) / 20
        columns = {"site": ["x" if row % 3 else "y" for row in range(n)], "ood_score": scores}
        return make_predictions(
            np.where(is_positive, "ill", "well"),
            np.column_stack([1 - probs, probs]),
            ("well", "ill"),
            columns=columns,
            **{"threshold": THRESHOLD, **metadata},
        )

    return make


def is_wrong_of(predictions):
    return (predictions.probs()[:, 1] >= 0.5) != (predictions.targets() == 1)


def test_cases_beyond_the_limits_are_counted_in_all_and_by_site(make_strange, settings):
    predictions = make_strange()
    scores = predictions.table["ood_score"].to_numpy()
    everyone, x, y = novelty(predictions, settings).shares
    assert (everyone.group, x.group, y.group) == ("all cases", "x", "y")
    for found, limit in zip(everyone.beyond, (0.95, 0.99), strict=True):
        num = int((scores > limit).sum())
        low, high = proportion_confint(num, 400, method="wilson")
        np.testing.assert_allclose((found.value, found.ci_low, found.ci_high), (num / 400, low, high))
    is_x = (predictions.table["site"] == "x").to_numpy()
    assert x.beyond[0].value == np.mean(scores[is_x] > 0.95)
    assert (x.n, y.n) == (is_x.sum(), 400 - is_x.sum())


def test_strangeness_foretells_errors_where_it_does(make_strange, settings):
    predictions = make_strange()
    found = novelty(predictions, settings).error_auroc
    area = roc_auc_score(is_wrong_of(predictions), predictions.table["ood_score"])
    assert found.value == pytest.approx(area)
    assert found.ci_low > 0.5
    indifferent = novelty(make_strange(strength=0.0), settings).error_auroc
    assert indifferent.ci_low < 0.5 < indifferent.ci_high


def test_the_nearest_nine_in_ten_are_compared_with_the_rest(make_strange, settings):
    predictions = make_strange()
    found = novelty(predictions, settings)
    parts = {part.group: part for part in found.parts}
    assert (parts["typical"].n, parts["rest"].n) == (360, 40)
    scores = predictions.table["ood_score"].to_numpy()
    is_near = scores <= np.sort(scores)[359]
    true, probs = predictions.targets(), predictions.probs()[:, 1]
    assert parts["typical"].metrics["auroc"].value == pytest.approx(roc_auc_score(true[is_near], probs[is_near]))
    areas = [roc_auc_score(true[part], probs[part]) for part in (is_near, ~is_near)]
    (difference, *_) = found.differences
    assert (difference.group, difference.metric) == ("typical", "auroc")
    assert difference.estimate.value == pytest.approx(areas[0] - areas[1])


def test_the_histogram_counts_every_case(make_strange, settings):
    histogram = novelty(make_strange(), settings).histogram
    assert histogram["num_cases"].sum() == 400
    scores = make_strange().table["ood_score"]
    assert histogram["num_cases"][9] == (scores >= 0.9).sum()


def test_a_file_without_the_column_says_so(make_strange, settings):
    predictions = make_strange()
    foreign = Predictions(predictions.table.drop("ood_score"), predictions.metadata)
    found = novelty(foreign, settings)
    assert found.reason == found.error_auroc.reason == "the predictions file has no column 'ood_score'"
    assert (found.shares, found.parts) == ((), ())
    gappy = predictions.table.with_columns(ood_score=pl.when(pl.col("site") == "x").then("ood_score"))
    assert "lacks values" in novelty(Predictions(gappy, predictions.metadata), settings).reason
    assert novelty(predictions, settings).reason is None


def test_why_errors_are_unknown_is_said(make_strange, settings):
    assert novelty(make_strange(threshold=None), settings).error_auroc.reason == "no threshold was chosen"
    predictions = make_strange()
    is_right = ~is_wrong_of(predictions)
    right = Predictions(predictions.table.filter(is_right), predictions.metadata)
    assert novelty(right, settings).error_auroc.reason == "no call is wrong"
    wrong = Predictions(predictions.table.filter(~is_right), predictions.metadata)
    assert novelty(wrong, settings).error_auroc.reason == "every call is wrong"


def test_where_all_are_equally_strange_there_is_no_rest(make_strange, settings):
    predictions = make_strange()
    flat = Predictions(predictions.table.with_columns(ood_score=pl.lit(1.0)), predictions.metadata)
    found = novelty(flat, settings)
    assert [part.n for part in found.parts] == [400]
    assert found.differences == ()
    assert found.shares[0].beyond[1].value == 1


def test_a_case_of_labels_is_wrong_if_any_is(make_labelled, settings):
    predictions = make_labelled(thresholds={"fluid": THRESHOLD, "cyst": THRESHOLD})
    scores = np.random.default_rng(0).random(240)
    scored = Predictions(predictions.table.with_columns(ood_score=pl.Series(scores)), predictions.metadata)
    test = scored.of("test")
    wrong = ((test.probs() >= 0.5) != (test.targets() == 1))[:, :2].any(axis=1)
    found = novelty(scored, settings).error_auroc
    assert found.value == pytest.approx(roc_auc_score(wrong, test.table["ood_score"]))


def test_grades_are_wrong_where_they_are_missed(make_graded, settings):
    predictions = make_graded(cases_per_patient=2)
    scored = Predictions(predictions.table.with_columns(ood_score=pl.int_range(pl.len()) / 240), predictions.metadata)
    test = scored.of("test")
    wrong = test.probs().argmax(axis=1) != test.targets()
    found = novelty(scored, settings)
    assert found.error_auroc.value == pytest.approx(roc_auc_score(wrong, test.table["ood_score"]))
    assert "clustered" in found.error_auroc.method
