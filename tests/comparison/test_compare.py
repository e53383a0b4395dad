"""The whole comparison of cases: what it holds, in which order, and what it leaves out."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest

from reprodx.comparison.compare import compare_cases, with_best_first
from reprodx.comparison.result import Word
from reprodx.errors import ConfigError
from reprodx.metrics.asked import Asked, View
from reprodx.metrics.catalogue import metrics_in
from reprodx.metrics.estimation import BY_CHANCE
from reprodx.metrics.multiplicity import benjamini_hochberg, holm
from reprodx.schemas import Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprodx.comparison.compared_cases import ComparedCases
    from reprodx.comparison.settings import ComparisonSettings

    Make = Callable[..., ComparedCases]
    Settings = Callable[..., ComparisonSettings]

N = 120
TARGETS = np.arange(N) % 2
WORTHS = (0.5, 0.5, 2.5)


def probs_of(seed: int, worth: float) -> np.ndarray:
    return 1 / (1 + np.exp(-worth * (TARGETS - 0.5) - np.random.default_rng(seed).normal(size=N)))


@pytest.fixture
def three(make_compared: Make) -> ComparedCases:
    """A poor model, the reference; a fair and a good one."""
    models = [[probs_of(seed, worth)] for seed, worth in enumerate(WORTHS)]
    return make_compared(TARGETS, models, called=[(model[0] >= 0.5) * 1 for model in models])


@pytest.fixture
def settings(make_settings: Settings) -> ComparisonSettings:
    return make_settings(num_resamples=100)


def test_every_metric_is_there_and_the_primary_one_first(three: ComparedCases, settings: ComparisonSettings) -> None:
    found = compare_cases(three, dataclasses.replace(settings, metric="brier"), is_search=False)
    assert found.primary.metric.name == "brier"
    asked_for = {one.name for one in metrics_in(View.BINARY) if one.is_asked_for(settings)}
    assert {one.metric.name for one in found.metrics} == asked_for
    assert [(one.first, one.second) for one in found.primary.pairs] == [(1, 0), (2, 0)]
    assert [(one.first, one.second, one.word) for one in found.verdicts] == [
        (1, 0, Word.INCONCLUSIVE),
        (2, 0, Word.SUPERIOR),
    ]
    assert (found.selection, found.by_fold, found.groups, found.ensembles) == (None, (), (), ())


def test_each_metric_has_its_own_method(three: ComparedCases, settings: ComparisonSettings) -> None:
    found = compare_cases(three, settings, is_search=False)
    methods = {one.metric.name: one.pairs[0].difference.estimate.method for one in found.metrics}
    assert methods["auroc"] == "paired DeLong, z"
    assert methods["accuracy"] == "exact McNemar, Newcombe paired interval, z"
    assert methods["brier"].startswith("paired delta method, ")
    for metric in ("auroc", "brier"):
        overall = compare_cases(three, dataclasses.replace(settings, metric=metric), is_search=False).overall
        assert overall is not None
        assert overall.degrees_of_freedom == 2
    without = compare_cases(three, dataclasses.replace(settings, metric="ici"), is_search=False)
    assert without.overall is None


def test_p_values_are_adjusted_over_pairs_and_over_everything(
    three: ComparedCases, settings: ComparisonSettings
) -> None:
    found = compare_cases(three, dataclasses.replace(settings, all_pairs=True), is_search=False)
    assert [(one.first, one.second) for one in found.primary.pairs] == [(1, 0), (2, 0), (2, 1)]
    for one in found.metrics:
        raw = [pair.difference.p_value for pair in one.pairs]
        assert [pair.p_holm for pair in one.pairs] == pytest.approx(holm(raw))
    pairs = [pair for one in found.metrics for pair in one.pairs]
    assert [pair.p_bh for pair in pairs] == pytest.approx(
        benjamini_hochberg([pair.difference.p_value for pair in pairs])
    )


def test_the_best_of_a_search_is_the_reference_and_its_luck_is_taken_off(
    three: ComparedCases, settings: ComparisonSettings
) -> None:
    ordered = with_best_first(three, settings)
    assert [one.name for one in ordered.contenders] == ["model 2", "model 0", "model 1"]
    found = compare_cases(ordered, settings, is_search=True)
    assert found.selection is not None
    assert (found.selection.winner, found.selection.num_candidates) == (0, 3)
    assert {one.word for one in found.verdicts} == {Word.INFERIOR}


def test_a_search_by_what_is_undefined_has_no_winner(make_compared: Make, settings: ComparisonSettings) -> None:
    cases = make_compared(np.zeros(N), [[probs_of(seed, 1)] for seed in range(3)])
    assert with_best_first(cases, settings).contenders == cases.contenders
    found = compare_cases(cases, settings, is_search=True)
    assert (found.selection, found.overall) == (None, None)
    assert {one.word for one in found.verdicts} == {Word.INCONCLUSIVE}


def test_what_two_models_happen_to_agree_on_proves_nothing(make_compared: Make, settings: ComparisonSettings) -> None:
    perfect, as_perfect = TARGETS * 0.8 + probs_of(0, 0) / 10, TARGETS * 0.8 + probs_of(1, 0) / 10
    groups = {"site": ["north", "south", "south", "north"] * (N // 4)}
    by_chance = compare_cases(
        make_compared(TARGETS, [[perfect], [as_perfect]], columns=groups), settings, is_search=False
    )
    assert by_chance.verdicts[0].word == Word.INCONCLUSIVE
    assert BY_CHANCE in by_chance.verdicts[0].reason
    assert {one.difference.estimate.reason for one in by_chance.groups} == {BY_CHANCE}
    same = compare_cases(make_compared(TARGETS, [[perfect], [perfect]], columns=groups), settings, is_search=False)
    assert same.verdicts[0].word == Word.NON_INFERIOR
    assert {one.difference.p_value for one in same.groups} == {1}


@pytest.mark.parametrize("patients", [None, np.arange(N) // 2], ids=["independent", "clustered"])
def test_one_model_under_several_names(
    make_compared: Make, settings: ComparisonSettings, patients: np.ndarray | None
) -> None:
    cases = make_compared(TARGETS, [[probs_of(0, 1)]] * 3, patients=patients)
    found = compare_cases(cases, dataclasses.replace(settings, all_pairs=True), is_search=True)
    assert {one.word for one in found.verdicts} == {Word.NON_INFERIOR}
    assert found.overall is not None
    assert (found.overall.degrees_of_freedom, found.overall.p_value) == (0, 1)


def test_a_metric_of_another_task_is_refused(three: ComparedCases, settings: ComparisonSettings) -> None:
    with pytest.raises(ConfigError, match="'mae' is not compared where the task is binary"):
        compare_cases(three, dataclasses.replace(settings, metric="mae"), is_search=False)
    assert compare_cases(three, dataclasses.replace(settings, metric="kappa"), is_search=False).primary.metric.name


def test_labels_are_compared_each_and_together(make_compared: Make, settings: ComparisonSettings) -> None:
    targets = np.column_stack([TARGETS, np.arange(N) % 3 == 0])
    models = [[np.column_stack([probs_of(seed, 1), probs_of(seed + 9, 0)])] for seed in range(2)]
    cases = make_compared(targets, models, task=Task.MULTILABEL, classes=("fluid", "drusen"))
    found = compare_cases(cases, settings, is_search=False)
    assert {"auroc", "auroc_fluid", "auroc_drusen"} <= {one.metric.name for one in found.metrics}
    of_drusen = found.of("auroc", Asked(View.LABEL, "drusen"))
    assert of_drusen is not None
    assert of_drusen.pairs[0].difference.estimate.method == "paired DeLong, z"
