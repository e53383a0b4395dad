"""How far cases lie from the training cases, in units of the validation cases."""

import numpy as np
import polars as pl
import pytest
from scipy.spatial.distance import mahalanobis
from sklearn.covariance import LedoitWolf
from threadpoolctl import threadpool_limits

from reprodx.artifacts.prepared import PreparedCases
from reprodx.training.mahalanobis import novelty_scores


def prepare(values, split, summary=None):
    names = tuple(f"f{index}" for index in range(values.shape[1]))
    cases = pl.DataFrame({"split": split})
    summed = None if summary is None else summary.astype(np.float32)
    return PreparedCases(cases, values.astype(np.float32), names, {}, summed)


def splits(n):
    return np.array(["train", "train", "val", "test"])[np.arange(n) % 4].tolist()


def nearer(distances, is_val):
    """The share of other validation cases that lie nearer, ties counting half, case by case."""
    found = []
    for row, one in enumerate(distances):
        others = distances[is_val & (np.arange(distances.size) != row)]
        found.append(np.mean((others < one) + 0.5 * (others == one)))
    return np.array(found)


def test_the_score_is_the_share_of_validation_cases_that_lie_nearer():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(400, 5)) @ rng.normal(size=(5, 5))
    values[-1] = 40
    split = np.array(splits(400))
    scores = novelty_scores(prepare(values, split.tolist()))
    values = values.astype(np.float32).astype(np.float64)
    fitted = LedoitWolf().fit(values[split == "train"])
    precision = np.linalg.inv(fitted.covariance_)
    scored = values[split != "train"]
    distances = np.array([mahalanobis(row, fitted.location_, precision) ** 2 for row in scored])
    is_val = split[split != "train"] == "val"
    np.testing.assert_allclose(scores, nearer(distances, is_val), atol=1e-12)
    assert scores.dtype == np.float64
    assert scores[-1] == 1
    assert scores[is_val].mean() == pytest.approx(0.5)


def test_cases_of_other_splits_do_not_decide_what_is_near():
    rng = np.random.default_rng(1)
    values, split = rng.normal(size=(200, 4)), splits(200)
    scores = novelty_scores(prepare(values, split))
    moved = values.copy()
    moved[3] += 50
    rows = np.flatnonzero(np.array(split) != "train")
    unmoved = rows != 3
    np.testing.assert_array_equal(novelty_scores(prepare(moved, split))[unmoved], scores[unmoved])
    assert novelty_scores(prepare(moved, split))[rows == 3] == 1


@pytest.mark.parametrize("num_cases", [80, 800])
def test_many_features_are_reduced_and_what_is_left_counts(num_cases):
    rng = np.random.default_rng(2)
    # Sparse, as texts are: the first 100 words occur in training, the others never.
    values = (rng.random((num_cases, 150)) < 0.1) * rng.random((num_cases, 150))
    values[:, 100:] = 0
    values[3::8, 100:] = rng.random((num_cases // 8, 50))
    split = np.array(splits(num_cases))
    scores = novelty_scores(prepare(values, split.tolist()))
    foreign = np.arange(num_cases)[split != "train"] % 8 == 3
    is_test = split[split != "train"] == "test"
    assert scores[foreign].min() > 0.9
    assert 0.3 < scores[is_test & ~foreign].mean() < 0.7


def test_the_summary_stands_for_pictures_and_signals():
    rng = np.random.default_rng(3)
    summary, split = rng.normal(size=(80, 6)), splits(80)
    by_summary = novelty_scores(prepare(np.zeros((80, 0)), split, summary))
    np.testing.assert_array_equal(by_summary, novelty_scores(prepare(summary, split)))
    assert np.unique(by_summary).size > 10


def test_equal_cases_are_equally_strange_and_threads_do_not_matter():
    rng = np.random.default_rng(4)
    values, split = rng.normal(size=(4000, 90)), splits(4000)
    values[2::4] = values[3::4]
    scores = novelty_scores(prepare(values, split)).reshape(-1, 2)
    # A validation case and its twin in test: the twin also lies as far as that case itself.
    np.testing.assert_allclose(scores[:, 0] * 999 + 0.5, scores[:, 1] * 1000, atol=1e-6)
    with threadpool_limits(1):
        alone = novelty_scores(prepare(values, split)).reshape(-1, 2)
    np.testing.assert_array_equal(alone, scores)


def test_evenly_spaced_training_cases_stand_for_very_many(monkeypatch):
    rng = np.random.default_rng(5)
    values, split = rng.normal(size=(4000, 3)), splits(4000)
    everyone = novelty_scores(prepare(values, split))
    monkeypatch.setattr("reprodx.training.mahalanobis.MAX_FITTED", 500)
    monkeypatch.setattr("reprodx.training.mahalanobis.BLOCK", 700)
    some = novelty_scores(prepare(values, split))
    assert 0 < np.abs(some - everyone).max() < 0.1


@pytest.mark.parametrize("num_train", [0, 1, 2])
def test_without_spread_nothing_is_strange(num_train):
    split = ["train"] * num_train + ["val", "val", "test"]
    same = novelty_scores(prepare(np.ones((len(split), 2)), split))
    assert same.tolist() == [0.5, 0.5, 0.5]
    values = np.arange(2.0 * len(split)).reshape(-1, 2)
    spread = novelty_scores(prepare(values, split))
    assert spread[-1] == (1 if num_train == 2 else 0.5)


def test_without_features_or_validation_cases_nothing_is_known():
    assert novelty_scores(prepare(np.zeros((8, 0)), splits(8))).tolist() == [0.5] * 4
    rng = np.random.default_rng(6)
    values = rng.normal(size=(6, 2))
    assert novelty_scores(prepare(values, ["train"] * 4 + ["test"] * 2)).tolist() == [0.5, 0.5]
    one = novelty_scores(prepare(values, ["train"] * 4 + ["val", "test"]))
    assert one[0] == 0.5
    assert one[1] in (0, 1)


def test_a_constant_feature_that_changes_is_strange():
    rng = np.random.default_rng(7)
    values, split = np.column_stack([rng.normal(size=400), np.zeros(400)]), splits(400)
    values[3, 1] = 5
    scores = novelty_scores(prepare(values, split))
    assert scores[1] == 1
