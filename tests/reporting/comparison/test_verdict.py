"""Each pair has its verdict, and what it would take to say more."""

from collections.abc import Callable
from dataclasses import replace

from reprodx.comparison.result import Comparison
from reprodx.reporting.comparison.evidence import Evidence
from reprodx.reporting.comparison.verdict import MAX_SENTENCES, verdict_section
from reprodx.reporting.page import Bullets, Folded, Paragraph, Table


def test_the_verdict_of_a_pair_stands_in_words_and_in_the_table(
    two: Comparison, evidence_of: Callable[..., Evidence]
) -> None:
    _, bullets, table = verdict_section(evidence_of(two)).blocks
    assert isinstance(bullets, Bullets)
    assert bullets.items == ("forest is superior to logistic: the numbers say so.",)
    assert isinstance(table, Table)
    assert table.rows == (
        (
            "forest \N{MINUS SIGN} logistic",
            "superior",
            "+0.040 (+0.010 to +0.070)",
            "<0.001",
            "0.031",
            "1\N{NARROW NO-BREAK SPACE}234",
        ),
    )


def test_p_is_holms_where_there_are_several_pairs_and_seeds_may_be_what_is_lacking(
    two: Comparison, seven: Comparison, evidence_of: Callable[..., Evidence]
) -> None:
    lacking = replace(two.verdicts[0], patients_needed=None, seeds_floor=0.03, seeds_needed=True)
    rule, _, table = verdict_section(evidence_of(replace(two, verdicts=(lacking,)))).blocks
    assert isinstance(table, Table)
    assert table.columns[3] == "p"
    assert table.rows[0][-1] == "more seeds"
    assert isinstance(rule, Paragraph)
    assert "Holm" not in rule.text
    (several,) = [
        block for block in verdict_section(evidence_of(seven)).blocks if getattr(block, "key", "") == "verdicts"
    ]
    assert isinstance(several, Table)
    assert several.columns[3] == "p, Holm"
    assert several.rows[0][3] == "0.002"


def test_selection_and_seeds_stand_beside_and_long_tables_are_folded(
    seven: Comparison, compared: Callable[..., Comparison], evidence_of: Callable[..., Evidence]
) -> None:
    tables = {block.key: block for block in verdict_section(evidence_of(seven)).blocks if isinstance(block, Table)}
    assert list(tables) == ["verdicts", "members"]
    assert tables["members"].rows[1][1:] == ("3", "0.869 (0.839 to 0.899)", "0.010", "0.900 (0.870 to 0.930)")
    many = verdict_section(evidence_of(compared(num_contenders=30))).blocks
    folded = [block.table for block in many if isinstance(block, Folded)]
    assert [len(table.rows) for table in folded] == [29]
    (bullets,) = [block for block in many if isinstance(block, Bullets)]
    assert len(bullets.items) == MAX_SENTENCES


def test_who_was_chosen_is_marked(seven: Comparison, evidence_of: Callable[..., Evidence]) -> None:
    (folded,) = [block for block in verdict_section(evidence_of(seven)).blocks if isinstance(block, Folded)]
    assert [row[0] for row in folded.table.rows if row[2]] == ["forest"]
