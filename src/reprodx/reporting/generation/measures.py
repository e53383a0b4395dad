"""The numbers that a generator is judged by, each with its name and with what it means in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reprodx.reporting.page import Bullets, Paragraph, Table
from reprodx.reporting.wording import count, number, with_interval
from reprodx.schemas import TEST, VAL

if TYPE_CHECKING:
    from reprodx.reporting.generation.evaluation import GeneratorEvaluation
    from reprodx.reporting.page import Block
    from reprodx.schemas import Estimate


@dataclass(frozen=True)
class Measure:
    """How one number is named and explained."""

    name: str
    """In `metrics.json`."""
    label: str
    meaning: str
    """One sentence; `{kind}` stands for pictures or texts."""


QUALITY = (
    Measure(
        "two_sample_auroc",
        "Told from real ones, AUROC",
        "How well a classifier tells generated from real {kind}: at 0.5 it cannot, at 1 it always can.",
    ),
    Measure(
        "two_sample_accuracy",
        "Told from real ones, accuracy",
        "Share that the same classifier calls right among as many generated as real {kind}; 0.5 is guessing.",
    ),
    Measure(
        "tstr_auroc",
        "Learnt from generated, AUROC",
        "How well a classifier that has seen generated {kind} alone diagnoses real ones; 0.5 is chance.",
    ),
    Measure(
        "trtr_auroc",
        "Learnt from real, AUROC",
        "The same classifier, had it learnt from the real training cases: what there is to reach.",
    ),
    Measure("tstr_minus_trtr", "Difference of the two", "At 0 generated {kind} teach as much as real ones."),
    Measure(
        "perplexity",
        "Perplexity",
        "Between how many tokens, pieces of words, the generator hesitates at each step of a real text; fewer is "
        "better.",
    ),
    Measure("perplexity_bigram", "Perplexity, pairs of tokens", "The same of counting which token follows which."),
    Measure("perplexity_unigram", "Perplexity, single tokens", "The same of counting how frequent each token is."),
    Measure(
        "bits_per_character",
        "Bits per character",
        "The same on a scale that does not depend on how texts are cut into tokens; fewer is better.",
    ),
    Measure(
        "diversity",
        "Diversity",
        "How much generated {kind} differ from each other, as a share of how much real ones do: 1 is as much, 0 means "
        "that all are the same.",
    ),
    Measure(
        "distinct_trigrams",
        "Distinct phrases",
        "Share of all sequences of three tokens in generated texts that differ from each other.",
    ),
    Measure("distinct_trigrams_heldout", "Distinct phrases, real texts", "The same of as many real texts."),
)
"""Are the cases real, useful, fluent and diverse?"""
PRIVACY = (
    Measure(
        "copied_share",
        "Copies",
        "Share of generated {kind} that are as near to a training case as hardly any real case is.",
    ),
    Measure(
        "closer_to_train_share",
        "Nearer to training",
        "Share of generated {kind} that are nearer to a training patient than to any held-out one, of as many; 0.5 "
        "means that training patients are not singled out.",
    ),
    Measure(
        "distance_ratio",
        "Ratio of distances",
        "Distance to the nearest training patient over that to the nearest held-out one, median; 1 likewise, less is "
        "nearer to training.",
    ),
    Measure(
        "membership_auroc",
        "Membership attack, AUROC",
        "How well an outsider with the generator can tell whose cases it was trained on; 0.5 means not at all.",
    ),
    Measure(
        "verbatim_share",
        "Word for word",
        "Share of passages of 50 characters in generated texts that stand in a training text.",
    ),
    Measure(
        "verbatim_share_heldout",
        "Word for word, real texts",
        "The same of held-out texts: phrases that everybody writes.",
    ),
    Measure(
        "longest_verbatim_run",
        "Longest passage",
        "Characters of the longest passage of a generated text that stands word for word in a training text.",
    ),
)
"""Whose cases are they?"""


def measured(evaluation: GeneratorEvaluation, measures: tuple[Measure, ...], key: str, caption: str) -> list[Block]:
    """Return those of some measures that were made, on test and validation, and how to read each.

    Args:
        evaluation: Of the generator.
        measures: In the order of the rows.
        key: Unique on the page.
        caption: Of the table.

    Returns:
        A table with the reasons for what it lacks, and a list.
    """
    made = [measure for measure in measures if measure.name in evaluation.test.estimates]
    columns = ("Measure", f"Test ({evaluation.confidence})", f"Validation ({evaluation.confidence})")
    rows = tuple((measure.label, *(told(estimate) for estimate in _both(evaluation, measure))) for measure in made)
    reasons = dict.fromkeys(
        f"{measure.label}: {estimate.reason}."
        for measure in made
        for estimate in _both(evaluation, measure)
        if estimate.reason
    )
    meanings = tuple(f"{measure.label}: {measure.meaning.format(kind=evaluation.kind)}" for measure in made)
    return [Table(key, caption, columns, rows, notes=tuple(reasons)), Paragraph("How to read them:"), Bullets(meanings)]


def told(estimate: Estimate) -> str:
    """Return an estimate with its interval where it has one, and that it has no value where it has none.

    >>> from reprodx.schemas import Estimate
    >>> told(Estimate(12.0, None, None, 9, None, "none", "a maximum has no interval"))
    '12'
    >>> told(Estimate.undefined("too few texts", n=1))
    'not estimable'
    """
    if estimate.value is None:
        return "not estimable"
    if estimate.ci_low is not None:
        return with_interval(estimate)
    is_count = estimate.value > 1 and estimate.value.is_integer()
    return count(int(estimate.value)) if is_count else number(estimate.value)


def _both(evaluation: GeneratorEvaluation, measure: Measure) -> tuple[Estimate, ...]:
    return tuple(evaluation.scores[split].estimates[measure.name] for split in (TEST, VAL))
