"""Every metric of contenders and their differences."""

import numpy as np
import pytest
from scipy.special import expit

from reprodx.comparison.metric_comparisons import compared_metrics, metric_comparisons, metric_named
from reprodx.errors import ConfigError
from reprodx.metrics.asked import Asked, View
from reprodx.metrics.catalogue.auroc import auroc
from reprodx.metrics.estimation import BY_CHANCE
from reprodx.metrics.undefined import NO_POSITIVE
from reprodx.schemas import Task

N = 200
RNG = np.random.default_rng(11)
TARGETS = (np.arange(N) % 5 < 2).astype(np.int64)
MODELS = [expit(RNG.normal(size=N) + 1.5 * TARGETS - 1) for _ in range(3)]
CALLED = [(probs >= 0.5).astype(np.int64) for probs in MODELS]
CLASSES = ("benign", "malignant")
GRADES = ("none", "mild", "severe")
PERFECT, AS_PERFECT, TRANSFORMED = [0.1, 0.2, 0.8, 0.9], [0.2, 0.1, 0.8, 0.9], [0.01, 0.04, 0.64, 0.81]


def compare(cases, name, settings, pairs=((1, 0),)):
    return metric_comparisons(cases, [metric_named(name, cases.task, cases.classes)], pairs, settings)[0]


def one_difference(cases, name, settings):
    return compare(cases, name, settings).pairs[0].difference


def test_the_primary_metric_is_first_and_none_is_twice(make_compared, make_settings):
    cases = make_compared([0, 0, 1, 1], [[PERFECT]])
    names = [metric.name for metric in compared_metrics(cases, make_settings(metric="brier"))]
    assert names[:2] == ["brier", "auroc"]
    assert len(names) == len(set(names))
    assert "ppv_at_prevalence" not in names
    assert "ppv_at_prevalence" in [one.name for one in compared_metrics(cases, make_settings(prevalence=0.1))]


def test_net_benefit_alone_says_what_it_was_taken_at(make_compared, make_settings):
    metrics = compared_metrics(make_compared([0, 0, 1, 1], [[PERFECT]]), make_settings())
    assert {one.name: one.detail for one in metrics if one.detail} == {"net_benefit": "at probability 0.50"}


@pytest.mark.parametrize(
    ("name", "task", "label", "asked"),
    [
        ("auroc_mild", Task.MULTILABEL, "AUROC, mild", Asked(View.LABEL, "mild")),
        ("kappa_referable", Task.ORDINAL, "Cohen's kappa, referable", Asked(View.REFERABLE)),
        ("kappa", Task.ORDINAL, "Quadratic weighted kappa", Asked(View.GRADES)),
        ("auroc_severe", Task.ORDINAL, "AUROC, severe against the rest", Asked(View.CLASS, "severe")),
        ("auroc_severe", Task.MULTICLASS, "AUROC, severe against the rest", Asked(View.CLASS, "severe")),
        ("auroc", Task.MULTICLASS, "AUROC, mean over classes", Asked(View.CLASSES)),
        ("auroc_macro", Task.ORDINAL, "AUROC, mean over classes", Asked(View.GRADES)),
    ],
)
def test_metrics_are_known_by_what_they_ask(name, task, label, asked):
    found = metric_named(name, task, GRADES)
    assert (found.label, found.asked) == (label, asked)


def test_a_class_that_is_called_as_a_question_is_does_not_take_its_place():
    referable = metric_named("auroc_referable", Task.ORDINAL, ("none", "referable"))
    assert referable.asked == Asked(View.REFERABLE)
    macro = metric_named("auroc_macro", Task.MULTICLASS, ("macro", "other"))
    assert (macro.asked, macro.name) == (Asked(View.CLASSES), "auroc")
    of_class = metric_named("auroc_class_macro", Task.MULTICLASS, ("macro", "other"))
    assert of_class.asked == Asked(View.CLASS, "macro")


@pytest.mark.parametrize(
    ("name", "task"),
    [("auc", Task.BINARY), ("auroc_none", Task.BINARY), ("mae", Task.BINARY), ("auroc_x", Task.MULTILABEL)],
)
def test_an_unknown_metric_is_refused_with_those_of_the_task(name, task):
    expected = rf"metric '{name}' is not compared where the task is {task}: choose one of auroc, "
    with pytest.raises(ConfigError, match=expected):
        metric_named(name, task, GRADES)


@pytest.mark.parametrize(
    ("name", "best"), [("auroc", 2), ("brier", 0), ("calibration_slope", 1), ("calibration_in_the_large", 0)]
)
def test_merit_is_the_higher_the_better(name, best):
    values = np.array([0.1, 0.9, 1.3])
    assert metric_named(name, Task.BINARY, CLASSES).metric.merit(values).argmax() == best


def test_breast_cancer_out_of_fold(breast_cancer, make_compared, make_settings):
    logistic, forest = breast_cancer.scores
    found = compare(make_compared(breast_cancer.is_positive, [[forest], [logistic]]), "auroc", make_settings())
    assert [one.value for one in found.estimates] == pytest.approx([0.9906981661, 0.9952830189], abs=5e-11)
    difference = found.pairs[0].difference
    assert difference.statistic == pytest.approx(1.400170, abs=5e-7)
    assert difference.p_value == pytest.approx(0.161463, abs=5e-7)
    limits = (difference.estimate.ci_low, difference.estimate.ci_high)
    assert limits == pytest.approx((-0.001833, 0.011003), abs=5e-7)
    assert (difference.estimate.n, difference.estimate.n_events) == (569, 212)
    assert difference.estimate.method == "paired DeLong, z"


def test_members_are_averaged_with_their_spread(make_compared, make_settings):
    cases = make_compared(TARGETS, [MODELS[:1], MODELS])
    for name in ("auroc", "brier"):
        found = compare(cases, name, make_settings())
        alone = compare(make_compared(TARGETS, [[one] for one in MODELS]), name, make_settings(), pairs=()).estimates
        values = [one.value for one in alone]
        assert found.estimates[1].value == pytest.approx(np.mean(values))
        assert found.spreads == (None, pytest.approx(np.std(values, ddof=1)))
        assert "mean of 3 repetitions" in found.estimates[1].method
        assert found.estimates[0] == alone[0]
        assert found.pairs[0].difference.between == pytest.approx(np.var(values, ddof=1) / 3)


@pytest.mark.parametrize("name", ["auroc", "brier", "average_precision", "calibration_in_the_large"])
def test_members_that_differ_widen_the_interval(make_compared, make_settings, name):
    turned = [expit(3 * MODELS[0] * (number + 1) + 0.8 * RNG.normal(size=N) - 2) for number in range(3)]
    models = [turned, [turned[0]] * 3, *([one] for one in turned)]
    found = compare(make_compared(TARGETS, models), name, make_settings(), pairs=()).estimates
    widths = [one.ci_high - one.ci_low for one in found]
    assert widths[0] > 1.05 * np.mean(widths[2:])
    assert widths[1] == pytest.approx(widths[2])


@pytest.mark.parametrize("name", ["auroc", "brier", "average_precision", "calibration_slope", "kappa", "sensitivity"])
def test_cases_that_are_there_four_times_count_once_by_patient(make_compared, make_settings, name):
    rows = np.repeat(np.arange(N), 4)
    models, called = [[one] for one in MODELS[:2]], CALLED[:2]
    alone = one_difference(make_compared(TARGETS, models, called=called), name, make_settings())
    models, called = [[one[0][rows]] for one in models], [one[rows] for one in called]
    clustered = one_difference(
        make_compared(TARGETS[rows], models, called=called, patients=rows), name, make_settings()
    )
    several = one_difference(make_compared(TARGETS[rows], models, called=called), name, make_settings())
    widths = [one.estimate.ci_high - one.estimate.ci_low for one in (alone, clustered, several)]
    assert clustered.estimate.value == pytest.approx(alone.estimate.value)
    assert widths[1] == pytest.approx(widths[0], rel=0.03)
    assert widths[2] == pytest.approx(widths[0] / 2, rel=0.05)
    assert "clustered by patient" in clustered.estimate.method


@pytest.mark.parametrize("patients", [None, np.arange(N) // 2], ids=["independent", "clustered"])
def test_a_model_against_itself_does_not_differ_in_any_metric(make_compared, make_settings, patients):
    twice = [MODELS[0], MODELS[1]]
    for models in ([MODELS[:1]] * 2, [twice, twice[::-1]]):
        cases = make_compared(TARGETS, models, called=[CALLED[0]] * 2, patients=patients)
        settings = make_settings(num_null_draws=20)
        for one in metric_comparisons(cases, compared_metrics(cases, settings), [(1, 0)], settings):
            found = one.pairs[0].difference
            limits = (found.estimate.value, found.estimate.ci_low, found.estimate.ci_high)
            assert (*limits, found.p_value) == (0, 0, 0, 1), one.metric.name


def test_swapping_a_pair_swaps_the_sign(make_compared, make_settings):
    cases, settings = make_compared(TARGETS, [[one] for one in MODELS[:2]], called=CALLED[:2]), make_settings()
    metrics = [one for one in compared_metrics(cases, settings) if one.metric.no_interval is None]
    for one in metric_comparisons(cases, metrics, [(0, 1), (1, 0)], settings):
        there, back = (pair.difference for pair in one.pairs)
        assert there.estimate.value == -back.estimate.value
        assert there.estimate.ci_low == pytest.approx(-back.estimate.ci_high)
        assert there.p_value == pytest.approx(back.p_value)


@pytest.mark.parametrize(
    ("name", "other", "is_alike"),
    [
        ("auroc", PERFECT, True),
        ("auroc", TRANSFORMED, True),
        ("average_precision", TRANSFORMED, True),
        ("auroc", AS_PERFECT, False),
        ("net_benefit", PERFECT, True),
        ("net_benefit", [0.1, 0.2, 0.7, 0.9], False),
        ("kappa", AS_PERFECT, False),
        # What is left of such a probability to 1 is tied by rounding.
        ("auroc", [1e-20, 2e-20, 0.8, 0.9], True),
    ],
)
def test_only_one_model_under_two_names_has_an_interval_of_no_width(
    make_compared, make_settings, name, other, is_alike
):
    cases = make_compared([0, 0, 1, 1], [[PERFECT], [other]], called=[np.array([0, 0, 1, 1])] * 2)
    found = one_difference(cases, name, make_settings())
    if is_alike:
        assert (found.estimate.value, found.estimate.ci_low, found.estimate.ci_high, found.p_value) == (0, 0, 0, 1)
    else:
        assert (found.estimate.value, found.estimate.ci_low, found.p_value) == (0, None, None)
        assert found.estimate.reason == BY_CHANCE


def test_other_calls_make_another_model(make_compared, make_settings):
    calls = [np.array([0, 0, 1, 1]), np.array([1, 0, 1, 1])]
    models = [[PERFECT], [PERFECT]]

    def found(*called):
        return one_difference(make_compared([0, 0, 1, 1], models, called=called), "kappa", make_settings())

    assert found(calls[0], calls[0]).p_value == 1
    assert found(*calls).estimate.value < 0
    assert found(calls[0], None).p_value is None


def test_members_are_matched_whole(make_compared, make_settings):
    for others in ([PERFECT], [PERFECT, PERFECT], [PERFECT, TRANSFORMED, TRANSFORMED]):
        cases = make_compared([0, 0, 1, 1], [[PERFECT, TRANSFORMED], others])
        found = one_difference(cases, "net_benefit", make_settings())
        assert (found.estimate.value, found.p_value) == (0, None)


def test_each_question_takes_its_own_probabilities(make_compared, make_settings):
    rng = np.random.default_rng(1)
    grades, probs = rng.integers(0, 3, 60), rng.dirichlet(np.ones(3), size=(2, 60))
    models = [[one] for one in probs]
    graded = make_compared(grades, models, task=Task.ORDINAL, classes=GRADES)
    referable = compare(graded, "auroc_referable", make_settings(ordinal_cut=1)).estimates[0]
    assert referable == auroc(grades >= 1, probs[0][:, 1:].sum(axis=1), confidence_level=0.95)
    one_class = compare(graded, "auroc_severe", make_settings()).estimates[1]
    assert one_class == auroc(grades == 2, probs[1][:, 2], confidence_level=0.95)
    labels = rng.integers(0, 2, (60, 3))
    labelled = make_compared(labels, models, task=Task.MULTILABEL, classes=GRADES)
    label = compare(labelled, "auroc_mild", make_settings())
    assert label.estimates[1] == auroc(labels[:, 1] == 1, probs[1][:, 1], confidence_level=0.95)
    binary = make_compared(labels[:, 1], [[one[:, 1]] for one in probs])
    assert label.pairs[0].difference == one_difference(binary, "auroc", make_settings())


@pytest.mark.parametrize(
    ("name", "probs", "called", "reason"),
    [
        ("sensitivity", MODELS[1], None, "no threshold was chosen"),
        ("calibration_slope", np.full(N, 0.4), CALLED[1], "all probabilities are equal"),
        ("calibration_slope", (TARGETS + 0.5) / 2, CALLED[1], "perfect separation: the slope has no finite estimate"),
    ],
)
def test_what_one_side_lacks_the_difference_lacks(make_compared, make_settings, name, probs, called, reason):
    cases = make_compared(TARGETS, [[MODELS[0]], [probs], [MODELS[2]]], called=[CALLED[0], called, CALLED[2]])
    found = compare(cases, name, make_settings(), pairs=[(1, 0), (2, 0)])
    assert found.estimates[1].reason == found.pairs[0].difference.estimate.reason == reason
    assert (found.estimates[1].value, found.pairs[0].difference.p_value) == (None, None)
    assert found.estimates[0].reason is None
    assert found.pairs[1].difference.estimate.reason is None


def test_one_class_no_case_and_one_case_are_said(make_compared, make_settings):
    healthy = compare(make_compared([0, 0, 0], [[[0.1, 0.2, 0.3]], [[0.3, 0.1, 0.2]]]), "auroc", make_settings())
    assert [one.reason for one in healthy.estimates] == [NO_POSITIVE] * 2
    assert (healthy.pairs[0].difference.estimate.reason, healthy.pairs[0].difference.p_value) == (NO_POSITIVE, None)
    empty = compare(make_compared(np.zeros(0, int), [[np.zeros(0)]] * 2), "brier", make_settings())
    assert empty.estimates[0].reason == empty.pairs[0].difference.estimate.reason == "no case"
    single = compare(make_compared([1], [[[0.8]]]), "brier", make_settings(), pairs=()).estimates[0]
    assert (single.value, single.ci_low) == (pytest.approx(0.04), None)
    assert single.reason.startswith("interval not estimable")


def test_a_metric_at_a_prevalence_needs_one_and_tells_it(make_compared, make_settings):
    cases = make_compared(TARGETS, [[MODELS[0]], [MODELS[1]]])
    with pytest.raises(ConfigError, match="none is stated: give --prevalence"):
        compared_metrics(cases, make_settings(metric="ppv_at_prevalence"))
    first = compared_metrics(cases, make_settings(metric="ppv_at_prevalence", prevalence=0.05))[0]
    assert (first.name, first.detail) == ("ppv_at_prevalence", "at prevalence 0.05")
