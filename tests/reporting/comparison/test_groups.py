"""For whom the difference holds."""

from collections.abc import Callable
from dataclasses import replace

from reprodx.comparison.result import Comparison
from reprodx.reporting.comparison.evidence import Evidence
from reprodx.reporting.comparison.groups import groups_section, reading_order
from reprodx.reporting.page import Folded, Gallery, Paragraph, Table


def test_groups_of_the_leading_pair_are_drawn_and_listed(two: Comparison, evidence_of: Callable[..., Evidence]) -> None:
    _, gallery, table, two_sites = groups_section(evidence_of(two)).blocks
    assert isinstance(gallery, Gallery)
    assert gallery.figures[0].data.rows[0][0] == "all"
    assert isinstance(table, Table)
    assert [row[0] for row in table.rows] == ["site north", "site south", "site tiny", "age <50", "age >=60"]
    assert table.rows[0][1:] == (
        *("60", "30", "0.850 (0.770 to 0.930)", "0.800 (0.720 to 0.880)"),
        "+0.050 (\N{MINUS SIGN}0.050 to +0.150)",
        *("0.900", "1.000"),
    )
    assert table.rows[2][3:] == ("too few", "too few", "not estimable", "\N{EN DASH}", "\N{EN DASH}")
    assert table.notes == ("site tiny: too few: 6 cases.",)
    assert isinstance(two_sites, Paragraph)
    assert two_sites.text.startswith("Two sites are too few")


def test_groups_of_other_pairs_are_folded(seven: Comparison, evidence_of: Callable[..., Evidence]) -> None:
    blocks = groups_section(evidence_of(seven)).blocks
    folded = [block.label for block in blocks if isinstance(block, Folded)]
    assert len(folded) == 5
    assert folded[0] == "By group: mlp \N{MINUS SIGN} logistic"


def test_without_groups_that_is_said_and_without_numbers_nothing_is_drawn(
    two: Comparison, evidence_of: Callable[..., Evidence]
) -> None:
    (told,) = groups_section(evidence_of(replace(two, groups=()))).blocks
    assert isinstance(told, Paragraph)
    assert "neither sites nor groups" in told.text
    few = tuple(group for group in two.groups if group.group == "tiny")
    blocks = groups_section(evidence_of(replace(two, groups=few))).blocks
    assert [type(block) for block in blocks] == [Paragraph, Table]


def test_groups_are_in_the_order_of_their_numbers() -> None:
    assert sorted(["missing", ">=60", "<50", "50-<60"], key=reading_order) == ["<50", "50-<60", ">=60", "missing"]
