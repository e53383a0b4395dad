"""The section on sites and subgroups: what was tested, what came of it, and what was left out."""

from collections.abc import Callable

import numpy as np
import polars as pl
from sklearn.metrics import recall_score

from reprodx.artifacts.predictions import Predictions
from reprodx.reporting.evaluation import Evaluation
from reprodx.reporting.group_block import difference_cell, p_cell, subgroups_section
from reprodx.reporting.page import Paragraph, Section, Table
from reprodx.schemas import Estimate


def table_of(section: Section, key: str) -> Table:
    (table,) = (block for block in section.blocks if isinstance(block, Table) and block.key == key)
    return table


def told(section: Section) -> str:
    (paragraph,) = (block for block in section.blocks if isinstance(block, Paragraph))
    return paragraph.text


def test_data_without_groups_say_so(
    predicted: Callable[..., Predictions], evaluated: Callable[..., Evaluation]
) -> None:
    predictions = predicted(("healthy", "disease"))
    bare = evaluated(Predictions(predictions.table.drop("site", "group_age"), predictions.metadata))
    assert subgroups_section(bare).blocks == [Paragraph("The data name neither sites nor groups.")]
    one_site = predictions.table.drop("group_age").with_columns(site=pl.lit("north"))
    section = subgroups_section(evaluated(Predictions(one_site, predictions.metadata)))
    assert told(section) == "All test cases are of one group."


def test_each_grouping_has_its_values_and_its_differences_and_all_have_their_gaps(binary: Evaluation) -> None:
    tables = [block.key for block in subgroups_section(binary).blocks if isinstance(block, Table)]
    assert tables == ["group-site", "group-site-difference", "group-age", "group-age-difference", "group-gaps"]


def test_a_difference_is_the_group_less_the_rest(binary: Evaluation) -> None:
    table = table_of(subgroups_section(binary), "group-age-difference")
    assert [row[0] for row in table.rows] == ["<50", "50-<60", ">=60"]
    called, truth = binary.test.probs()[:, 1] >= 0.4, binary.test.targets()
    is_young = (binary.test.table["group_age"] == "<50").to_numpy()
    young, rest = (recall_score(truth[part], called[part]) for part in (is_young, ~is_young))
    cell = dict(zip(table.columns, table.rows[0], strict=True))["Sensitivity"]
    assert float(cell.split(" (")[0].replace("\N{MINUS SIGN}", "-")) == np.round(young - rest, 3)
    assert "; p " in cell
    assert table.notes[0] == "Methods: logit DeLong, or normal scores where wider, MOVER; Wilson, MOVER."


def test_small_groups_are_left_out_of_gaps_and_that_is_said(binary: Evaluation) -> None:
    section = subgroups_section(binary)
    assert table_of(section, "group-site-difference").rows[-1] == ("tiny", *["too few"] * 3)
    gaps = table_of(section, "group-gaps")
    assert gaps.rows[0][0] == "AUROC by site"
    assert gaps.rows[0][-1] == "2"
    assert "Too few cases, left out of gaps by site: tiny." in gaps.notes
    assert not any("gaps by age" in note for note in gaps.notes)


def test_a_group_that_differs_is_named_and_like_groups_are_not(
    predicted: Callable[..., Predictions], evaluated: Callable[..., Evaluation]
) -> None:
    predictions = predicted(("healthy", "disease"), 800, skill=3.0)
    swapped = pl.when(pl.col("group_age") == "<50")
    worse = predictions.table.with_columns(
        swapped.then(1 - pl.col("prob_disease")).otherwise(pl.col("prob_disease")).alias("prob_disease"),
        swapped.then(1 - pl.col("prob_healthy")).otherwise(pl.col("prob_healthy")).alias("prob_healthy"),
    )
    found = told(subgroups_section(evaluated(Predictions(worse, predictions.metadata))))
    assert "<50 (age)" in found
    assert "larger than chance explains by age" in found
    assert told(subgroups_section(evaluated(predictions))).startswith("No group is shown to differ")


def test_cells_tell_sign_and_reason() -> None:
    assert difference_cell(Estimate(-0.1, -0.2, 0.0001, 9, None, "z")) == (
        "\N{MINUS SIGN}0.100 (\N{MINUS SIGN}0.200 to 0.000)"
    )
    assert difference_cell(Estimate(0.1, None, None, 9, None, "z", "one patient")) == "+0.100 (no interval)"
    assert difference_cell(Estimate.undefined("one class only", n=9)) == "not estimable"
    assert (p_cell(0.2), p_cell(0.0009)) == ("0.200", "<0.001")
