"""Why the models may be compared, and how often the cases were looked at."""

from collections.abc import Callable
from dataclasses import replace

from reprodx.artifacts.openings import Ledger
from reprodx.comparison.result import Comparison
from reprodx.reporting.comparison.comparability import comparability_section
from reprodx.reporting.comparison.evidence import Evidence
from reprodx.reporting.page import Bullets, Folded, Paragraph, Table


def test_checks_contenders_and_openings_are_listed(
    two: Comparison, ledger: Ledger, evidence_of: Callable[..., Evidence]
) -> None:
    checks, contenders, told, folded = comparability_section(evidence_of(two, ledger)).blocks
    assert isinstance(checks, Table)
    assert checks.rows == two.cases.checks
    assert isinstance(contenders, Table)
    assert contenders.rows == (
        ("logistic", "reference", "1", "1", "0", "400"),
        ("forest", "compared", "1", "1", "0", "400"),
    )
    assert isinstance(told, Paragraph)
    assert told.text == "The test split has been scored by 2 experiments, 3 times in all: a repeat is no new look."
    assert isinstance(folded, Folded)
    assert folded.table.rows == (
        ("logistic", "0", "2026-03-01T10:00:00+00:00", "\N{EN DASH}", "0" * 12, "a1b2c3 (deleted)"),
        ("forest", "1", "2026-03-03T10:00:00+00:00", "\N{EN DASH}", "1" * 12, "\N{EN DASH}"),
    )


def test_what_is_lost_and_noted_is_shown(
    two: Comparison, changed: Callable[..., Comparison], evidence_of: Callable[..., Evidence]
) -> None:
    first, second = two.cases.contenders
    lost = changed(two, contenders=(first, replace(second, num_lost=5, num_events_lost=2)), notes=("Sites differ.",))
    blocks = comparability_section(evidence_of(lost)).blocks
    assert Bullets(("Sites differ.",)) in blocks
    (contenders,) = [block for block in blocks if isinstance(block, Table) and block.key == "contenders"]
    assert contenders.columns[-2:] == ("Cases left out", "Positive ones")
    assert contenders.rows[1][-2:] == ("5", "2")
    assert Paragraph("How often these test cases have been scored is not recorded.") in blocks
