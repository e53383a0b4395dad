"""What it would take is said in one way wherever it stands."""

from dataclasses import replace

from reprodx.reporting.comparison.planning import needed_cell, planning_words
from tests.comparisons import make_comparison, with_cases


def test_patients_are_needed_for_the_margin_or_seeds() -> None:
    comparison = with_cases(make_comparison(), has_patients=False)
    (verdict,) = comparison.verdicts
    assert planning_words(verdict, comparison) == (
        "These cases would show a true difference from 0.031 on with 80% power. About 1\N{NARROW NO-BREAK SPACE}234 "
        "cases would be needed to tell a difference of the margin from none."
    )
    assert needed_cell(verdict) == "1\N{NARROW NO-BREAK SPACE}234"
    lacking = replace(verdict, patients_needed=None, seeds_floor=0.025, seeds_needed=True)
    assert planning_words(lacking, comparison).endswith(
        "More seeds are needed to tell a difference of the margin from none: with these, what seeds vary by alone "
        "hides any under 0.025, whatever the number of cases."
    )
    assert needed_cell(lacking) == "more seeds"


def test_what_is_not_known_is_not_said() -> None:
    comparison = make_comparison()
    unknown = replace(comparison.verdicts[0], minimum_detectable=None, patients_needed=None)
    assert planning_words(unknown, comparison) == ""
    assert needed_cell(unknown) == "\N{EN DASH}"
