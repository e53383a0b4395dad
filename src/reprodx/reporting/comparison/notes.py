"""What a reader must know beside the numbers: what intervals cover, and which models seem to have classes swapped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.comparison.lineup.assumptions import listed
from reprodx.metrics.asked import View
from reprodx.reporting.swapped_classes import QUESTION, seem_swapped
from reprodx.reporting.wording import counted, with_interval
from reprodx.schemas import FOLD, PROB_PREFIX, Task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprodx.comparison.compared_cases import ComparedCases, Contender, Member
    from reprodx.comparison.result import ComparedMetric, Comparison

AUROC = "auroc"


def comparison_notes(comparison: Comparison) -> tuple[str, ...]:
    """Return everything that is to be known beside the numbers, in full sentences."""
    return (*comparison.cases.notes, *swapped_notes(comparison), *coverage_notes(comparison.cases))


def coverage_notes(cases: ComparedCases) -> tuple[str, ...]:
    """Return what of each contender was varied, and so what its intervals cover; those that are alike together."""
    alike: dict[str, list[str]] = {}
    for contender in cases.contenders:
        alike.setdefault(_coverage(contender), []).append(contender.name)
    if len(alike) == 1 < len(cases.contenders):
        return (f"Each model is {next(iter(alike))}",)
    return tuple(f"{listed(names)}: {words}" for words, names in alike.items())


def _coverage(contender: Contender) -> str:
    """Return the sentence without its subject."""
    num_seeds = len({member.seed for member in contender.members})
    num_repeats, num_folds = num_repetitions(contender), max(map(num_folds_of, contender.members))
    run = "run" if contender.members[0].seed is None else "seed"
    varied = [counted(num_seeds, "seed")] if num_seeds > 1 else []
    varied += [counted(num_repeats, "repetition")] if num_repeats > 1 else []
    what = f"the mean of {' and '.join(varied)}" if varied else f"one {run}"
    where = "one training set" if num_folds == 1 else f"the {num_folds} folds of a cross-validation"
    covered = [*["other seeds"] * (num_seeds > 1), *["other divisions into folds"] * (num_repeats > 1)]
    left_out = [
        *[f"another {run}"] * (num_seeds == 1),
        *["another division into folds"] * (num_folds > 1 and num_repeats == 1),
        "another training set" if num_folds == 1 else "other patients to train on",
    ]
    return (
        f"{what} on {where}. Its intervals cover {' and '.join([*covered, 'other patients to be tested'])}; "
        f"{' or '.join(left_out)} may change its values by more."
    )


def num_repetitions(contender: Contender) -> int:
    """Return how many times the cases were dealt into folds."""
    return len({member.repeat for member in contender.members})


def num_folds_of(member: Member) -> int:
    """Return how many training sets a member's answers come from: 1 without cross-validation."""
    if len(member.sources) != 1:
        return max(1, len(member.sources))
    table = member.sources[0].predictions.table
    return max(1, table[FOLD].drop_nulls().n_unique()) if FOLD in table.columns else 1


def swapped_notes(comparison: Comparison) -> tuple[str, ...]:
    """Return which models rank worse than chance in a yes-or-no question, and what may be wrong with their files."""
    return tuple(_swapped(comparison))


def _swapped(comparison: Comparison) -> Iterator[str]:
    cases = comparison.cases
    for one in comparison.metrics:
        hint = _what_to_look_at(one.metric, cases)
        for contender, estimate in zip(cases.contenders, one.estimates, strict=True):
            if hint and seem_swapped(estimate):
                told = f"{one.metric.label} of {contender.name} is {with_interval(estimate)}, worse than chance"
                yield f"{told}: {QUESTION} {hint}"


def _what_to_look_at(metric: ComparedMetric, cases: ComparedCases) -> str:
    """Return what may be wrong where the AUROC of a question is worse than chance; nothing of other metrics."""
    view, about = metric.asked
    is_of_task = view in (View.BINARY, View.REFERABLE, View.LABEL) or (cases.task == Task.MULTICLASS and about)
    if metric.metric.name != AUROC or not is_of_task:
        return ""
    if view == View.REFERABLE:
        return "Grades must ascend, the mildest first."
    if view == View.BINARY:
        negative, positive = cases.classes
        return f"{_read_as(positive)}; if it is that of {negative}, rename it (--positive would change no AUROC)."
    other = "its absence" if view == View.LABEL else "another class"
    return f"{_read_as(about)}; is it that of {other}?"


def _read_as(name: str) -> str:
    return f"{PROB_PREFIX}{name} is read as the probability of {name}"
