"""AUROCs of contenders by formula."""

import numpy as np
import pytest
from scipy.stats import chi2

from reprodx.comparison.delong import PairedAurocs
from reprodx.comparison.paired_aurocs import auroc_comparison, has_auroc_formula, overall_contrast
from reprodx.comparison.result import ComparedMetric
from reprodx.errors import MetricError
from reprodx.metrics.auroc import auroc
from reprodx.metrics.undefined import NO_POSITIVE
from reprodx.schemas import Task

GRADES = ("none", "mild", "severe")


def compare(cases, settings, name="auroc", pairs=((1, 0),)):
    return auroc_comparison(cases, ComparedMetric(name, "AUROC", True), pairs, settings)


@pytest.fixture
def seeded(make_compared):
    """A model with one member and one with three, on 90 cases."""
    rng = np.random.default_rng(0)
    targets = (rng.random(90) < 0.4).astype(int)
    probs = [1 / (1 + np.exp(-(worth * targets + rng.normal(size=(num, 90))))) for worth, num in ((0.5, 1), (1.2, 3))]
    return make_compared(targets, probs)


def test_breast_cancer_out_of_fold(breast_cancer, make_compared, make_settings):
    logistic, forest = breast_cancer.scores
    cases = make_compared(breast_cancer.is_positive, [[forest], [logistic]])
    found = compare(cases, make_settings())
    assert [one.value for one in found.estimates] == pytest.approx([0.9906981661, 0.9952830189], abs=5e-11)
    (pair,) = found.pairs
    assert pair.difference.statistic == pytest.approx(1.400170, abs=5e-7)
    assert pair.difference.p_value == pytest.approx(0.161463, abs=5e-7)
    limits = (pair.difference.estimate.ci_low, pair.difference.estimate.ci_high)
    assert limits == pytest.approx((-0.001833, 0.011003), abs=5e-7)
    overall = overall_contrast(cases, "auroc", make_settings())
    assert (overall.statistic, overall.degrees_of_freedom) == (pytest.approx(1.400170**2, abs=2e-6), 1)
    assert overall.p_value == pytest.approx(chi2.sf(overall.statistic, 1))


def test_members_and_their_spread(seeded, make_settings):
    found = compare(seeded, make_settings())
    areas = [auroc(seeded.targets == 1, one.probs[:, 1], confidence_level=0.95) for one in seeded.contenders[1].members]
    values = [one.value for one in areas]
    assert found.estimates[1].value == pytest.approx(np.mean(values))
    assert found.spreads == (None, pytest.approx(np.std(values, ddof=1)))
    assert "mean of 3 repetitions" in found.estimates[1].method
    assert found.estimates[0] == auroc(
        seeded.targets == 1, seeded.contenders[0].members[0].probs[:, 1], confidence_level=0.95
    )


def test_patients_with_several_cases_are_clustered(seeded, make_compared, make_settings):
    probs = [[member.probs[:, 1] for member in one.members] for one in seeded.contenders]
    twice = make_compared(
        np.tile(seeded.targets, 2),
        [[np.tile(member, 2) for member in one] for one in probs],
        patients=np.tile(np.arange(90), 2),
    )
    once, clustered = compare(seeded, make_settings()), compare(twice, make_settings())
    assert clustered.pairs[0].difference.statistic == pytest.approx(once.pairs[0].difference.statistic)
    assert "Obuchowski" in clustered.pairs[0].difference.estimate.method
    independent = make_compared(twice.targets, [[np.tile(member, 2) for member in one] for one in probs])
    assert abs(compare(independent, make_settings()).pairs[0].difference.statistic) > abs(
        once.pairs[0].difference.statistic
    )


def test_a_model_against_itself_is_no_difference(seeded, make_compared, make_settings):
    probs = [member.probs[:, 1] for member in seeded.contenders[1].members]
    (pair,) = compare(make_compared(seeded.targets, [probs, probs[::-1]]), make_settings()).pairs
    assert (pair.difference.estimate.value, pair.difference.p_value) == (0, 1)


def test_each_question_takes_its_own_probabilities(make_compared, make_settings):
    rng = np.random.default_rng(1)
    grades, probs = rng.integers(0, 3, 60), rng.dirichlet(np.ones(3), size=(2, 60))
    graded = make_compared(grades, [[one] for one in probs], task=Task.ORDINAL, classes=GRADES)
    referable = compare(graded, make_settings(ordinal_cut=1), "auroc_referable")
    expected = auroc(grades >= 1, probs[0][:, 1:].sum(axis=1), confidence_level=0.95)
    assert referable.estimates[0] == expected
    one_class = compare(graded, make_settings(), "auroc_severe")
    assert one_class.estimates[1] == auroc(grades == 2, probs[1][:, 2], confidence_level=0.95)
    labels = rng.integers(0, 2, (60, 3))
    labelled = make_compared(labels, [[one] for one in probs], task=Task.MULTILABEL, classes=GRADES)
    label = compare(labelled, make_settings(), "auroc_mild")
    assert label.estimates[1] == auroc(labels[:, 1] == 1, probs[1][:, 1], confidence_level=0.95)
    direct = PairedAurocs(labels[:, 1] == 1, probs[:, :, 1]).difference(1, 0, confidence_level=0.95)
    assert label.pairs[0].difference == direct


@pytest.mark.parametrize(
    ("task", "with_formula", "without"),
    [
        (Task.BINARY, ["auroc"], ["brier", "auroc_malignant"]),
        (Task.MULTICLASS, ["auroc_mild"], ["auroc", "auroc_referable"]),
        (Task.ORDINAL, ["auroc_referable", "auroc_severe"], ["auroc"]),
        (Task.MULTILABEL, ["auroc_mild"], ["auroc", "auroc_macro", "auroc_micro"]),
    ],
)
def test_which_metrics_have_a_formula(make_compared, make_settings, task, with_formula, without):
    classes = ("benign", "malignant") if task == Task.BINARY else GRADES
    probs = np.full((2, len(classes)), 0.2)
    cases = make_compared([0, 1], [[probs], [probs]], task=task, classes=classes)
    assert [name for name in [*with_formula, *without] if has_auroc_formula(cases, name)] == with_formula
    with pytest.raises(MetricError, match="compare it by the bootstrap"):
        compare(cases, make_settings(), without[0])
    assert overall_contrast(cases, without[0], make_settings()) is None


def test_one_class_only_says_so(make_compared, make_settings):
    cases = make_compared([0, 0, 0], [[[0.1, 0.2, 0.3]], [[0.3, 0.1, 0.2]]])
    found = compare(cases, make_settings())
    assert [one.reason for one in found.estimates] == [NO_POSITIVE] * 2
    assert (found.pairs[0].difference.estimate.reason, found.pairs[0].difference.p_value) == (NO_POSITIVE, None)
    assert overall_contrast(cases, "auroc", make_settings()) is None
    valid = make_compared([0, 1, 0, 1], [[[0.1, 0.2, 0.3, 0.4]], [[0.3, 0.1, 0.2, 0.5]]])
    assert overall_contrast(valid, "auroc", make_settings()) is not None
