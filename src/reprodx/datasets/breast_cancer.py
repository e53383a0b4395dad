"""Breast Cancer Wisconsin (Diagnostic): 569 fine needle aspirates, malignant or benign, as scikit-learn ships them.

Source: Wolberg, Mangasarian, Street, Street 1993, https://doi.org/10.24432/C5DW2B; CC BY 4.0.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import polars as pl

from reprodx.datasets.acknowledged import Acknowledged
from reprodx.datasets.cleaning import NUMERIC, ColumnRule
from reprodx.datasets.keys import refuse_split_column
from reprodx.errors import SchemaError
from reprodx.inputs import Modality
from reprodx.schemas import CASE_ID, PATIENT_ID, Y_TRUE, RawCases

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

logger = logging.getLogger(__name__)

CLASSES = ("benign", "malignant")
"""The negative class first; scikit-learn codes malignant as 0."""
NUM_CASES, NUM_MALIGNANT = 569, 212
"""What the published data hold."""
REFERENCE_STANDARD = "histology of a biopsy, or follow-up of benign masses"
"""How malignancy was established (Street et al, 1993)."""
CARD = """# Breast Cancer Wisconsin (Diagnostic)

- Source: Wolberg, Mangasarian, Street, Street 1993, https://doi.org/10.24432/C5DW2B, as shipped by scikit-learn.
- Licence: CC BY 4.0.
- Citation: Street, Wolberg, Mangasarian. Nuclear feature extraction for breast tumor diagnosis. SPIE 1993;1905:861.
- Cohort: 569 fine needle aspirates of breast masses, 212 malignant and 357 benign.
- Columns: mean, standard error and mean of the three largest of ten measurements of cell nuclei, in pixels of the
  digitised image or without unit.
- What is wrong with them: the identifiers of the aspirates are not published with them, so each counts as a patient
  of its own. No hospital, age or date is given.
"""
"""Where the data come from and what is known to be wrong with them."""


@dataclass(frozen=True, kw_only=True)
class BreastCancer:
    """Scikit-learn's breast cancer data."""

    modality: ClassVar[Modality] = Modality.TABLE
    """What kind of measurement a case is judged by."""

    acknowledge: Mapping[str, object]
    """Leaks to let through, see `Acknowledged`."""

    def __post_init__(self) -> None:
        """Check the one key.

        Raises:
            ConfigError: If it holds what it cannot.
        """
        Acknowledged.from_config(self.acknowledge)

    @property
    def acknowledged(self) -> Acknowledged:
        """Leaks that the leakage gate lets through."""
        return Acknowledged.from_config(self.acknowledge)

    def read(self, split_column: str | None, *, scratch: Path | None = None) -> RawCases:
        """Return the 569 cases.

        Args:
            split_column: Must be None, since the data name no split.
            scratch: Not used: a table fits in memory.

        Returns:
            The cases in scikit-learn's order.

        Raises:
            ConfigError: If a column for the split is asked for.
            SchemaError: If scikit-learn ships other data than the published ones.
        """
        from sklearn.datasets import load_breast_cancer

        refuse_split_column(split_column, "breast_cancer")
        logger.info("reading breast_cancer from scikit-learn")
        bunch = load_breast_cancer()
        is_malignant = bunch.target == list(bunch.target_names).index("malignant")
        if (is_malignant.size, int(is_malignant.sum())) != (NUM_CASES, NUM_MALIGNANT):
            raise SchemaError(f"scikit-learn's breast cancer data are not the {NUM_CASES} published cases: update it")
        features = pl.DataFrame(bunch.data, schema=[str(name) for name in bunch.feature_names])
        ids = pl.select(pl.format("row{}", pl.int_range(1, NUM_CASES + 1))).to_series()
        labels = pl.Series([CLASSES[int(truth)] for truth in is_malignant])
        logger.info("read %d rows, %d features", features.height, features.width)
        return RawCases(
            cases=pl.DataFrame({CASE_ID: ids, PATIENT_ID: ids, Y_TRUE: labels}),
            features=features,
            classes=CLASSES,
            num_read=NUM_CASES,
            exclusions=(),
            has_patients=False,
            card=CARD,
            cleaning={name: ColumnRule(NUMERIC).as_dict() for name in features.columns},
            reference_standard=REFERENCE_STANDARD,
        )
