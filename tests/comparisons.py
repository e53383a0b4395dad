"""Comparisons of models that never were, built by hand: the report shows what it is given."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from reprodx.artifacts.openings import Ledger, Opening, TrackedOpening
from reprodx.artifacts.predictions import Predictions
from reprodx.comparison.compared_cases import ComparedCases, Contender, Member
from reprodx.comparison.contrast import Contrast
from reprodx.comparison.metric_comparisons import metric_named
from reprodx.comparison.result import (
    ComparedMetric,
    Comparison,
    Ensemble,
    FoldDifference,
    GroupDifference,
    MetricComparison,
    PairedDifference,
    Selection,
    Verdict,
    Word,
)
from reprodx.comparison.settings import Margin
from reprodx.comparison.source import Source, TrackedRun
from reprodx.metrics.asked import Asked, View
from reprodx.metrics.catalogue import metric_of
from reprodx.metrics.difference import Difference
from reprodx.metrics.metric import HIGHER, LOWER
from reprodx.reporting.comparison.evidence import Evidence
from reprodx.schemas import Estimate, Task
from tests.settings import comparison_settings

NAMES = ("logistic", "forest", "mlp", "lstm", "boosting", "tree", "knn")
CLASSES = {
    Task.BINARY: ("healthy", "disease"),
    Task.MULTICLASS: ("mild", "moderate", "severe"),
    Task.ORDINAL: ("none", "mild", "moderate", "severe"),
    Task.MULTILABEL: ("fluid", "drusen"),
}
SUFFIXES = {Task.BINARY: "", Task.ORDINAL: "_referable"}
BINARY_METRICS = ("auroc", "brier", "calibration_slope", "net_benefit", "sensitivity", "specificity")
HOW_TO_REPEAT = ("reprodx compare run0 run1 --reference run0 --margin 0.02",)


def make_targets(task: Task, num_cases: int) -> np.ndarray:
    if task == Task.MULTILABEL:
        return np.column_stack([np.arange(num_cases) % 2, np.arange(num_cases) % 3 == 0]).astype(np.int64)
    return np.arange(num_cases, dtype=np.int64) % len(CLASSES[task])


def make_member(task: Task, targets: np.ndarray, skill: float, seed: int, source: Source) -> Member:
    """Return answers whose logits favour what is true by `skill`."""
    rng = np.random.default_rng([seed, int(100 * skill)])
    if task == Task.MULTILABEL:
        probs = 1 / (1 + np.exp(skill / 2 - skill * targets + rng.normal(size=targets.shape)))
        return Member(probs, (probs >= 0.5).astype(np.int64), None, (None,), seed, 0, (source,))
    logits = rng.normal(size=(targets.size, len(CLASSES[task]))) + skill * np.eye(len(CLASSES[task]))[targets]
    probs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    if task == Task.BINARY:
        return Member(probs, (probs[:, 1] >= 0.4).astype(np.int64), None, (0.4,), seed, 0, (source,))
    called = probs.argmax(axis=1)
    if task == Task.ORDINAL:
        return Member(probs, called, (probs[:, 2:].sum(axis=1) >= 0.5).astype(np.int64), (0.5,), seed, 0, (source,))
    return Member(probs, called, None, (None,), seed, 0, (source,))


def make_source(task: Task, name: str, seed: int, **metadata: Any) -> Source:
    chosen = {"rule": "largest Youden index", "chosen_on": "val"}
    threshold: dict[str, Any] = {
        Task.BINARY: {"threshold": {"value": 0.4, **chosen}},
        Task.ORDINAL: {"threshold": {"value": 0.5, **chosen, "positive": "moderate or above"}},
        Task.MULTILABEL: {"thresholds": {label: {"value": 0.5, **chosen} for label in CLASSES[task]}},
    }.get(task, {})
    kept = {
        "classes": list(CLASSES[task]),
        "task": task.value,
        "data": "ward",
        "data_hash": "d" * 64,
        "split_hash": "5" * 64,
        "config_hash": f"{seed}" * 64,
        "reference_standard": "biopsy",
        **threshold,
        **metadata,
    }
    tags = {"reprodx.git_commit": "abcdef0123456789", "reprodx.git_dirty": "false"}
    params = {"model.name": name, "model.hidden_sizes": "[64, 32]", "seed": str(seed), "data.name": "ward"}
    run = TrackedRun(f"{name}{seed}".ljust(32, "0"), f"{name} seed {seed}", "ward", tags, params)
    return Source(run.name, Predictions(pl.DataFrame(), kept), run)


def make_cases(
    task: Task = Task.BINARY, num_contenders: int = 2, *, seeds: int = 1, num_cases: int = 240, **metadata: Any
) -> ComparedCases:
    """Return contenders of falling skill after the first, the reference, which is the worst but one."""
    targets = make_targets(task, num_cases)
    ids = [f"case{number:04}" for number in range(num_cases)]
    classes = CLASSES[task]
    is_labelled = task == Task.MULTILABEL
    words = [str(row) if is_labelled else classes[row] for row in targets.tolist()]
    table = pl.DataFrame({"case_id": ids, "patient_id": ids, "y_true": words}).with_columns(
        site=pl.Series(
            [
                ("north", "south", "tiny")[min(number % 16, 2) if number % 16 < 2 else number % 2]
                for number in range(num_cases)
            ]
        ),
        group_age=pl.Series([(">=60", "50-<60", "<50")[number % 3] for number in range(num_cases)]),
    )
    contenders = []
    for position in range(num_contenders):
        name = NAMES[position % len(NAMES)] + ("" if position < len(NAMES) else str(position))
        skill = 1.0 if position == 0 else 2.4 - 1.6 * position / num_contenders
        members = tuple(
            make_member(task, targets, skill, seed, make_source(task, name, seed, **metadata)) for seed in range(seeds)
        )
        contenders.append(Contender(name, members, num_train=400))
    return ComparedCases(
        table=table,
        targets=targets,
        patients=None,
        folds=None,
        task=task,
        classes=classes,
        split="test",
        contenders=tuple(contenders),
        has_patients=True,
        notes=(),
        checks=(("Cases", f"the same {num_cases} in all"), ("Labels", "equal in all"), ("Threshold", "none from test")),
    )


def make_estimate(value: float, n: int = 240, half: float = 0.03) -> Estimate:
    return Estimate(value, value - half, value + half, n, n // 2, "logit DeLong")


def compared_metric(name: str = "auroc", *, better: bool | None = True) -> ComparedMetric:
    """Return a metric of two classes as models are compared by it, of which more is better, less, or neither."""
    metric = replace(metric_of(name), better={True: HIGHER, False: LOWER, None: 1.0}[better])
    return ComparedMetric(metric, Asked(View.BINARY), name)


def make_metric(name: str, place: int, cases: ComparedCases) -> MetricComparison:
    """Return values that rise by .02 from the worst to the best contender, the reference being among the worse."""
    metric, count = metric_named(name, cases.task, cases.classes), len(cases.contenders)
    values = [0.8 - 0.01 * place, *(0.88 - 0.01 * place - 0.08 * one / count for one in range(1, count))]
    if metric.is_higher_better is False:
        values = [1 - value for value in values]
    spreads = [0.01 if len(one.members) > 1 else None for one in cases.contenders]
    is_mcnemar = name.startswith(("sensitivity", "specificity"))
    pairs = []
    for first in range(1, count):
        mid_p, discordant = (0.0003 * first, (12, 4)) if is_mcnemar else (None, None)
        estimate = make_estimate(values[first] - values[0])
        difference = Difference(estimate, 2.5, 0.0004 * first, mid_p, discordant)
        pairs.append(PairedDifference(first, 0, difference, min(0.0004 * first * (count - 1), 1.0), 0.0005 * first))
    return MetricComparison(
        replace(metric, detail="at probability 0.40" if metric.metric.is_at_decision_threshold else ""),
        tuple(map(make_estimate, values)),
        tuple(spreads),
        tuple(pairs),
    )


def make_groups(cases: ComparedCases) -> tuple[GroupDifference, ...]:
    found = []
    for first in range(1, len(cases.contenders)):
        for column, group in (("site", "north"), ("site", "south"), ("group_age", ">=60"), ("group_age", "<50")):
            values = make_estimate(0.85, 60, 0.08), make_estimate(0.8, 60, 0.08)
            difference = Difference(make_estimate(0.05, 60, 0.1), 1.0, 0.3)
            found.append(GroupDifference(first, 0, column, group, 60, 30, values, difference, 0.9, 1.0))
        few = Estimate.undefined("too few: 6 cases", n=6)
        found.append(GroupDifference(first, 0, "site", "tiny", 6, 3, (few, few), Difference(few, None, None)))
    return tuple(found)


def make_comparison(
    task: Task = Task.BINARY, num_contenders: int = 2, *, seeds: int = 1, **metadata: Any
) -> Comparison:
    """Return a comparison in which the second model is superior, the last inconclusive, others non-inferior."""
    cases = make_cases(task, num_contenders, seeds=seeds, **metadata)
    names = [name + SUFFIXES[task] for name in BINARY_METRICS] if task in SUFFIXES else []
    if task != Task.BINARY:
        names = ["auroc", "brier", *names]
    if task == Task.MULTILABEL:
        names += [f"auroc_{label}" for label in cases.classes]
    metrics = tuple(make_metric(name, place, cases) for place, name in enumerate(names))
    words = [Word.SUPERIOR, *[Word.NON_INFERIOR] * (num_contenders - 3), Word.INCONCLUSIVE][: num_contenders - 1]
    verdicts = [
        Verdict(
            first,
            0,
            word,
            f"{cases.contenders[first].name} is {word.value} to logistic: the numbers say so.",
            0.031,
            1234,
        )
        for first, word in enumerate(words, start=1)
    ]
    ensembles = [
        Ensemble(position, seeds, {"auroc": make_estimate(0.9)}) for position in range(num_contenders) if seeds > 1
    ]
    return Comparison(
        cases=cases,
        settings=comparison_settings(num_resamples=200, margin=Margin(0.02, "in the runs' configuration")),
        metrics=metrics,
        overall=Contrast(9.21, num_contenders - 1, 0.002) if task == Task.BINARY else None,
        verdicts=tuple(verdicts),
        by_fold=(),
        groups=make_groups(cases),
        selection=None,
        ensembles=tuple(ensembles),
    )


def make_selection(comparison: Comparison, optimism: float | None = None) -> Selection:
    estimates = comparison.primary.estimates
    chosen_on = "validation" if optimism is None else "the compared cases themselves"
    return Selection(1, len(estimates), chosen_on, estimates, make_estimate(0.84), make_estimate(0.86), optimism)


def make_fold_difference() -> FoldDifference:
    estimate = Estimate(0.031, -0.01, 0.072, 5, None, "Nadeau-Bengio corrected resampled t")
    return FoldDifference(1, 0, "auroc", Difference(estimate, 2.1, 0.103))


def make_opening(name: str, seed: int, day: int) -> Opening:
    digest = f"{seed}" * 64
    at = f"2026-03-0{day}T10:00:00+00:00"
    return Opening("5" * 64, "d" * 64, "", digest, "r" * 64, name, str(seed), "0", "", at)


def make_ledger() -> Ledger:
    """Return three openings by two experiments, one of them tracked."""
    openings = (make_opening("logistic", 0, 1), make_opening("logistic", 0, 2), make_opening("forest", 1, 3))
    return Ledger("5" * 64, openings, (TrackedOpening(openings[0], "a1b2c3", is_deleted=True),))


def make_evidence(comparison: Comparison, ledger: Ledger | None = None) -> Evidence:
    return Evidence(comparison, ledger, HOW_TO_REPEAT)


def with_cases(comparison: Comparison, **changes: Any) -> Comparison:
    return replace(comparison, cases=replace(comparison.cases, **changes))


def with_third_site(comparison: Comparison) -> Comparison:
    """Return the comparison with a site more, equal to the first."""
    first = [group for group in comparison.groups if group.group == "north"]
    return replace(comparison, groups=(*comparison.groups, *(replace(group, group="west") for group in first)))


def make_seven() -> Comparison:
    """Return seven models of three seeds each, the best of them chosen on validation."""
    comparison = make_comparison(num_contenders=7, seeds=3)
    return replace(comparison, selection=make_selection(comparison))


def thresholds_of(cases, position):
    """Return the thresholds of a contender by the label of its source."""
    return {
        source.label: threshold
        for member in cases.contenders[position].members
        for source, threshold in zip(member.sources, member.thresholds, strict=True)
    }
