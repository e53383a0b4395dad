"""Every metric of a task with more than two classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.metrics.auroc import auroc
from reprodx.metrics.brier import multiclass_brier
from reprodx.metrics.class_means import balanced_accuracy, f1_macro
from reprodx.metrics.confusion import ConfusionTable
from reprodx.metrics.multiclass_auroc import hand_till, macro_auroc
from reprodx.metrics.proportions import multiclass_accuracy, table_proportion

if TYPE_CHECKING:
    from reprodx.metrics.scored_cases import ScoredCases
    from reprodx.metrics.settings import ScoreSettings
    from reprodx.schemas import Estimate

CLASS_PROPORTIONS = ("sensitivity", "specificity", "ppv", "npv")
"""What is reported of each class against the rest."""


def score_multiclass(cases: ScoredCases, settings: ScoreSettings) -> dict[str, Estimate]:
    """Return every metric of the cases of one split; a case is called the class with the highest probability.

    Args:
        cases: Of three classes or more.
        settings: How intervals are made.

    Returns:
        An estimate by the metric's name; `auroc` is the macro one, so that models order by one name in every task.
    """
    targets, probs, patients, bootstrap = cases.targets, cases.probs, cases.patients, settings.bootstrap
    table = ConfusionTable.of(cases, None, bootstrap)
    macro = macro_auroc(targets, probs, bootstrap=bootstrap, patients=patients)
    return {
        "auroc": macro,
        "auroc_macro": macro,
        "hand_till": hand_till(targets, probs, bootstrap=bootstrap, patients=patients),
        "brier": multiclass_brier(targets, probs, bootstrap=bootstrap, patients=patients),
        "accuracy": multiclass_accuracy(table, interval=settings.proportion_interval),
        "balanced_accuracy": balanced_accuracy(table),
        "f1_macro": f1_macro(table),
        **_score_classes(cases, table, settings),
    }


def _score_classes(cases: ScoredCases, table: ConfusionTable, settings: ScoreSettings) -> dict[str, Estimate]:
    scores: dict[str, Estimate] = {}
    for index, name in enumerate(cases.classes):
        scores[f"auroc_{name}"] = auroc(
            cases.targets == index,
            cases.probs[:, index],
            confidence_level=settings.confidence_level,
            patients=cases.patients,
        )
        one_vs_rest = table.one_vs_rest(index)
        for metric in CLASS_PROPORTIONS:
            scores[f"{metric}_{name}"] = table_proportion(one_vs_rest, metric, interval=settings.proportion_interval)
    return scores
