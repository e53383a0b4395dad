"""What a metric says of itself, and whether the catalogue says enough."""

import dataclasses

import numpy as np
import pytest

from reprodx.errors import ConfigError
from reprodx.metrics.asked import Asked, View
from reprodx.metrics.catalogue import all_metrics, metric_of, metrics_in
from reprodx.metrics.catalogue.auroc import AUROC
from reprodx.metrics.metric import HIGHER, LOWER, Need, Scale
from tests.scored import asked, drawn
from tests.settings import score_settings


@pytest.mark.parametrize(
    ("scale", "value"),
    [(Scale.IDENTITY, -3.0), (Scale.LOG, 4.0), (Scale.LOGIT, 0.8), (Scale.FISHER, -0.6), (Scale.COMPLEMENT, -2.0)],
)
def test_scales_come_back_and_their_slope_is_the_derivative(scale, value):
    assert scale.back(scale.to(value)) == pytest.approx(value)
    assert (scale.to(value + 1e-6) - scale.to(value - 1e-6)) / 2e-6 == pytest.approx(scale.slope(value))


@pytest.mark.parametrize(
    ("scale", "end"), [(Scale.LOG, 0), (Scale.LOGIT, 0), (Scale.LOGIT, 1), (Scale.FISHER, 1), (Scale.COMPLEMENT, 1)]
)
def test_ends_of_a_range_are_infinitely_far(scale, end):
    assert np.isinf(scale.to(end))


def test_merit_is_higher_the_better():
    values = np.array([0.5, 1.0, 2.0])
    merits = [dataclasses.replace(AUROC, better=better).merit(values).tolist() for better in (HIGHER, LOWER, 1.0)]
    assert merits == [[0.5, 1, 2], [-0.5, -1, -2], [-0.5, 0, -1]]
    directions = [dataclasses.replace(AUROC, better=better).is_higher_better for better in (HIGHER, LOWER, 1.0)]
    assert directions == [True, False, None]


def test_labels_say_what_is_asked():
    assert AUROC.label_of(Asked(View.BINARY)) == "AUROC"
    assert AUROC.label_of(Asked(View.CLASSES)) == "AUROC, mean over classes"
    assert AUROC.label_of(Asked(View.CLASS, "pear")) == "AUROC, pear against the rest"
    assert AUROC.label_of(Asked(View.LABEL, "scar")) == "AUROC, scar"
    assert AUROC.label_of(Asked(View.REFERABLE)) == "AUROC, referable"
    assert AUROC.heading_in(View.BINARY) == "AUROC (0.5 is chance)"
    assert dataclasses.replace(AUROC, hint="").heading_in(View.BINARY) == "AUROC"


def test_what_is_missing_is_said_once_for_every_metric():
    settings = score_settings()
    one_class, uncalled = asked([1, 1], [0.2, 0.7], threshold=0.5), asked([0, 1], [0.2, 0.7])
    for metric in metrics_in(View.BINARY):
        reasons = [
            metric.statistic(cases, View.BINARY, settings).reason for cases in (asked([], []), one_class, uncalled)
        ]
        assert reasons[0] == "no case", metric.name
        assert (reasons[1] == "one class only: no negative case") >= (Need.CLASSES in metric.needs), metric.name
        assert (reasons[2] == "no threshold was chosen") == (Need.CALLS in metric.needs), metric.name


@pytest.mark.parametrize("view", View)
def test_every_view_has_metrics_one_of_which_leads(view):
    found = metrics_in(view)
    assert found
    assert [one.place for one in found[1:]] == sorted(one.place for one in found[1:])
    if view not in {View.CLASS, View.LABEL, View.REFERABLE}:
        assert [one for one in found if view in one.leads_in] == found[:1]
        assert found[0] in [one for one in found if view in one.key_in]


def test_names_are_unique_and_what_is_shown_is_computed():
    assert len({one.name for one in all_metrics()}) == len(all_metrics())
    for one in all_metrics():
        shown = one.key_in | one.leads_in | one.group_in | one.table_in | set(one.labels) | set(one.aliases)
        assert shown <= set(one.views), one.name
        for view in one.views:
            few = drawn(view, 12)
            assert one.statistic(few, view, score_settings(prevalence=0.2)).n <= 12


def test_a_metric_is_found_by_its_name_alone():
    assert metric_of("auroc") is AUROC
    with pytest.raises(ConfigError, match=r"metric 'aurocc' is not known: choose one of .*brier"):
        metric_of("aurocc")
