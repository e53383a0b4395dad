"""The JSON of a comparison: stable keys, every number in its place, no NaN."""

import json
from dataclasses import replace

import pytest

from reprodx.metrics.asked import Asked, View
from reprodx.metrics.difference import Difference
from reprodx.reporting.comparison_json import as_json
from reprodx.schemas import Estimate, Task
from tests.comparisons import make_comparison, make_fold_difference, make_selection, with_cases, with_third_site

KEYS = [
    *("format", "split", "task", "classes", "n", "n_patients", "metric", "reference", "contenders", "metrics"),
    *("verdicts", "overall", "groups", "site_heterogeneity", "by_fold", "selection", "ensembles", "checks", "notes"),
    *("margin", "settings"),
]


@pytest.mark.parametrize("task", list(Task))
def test_every_task_has_the_same_keys_and_no_nan(task: Task) -> None:
    content = as_json(make_comparison(task, 3, seeds=2))
    assert list(content) == KEYS
    assert json.loads(json.dumps(content, allow_nan=False)) == content


def test_numbers_stand_where_programs_look_for_them() -> None:
    comparison = make_comparison()
    content = as_json(comparison)
    assert (content["metric"], content["reference"], content["n"], content["n_patients"]) == (
        *("auroc", "logistic"),
        *(240, 240),
    )
    found = comparison.primary.estimates[1]
    assert content["metrics"]["auroc"]["estimates"]["forest"] == {
        "value": found.value,
        "ci": [found.ci_low, found.ci_high],
        "n": 240,
        "n_events": 120,
        "method": "logit DeLong",
        "reason": None,
        "spread": None,
    }
    (pair,) = content["metrics"]["sensitivity"]["pairs"]
    assert (pair["first"], pair["second"], pair["discordant"]) == ("forest", "logistic", [12, 4])
    tested = comparison.of("sensitivity", Asked(View.BINARY))
    assert tested is not None
    (expected,) = tested.pairs
    assert (pair["p"], pair["p_holm"], pair["p_bh"], pair["mid_p"]) == (
        *(expected.difference.p_value, expected.p_holm),
        *(expected.p_bh, expected.difference.mid_p),
    )
    assert content["verdicts"][0]["verdict"] == "superior"
    assert content["verdicts"][0]["seeds_needed"] is False
    assert content["verdicts"][0]["seeds_floor"] is None
    assert content["margin"] == {
        "value": 0.02,
        "origin": comparison.settings.margin.origin,
        "is_configured": False,
    }
    assert "margin" not in content["settings"]
    assert content["settings"]["num_resamples"] == 200


def test_what_is_undefined_is_null_with_its_reason() -> None:
    comparison = make_comparison()
    undefined = Estimate.undefined("one class only: no positive case", n=240)
    pair = replace(comparison.primary.pairs[0], difference=Difference(undefined, None, None), p_holm=None)
    primary = replace(comparison.primary, estimates=(undefined, undefined), pairs=(pair,))
    content = as_json(replace(comparison, metrics=(primary,), overall=None))
    (found,) = content["metrics"]["auroc"]["pairs"]
    assert (found["value"], found["ci"], found["p"], found["reason"]) == (
        *(None, None, None),
        "one class only: no positive case",
    )
    assert content["overall"] is None
    assert content["selection"] is None


def test_folds_groups_selection_ensembles_and_unnamed_patients() -> None:
    comparison = with_cases(make_comparison(seeds=2), has_patients=False)
    full = replace(comparison, by_fold=(make_fold_difference(),), selection=make_selection(comparison, 0.02))
    content = as_json(full)
    assert content["n_patients"] is None
    assert content["by_fold"][0]["n"] == 5
    assert content["selection"]["winner"] == "forest"
    assert content["selection"]["optimism"] == 0.02
    assert list(content["selection"]["validation"]) == ["logistic", "forest"]
    assert content["ensembles"][1]["contender"] == "forest"
    assert content["ensembles"][1]["metrics"]["auroc"]["value"] == 0.9
    assert [group["n"] for group in content["groups"]] == [60, 60, 60, 60, 6]
    assert content["groups"][-1]["reason"] == "too few: 6 cases"
    assert content["contenders"][0]["seeds"] == [0, 1]
    assert (content["contenders"][0]["num_repeats"], content["contenders"][0]["num_folds"]) == (1, 1)
    assert "the mean of 2 seeds on one training set" in content["notes"][-1]
    assert content["contenders"][0]["sources"][1]["label"] == "logistic seed 1"


def test_heterogeneity_over_sites_is_null_without_sites_and_its_numbers_are_with_two() -> None:
    found = as_json(with_third_site(make_comparison()))["site_heterogeneity"]
    assert list(found["models"]) == ["logistic", "forest"]
    one = found["models"]["forest"]
    assert (one["num_sites"], one["left_out"], one["tau2"]) == (3, ["tiny"], 0.0)
    assert one["prediction_interval"][0] < one["ci"][0] < one["mean"] < one["ci"][1] < one["prediction_interval"][1]
    assert (found["pairs"][0]["first"], found["pairs"][0]["second"]) == ("forest", "logistic")
    two = as_json(make_comparison())["site_heterogeneity"]["models"]["forest"]
    assert (two["num_sites"], two["mean"], two["ci"], two["i2"]) == (2, None, None, None)
    assert as_json(replace(make_comparison(), groups=()))["site_heterogeneity"] is None
