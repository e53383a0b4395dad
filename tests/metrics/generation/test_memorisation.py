"""Memorisation: copies are found, and nobody else is accused."""

import dataclasses

import numpy as np
import pytest

from reprodx.metrics.generation.membership import membership_auroc, membership_scores
from reprodx.metrics.generation.memorisation import copies, distance_ratios, memorisation
from reprodx.metrics.undefined import NO_CASE, PERFECT
from reprodx.schemas import Estimate

AT_CHANCE = Estimate(0.5, 0.4, 0.6, 100, 50, "logit DeLong")


@pytest.fixture(scope="module")
def sides(make_real):
    return make_real(150, seed=1), make_real(60, seed=2, first_patient=150)


def verdict(generated, train, heldout, bootstrap):
    found = memorisation(generated, train, heldout, seed=0, bootstrap=bootstrap)
    scores = [membership_scores(side.vectors, generated) for side in (train, heldout)]
    attack = membership_auroc(
        scores[0], train.patients, scores[1], heldout.patients, seed=0, confidence_level=bootstrap.confidence_level
    )
    return copies(found, attack)


def noisy(cases, rng):
    return cases + 0.02 * cases.std(axis=0) * rng.normal(size=cases.shape)


def test_cases_of_the_population_are_no_copies(sides, make_real, resamples):
    generated = make_real(300, seed=3).vectors
    found = memorisation(generated, *sides, seed=0, bootstrap=resamples)
    assert found.closer_to_train.ci_low < 0.5 < found.closer_to_train.ci_high
    assert found.distance_ratio.ci_low < 1 < found.distance_ratio.ci_high
    assert found.copied.ci_high < found.allowed_share
    assert found.num_duplicates == 0
    assert verdict(generated, *sides, resamples) is None


def test_training_cases_with_noise_are_copies(sides, resamples):
    rng = np.random.default_rng(4)
    generated = noisy(sides[0].vectors[rng.integers(150, size=300)], rng)
    found = memorisation(generated, *sides, seed=0, bootstrap=resamples)
    assert found.copied.value > 0.95
    assert verdict(generated, *sides, resamples).startswith("100% of the generated cases are copies of training cases")


def test_one_copy_in_five_cases_is_found(sides, make_real, resamples):
    rng = np.random.default_rng(5)
    generated = make_real(400, seed=6).vectors
    generated[:80] = noisy(sides[0].vectors[rng.integers(150, size=80)], rng)
    assert "copies of training cases" in verdict(generated, *sides, resamples)


def test_one_training_case_again_and_again_is_found(sides, resamples):
    rng = np.random.default_rng(7)
    generated = noisy(np.repeat(sides[0].vectors[:1], 100, axis=0), rng)
    assert "100% of the generated cases" in verdict(generated, *sides, resamples)


def test_copies_of_heldout_cases_are_none(sides, resamples):
    rng = np.random.default_rng(8)
    generated = noisy(sides[1].vectors[rng.integers(60, size=200)], rng)
    found = memorisation(generated, *sides, seed=0, bootstrap=resamples)
    assert found.copied.value == 0
    assert found.closer_to_train.value == 0
    assert found.closer_to_train.ci_high < 0.5
    assert found.closer_to_train.method.startswith("Clopper-Pearson of ")
    assert verdict(generated, *sides, resamples) is None


@pytest.mark.parametrize("num_averaged", [3, 20, 150])
def test_blurred_means_of_training_cases_are_none(sides, resamples, num_averaged):
    rng = np.random.default_rng(9)
    rows = rng.permuted(np.tile(np.arange(150), (100, 1)), axis=1)[:, :num_averaged]
    assert verdict(sides[0].vectors[rows].mean(axis=1), *sides, resamples) is None


def test_equal_cases_are_counted_and_are_copies(sides, make_real, resamples):
    generated = make_real(100, seed=10).vectors
    generated[:30] = sides[0].vectors[:30]
    found = memorisation(generated, *sides, seed=0, bootstrap=resamples)
    assert found.num_duplicates == 30
    assert 0.3 <= found.copied.value < 0.4


def test_data_that_hold_cases_twice_raise_what_is_allowed(sides, resamples):
    """Where 20 of 60 held-out cases equal a training case, so may cases of the population."""
    train, heldout = sides
    vectors = heldout.vectors.copy()
    vectors[:20] = train.vectors[:20]
    found = memorisation(
        train.vectors[:50], train, dataclasses.replace(heldout, vectors=vectors), seed=0, bootstrap=resamples
    )
    assert 20 / 60 < found.allowed_share < 0.6
    assert found.copied.value == pytest.approx(30 / 50), "the 20 are in both and are nobody's"
    assert copies(found, AT_CHANCE) is None


def test_several_cases_of_a_patient_do_not_make_each_other_copies(make_real, resamples):
    """A patient's own cases are ten times nearer to each other than to others, and must not set the limit."""
    train = make_real(40, seed=11, cases_per_patient=5)
    heldout = make_real(30, seed=12, cases_per_patient=5, first_patient=40)
    fresh = make_real(200, seed=13).vectors
    assert verdict(fresh, train, heldout, resamples) is None
    assert verdict(noisy(train.vectors, np.random.default_rng(0)), train, heldout, resamples)


def test_sides_are_compared_with_equally_many_patients(sides, make_real, resamples):
    """Of three times as many training cases one would be nearer three times of four."""
    found = memorisation(make_real(500, seed=14).vectors, *sides, seed=0, bootstrap=resamples)
    assert found.closer_to_train.value == pytest.approx(0.5, abs=0.15)


def test_equal_seeds_give_equal_results(sides, make_real, resamples):
    generated = make_real(50, seed=15).vectors
    first, second = (memorisation(generated, *sides, seed=1, bootstrap=resamples) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(("num_train", "num_heldout"), [(9, 60), (60, 9)])
def test_few_patients_say_nothing(make_real, resamples, num_train, num_heldout):
    train, heldout = make_real(num_train, seed=1), make_real(num_heldout, seed=2, first_patient=99)
    found = memorisation(train.vectors, train, heldout, seed=0, bootstrap=resamples)
    assert found.copied.reason == "9 training or held-out patients; 10 of each are needed"
    assert (found.copied.value, found.num_duplicates, found.allowed_share) == (None, None, None)
    assert copies(found, AT_CHANCE) is None


def test_nothing_generated_is_undefined(sides, resamples):
    found = memorisation(np.empty((0, 20)), *sides, seed=0, bootstrap=resamples)
    assert {estimate.reason for estimate in found.estimates().values()} == {NO_CASE}


def test_duplicates_of_heldout_cases_leave_the_ratio_undefined(sides, resamples):
    found = memorisation(sides[1].vectors[:20], *sides, seed=0, bootstrap=resamples)
    assert (
        found.distance_ratio.reason == "over 10% of the generated cases equal a held-out case, where no ratio is finite"
    )
    assert found.closer_to_train.value == 0


def test_few_duplicates_of_heldout_cases_leave_the_ratio_defined(sides, make_real, resamples):
    generated = np.concatenate([make_real(100, seed=17).vectors, sides[1].vectors[:2]])
    found = memorisation(generated, *sides, seed=0, bootstrap=resamples)
    assert found.distance_ratio.ci_low < 1 < found.distance_ratio.ci_high < np.inf


def test_ratio_of_two_equal_cases_is_one():
    assert distance_ratios(np.zeros(1), np.zeros(1)).tolist() == [1]


@pytest.mark.parametrize(
    ("membership", "is_accused"),
    [
        (Estimate(0.7, 0.61, 0.8, 100, 50, ""), True),
        (Estimate(0.7, 0.59, 0.8, 100, 50, ""), False),
        (Estimate(1.0, None, None, 100, 50, "", PERFECT), True),
        (Estimate(1.0, None, None, 8, 4, "", PERFECT), False),
        (Estimate(0.0, None, None, 100, 50, "", PERFECT), False),
        (Estimate.undefined(NO_CASE, n=0), False),
    ],
)
def test_membership_alone_accuses(sides, make_real, resamples, membership, is_accused):
    found = memorisation(make_real(50, seed=16).vectors, *sides, seed=0, bootstrap=resamples)
    reason = copies(found, membership)
    assert (reason is not None) == is_accused
    assert not is_accused or f"AUROC of {membership.value:.2f}" in reason


@pytest.mark.simulation
@pytest.mark.parametrize("num_train", [30, 150])
def test_who_is_accused(make_real, resamples, num_train):
    """With 30 held-out patients: of honest generators fewer than 2 %, of those that copy one case in five most."""
    accused = {"honest": 0, "copying": 0}
    for seed in range(300):
        rng = np.random.default_rng(seed)
        train = make_real(num_train, seed=3 * seed)
        heldout = make_real(30, seed=3 * seed + 1, first_patient=num_train)
        generated = make_real(1000, seed=3 * seed + 2).vectors
        accused["honest"] += verdict(generated, train, heldout, resamples) is not None
        generated[:200] = noisy(train.vectors[rng.integers(num_train, size=200)], rng)
        accused["copying"] += verdict(generated, train, heldout, resamples) is not None
    assert accused["honest"] / 300 < 0.02
    assert accused["copying"] / 300 > 0.7


def test_names_of_the_numbers(sides, resamples):
    found = memorisation(sides[0].vectors[:20], *sides, seed=0, bootstrap=resamples)
    assert list(found.estimates()) == ["closer_to_train_share", "distance_ratio", "copied_share"]
