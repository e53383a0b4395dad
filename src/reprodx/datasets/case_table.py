"""The rows of a table that are cases, as every reader of pictures, signals, series or texts hands them on."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reprodx.schemas import CARD, LABEL_PREFIX, NO_LABEL, Y_TRUE, ClassValue, Exclusion, RawCases, Task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from reprodx.inputs import Inputs

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class CaseTable:
    """The rows of a table that are cases, in its order."""

    cases: pl.DataFrame
    """What `RawCases.cases` holds."""
    classes: tuple[str, ...]
    """Class names; in a binary task the negative one first."""
    rows: NDArray[np.int64]
    """Shape (cases,): the row of the table, counted from 0, that each case is."""
    num_read: int
    """Rows of the table."""
    exclusions: tuple[Exclusion, ...]
    task: Task | None
    """`ORDINAL` or `MULTILABEL` where that was declared."""
    has_patients: bool
    """See `RawCases.has_patients`."""
    reference_standard: str | None
    """How the true class was established, in words."""
    class_values: tuple[ClassValue, ...] = ()
    """See `RawCases.class_values`."""
    undeclared_patients: Mapping[str, str] = field(default_factory=dict)
    """See `RawCases.undeclared_patients`."""
    warnings: tuple[str, ...] = ()
    """What the owner of the table should know, see `RawCases.warnings`."""

    def leave_out(self, reasons: Sequence[str | None]) -> CaseTable:
        """Return the other cases, and count those left out.

        Args:
            reasons: For each case None, or the rule by which it is left out, such as "the image is truncated".

        Returns:
            The cases without a reason, with one exclusion more for each rule, in the order of the rules' names.
        """
        kept = np.array([reason is None for reason in reasons], dtype=bool)
        counts = Counter(reason for reason in reasons if reason is not None)
        exclusions = (*self.exclusions, *(Exclusion(rule, counts[rule]) for rule in sorted(counts)))
        return replace(self, cases=self.cases.filter(kept), rows=self.rows[kept], exclusions=exclusions)

    def as_raw_cases(self, inputs: Inputs, card: str) -> RawCases:
        """Return the cases with their inputs and without features.

        Args:
            inputs: One for each case, in the same order.
            card: Where the data come from, in Markdown.

        Returns:
            What a dataset hands to preparation.
        """
        counts = self.cases[Y_TRUE].value_counts(sort=True).head(len(self.classes))
        balance = ", ".join(f"{name} {count}" for name, count in sorted(counts.iter_rows()))
        logger.info("kept %d of %d cases: %s", self.cases.height, self.num_read, balance)
        return replace(self.as_bare_cases(card), inputs=inputs)

    def as_bare_cases(self, card: str) -> RawCases:
        """Return the cases without inputs and features.

        Args:
            card: Where the data come from, in Markdown.

        Returns:
            What is known of the cases but for what they are judged by.
        """
        return RawCases(
            cases=self.cases,
            features=pl.DataFrame(height=self.cases.height),
            classes=self.classes,
            num_read=self.num_read,
            exclusions=self.exclusions,
            has_patients=self.has_patients,
            card=card,
            reference_standard=self.reference_standard,
            declared_task=self.task,
            class_values=self.class_values,
            undeclared_patients=self.undeclared_patients,
            warnings=self.warnings,
        )


def label_truth(label_columns: pl.DataFrame) -> pl.DataFrame:
    """Return the columns of a multi-label task.

    Args:
        label_columns: Columns of 0 and 1, one for each label; null where unknown.

    Returns:
        `y_true`, the sorted names of a case's labels joined by "+", `NO_LABEL` where it has none, null where one is
        unknown; then `y_true_<label>` for each label, Int8.

    >>> label_truth(pl.DataFrame({"b": [1, 0], "a": [1, 0]}))["y_true"].to_list()
    ['a+b', 'none']
    """
    names = [pl.when(pl.col(name) == 1).then(pl.lit(name)) for name in sorted(label_columns.columns)]
    joined = pl.concat_str(names, separator="+", ignore_nulls=True).replace("", NO_LABEL)
    is_known = pl.all_horizontal(pl.all().is_not_null())
    flags = [pl.col(name).cast(pl.Int8).alias(LABEL_PREFIX + name) for name in label_columns.columns]
    return label_columns.select(pl.when(is_known).then(joined).alias(Y_TRUE), *flags)


def read_card(path: Path) -> str:
    """Return the `card.md` beside a file, or a card that says that there is none; what is no UTF-8 is marked."""
    card = path.with_name(CARD)
    if not card.is_file():
        return f"# {path.name}\n\nThere is no {CARD}.\n"
    return card.read_text(encoding="utf-8-sig", errors="replace")
