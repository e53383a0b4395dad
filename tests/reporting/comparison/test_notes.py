"""What stands beside the numbers: what was varied, and which classes seem swapped."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl
import pytest

from reprodx.artifacts.predictions import Predictions
from reprodx.reporting.comparison.notes import comparison_notes, coverage_notes, num_folds_of, swapped_notes
from reprodx.schemas import Estimate, Task
from tests.comparisons import make_cases, make_comparison, with_cases

if TYPE_CHECKING:
    from reprodx.comparison.compared_cases import ComparedCases, Contender


def with_members(cases: ComparedCases, seeds: list[int | None], repeats: list[int], folds: int) -> ComparedCases:
    """Let every model have a member for each seed and repetition."""

    def varied(contender: Contender) -> Contender:
        member = contender.members[0]
        members = tuple(
            replace(member, seed=seed, repeat=repeat, sources=member.sources * folds)
            for seed in seeds
            for repeat in repeats
        )
        return replace(contender, members=members)

    return replace(cases, contenders=tuple(map(varied, cases.contenders)))


@pytest.mark.parametrize(
    ("seeds", "repeats", "folds", "told"),
    [
        (
            *([0], [0], 1),
            "one seed on one training set. Its intervals cover other patients to be tested; "
            "another seed or another training set may change its values by more.",
        ),
        (
            *([None], [0], 1),
            "one run on one training set. Its intervals cover other patients to be tested; "
            "another run or another training set may change its values by more.",
        ),
        (
            *([0, 1, 2], [0], 1),
            "the mean of 3 seeds on one training set. Its intervals cover other seeds and other patients to be tested; "
            "another training set may change its values by more.",
        ),
        (
            *([0], [0, 1], 5),
            "the mean of 2 repetitions on the 5 folds of a cross-validation. Its intervals cover other divisions into "
            "folds and other patients to be tested; another seed or other patients to train on may change its values "
            "by more.",
        ),
        (
            *([0, 1], [0], 5),
            "the mean of 2 seeds on the 5 folds of a cross-validation. Its intervals cover other seeds and other "
            "patients to be tested; another division into folds or other patients to train on may change its values "
            "by more.",
        ),
        (
            *([0, 1], [0, 1], 5),
            "the mean of 2 seeds and 2 repetitions on the 5 folds of a cross-validation. Its intervals cover other "
            "seeds and other divisions into folds and other patients to be tested; other patients to train on may "
            "change its values by more.",
        ),
    ],
)
def test_what_varied_is_said_and_what_did_not(
    seeds: list[int | None], repeats: list[int], folds: int, told: str
) -> None:
    assert coverage_notes(with_members(make_cases(), seeds, repeats, folds)) == (f"Each model is {told}",)


def test_models_that_varied_in_other_ways_are_told_apart() -> None:
    one, several = make_cases(num_contenders=3), make_cases(seeds=2)
    mixed = replace(one, contenders=(one.contenders[0], several.contenders[1], one.contenders[2]))
    first, second = coverage_notes(mixed)
    assert first.startswith("logistic, mlp: one seed on one training set.")
    assert second.startswith("forest: the mean of 2 seeds on one training set.")


def test_folds_of_one_file_are_counted_by_their_column() -> None:
    member = make_cases().contenders[0].members[0]
    assert num_folds_of(member) == 1
    folded = Predictions(pl.DataFrame({"fold": [0, 1, 2, None]}), member.sources[0].predictions.metadata)
    assert num_folds_of(replace(member, sources=(replace(member.sources[0], predictions=folded),))) == 3


LOW = Estimate(0.2, 0.1, 0.3, 240, 120, "logit DeLong")


@pytest.mark.parametrize(
    ("task", "metric", "told"),
    [
        (
            *(Task.BINARY, "auroc"),
            "prob_disease is read as the probability of disease; if it is that of healthy, rename it "
            "(--positive would change no AUROC).",
        ),
        (Task.ORDINAL, "auroc_referable", "Grades must ascend, the mildest first."),
        (
            *(Task.MULTILABEL, "auroc_drusen"),
            "prob_drusen is read as the probability of drusen; is it that of its absence?",
        ),
    ],
)
def test_a_model_worse_than_chance_is_named_with_what_to_look_at(task: Task, metric: str, told: str) -> None:
    comparison = make_comparison(task)
    assert swapped_notes(comparison) == ()
    metrics = [
        replace(one, estimates=(one.estimates[0], LOW)) if one.metric.name == metric else one
        for one in comparison.metrics
    ]
    (note,) = swapped_notes(replace(comparison, metrics=tuple(metrics)))
    assert note.endswith(f"of forest is 0.200 (0.100 to 0.300), worse than chance: are the classes swapped? {told}")


@pytest.mark.parametrize("task", [Task.MULTICLASS, Task.MULTILABEL])
def test_a_mean_over_classes_asks_nothing(task: Task) -> None:
    comparison = make_comparison(task)
    primary = replace(comparison.primary, estimates=(LOW, LOW))
    assert swapped_notes(replace(comparison, metrics=(primary,))) == ()


def test_notes_on_the_cases_come_first() -> None:
    found = comparison_notes(with_cases(make_comparison(), notes=("Sites differ.",)))
    assert found[0] == "Sites differ."
    assert found[1].startswith("Each model is one seed")
