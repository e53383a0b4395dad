"""What the checklist says of a comparison is decided from it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from reprodx.comparison.request import BY_DEFAULT
from reprodx.comparison.settings import AS_GIVEN, Margin
from reprodx.reporting.checklist.answer import Status
from reprodx.reporting.checklist.comparison_answers import ANSWERS, is_synthetic
from reprodx.schemas import Task
from tests.comparisons import make_comparison, make_evidence, make_ledger, make_selection

if TYPE_CHECKING:
    from reprodx.comparison.result import Comparison
    from reprodx.reporting.checklist.answer import Answer


def answer(topic: str, comparison: Comparison) -> Answer:
    return ANSWERS[topic](make_evidence(comparison))


def as_files(comparison: Comparison) -> Comparison:
    """Return the same comparison of files of predictions."""
    contenders = tuple(
        replace(
            each,
            members=tuple(
                replace(member, sources=tuple(replace(source, run=None) for source in member.sources))
                for member in each.members
            ),
        )
        for each in comparison.cases.contenders
    )
    return replace(comparison, cases=replace(comparison.cases, contenders=contenders))


def test_runs_say_how_they_were_made_and_files_do_not() -> None:
    comparison = make_comparison()
    for topic in ("model", "training", "prediction", "audit"):
        assert answer(topic, comparison).status == Status.FILLED
        assert answer(topic, as_files(comparison)).status == Status.NEEDS_HUMAN


def test_the_numbers_of_both_models_are_given() -> None:
    found = answer("performance", make_comparison())
    assert found.text == "AUROC: logistic 0.800 (0.770 to 0.830); forest 0.840 (0.810 to 0.870)."
    assert found.places == ("verdict", "paired")


def test_the_size_has_what_it_could_show() -> None:
    comparison = make_comparison()
    assert (
        answer("sample_size", comparison).text == "The smallest difference it would show is 0.031; needed: 1\u202f234."
    )
    unknown = replace(comparison, verdicts=tuple(replace(one, minimum_detectable=None) for one in comparison.verdicts))
    assert answer("sample_size", unknown).status == Status.NEEDS_HUMAN
    assert answer("intended_size", comparison).status == Status.NEEDS_HUMAN


def test_a_threshold_is_filled_when_all_were_chosen_on_validation() -> None:
    found = answer("threshold", make_comparison())
    assert (found.status, found.text) == (Status.FILLED, "Each model's own (0.400), chosen on validation.")
    fixed = {"value": 0.5, "rule": None, "chosen_on": "no data"}
    assert answer("threshold", make_comparison(threshold=fixed)).status == Status.NEEDS_HUMAN
    assert answer("threshold", make_comparison(Task.MULTICLASS)).status == Status.NOT_APPLICABLE
    assert answer("threshold", make_comparison(Task.MULTILABEL)).status == Status.FILLED


@pytest.mark.parametrize(
    ("margin", "status"),
    [
        (Margin(0.05, "in the runs' configuration", is_configured=True), Status.FILLED),
        (Margin(0.0, "by nobody for brier, so that none is assumed"), Status.FILLED),
        (Margin(0.02, BY_DEFAULT), Status.NEEDS_HUMAN),
        (Margin(0.05, AS_GIVEN), Status.NEEDS_HUMAN),
    ],
)
def test_who_stated_the_margin_is_for_a_person_to_say_unless_it_was_configured(margin: Margin, status: Status) -> None:
    comparison = make_comparison()
    found = answer("statistics", replace(comparison, settings=replace(comparison.settings, margin=margin)))
    assert found.status == status
    assert found.text.endswith(f"; margin {margin.value:g}, stated {margin.origin}.")


def test_a_margin_that_changed_after_the_first_look_is_for_a_person_to_explain() -> None:
    comparison, ledger = make_comparison(), make_ledger()
    first, *others = ledger.openings
    margin = Margin(0.05, "in the runs' configuration", is_configured=True)
    settings = replace(comparison.settings, margin=margin)
    noted = replace(ledger, openings=(replace(first, margin="0.1"), *others))
    found = ANSWERS["statistics"](make_evidence(replace(comparison, settings=settings), noted))
    assert found.status == Status.NEEDS_HUMAN
    assert found.text.endswith("The margin was 0.1 at the first opening of this test split and is 0.05 now.")


def test_groups_are_filled_when_they_have_numbers() -> None:
    comparison = make_comparison()
    assert answer("fairness", comparison).text == "The difference between models by age; errors listed."
    assert answer("sites", comparison).text == "By 2 sites."
    bare = replace(comparison, groups=())
    assert answer("variability", bare).status == Status.NEEDS_HUMAN
    assert answer("sites", bare).status == Status.NOT_APPLICABLE
    assert answer("performance_by_group", bare).status == Status.NEEDS_HUMAN


def test_a_winner_was_selected_or_none() -> None:
    comparison = make_comparison()
    assert answer("model_selection", comparison).status == Status.NOT_APPLICABLE
    chosen = replace(comparison, selection=make_selection(comparison))
    assert answer("model_selection", chosen).text == "forest, the best of 2 models on validation."


def test_seeds_are_averaged_or_not() -> None:
    assert answer("ensembling", make_comparison()).status == Status.NOT_APPLICABLE
    assert answer("ensembling", make_comparison(seeds=2)).status == Status.FILLED


def test_flow_and_table_1_take_a_run_that_logged_them() -> None:
    comparison = make_comparison()
    assert answer("flow", comparison).status == Status.NEEDS_HUMAN
    assert answer("characteristics", comparison).status == Status.NEEDS_HUMAN


def test_made_up_cases_are_known_by_the_files() -> None:
    assert is_synthetic(make_evidence(make_comparison(is_synthetic=True)))
    assert not is_synthetic(make_evidence(make_comparison()))
