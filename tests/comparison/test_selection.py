"""The best of several models without its luck."""

import dataclasses

import numpy as np
import pytest

from reprodx.comparison.asked_members import asked_members
from reprodx.comparison.selection import best, mean_of_members, select
from reprodx.errors import UndefinedMetricError
from reprodx.metrics.asked import Asked, View
from reprodx.metrics.catalogue import metric_of
from reprodx.metrics.statistic import StatisticTable

N = 200
TARGETS = np.arange(N) % 2


def useless(num, seed=0):
    rng = np.random.default_rng(seed)
    return [[rng.random(N)] for _ in range(num)]


def of_strength(strength, seed):
    rng = np.random.default_rng(seed)
    return np.clip(rng.normal(0.5, 0.15, N) + strength * (TARGETS - 0.5), 0.01, 0.99)


def called(models):
    return [(members[0] >= 0.5).astype(np.int64) for members in models]


def with_validation(cases, validations):
    contenders = tuple(
        dataclasses.replace(one, validation=other) for one, other in zip(cases.contenders, validations, strict=True)
    )
    return dataclasses.replace(cases, contenders=contenders)


@pytest.mark.parametrize(("metric", "chance"), [("auroc", 0.5), ("kappa", 0.0), ("average_precision", 0.5)])
def test_the_best_of_useless_models_is_useless(make_compared, make_settings, metric, chance):
    models = useless(20)
    found = select(make_compared(TARGETS, models, called=called(models)), make_settings(metric=metric))
    assert found.apparent.value > chance + 0.04
    assert found.score.ci_low < chance < found.score.ci_high
    assert abs(found.score.value - chance) < found.apparent.value - chance
    assert found.optimism == pytest.approx(found.apparent.value - found.score.value)
    assert found.chosen_on == "the compared cases themselves"
    assert found.num_candidates == len(found.validation) == 20
    assert found.score.method == "bootstrap bias-corrected, the choice repeated in each of B = 2000 resamples"


@pytest.mark.parametrize("metric", ["auroc", "brier", "average_precision"])
def test_one_model_has_no_optimism(make_compared, make_settings, metric):
    found = select(make_compared(TARGETS, [[of_strength(0.2, 1)]]), make_settings(metric=metric))
    assert found.winner == 0
    assert found.optimism == pytest.approx(0, abs=0.02)


def test_optimism_vanishes_where_one_model_is_far_better(make_compared, make_settings):
    cases = make_compared(TARGETS, [*useless(10), [of_strength(0.4, 1)]])
    found = select(cases, make_settings())
    assert found.winner == best(cases, make_settings()) == 10
    assert found.optimism == pytest.approx(0, abs=0.01)
    assert found.score.ci_low < found.apparent.value < found.score.ci_high


def test_less_is_better_where_it_is(make_compared, make_settings):
    models = [[np.clip(members[0] * width, 0, 1)] for width in (1.0, 0.9) for members in useless(8)]
    found = select(make_compared(TARGETS, models), make_settings(metric="brier"))
    values = [estimate.value for estimate in found.validation]
    assert found.winner == np.argmin(values)
    assert found.score.value > min(values)
    assert found.optimism == pytest.approx(found.score.value - min(values))


def test_the_slope_nearest_to_1_wins(make_compared, make_settings):
    probs = of_strength(0.2, 3)
    odds = probs / (1 - probs)
    models = [[odds**power / (1 + odds**power)] for power in (1, 2, 8)]
    found = select(make_compared(TARGETS, models), make_settings(metric="calibration_slope", num_resamples=200))
    slopes = np.array([estimate.value for estimate in found.validation])
    assert found.winner == np.abs(slopes - 1).argmin()
    assert found.winner not in (slopes.argmax(), slopes.argmin())


def test_what_is_chosen_on_validation_is_scored_once_on_test(make_compared, make_settings):
    strong, weak = of_strength(0.4, 1), of_strength(0.1, 2)
    validations = [make_compared(TARGETS, [[probs]]) for probs in (weak, strong)]
    cases = with_validation(make_compared(TARGETS, [[strong], [weak]]), validations)
    found = select(cases, make_settings())
    assert (found.winner, found.chosen_on, found.optimism) == (1, "validation", None)
    assert found.score == found.apparent
    assert found.score.method == "logit DeLong"
    assert found.validation[1].value > 0.9 > found.score.value


@pytest.mark.parametrize("lacking", [None, np.zeros(N, int)])
def test_without_usable_validation_of_all_the_choice_is_corrected(make_compared, make_settings, lacking):
    models = useless(2)
    validations = [
        make_compared(TARGETS, models[:1]),
        None if lacking is None else make_compared(lacking, models[1:]),
    ]
    cases = make_compared(TARGETS, models)
    settings = make_settings(num_resamples=100)
    assert select(with_validation(cases, validations), settings).chosen_on == "the compared cases themselves"
    validations[1] = make_compared(TARGETS, models[1:])
    assert select(with_validation(cases, validations), settings).chosen_on == "validation"


def test_a_metric_that_no_contender_has_chooses_none(make_compared, make_settings):
    one_class = make_compared(np.zeros(N, int), useless(2))
    with pytest.raises(
        UndefinedMetricError, match=r"no contender can be chosen by auroc \(one class only: no positive"
    ):
        select(one_class, make_settings())


def test_cases_that_every_resample_needs_leave_the_score_undefined(make_compared, make_settings):
    rare = np.zeros(N, int)
    rare[0] = 1
    found = select(make_compared(rare, useless(2)), make_settings(num_resamples=50))
    assert (found.score.value, found.optimism) == (None, None)
    assert found.score.reason == "not estimable: no resample leaves out what the metric needs"
    assert found.apparent.value is not None


def test_patients_are_in_the_bag_or_out_of_it(make_compared, make_settings):
    rows = np.repeat(np.arange(N), 3)
    models = useless(8)
    several = [[members[0][rows]] for members in models]
    settings = make_settings()
    single = select(make_compared(TARGETS, models), settings)
    clustered = select(make_compared(TARGETS[rows], several, patients=rows), settings)
    assert clustered.winner == single.winner
    assert clustered.optimism == pytest.approx(single.optimism, abs=0.01)


def test_an_undefined_member_with_no_share_undefines_nothing(make_compared, make_settings):
    members = [of_strength(0.2, 1), np.full(N, 0.5)]
    (asked,) = asked_members(make_compared(TARGETS, [members]), make_settings())
    slope = metric_of("calibration_slope")
    tables = [StatisticTable([slope.statistic(one[Asked(View.BINARY)], View.BINARY, make_settings())]) for one in asked]
    values = mean_of_members(tables, np.array([[1.0, 0.5], [0.0, 0.5]]), np.ones((2, N)))
    assert np.isnan(values).tolist() == [False, True]
