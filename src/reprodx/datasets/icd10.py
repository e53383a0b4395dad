"""ICD-10-CM: descriptions of diseases and injuries, each to be put into its chapter, as simple_icd_10_cm ships them.

Source: National Center for Health Statistics, ICD-10-CM, https://www.cdc.gov/nchs/icd/icd-10-cm; public domain.
"""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import polars as pl

from reprodx.datasets.acknowledged import Acknowledged
from reprodx.datasets.keys import refuse_split_column
from reprodx.datasets.text_settings import TextSettings
from reprodx.errors import ConfigError, SchemaError
from reprodx.inputs import Inputs, Modality
from reprodx.schemas import CASE_ID, PATIENT_ID, Y_TRUE, Exclusion, RawCases

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

logger = logging.getLogger(__name__)

CHAPTERS = {
    "1": "infections",
    "2": "neoplasms",
    "3": "blood",
    "4": "endocrine",
    "5": "mental",
    "6": "nervous",
    "7": "eye",
    "8": "ear",
    "9": "circulatory",
    "10": "respiratory",
    "11": "digestive",
    "12": "skin",
    "13": "musculoskeletal",
    "14": "genitourinary",
    "15": "pregnancy",
    "16": "perinatal",
    "17": "congenital",
    "18": "symptoms",
    "19": "injury",
    "20": "external_causes",
    "21": "health_services",
}
"""Class name by number of the chapter."""
LEFT_OUT_CHAPTER = "22"
"""Codes for special purposes: too few to be a class."""
NUM_CODES = 74_714
"""Codes without a finer one below them in the release of April 2026."""
REFERENCE_STANDARD = "the chapter of ICD-10-CM in which the description stands"
CARD = """# ICD-10-CM descriptions

- Source: National Center for Health Statistics, ICD-10-CM, release of April 2026, as shipped by simple_icd_10_cm 1.5.0
  (Stefano Travasci, MIT licence).
- Licence: the classification's text is in the public domain of the United States.
- Cohort: descriptions of codes that have no finer one below them; at most `max_per_category` of each three-character
  category, drawn at random, because injuries and fractures alone have more codes than all else. Chapter 22 (codes for
  special purposes) is left out.
- Task: the chapter, 1 of 21, from the description alone. The code is not part of the text.
- Cases that belong together: descriptions of one category repeat its words ("Fracture of shaft of femur, left leg,
  initial encounter"), so that a random split would test mere memory. The three-character category therefore stands
  where other data have the patient, and lies in one split only. There are no patients.
- What is wrong with them: these are headings of a classification, not what clinicians write. Words such as "initial
  encounter" or "in the puerperium" give some chapters away, and a word that training never met cannot be known.
"""
"""Where the data come from and what is known to be wrong with them."""


@dataclass(frozen=True, kw_only=True)
class Icd10:
    """ICD-10-CM's descriptions, their chapter as the class."""

    modality: ClassVar[Modality] = Modality.TEXT
    """What kind of measurement a case is judged by."""

    max_per_category: int
    """Descriptions of each three-character category at most."""
    sample_seed: int
    """Decides which ones, where a category has more."""
    vocabulary_size: int
    """Words and pieces of words that the tokenizer learns from the training cases."""
    max_tokens: int
    """Tokens of a description that a network is given; what is beyond is cut off."""
    acknowledge: Mapping[str, object]
    """Leaks to let through, see `Acknowledged`."""

    def __post_init__(self) -> None:
        """Check the keys.

        Raises:
            ConfigError: If one holds what it cannot.
        """
        if self.max_per_category < 1:
            raise ConfigError("data.max_per_category: must be at least 1")
        if self.sample_seed < 0:
            raise ConfigError("data.sample_seed: must be 0 or more")
        TextSettings(vocabulary_size=self.vocabulary_size, max_tokens=self.max_tokens)
        Acknowledged.from_config(self.acknowledge)

    @property
    def acknowledged(self) -> Acknowledged:
        """Leaks that the leakage gate lets through."""
        return Acknowledged.from_config(self.acknowledge)

    def read(self, split_column: str | None, *, scratch: Path | None = None) -> RawCases:
        """Return a sample of the descriptions.

        Args:
            split_column: Must be None, since the data name no split.
            scratch: Not used: texts fit into memory.

        Returns:
            The cases in the order of the classification; `patient_id` is the three-character category.

        Raises:
            ConfigError: If a column for the split is asked for.
            SchemaError: If the installed package ships another release.
        """
        refuse_split_column(split_column, "icd10")
        table = _descriptions()
        rare = table["chapter"] == LEFT_OUT_CHAPTER
        usual = table.filter(~rare)
        drawn = self._drawn(usual["category"])
        kept = usual.filter(drawn)
        logger.info(
            "read %d descriptions, kept %d of %d categories", table.height, kept.height, kept["category"].n_unique()
        )
        beyond = f"more than {self.max_per_category} descriptions of the category"
        exclusions = {"chapter 22, codes for special purposes": int(rare.sum()), beyond: int((~drawn).sum())}
        settings = TextSettings(vocabulary_size=self.vocabulary_size, max_tokens=self.max_tokens).as_dict()
        return RawCases(
            cases=kept.select(
                pl.col("code").alias(CASE_ID),
                pl.col("category").alias(PATIENT_ID),
                pl.col("chapter").replace_strict(CHAPTERS, return_dtype=pl.String).alias(Y_TRUE),
            ),
            features=pl.DataFrame(height=kept.height),
            classes=tuple(CHAPTERS.values()),
            num_read=table.height,
            exclusions=tuple(Exclusion(rule, count) for rule, count in exclusions.items() if count),
            has_patients=False,
            card=CARD,
            reference_standard=REFERENCE_STANDARD,
            inputs=Inputs.of_rows(Modality.TEXT, kept["description"].to_numpy().astype(object), settings=settings),
        )

    def _drawn(self, categories: pl.Series) -> pl.Series:
        """Return whether each description is drawn, at most `max_per_category` of each category."""
        order = np.random.default_rng(self.sample_seed).permutation(categories.len())
        rank = pl.DataFrame({"category": categories, "order": order}).select(
            pl.col("order").rank("ordinal").over("category")
        )
        return rank.to_series() <= self.max_per_category


def _descriptions() -> pl.DataFrame:
    """Return `code category chapter description` of all codes without a finer one, in the classification's order."""
    with warnings.catch_warnings():
        # The package opens its files in a way that Python calls outdated.
        warnings.simplefilter("ignore", DeprecationWarning)
        import simple_icd_10_cm as icd

    codes = [code for code in icd.get_all_codes() if icd.is_leaf(code) and not icd.is_chapter_or_block(code)]
    if len(codes) != NUM_CODES:
        raise SchemaError(f"simple_icd_10_cm ships {len(codes)} codes and not {NUM_CODES}: install version 1.5.0 of it")
    rows = [(code, code[:3], icd.get_ancestors(code)[-1], icd.get_description(code)) for code in codes]
    return pl.DataFrame(rows, schema=["code", "category", "chapter", "description"], orient="row")
