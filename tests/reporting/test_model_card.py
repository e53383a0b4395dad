"""The model card can be read by people and by the hub, and shows no case."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from reprodx.artifacts.predictions import Predictions
from reprodx.reporting.model_card import metadata, write_model_card
from reprodx.schemas import CASE_ID

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprodx.reporting.evaluation import Evaluation

HEADINGS = [
    "Model details",
    "Uses",
    "Bias, risks and limitations",
    "How to get started",
    "Training details",
    "Evaluation",
    "Failures",
    "Environmental impact",
    "Technical specifications",
    "Citation",
]
TASKS = ["binary", "multiclass", "ordinal", "multilabel"]


def card(folder: Path, evaluation: Evaluation) -> tuple[dict[str, Any], str]:
    """Return the metadata and the text of a written card."""
    path = folder / "model_card.md"
    write_model_card(path, evaluation)
    empty, front, text = path.read_text(encoding="utf-8").split("---\n", 2)
    assert empty == ""
    return yaml.safe_load(front), text


@pytest.mark.parametrize("task", TASKS)
def test_the_metadata_are_yaml_with_numbers_and_limits(
    task: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    evaluation = request.getfixturevalue(task)
    front, _ = card(tmp_path, evaluation)
    assert front == metadata(evaluation)
    assert front["library_name"] == "reprodx"
    assert front["datasets"] == ["ward"]
    assert "license" not in front
    (model,) = front["model-index"]
    (result,) = model["results"]
    assert model["name"] == "mlp"
    assert result["task"]["type"] == front["pipeline_tag"]
    assert result["dataset"]["revision"] == "d" * 64
    assert [one["type"] for one in result["metrics"]] == front["metrics"]
    for one in result["metrics"]:
        assert one["args"]["ci_low"] < one["value"] < one["args"]["ci_high"]


def test_the_leading_number_is_that_of_the_scores(binary: Evaluation) -> None:
    (result,) = metadata(binary)["model-index"][0]["results"]
    auroc = binary.of("auroc")
    assert auroc is not None
    assert result["metrics"][0] == {
        "type": "roc_auc",
        "name": "AUROC",
        "value": auroc.value,
        "args": {
            "n": 80,
            "method": auroc.method,
            "confidence_level": 0.95,
            "ci_low": auroc.ci_low,
            "ci_high": auroc.ci_high,
        },
    }


@pytest.mark.parametrize(
    ("modality", "pipeline"),
    [
        ("table", "tabular-classification"),
        ("image", "image-classification"),
        ("text", "text-classification"),
        ("signal", None),
        ("series", None),
    ],
)
def test_the_pipeline_is_that_of_the_modality(binary: Evaluation, modality: str, pipeline: str | None) -> None:
    evaluation = replace(binary, manifest={**binary.manifest, "modality": modality})
    assert metadata(evaluation).get("pipeline_tag") == pipeline
    assert modality in metadata(evaluation)["tags"]


@pytest.mark.parametrize("task", TASKS)
def test_sections_stand_in_their_order(task: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    _, text = card(tmp_path, request.getfixturevalue(task))
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == HEADINGS
    assert re.findall(r"^# (.*)$", text, re.MULTILINE) == ["mlp on ward"]
    assert text.count("**NEEDS HUMAN**") >= 8
    assert "\n\n\n" not in text


def test_the_code_to_get_started_is_python(binary: Evaluation, tmp_path: Path) -> None:
    _, text = card(tmp_path, binary)
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    ast.parse(code)
    assert binary.predictions.metadata["config_hash"] in code
    assert "with the columns age." in text


def test_warnings_stand_before_the_result(binary: Evaluation, tmp_path: Path) -> None:
    manifest = {**binary.manifest, "leaky": True, "is_synthetic": True}
    front, text = card(tmp_path, replace(binary, manifest=manifest))
    assert {"leaky", "synthetic-data"} <= set(front["tags"])
    assert text.index("**Synthetic data.**") < text.index("**Leaky: do not use this result.**")
    assert text.index("**Leaky: do not use this result.**") < text.index("## Model details")
    clean, plain = card(tmp_path, binary)
    assert not {"leaky", "synthetic-data"} & set(clean["tags"])
    assert "Synthetic data" not in plain


def test_values_of_the_source_are_listed_by_class(binary: Evaluation, tmp_path: Path) -> None:
    entries = [{"value": "Yes|", "class": "disease", "count": 3}]
    _, text = card(tmp_path, replace(binary, manifest={**binary.manifest, "class_values": entries}))
    assert "'Yes\\|' (3)" in text


def test_no_case_and_no_folder_is_in_it(binary: Evaluation, tmp_path: Path) -> None:
    front, text = card(tmp_path, binary)
    assert not any(case_id in f"{front}{text}" for case_id in binary.predictions.table[CASE_ID])
    assert "/home/" not in text


def test_equal_arguments_give_equal_bytes(binary: Evaluation, tmp_path: Path) -> None:
    again = replace(
        binary, predictions=Predictions(binary.predictions.table.clone(), dict(binary.predictions.metadata))
    )
    for name, evaluation in (("one", binary), ("other", again)):
        write_model_card(tmp_path / name, evaluation)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_names_with_markup_stay_names(
    predicted: Callable[..., Predictions], evaluated: Callable[..., Evaluation], tmp_path: Path
) -> None:
    evaluation = evaluated(predicted(("no: # 'x'", "a | <b>")))
    named = replace(evaluation, config={**evaluation.config, "model": {"name": "- yes: *no*\n---"}})
    front, text = card(tmp_path, named)
    assert front["model-index"][0]["name"] == "- yes: *no*\n---"
    assert "<b>" not in text
    assert "| a \\| &lt;b&gt; |" in text


def test_one_class_in_the_test_split_still_makes_a_card(
    predicted: Callable[..., Predictions], evaluated: Callable[..., Evaluation], tmp_path: Path
) -> None:
    predictions = predicted(("healthy", "disease"))
    kept = (predictions.table["split"] == "val") | (predictions.table["y_true"] == "healthy")
    front, text = card(tmp_path, evaluated(Predictions(predictions.table.filter(kept), predictions.metadata)))
    assert "roc_auc" not in front["metrics"]
    assert "specificity" in front["metrics"]
    assert "cannot be estimated on the test split" in text
    assert not re.search(r"\bnan\b", text, re.IGNORECASE)


def test_the_software_is_cited_as_its_citation_file_says(binary: Evaluation, tmp_path: Path) -> None:
    cited = yaml.safe_load((Path(__file__).parents[2] / "CITATION.cff").read_text(encoding="utf-8"))
    _, text = card(tmp_path, binary)
    assert f"title = {{{{{cited['title']}}}}}" in text
    assert f"version = {{{cited['version']}}}" in text
    assert all(f"author = {{{{{author['name']}}}}}" in text for author in cited["authors"])
