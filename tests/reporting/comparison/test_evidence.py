"""What the report is about: the pair that leads, who is drawn, and numbers in words."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from reprodx.comparison.result import Comparison, Selection, Word
from reprodx.metrics.asked import Asked, View
from reprodx.reporting.comparison.evidence import MAX_DRAWN, Evidence
from reprodx.schemas import Estimate, Task


def test_a_superior_model_leads_even_where_another_looks_better(
    seven: Comparison, evidence_of: Callable[..., Evidence]
) -> None:
    words = [Word.INCONCLUSIVE, Word.INCONCLUSIVE, Word.SUPERIOR, *[Word.INCONCLUSIVE] * 3]
    verdicts = tuple(replace(one, word=word) for one, word in zip(seven.verdicts, words, strict=True))
    evidence = evidence_of(replace(seven, verdicts=verdicts, selection=None))
    assert evidence.ranking[0] == 1
    assert evidence.lead is verdicts[2]


def test_the_chosen_winner_leads(
    seven: Comparison, evidence_of: Callable[..., Evidence], selected: Callable[..., Selection]
) -> None:
    chosen = replace(selected(seven), winner=4)
    assert evidence_of(replace(seven, selection=chosen)).lead is seven.verdicts[3]


def test_at_most_a_handful_is_drawn_with_the_reference_first(
    seven: Comparison, two: Comparison, evidence_of: Callable[..., Evidence]
) -> None:
    drawn = evidence_of(seven)
    assert drawn.drawn == (0, 1, 2, 3, 4)
    assert len(drawn.drawn) == MAX_DRAWN
    assert drawn.what_is_drawn.startswith("Drawn are 5 of 7 models")
    assert evidence_of(two).what_is_drawn == ""


def test_ranking_follows_the_direction_of_the_metric_and_puts_the_undefined_last(
    seven: Comparison, evidence_of: Callable[..., Evidence]
) -> None:
    brier = seven.of("brier", Asked(View.BINARY))
    assert brier is not None
    undefined = (Estimate.undefined("one class only", n=3), *brier.estimates[1:])
    evidence = evidence_of(replace(seven, metrics=(replace(brier, estimates=undefined),)))
    values = np.array([np.inf, *(one.value for one in brier.estimates[1:])])
    assert list(evidence.ranking) == np.argsort(values).tolist()
    assert evidence.ranking[-1] == 0


def test_who_is_compared_is_said_in_each_task(
    compared: Callable[..., Comparison],
    changed: Callable[..., Comparison],
    evidence_of: Callable[..., Evidence],
    two: Comparison,
) -> None:
    assert evidence_of(two).who == "240 patients, 120 positive (disease)"
    patients = changed(two, patients=np.arange(240) // 2)
    assert evidence_of(patients).who == "240 cases of 120 patients, 120 positive (disease)"
    assert evidence_of(changed(two, has_patients=False)).who == "240 cases, 120 positive (disease)"
    assert evidence_of(compared(Task.ORDINAL)).who == "240 patients, 120 of them moderate or above"
    assert evidence_of(compared(Task.MULTILABEL)).who == "240 patients, 2 labels"
