"""Every metric of every model, with its difference to the reference."""

from collections.abc import Callable
from dataclasses import replace

from reprodx.comparison.result import Comparison, FoldDifference
from reprodx.metrics.asked import Asked, View
from reprodx.metrics.difference import Difference
from reprodx.reporting.comparison.evidence import Evidence
from reprodx.reporting.comparison.paired_table import paired_section, primary_forest
from reprodx.reporting.page import Folded, Table
from reprodx.schemas import Estimate, Task


def tables(evidence: Evidence) -> dict[str, Table]:
    blocks = paired_section(evidence).blocks
    found = [block.table if isinstance(block, Folded) else block for block in blocks]
    return {block.key: block for block in found if isinstance(block, Table)}


def test_two_models_stand_side_by_side(two: Comparison, evidence_of: Callable[..., Evidence]) -> None:
    found = tables(evidence_of(two))
    assert list(found) == ["paired-primary", "paired-others"]
    assert found["paired-primary"].columns[:3] == ("Metric", "forest", "logistic")
    assert found["paired-primary"].columns[4:] == ("p", "p, BH")
    assert found["paired-primary"].rows == (
        (
            "AUROC",
            "0.840 (0.810 to 0.870)",
            "0.800 (0.770 to 0.830)",
            "+0.040 (+0.010 to +0.070)",
            *("<0.001", "<0.001"),
        ),
    )
    rows = {row[0]: row[-1] for row in found["paired-others"].rows}
    assert rows["Sensitivity"] == "<0.001"
    assert rows["Brier score"] == "\N{EN DASH}"
    assert "Net benefit at probability 0.40" in rows
    assert "Differences: logit DeLong (AUROC)." in found["paired-primary"].notes


def test_of_several_models_the_reference_has_a_row_without_difference(
    seven: Comparison, evidence_of: Callable[..., Evidence]
) -> None:
    primary = tables(evidence_of(seven))["paired-primary"]
    assert [row[1] for row in primary.rows] == [one.name for one in seven.cases.contenders]
    assert primary.rows[0][2:] == ("0.800 (0.770 to 0.830), SD 0.010", "", "", "", "")
    assert primary.columns[-3:] == ("p", "p, Holm", "p, BH")
    assert primary.rows[1][-3:] == ("<0.001", "0.002", "<0.001")
    assert all(row[3] for row in primary.rows[1:])


def test_pairs_without_the_reference_are_folded_beside(seven: Comparison, evidence_of: Callable[..., Evidence]) -> None:
    primary = seven.primary
    both = replace(primary, pairs=(*primary.pairs, replace(primary.pairs[0], first=2, second=1)))
    found = tables(evidence_of(replace(seven, metrics=(both, *seven.metrics[1:]))))
    assert [row[0] for row in found["paired-between"].rows] == ["AUROC: mlp \N{MINUS SIGN} forest"]
    rows = primary_forest(evidence_of(replace(seven, metrics=(both,)))).data.rows
    assert rows[-1][0] == "mlp \N{MINUS SIGN} forest"


def test_labels_by_themselves_are_folded(
    compared: Callable[..., Comparison], evidence_of: Callable[..., Evidence]
) -> None:
    found = tables(evidence_of(compared(Task.MULTILABEL)))
    assert [row[0] for row in found["paired-single"].rows] == ["AUROC, fluid", "AUROC, drusen"]
    assert [row[0] for row in found["paired-others"].rows] == ["Brier score, mean over labels"]


def test_what_is_undefined_has_its_reason_under_the_table(
    two: Comparison, evidence_of: Callable[..., Evidence]
) -> None:
    undefined = Estimate.undefined("perfect separation", n=240)
    pair = replace(two.primary.pairs[0], difference=Difference(undefined, None, None), p_holm=None, p_bh=None)
    metric = replace(two.primary, estimates=(undefined, two.primary.estimates[1]), pairs=(pair,))
    primary = tables(evidence_of(replace(two, metrics=(metric,))))["paired-primary"]
    assert primary.rows[0][2:4] == ("not estimable", "not estimable")
    assert primary.notes[-1] == "AUROC: perfect separation."


def test_folds_stand_beside_with_the_corrected_test(
    two: Comparison, folded: FoldDifference, evidence_of: Callable[..., Evidence]
) -> None:
    found = tables(evidence_of(replace(two, by_fold=(folded,))))
    assert found["by-fold"].rows == (
        ("forest \N{MINUS SIGN} logistic: AUROC", "5", "+0.031 (\N{MINUS SIGN}0.010 to +0.072)", "2.10", "0.103"),
    )


def test_the_margin_of_a_loss_is_on_its_worse_side(two: Comparison, evidence_of: Callable[..., Evidence]) -> None:
    brier, slope = (two.of(name, Asked(View.BINARY)) for name in ("brier", "calibration_slope"))
    assert brier is not None
    assert slope is not None
    assert "margin" in primary_forest(evidence_of(replace(two, metrics=(brier,)))).summary
    assert "margin" not in primary_forest(evidence_of(replace(two, metrics=(slope,)))).summary
