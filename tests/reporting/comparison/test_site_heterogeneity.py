"""The table of models over sites."""

from collections.abc import Callable
from dataclasses import replace

from reprodx.comparison.result import Comparison
from reprodx.reporting.comparison.evidence import Evidence
from reprodx.reporting.comparison.site_heterogeneity import heterogeneity_blocks
from reprodx.reporting.page import Paragraph, Table
from tests.comparisons import with_third_site


def test_each_model_and_each_difference_has_a_row(two: Comparison, evidence_of: Callable[..., Evidence]) -> None:
    (table,) = heterogeneity_blocks(evidence_of(with_third_site(two)))
    assert isinstance(table, Table)
    assert table.caption == "AUROC over sites"
    assert [row[:2] for row in table.rows] == [
        ("logistic", "3"),
        ("forest", "3"),
        ("forest \N{MINUS SIGN} logistic", "3"),
    ]
    # Three equal sites: the mean is theirs, and all of the spread may be chance.
    assert [row[2].split(" (")[0] for row in table.rows] == ["0.800", "0.850", "+0.050"]
    assert {row[4] for row in table.rows} == {"0%"}
    assert table.notes[1:3] == (
        "With 3 sites the prediction interval is itself uncertain.",
        "logistic; forest; forest \N{MINUS SIGN} logistic: Left out of the mean, too small or without an interval: "
        "tiny.",
    )


def test_a_model_with_too_few_sites_says_so_in_its_row(two: Comparison, evidence_of: Callable[..., Evidence]) -> None:
    whole = with_third_site(two)
    groups = []
    for group in whole.groups:
        first, second = group.estimates
        perfect = replace(first, value=1.0, ci_low=None, ci_high=None, reason="perfect separation")
        groups.append(replace(group, estimates=(perfect, second)) if group.group == "south" else group)
    (table,) = heterogeneity_blocks(evidence_of(replace(whole, groups=tuple(groups))))
    assert isinstance(table, Table)
    assert table.rows[1] == ("forest", "2", *["\N{EN DASH}"] * 3)
    assert table.rows[0][1] == "3"


def test_of_two_sites_a_sentence_and_without_sites_nothing(
    two: Comparison, evidence_of: Callable[..., Evidence]
) -> None:
    told = heterogeneity_blocks(evidence_of(two))
    assert isinstance(told[0], Paragraph)
    assert told[0].text.startswith("Two sites are too few")
    without = replace(two, groups=tuple(group for group in two.groups if group.column != "site"))
    assert heterogeneity_blocks(evidence_of(without)) == []
