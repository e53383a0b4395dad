"""What identifies a run is in its report, and nothing of the machine is."""

import json
from collections.abc import Callable
from dataclasses import replace

from reprodx.artifacts.openings import Ledger, Opening
from reprodx.artifacts.predictions import Predictions
from reprodx.reporting.evaluation import Evaluation
from reprodx.reporting.page import Bullets, Commands, Facts, Folded, Paragraph
from reprodx.reporting.provenance import (
    NOT_NOTED,
    experiment_record,
    limits_section,
    provenance_section,
    times_opened,
)


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


def test_a_machine_is_told_the_experiment_without_the_folders_of_another(binary: Evaluation) -> None:
    record = json.loads(experiment_record(binary))
    assert (record["config_hash"], record["data_hash"], record["split_hash"]) == ("c" * 64, "d" * 64, "5" * 64)
    assert record["config"]["model"]["hidden_sizes"] == [64, 32]
    assert record["config"]["data"]["path"] == "ward.csv"


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


def opening(config_hash: str, day: int, predictions: str = "") -> Opening:
    at = f"2026-03-0{day}T10:00:00+00:00"
    return Opening("5" * 64, "d" * 64, "", config_hash, "r" * 64, "mlp", "0", "0", predictions, at)


def scored_after(evaluation: Evaluation, *before: Opening) -> Evaluation:
    """Return what is scored for the first time after these openings."""
    own = opening(evaluation.predictions.metadata["config_hash"], 9)
    return replace(evaluation, ledger=Ledger("5" * 64, (*before, own)))


def test_earlier_experiments_are_counted_once(binary: Evaluation) -> None:
    told = times_opened(scored_after(binary, opening("a", 1), opening("a", 2, "other bytes"), opening("b", 3)))
    assert told.startswith("This test split had been scored by 2 other experiments when this one was first scored.")


def test_the_first_look_is_the_first(binary: Evaluation) -> None:
    first = "Nothing had been scored on this test split when this experiment first was."
    assert times_opened(scored_after(binary)) == first
    assert first in limits(scored_after(binary))
    same_elsewhere = opening(binary.predictions.metadata["config_hash"], 1, "other bytes")
    assert times_opened(scored_after(binary, same_elsewhere)) == first


def test_a_margin_that_is_not_that_of_the_first_look_is_a_limit(binary: Evaluation) -> None:
    changed, same = (scored_after(binary, replace(opening("a", 1), margin=margin)) for margin in ("0.05", "0.02"))
    said = "The margin was 0.05 at the first opening of this test split and is 0.02 now."
    assert said in limits(changed)
    assert not any("margin" in one.lower() for one in limits(same))


def test_without_a_ledger_it_is_said_that_nobody_counted(binary: Evaluation) -> None:
    assert times_opened(binary) == NOT_NOTED
    assert NOT_NOTED in limits(binary)
    assert NOT_NOTED not in limits(scored_after(binary))
    assert Paragraph(NOT_NOTED) in provenance_section(binary).blocks


def test_openings_are_listed_in_a_folded_table(binary: Evaluation) -> None:
    tables = [
        block.table
        for block in provenance_section(scored_after(binary, replace(opening("a" * 64, 1), margin="0.05"))).blocks
        if isinstance(block, Folded) and block.table.key == "openings"
    ]
    assert [row[2:] for row in tables[0].rows] == [
        ("0.05", "a" * 12),
        ("\N{EN DASH}", "c" * 12),
    ]


def test_the_command_has_the_overrides_quoted_for_a_shell(binary: Evaluation) -> None:
    known = replace(binary, overrides=("model=lstm", "data.drop=[a, b]"))
    unknown, plain = (
        [block.lines[0] for block in provenance_section(one).blocks if isinstance(block, Commands)]
        for one in (binary, replace(binary, overrides=()))
    )
    commands = [block.lines[0] for block in provenance_section(known).blocks if isinstance(block, Commands)]
    assert commands == ["reprodx run model=lstm 'data.drop=[a, b]'", "dvc repro"]
    assert unknown == ["dvc repro", "reprodx run KEY=VALUE ..."]
    assert plain[0] == "reprodx run"


def test_every_seed_and_the_kind_of_machine_are_named(binary: Evaluation) -> None:
    split = {**binary.config["split"], "seed": 7}
    found = facts(replace(binary, config={**binary.config, "split": split}))
    assert (found["Seed of the split"], found["Seed of intervals"]) == ("7", "0")
    assert found["Machine"].startswith("Python 3.")
    assert "Seed of the split" not in facts(binary)


def test_the_command_shows_no_folder_of_the_machine(binary: Evaluation) -> None:
    overrides = (
        'data.path="/home/someone/my ward.csv"',
        "data.folder=/home/someone/images",
        "data.path=data/raw/a.csv",
    )
    blocks = provenance_section(replace(binary, overrides=overrides)).blocks
    command = next(block.lines[0] for block in blocks if isinstance(block, Commands))
    assert command == "reprodx run 'data.path=my ward.csv' data.folder=images data.path=data/raw/a.csv"
