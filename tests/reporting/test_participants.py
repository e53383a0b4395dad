"""Nobody is lost between the file and the splits without a rule."""

from collections.abc import Callable
from dataclasses import replace

import polars as pl

from reprodx.artifacts.predictions import Predictions
from reprodx.reporting.evaluation import Evaluation
from reprodx.reporting.page import Bullets, Flow, Paragraph, Prose, Table
from reprodx.reporting.participants import class_values, participant_flow, participants_section, table_one


def test_the_flow_adds_up(binary: Evaluation) -> None:
    flow = participant_flow(binary.manifest)
    assert (flow.read.count, flow.excluded.count, flow.kept.count) == ("320 cases", "3 cases", "317 cases")
    assert flow.excluded.details == ("2: target is missing", "1: age is out of range")
    assert [(part.label, part.count) for part in flow.parts] == [
        ("Training", "157 cases"),
        ("Validation", "80 cases"),
        ("Test", "80 cases"),
    ]
    assert flow.parts[2].details == ("80 patients", "healthy: 40 (50.0%)", "disease: 40 (50.0%)")


def test_grades_stand_in_their_order_whatever_that_of_the_file(binary: Evaluation) -> None:
    manifest = {**binary.manifest, "classes": ["healthy", "disease"]}
    manifest["splits"] = {
        name: {**part, "classes": dict(sorted(part["classes"].items()))} for name, part in manifest["splits"].items()
    }
    assert participant_flow(manifest).parts == participant_flow(binary.manifest).parts


def test_patients_are_counted_only_where_they_are_named(binary: Evaluation) -> None:
    flow = participant_flow({**binary.manifest, "has_patients": False})
    assert flow.parts[2].details == ("healthy: 40 (50.0%)", "disease: 40 (50.0%)")


def test_values_of_the_source_stand_beside_their_class(binary: Evaluation) -> None:
    entries = [
        {"value": "No ", "class": "healthy", "count": 3},
        {"value": "no", "class": "healthy", "count": 2},
        {"value": "NA", "class": None, "count": 1},
    ]
    section = participants_section(replace(binary, manifest={**binary.manifest, "class_values": entries}))
    (table,) = (block for block in section.blocks if isinstance(block, Table) and block.key == "class-values")
    assert table.rows == (("healthy", "'No ' (3), 'no' (2)"), ("no class", "'NA' (1)"))
    assert class_values(binary.manifest) == []


def test_table_one_names_level_unit_and_difference(binary: Evaluation) -> None:
    table = table_one(binary.table_one)
    minus = "\N{MINUS SIGN}"
    assert table.rows == (
        ("cases", "157", "80", "80", "\N{EN DASH}", "\N{EN DASH}"),
        ("true class: disease", "78 (49.7%)", "40 (50.0%)", "40 (50.0%)", "0.01", "0.01"),
        ("age, years", "53.1 (9.4)", "54.3 (9.2)", "53.9 (9.6)", f"{minus}0.12", "0.08"),
    )
    assert all(len(row) == len(table.columns) for row in table.rows)


def test_the_section_tells_flow_table_predictors_and_findings(binary: Evaluation) -> None:
    _, flow, table, predictors, _, findings = participants_section(binary).blocks
    assert isinstance(flow, Flow)
    assert isinstance(table, Table)
    assert isinstance(predictors, Paragraph)
    assert predictors.text.startswith("1 column became 2 features. ")
    assert predictors.text.endswith("Left out: ward: constant among the training cases.")
    assert findings == Bullets(tuple(binary.manifest["warnings"]))


def test_cases_that_are_no_rows_of_a_table_have_no_columns_to_tell_of(
    predicted: Callable[..., Predictions], evaluated: Callable[..., Evaluation]
) -> None:
    evaluation = evaluated(predicted(("healthy", "disease")), warnings=[])
    manifest = {key: value for key, value in evaluation.manifest.items() if key not in {"features", "dropped"}}
    assert len(participants_section(replace(evaluation, manifest=manifest)).blocks) == 3


def test_the_reference_standard_is_said_or_its_absence_is(binary: Evaluation) -> None:
    said = participants_section(binary).blocks[0]
    assert said == Paragraph(
        "Reference standard: biopsy. Sampling: cohort: patients as they came (also taken where nothing is stated)."
    )
    silent = replace(binary, manifest={**binary.manifest, "reference_standard": None})
    assert "not stated" in str(participants_section(silent).blocks[0])


def test_classes_that_were_fixed_by_design_limit_what_depends_on_prevalence(binary: Evaluation) -> None:
    metadata = {**binary.predictions.metadata, "sampling": "case_control"}
    fixed = replace(binary, predictions=replace(binary.predictions, metadata=metadata))
    told = str(participants_section(fixed).blocks[0])
    assert "Sampling: case-control: the classes were fixed by design; predictive values, Brier score" in told


def test_the_modality_is_named_where_it_is_known(multilabel: Evaluation, binary: Evaluation) -> None:
    (told, *rest) = participants_section(multilabel).blocks
    assert isinstance(told, Paragraph)
    assert told.text.startswith("Each case is judged by: image. Reference standard: biopsy.")
    assert not any(isinstance(block, Paragraph) and "became" in block.text for block in rest)
    (without, *_) = participants_section(binary).blocks
    assert isinstance(without, Paragraph)
    assert without.text.startswith("Reference standard: biopsy.")


def test_labels_are_named_in_table_one_and_no_feature_is_needed(binary: Evaluation) -> None:
    rows = binary.table_one.head(2).with_columns(variable=pl.Series(["cases", "y_true_scar"]), level=None)
    assert [row[0] for row in table_one(rows).rows] == ["cases", "label scar"]


def test_the_card_of_the_data_is_shown_where_it_was_kept(binary: Evaluation) -> None:
    assert not any(isinstance(block, Prose) for block in participants_section(binary).blocks)
    last = participants_section(replace(binary, card="# Mine")).blocks[-1]
    assert isinstance(last, Prose)
    assert "Mine" in last.html
