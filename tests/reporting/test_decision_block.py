"""What acting on the model is worth, for 1000 patients too."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from reprodx.artifacts.predictions import Predictions
from reprodx.metrics.scorecard import score
from reprodx.reporting.decision_block import decision_blocks
from reprodx.reporting.evaluation import Evaluation
from reprodx.reporting.page import Paragraph, Table
from reprodx.reporting.wording import interval, number


@pytest.fixture
def stated(binary: Evaluation) -> Evaluation:
    """The same model where 12 in 100 are ill."""
    settings = replace(binary.settings, prevalence=0.12)
    return replace(binary, settings=settings, scores=score(binary.predictions, settings))


def tables_of(evaluation: Evaluation) -> dict[str, Table]:
    return {block.key: block for block in decision_blocks(evaluation) if isinstance(block, Table)}


def told(evaluation: Evaluation) -> list[str]:
    return [block.text for block in decision_blocks(evaluation) if isinstance(block, Paragraph)]


def test_net_benefit_stands_at_a_few_thresholds_and_the_one_in_use(binary: Evaluation) -> None:
    table = tables_of(binary)["net-benefit"]
    assert [row[0] for row in table.rows] == ["0.050", "0.100", "0.200", "0.300", "0.400 (in use)", "0.500"]
    is_called, is_positive = binary.test.probs()[:, 1] >= 0.4, binary.test.targets() == 1
    model = (np.sum(is_called & is_positive) - np.sum(is_called & ~is_positive) * 0.4 / 0.6) / 80
    treat_all = 0.5 - 0.5 * 0.4 / 0.6
    row = table.rows[4]
    assert row[1].startswith(f"{number(model)} (")
    assert row[2] == number(treat_all)
    assert row[3].startswith(f"{number(model - treat_all)} (")
    assert float(row[4]) == pytest.approx(100 * (model - treat_all) * 0.6 / 0.4, abs=0.051)


def test_a_thousand_patients_are_told_in_words_and_counted_by_hand(stated: Evaluation) -> None:
    sensitivity, specificity = (stated.written["test"][name].value for name in ("sensitivity", "specificity"))
    assert sensitivity is not None
    assert specificity is not None
    found, false = round(120 * sensitivity), round(880 * (1 - specificity))
    assert told(stated) == [
        f"Of 1\N{NARROW NO-BREAK SPACE}000 patients, 120 are positive (disease); the model finds {found} of them and "
        f"calls {false} others positive."
    ]
    table = tables_of(stated)["expected-counts"]
    assert "at the stated prevalence 0.120" in table.caption
    assert table.rows[0][1].startswith(f"{found} (")
    assert table.rows[1][1].startswith(f"{false} (")
    assert [row[3] for row in table.rows] == ["120", "880"]


def test_without_a_stated_prevalence_that_of_the_cases_is_taken(binary: Evaluation) -> None:
    tables = tables_of(binary)
    assert "at the prevalence of the test cases, 0.500" in tables["expected-counts"].caption
    assert "predictive-values" not in tables


def test_calls_at_the_stated_prevalence_stand_beside_those_of_the_cases(stated: Evaluation) -> None:
    table = tables_of(stated)["predictive-values"]
    ppv, moved = (stated.written["test"][name] for name in ("ppv", "ppv_at_prevalence"))
    assert table.rows[0][1:] == (
        f"{number(ppv.value)} ({interval(ppv)})",
        f"{number(moved.value)} ({interval(moved)})",
    )
    assert table.rows[2][1] == table.rows[2][2]
    assert table.columns[2] == "At prevalence 0.120"
    assert "0.120, as stated" in tables_of(stated)["net-benefit"].notes[0]


def test_without_a_threshold_there_is_net_benefit_alone(
    predicted: Callable[..., Predictions], evaluated: Callable[..., Evaluation]
) -> None:
    predictions = predicted(("healthy", "disease"))
    metadata = {key: value for key, value in predictions.metadata.items() if key != "threshold"}
    assert list(tables_of(evaluated(Predictions(predictions.table, metadata)))) == ["net-benefit"]


def test_one_class_has_no_net_benefit_and_no_counts(
    predicted: Callable[..., Predictions], evaluated: Callable[..., Evaluation]
) -> None:
    predictions = predicted(("healthy", "disease"))
    kept = (predictions.table["split"] == "val") | (predictions.table["y_true"] == "healthy")
    assert decision_blocks(evaluated(Predictions(predictions.table.filter(kept), predictions.metadata))) == []


def test_several_classes_or_labels_have_none_and_grades_theirs(
    multiclass: Evaluation, multilabel: Evaluation, ordinal: Evaluation
) -> None:
    assert decision_blocks(multiclass) == []
    assert decision_blocks(multilabel) == []
    assert "positive (moderate or above)" in told(ordinal)[0]
