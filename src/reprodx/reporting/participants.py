"""Who was read, who was left out by which rule, and who the cases of each split are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from reprodx.artifacts.class_values import CLASS_VALUES, values_by_class
from reprodx.reporting.duplicates_block import duplicates_blocks
from reprodx.reporting.evaluation import SPLIT_NAMES
from reprodx.reporting.generated_block import generated_blocks
from reprodx.reporting.page import Bullets, Flow, FlowStep, Paragraph, Section, Table
from reprodx.reporting.prose import prose
from reprodx.reporting.wording import count, counted, number, percent
from reprodx.schemas import LABEL_PREFIX, SITE, SPLITS, Y_TRUE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reprodx.reporting.evaluation import Evaluation
    from reprodx.reporting.page import Block

VARIABLE_NAMES = {Y_TRUE: "true class", SITE: "site"}
"""Variables of table 1 that are no features, in words."""
NOTABLE_DIFFERENCE = 0.1
"""In size; Austin, Stat Med 2009;28:3083."""


def participants_section(evaluation: Evaluation) -> Section:
    """Return the participant flow, table 1 by split, and what preparation found."""
    manifest = evaluation.manifest
    standard = manifest["reference_standard"] or "not stated; say it in `data.reference_standard`"
    blocks: list[Block] = [
        Paragraph(
            f"{_input(manifest)}Reference standard: {standard}. Sampling: {evaluation.predictions.sampling.in_words}."
        ),
        participant_flow(manifest),
        *class_values(manifest),
        table_one(evaluation.table_one),
        *_predictors(manifest),
        *generated_blocks(evaluation),
    ]
    if manifest["warnings"]:
        blocks += [Paragraph("Found while the cases were prepared:"), Bullets(tuple(manifest["warnings"]))]
    if evaluation.card is not None:
        blocks.append(prose("What is known of the data: card.md", evaluation.card))
    blocks += duplicates_blocks(evaluation.duplicates)
    return Section("participants", "Participants", blocks)


def participant_flow(manifest: Mapping[str, Any]) -> Flow:
    """Return the way from the cases that were read to those of each split.

    Args:
        manifest: `num_cases`, `exclusions`, `classes`, `splits` and `has_patients` of the prepared cases.

    Returns:
        The flow, every exclusion with its rule.
    """
    exclusions, num_kept = manifest["exclusions"], manifest["num_cases"]
    num_excluded = sum(exclusion["count"] for exclusion in exclusions)
    rules = tuple(f"{count(exclusion['count'])}: {exclusion['rule']}" for exclusion in exclusions)
    parts = (_split_step(split, manifest) for split in SPLITS)
    return Flow(
        read=FlowStep("Read", counted(num_kept + num_excluded, "case")),
        excluded=FlowStep("Excluded", counted(num_excluded, "case"), rules),
        kept=FlowStep("Analysed", counted(num_kept, "case")),
        parts=tuple(parts),
    )


def class_values(manifest: Mapping[str, Any]) -> list[Table]:
    """Return which values of the source became which class; nothing where that was not noted."""
    entries = manifest.get(CLASS_VALUES)
    if not entries:
        return []
    return [
        Table(
            key="class-values",
            caption="What the classes are in the source",
            columns=("Class", "Values as they are written there (rows)"),
            rows=tuple(values_by_class(entries).items()),
            text_columns=("Values as they are written there (rows)",),
        )
    ]


def _input(manifest: Mapping[str, Any]) -> str:
    modality = manifest.get("modality")
    return f"Each case is judged by: {modality}. " if modality else ""


def _predictors(manifest: Mapping[str, Any]) -> list[Paragraph]:
    """Return how columns became features, where the cases are rows of a table."""
    features = manifest.get("features", [])
    if not features:
        return []
    num_columns = len({feature["column"] for feature in features})
    num_indicators = sum(feature["kind"] == "indicator" for feature in features)
    text = (
        f"{counted(num_columns, 'column')} became {counted(len(features), 'feature')}. A missing number is replaced by "
        f"the training median, a missing category by none of the levels; {counted(num_indicators, 'feature')} mark "
        "what was missing."
    )
    left_out = "; ".join(f"{name}: {reason}" for name, reason in manifest["dropped"].items())
    return [Paragraph(f"{text} Left out: {left_out}." if left_out else text)]


def _split_step(split: str, manifest: Mapping[str, Any]) -> FlowStep:
    counts = manifest["splits"][split]
    patients = [counted(counts["patients"], "patient")] if manifest["has_patients"] else []
    of_class = counts["classes"]
    # JSON has them in the order of letters, the manifest's list in that of the grades.
    names = [name for name in manifest.get("classes", of_class) if name in of_class]
    classes = [f"{name}: {count(of_class[name])} ({percent(of_class[name], counts['cases'])})" for name in names]
    return FlowStep(SPLIT_NAMES[split].capitalize(), counted(counts["cases"], "case"), (*patients, *classes))


def table_one(table: pl.DataFrame) -> Table:
    """Return table 1 by split.

    Args:
        table: `variable level unit train val test smd_val smd_test`, as preparation writes them.

    Returns:
        One row per numeric variable and per level of a categorical one.
    """
    differences = pl.col("smd_val", "smd_test").cast(pl.Float64)
    texts, cells = (pl.col(*names).cast(pl.String).fill_null("") for names in (("level", "unit"), SPLITS))
    rows = table.with_columns(texts, cells.str.replace_all("-", "\N{MINUS SIGN}", literal=True), differences)
    return Table(
        key="table-one",
        caption="Table 1. Who the cases of each split are",
        columns=("Variable", "Training", "Validation", "Test", "SMD validation", "SMD test"),
        rows=tuple(
            (_variable(row), *(row[split] for split in SPLITS), number(row["smd_val"], 2), number(row["smd_test"], 2))
            for row in rows.iter_rows(named=True)
        ),
        notes=(
            "Mean (standard deviation) [minimum, maximum] of the values that are there, or count (share of all cases). "
            "SMD is the standardised mean difference to training, often called notable beyond "
            f"{NOTABLE_DIFFERENCE:g} in size.",
        ),
    )


def _variable(row: Mapping[str, str]) -> str:
    name = VARIABLE_NAMES.get(row["variable"], row["variable"])
    if name.startswith(LABEL_PREFIX):
        name = f"label {name.removeprefix(LABEL_PREFIX)}"
    unit = f", {row['unit']}" if row["unit"] else ""
    return f"{name}{unit}: {row['level']}" if row["level"] else f"{name}{unit}"
