"""What is told of errors among the cases that are answered."""

from collections.abc import Callable

from reprodx.artifacts.predictions import Predictions
from reprodx.metrics.risk_coverage import selective_predictions
from reprodx.reporting.evaluation import Evaluation
from reprodx.reporting.metric_tables import value_cell
from reprodx.reporting.page import Gallery, Paragraph, Table
from reprodx.reporting.selective_block import selective_blocks
from reprodx.reporting.wording import with_interval


def test_a_share_has_its_error_rate(binary: Evaluation) -> None:
    told, gallery, table = selective_blocks(binary)
    assert isinstance(told, Paragraph)
    assert told.text.endswith("Sure means: a probability far from the threshold.")
    assert isinstance(table, Table)
    (found,) = selective_predictions(binary.test, binary.settings)
    assert [row[0] for row in table.rows] == ["100.0%", "90.0%", "80.0%", "70.0%", "60.0%", "50.0%"]
    assert table.rows[5][1:3] == ("40", value_cell(found.shares[5].error_rate))
    assert table.columns[2:] == ("Error rate", "Sensitivity", "Specificity")
    assert isinstance(gallery, Gallery)
    (figure,) = gallery.figures
    assert with_interval(found.aurc) in figure.summary
    assert f"{found.halving_coverage.value:.1%} are answered" in figure.summary
    assert figure.data.rows[-1][:3] == ("disease", "100.0%", f"{found.shares[0].error_rate.value:.3f}")


def test_one_of_several_classes_has_no_sensitivity(multiclass: Evaluation, ordinal: Evaluation) -> None:
    for evaluation, kind in ((multiclass, "class"), (ordinal, "grade")):
        told, _, table = selective_blocks(evaluation)
        assert isinstance(told, Paragraph)
        assert told.text.endswith(f"a high probability of the {kind} that is called.")
        assert isinstance(table, Table)
        assert table.columns == ("Answered", "Cases", "Error rate")


def test_labels_without_a_threshold_are_not_drawn(multilabel: Evaluation) -> None:
    _, gallery, table = selective_blocks(multilabel)
    assert isinstance(table, Table)
    assert table.rows[2] == ("scar", *["\N{EN DASH}"] * 4)
    assert table.rows[0][1] != "\N{EN DASH}"
    assert table.notes == ("scar: all validation cases lack it.",)
    assert isinstance(gallery, Gallery)
    assert {row[0] for row in gallery.figures[0].data.rows} == {"fluid", "drusen"}


def test_without_a_threshold_errors_are_not_known(
    predicted: Callable[..., Predictions], evaluated: Callable[..., Evaluation]
) -> None:
    predictions = predicted(("healthy", "disease"))
    metadata = {key: value for key, value in predictions.metadata.items() if key != "threshold"}
    blocks = selective_blocks(evaluated(Predictions(predictions.table, metadata)))
    assert blocks == [Paragraph("What the model errs on is not known: no threshold was chosen.")]
    assert len(selective_blocks(evaluated(predictions))) == 3
