"""What identifies a run is in its report, and nothing of the machine is."""

from collections.abc import Callable
from dataclasses import replace

from reprodx.artifacts.predictions import Predictions
from reprodx.reporting.evaluation import Evaluation
from reprodx.reporting.page import Bullets, Facts, Folded
from reprodx.reporting.provenance import limits_section, provenance_section


def facts(evaluation: Evaluation) -> dict[str, str]:
    (block,) = (block for block in provenance_section(evaluation).blocks if isinstance(block, Facts))
    return dict(block.items)


def limits(evaluation: Evaluation) -> tuple[str, ...]:
    (block,) = limits_section(evaluation).blocks
    assert isinstance(block, Bullets)
    return block.items


def test_hashes_seed_and_versions_are_named(binary: Evaluation) -> None:
    found = facts(binary)
    assert (found["Config hash"], found["Data hash"], found["Split hash"]) == ("c" * 64, "d" * 64, "5" * 64)
    assert found["Seed of training"] == "0"
    assert "numpy " in found["Versions"]
    assert "Cross-validation" not in found


def test_a_fold_is_named_with_its_cross_validation(binary: Evaluation) -> None:
    metadata = {**binary.predictions.metadata, "cv_hash": "f" * 64}
    folded = replace(
        binary,
        predictions=Predictions(binary.predictions.table, metadata),
        manifest={**binary.manifest, "fold": 3, "repeat": 1},
    )
    assert facts(folded)["Cross-validation"] == f"{'f' * 64}, fold 3, repeat 1"


def test_settings_are_dotted_keys_and_an_absolute_path_is_a_name(binary: Evaluation) -> None:
    (folded,) = (block for block in provenance_section(binary).blocks if isinstance(block, Folded))
    settings = dict(folded.table.rows)
    assert settings["model.hidden_sizes"] == "[64, 32]"
    assert settings["seed"] == "0"
    assert settings["data.path"] == "ward.csv"


def test_a_relative_path_is_kept(binary: Evaluation) -> None:
    config = {**binary.config, "data": {"name": "ward", "path": "data/raw/ward.csv"}}
    (folded,) = (b for b in provenance_section(replace(binary, config=config)).blocks if isinstance(b, Folded))
    assert dict(folded.table.rows)["data.path"] == '"data/raw/ward.csv"'


def test_few_cases_of_a_class_are_a_limit_and_enough_are_none(
    predicted: Callable[..., Predictions], evaluated: Callable[..., Evaluation]
) -> None:
    few, enough = (evaluated(predicted(("healthy", "disease"), num_cases)) for num_cases in (160, 400))
    assert limits(few)[0].startswith("The rarest class has 40 test cases; 100 are advised")
    assert not any("rarest" in line for line in limits(enough))


def test_test_cases_from_new_sites_are_told_apart_from_those_of_the_same(binary: Evaluation) -> None:
    split = {"name": "site_out", "_target_": "reprodx.splits.leave_site_out.LeaveSiteOut"}
    elsewhere = replace(binary, config={**binary.config, "split": split})
    assert any("same sources" in line for line in limits(binary))
    assert any("sites that training has not seen" in line for line in limits(elsewhere))
    assert not any("same sources" in line for line in limits(elsewhere))


def test_modality_and_task_are_named(multilabel: Evaluation, binary: Evaluation) -> None:
    assert (facts(multilabel)["Modality"], facts(multilabel)["Task"]) == ("image", "multilabel")
    assert "Modality" not in facts(binary)


def test_the_rarest_label_and_grade_are_counted(multilabel: Evaluation, ordinal: Evaluation) -> None:
    rarest = multilabel.test.targets().sum(axis=0).min()
    assert limits(multilabel)[0].startswith(f"The rarest label has {rarest} test cases")
    assert limits(ordinal)[0].startswith("The rarest class has 30 test cases")


def test_no_folder_of_the_machine_is_shown(binary: Evaluation) -> None:
    config = {**binary.config, "data": {"outcome_path": "/home/someone/labels.csv", "folder": "/home/someone/images"}}
    (folded,) = (
        block for block in provenance_section(replace(binary, config=config)).blocks if isinstance(block, Folded)
    )
    shown = dict(folded.table.rows)
    assert shown["data.outcome_path"] == "labels.csv"
    assert shown["data.folder"] == "images"
