"""What one member said of its cases, sorted by case id, in the agreed classes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reprodx.artifacts.predictions import ClassOrder, joined_labels
from reprodx.comparison.compared_cases import Member
from reprodx.comparison.settings import AS_GIVEN
from reprodx.errors import IncomparableError
from reprodx.metrics.chosen_threshold import THRESHOLD, THRESHOLDS, ChosenThreshold, threshold_of_grades
from reprodx.metrics.referable import referable_cases
from reprodx.metrics.scored_cases import ScoredCases
from reprodx.schemas import CASE_ID, FOLD, GROUP_PREFIX, LABEL_PREFIX, PATIENT_ID, SITE, Y_TRUE, Task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from reprodx.artifacts.predictions import Predictions
    from reprodx.comparison.lineup.agreed_classes import AgreedClasses
    from reprodx.comparison.lineup.recipe_groups import MemberKey
    from reprodx.comparison.source import Source

DEFAULT_THRESHOLD = 0.5


@dataclass(frozen=True)
class Calling:
    """How cases are called where a file does not say."""

    threshold: float | None
    """For files without a threshold of their own; None takes 0.5."""
    ordinal_cut: int
    """Of grades, the position of the first that is referable, from 0."""

    @property
    def fixed(self) -> float:
        """The threshold of files that have none."""
        return DEFAULT_THRESHOLD if self.threshold is None else self.threshold

    @property
    def origin(self) -> str:
        """Where that threshold comes from, in words that follow it."""
        return "the default, chosen on no data" if self.threshold is None else f"as given {AS_GIVEN}"


@dataclass(frozen=True)
class Answers:
    """What one member said of its cases."""

    member: Member
    table: pl.DataFrame
    """`case_id patient_id y_true`, and where the files have them `fold`, `site` and `group_*`, sorted by case id."""
    targets: NDArray[np.int64]
    """Shape (cases,), the index of the true class; multi-label (cases, labels), 0 or 1."""
    without_threshold: tuple[str, ...]
    """Labels of the sources that were called at a fixed threshold, chosen on no data."""

    @property
    def ids(self) -> pl.Series:
        """Of the cases."""
        return self.table[CASE_ID]

    def among(self, ids: pl.Series) -> Answers:
        """Return the answers for some of the cases alone."""
        kept = self.ids.is_in(ids.implode())
        rows, member = kept.to_numpy(), self.member
        called = None if member.called is None else member.called[rows]
        referable = None if member.called_referable is None else member.called_referable[rows]
        fewer = replace(member, probs=member.probs[rows], called=called, called_referable=referable)
        return replace(self, member=fewer, table=self.table.filter(kept), targets=self.targets[rows])


@dataclass(frozen=True)
class _Part:
    """What one source said, in its own order of rows."""

    table: pl.DataFrame
    targets: NDArray[np.int64]
    probs: NDArray[np.float64]
    called: NDArray[np.int64]
    referable: NDArray[np.int64] | None
    threshold: float | None
    is_fixed: bool


def answers(
    sources: Sequence[Source], key: MemberKey, *, split: str, classes: AgreedClasses, calling: Calling
) -> Answers:
    """Return what a member said, each fold called at its own threshold.

    Args:
        sources: A run, or the folds of one cross-validation.
        key: Seed and repetition.
        split: The split that is compared on.
        classes: In the order of the results.
        calling: How cases are called where a file does not say.

    Returns:
        The cases of all folds.

    Raises:
        IncomparableError: If a case is in several folds.
    """
    parts = [_part(source.predictions.of(split), classes, calling) for source in sources]
    table = pl.concat([part.table for part in parts], how="diagonal_relaxed")
    order = table[CASE_ID].arg_sort()
    table = table[order]
    if num_repeated := int((~table[CASE_ID].is_first_distinct()).sum()) if len(parts) > 1 else 0:
        raise IncomparableError(
            f"{num_repeated} cases are in several folds of {', '.join(source.label for source in sources)}: "
            "give the folds of one cross-validation"
        )
    rows = order.to_numpy()
    member = Member(
        probs=np.concatenate([part.probs for part in parts])[rows],
        called=np.concatenate([part.called for part in parts])[rows],
        called_referable=_joined([part.referable for part in parts], rows),
        thresholds=tuple(part.threshold for part in parts),
        seed=key.seed,
        repeat=key.repeat,
        sources=tuple(sources),
    )
    targets = np.concatenate([part.targets for part in parts])[rows]
    fixed = tuple(source.label for source, part in zip(sources, parts, strict=True) if part.is_fixed)
    return Answers(member, table, targets, fixed)


def _joined(columns: list[NDArray[np.int64] | None], rows: NDArray[np.uint32]) -> NDArray[np.int64] | None:
    present = [column for column in columns if column is not None]
    return np.concatenate(present)[rows] if present else None


def _part(predictions: Predictions, classes: AgreedClasses, calling: Calling) -> _Part:
    positions = classes.positions(predictions)
    probs = predictions.probs()[:, np.argsort(positions)]
    targets, table = _targets(predictions, classes, positions)
    cases = ScoredCases(targets, probs, None, classes.names)
    if classes.task == Task.MULTILABEL:
        called, is_fixed = _called_labels(predictions, probs, positions, calling)
        return _Part(table, targets, probs, called, None, None, is_fixed)
    if classes.task == Task.BINARY:
        own = ChosenThreshold.of(predictions.metadata.get(THRESHOLD)).value
        # A run's own threshold is one for the class that the run itself takes for positive.
        is_own = predictions.class_order == ClassOrder.DECLARED or own is not None
        positive = int(positions[1]) if is_own else 1
        threshold = calling.fixed if own is None else own
        called = np.where(probs[:, positive] >= threshold, positive, 1 - positive)
        return _Part(table, targets, probs, called, None, threshold, own is None)
    called = cases.called(None)
    if classes.task == Task.MULTICLASS:
        return _Part(table, targets, probs, called, None, None, is_fixed=False)
    own = threshold_of_grades(predictions, calling.ordinal_cut).value
    threshold = calling.fixed if own is None else own
    referable = referable_cases(cases, calling.ordinal_cut).called(threshold)
    return _Part(table, targets, probs, called, referable, threshold, own is None)


def _targets(
    predictions: Predictions, classes: AgreedClasses, positions: NDArray[np.int64]
) -> tuple[NDArray[np.int64], pl.DataFrame]:
    """Return the true classes, and the table with their agreed names."""
    kept = [name for name in predictions.table.columns if name in (SITE, FOLD) or name.startswith(GROUP_PREFIX)]
    table = predictions.table.select(CASE_ID, PATIENT_ID, *kept)
    if classes.task == Task.MULTILABEL:
        targets = predictions.targets()[:, np.argsort(positions)]
        labels = {LABEL_PREFIX + name: targets[:, column] for column, name in enumerate(classes.names)}
        return targets, table.with_columns(joined_labels(pl.DataFrame(labels), classes.names))
    targets = positions[predictions.targets()]
    return targets, table.with_columns(pl.Series(classes.names).gather(targets).alias(Y_TRUE))


def _called_labels(
    predictions: Predictions, probs: NDArray[np.float64], positions: NDArray[np.int64], calling: Calling
) -> tuple[NDArray[np.int64], bool]:
    entries = predictions.metadata.get(THRESHOLDS) or {}
    own = [ChosenThreshold.of(entries.get(predictions.classes[column])).value for column in np.argsort(positions)]
    thresholds = np.array([calling.fixed if value is None else value for value in own])
    return (probs >= thresholds).astype(np.int64), None in own
