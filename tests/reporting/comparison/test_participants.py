"""Who was compared, and how they came together where a run says it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import polars as pl

from reprodx.comparison.result import Comparison
from reprodx.reporting.comparison.evidence import Evidence
from reprodx.reporting.comparison.participants import participants_section
from reprodx.reporting.evaluation import Evaluation
from reprodx.reporting.page import Flow, Paragraph, Table
from reprodx.schemas import Task


def with_run(comparison: Comparison, changed: Callable[..., Comparison], **changes: Any) -> Comparison:
    """Return a comparison whose second contender's run knows more, or is none."""
    first, second = comparison.cases.contenders
    (member,) = second.members
    (source,) = member.sources
    assert source.run is not None
    known = replace(source, run=replace(source.run, **changes))
    return changed(comparison, contenders=(first, replace(second, members=(replace(member, sources=(known,)),))))


def test_flow_and_table_one_are_those_of_a_run_that_has_them(
    two: Comparison, changed: Callable[..., Comparison], evidence_of: Callable[..., Evidence], binary: Evaluation
) -> None:
    comparison = with_run(two, changed, manifest=binary.manifest, table_one=binary.table_one)
    blocks = participants_section(evidence_of(comparison)).blocks
    (flow,) = [block for block in blocks if isinstance(block, Flow)]
    assert flow.excluded.count == "3 cases"
    assert [block.key for block in blocks if isinstance(block, Table)] == ["table-one", "compared-cases"]


def test_the_compared_cases_are_counted_by_class_site_and_group(
    two: Comparison, evidence_of: Callable[..., Evidence]
) -> None:
    told, table = participants_section(evidence_of(two)).blocks
    assert told == Paragraph(
        "Compared on 240 patients, 120 positive (disease). Reference standard: biopsy. "
        "Sampling: cohort: patients as they came (also taken where nothing is stated)."
    )
    assert isinstance(table, Table)
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["all"] == ("240", "100.0%", "240", "120")
    assert rows["true class healthy"] == ("120", "50.0%", "120", "0")
    old = two.cases.table.filter(pl.col("group_age") == ">=60")
    assert rows["age >=60"][0] == str(old.height)
    assert list(rows)[-3:] == ["age <50", "age 50-<60", "age >=60"]


def test_files_alone_know_nothing_of_exclusions(
    two: Comparison, changed: Callable[..., Comparison], evidence_of: Callable[..., Evidence]
) -> None:
    contenders = tuple(
        replace(one, members=tuple(replace(m, sources=(replace(m.sources[0], run=None),)) for m in one.members))
        for one in two.cases.contenders
    )
    blocks = participants_section(evidence_of(changed(two, contenders=contenders))).blocks
    assert "nothing is known of exclusions" in str(blocks[1])


def test_labels_are_counted_each(compared: Callable[..., Comparison], evidence_of: Callable[..., Evidence]) -> None:
    table = participants_section(evidence_of(compared(Task.MULTILABEL))).blocks[-1]
    assert isinstance(table, Table)
    assert ("label drusen", "80", "33.3%", "80") in table.rows
    assert table.columns == ("Cases of", "Cases", "Share", "Patients")
