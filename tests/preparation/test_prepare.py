"""From cases to files: whole or not at all, the same every time, and fitted on train alone."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from reprodx.artifacts.prepared import read_prepared
from reprodx.datasets.acknowledged import Acknowledged
from reprodx.errors import LeakageError
from reprodx.inputs import Inputs, Modality
from reprodx.preparation.prepare import prepare_cases
from reprodx.preparation.transforms import TableTransform
from reprodx.schemas import Sampling

NOTHING = Acknowledged((), (), patients=False)
COHORT: Any = {"sampling": Sampling.COHORT, "fingerprint": {}}

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reprodx.schemas import RawCases

    Make = Callable[..., RawCases]
    Parts = Callable[[int], list[str]]

FILES = {
    "cases.parquet",
    "features.parquet",
    "transforms.json",
    "table_one.csv",
    "participant_flow.json",
    "card.md",
    "duplicates.csv",
    "manifest.json",
}


@pytest.fixture
def prepare(make_raw: Make, parts: Parts, fixed_dataset: Any, fixed_split: Any) -> Callable[..., dict[str, Any]]:
    def run(folder: Path, raw: RawCases | None = None, split: Any = None) -> dict[str, Any]:
        raw = make_raw() if raw is None else raw
        assigned = parts(raw.cases.height) if split is None else split
        return prepare_cases(
            fixed_dataset(raw),
            fixed_split(assigned),
            folder,
            sampling=Sampling.CASE_CONTROL,
            fingerprint={"prepared_hash": "f"},
        )

    return run


def test_the_contract_is_written(prepare: Callable[..., dict[str, Any]], tmp_path: Path, make_raw: Make) -> None:
    content = prepare(tmp_path / "prepared", make_raw(site=["va"] * 120, group_sex=["f"] * 120))
    assert {file.name for file in (tmp_path / "prepared").iterdir()} == FILES
    assert content == json.loads((tmp_path / "prepared" / "manifest.json").read_text())
    assert set(content["files"]) == FILES - {"manifest.json"}
    prepared = read_prepared(tmp_path / "prepared")
    assert prepared.cases.columns == ["case_id", "patient_id", "y_true", "site", "group_sex", "split"]
    assert prepared.features.shape == (120, 3)
    assert prepared.feature_names == tuple(feature["name"] for feature in content["features"])
    assert prepared.classes == ("well", "ill")
    assert content["fingerprint"] == {"prepared_hash": "f"}
    assert content["sampling"] == "case_control"
    assert content["splits"]["train"] == {"cases": 72, "patients": 72, "classes": {"well": 36, "ill": 36}}
    assert set(content) == {
        "acknowledged", "class_values", "classes", "cv_hash", "data_hash", "dropped", "exclusions", "features", "files",
        "fingerprint", "fold", "has_patients", "inputs", "is_synthetic", "late_features", "leaky", "modality",
        "notes", "num_cases", "reference_standard", "repeat", "sampling", "split_hash", "splits", "summary", "task",
        "units", "warnings",
    }  # fmt: skip


def test_cases_and_features_are_in_one_order_and_equal_to_the_stored_transform(
    prepare: Callable[..., dict[str, Any]], tmp_path: Path, make_raw: Make
) -> None:
    prepare(tmp_path / "prepared")
    features = pl.read_parquet(tmp_path / "prepared" / "features.parquet")
    assert features["case_id"].to_list() == make_raw().cases["case_id"].to_list()
    assert set(features.drop("case_id").dtypes) == {pl.Float32}
    transform = TableTransform.from_json(json.loads((tmp_path / "prepared" / "transforms.json").read_text()))
    np.testing.assert_array_equal(transform.apply(make_raw().features), features.drop("case_id").to_numpy())


def test_held_out_cases_do_not_touch_the_transform(
    prepare: Callable[..., dict[str, Any]], tmp_path: Path, make_raw: Make, parts: Parts
) -> None:
    raw = make_raw()
    is_train = pl.Series(parts(120)) == "train"
    spoiled = raw.features.with_columns(
        pl.when(is_train).then("age").otherwise(pl.col("age") * 1000 + 7), pl.when(is_train).then("sex")
    )
    prepare(tmp_path / "one", raw)
    prepare(tmp_path / "other", dataclasses.replace(raw, features=spoiled))
    assert (tmp_path / "one/transforms.json").read_bytes() == (tmp_path / "other/transforms.json").read_bytes()
    one, other = read_prepared(tmp_path / "one"), read_prepared(tmp_path / "other")
    np.testing.assert_array_equal(one.features[one.rows("train")], other.features[other.rows("train")])


def test_training_features_have_mean_zero_and_deviation_one(
    prepare: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    prepare(tmp_path / "prepared")
    prepared = read_prepared(tmp_path / "prepared")
    ages = prepared.features[prepared.rows("train"), prepared.feature_names.index("age")].astype(float)
    assert ages.mean() == pytest.approx(0, abs=1e-6)
    assert ages.std() == pytest.approx(1, abs=1e-6)


def test_equal_cases_give_equal_bytes(prepare: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    prepare(tmp_path / "one")
    prepare(tmp_path / "other")
    for name in FILES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes(), name


def test_a_refusal_leaves_what_was_there(
    prepare: Callable[..., dict[str, Any]], tmp_path: Path, make_raw: Make
) -> None:
    prepare(tmp_path / "prepared")
    before = (tmp_path / "prepared" / "manifest.json").read_bytes()
    with pytest.raises(LeakageError):
        prepare(tmp_path / "prepared", make_raw(features={"record": np.arange(120.0)}))
    assert (tmp_path / "prepared" / "manifest.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["prepared"]


def test_cases_without_a_split_are_left_out_of_every_file(
    prepare: Callable[..., dict[str, Any]], tmp_path: Path, parts: Parts
) -> None:
    split = parts(120)
    split[:20] = [""] * 20
    content = prepare(tmp_path / "prepared", split=split)
    assert content["num_cases"] == 100
    assert content["exclusions"] == [{"rule": "belongs to no split", "count": 20}]
    prepared = read_prepared(tmp_path / "prepared")
    assert prepared.cases["case_id"][0] == "c20"
    assert prepared.features.shape[0] == 100


def test_the_split_sees_units_of_patients_and_identical_inputs(
    make_raw: Make, parts: Parts, fixed_dataset: Any, fixed_split: Any, tmp_path: Path
) -> None:
    raw = make_raw(patient_id=[f"p{row // 2}" for row in range(120)])
    features = raw.features.with_columns(pl.col("age").round(6))
    features[2, "age"], features[2, "sex"] = features[0, "age"], features[0, "sex"]
    split = fixed_split(parts(120))
    for has_patients, num_units in (False, 1), (True, 2):
        read = dataclasses.replace(raw, features=features, has_patients=has_patients)
        prepare_cases(fixed_dataset(read), split, tmp_path / "p", **COHORT)
        units = split.seen["units"]
        assert (len(set(units[:4])), len(set(units))) == (num_units, 58 + num_units)


def test_preparing_imports_nothing_heavy() -> None:
    rooms = "reprodx.preparation.prepare, reprodx.datasets.heart_disease, reprodx.splits.kfold"
    code = f"import sys, {rooms}; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"torch", "pytorch_lightning", "mlflow", "sklearn", "matplotlib", "hydra", "omegaconf"} & set(modules)


class Pictures:
    """A dataset whose pictures are written where prepare says, one of them in two copies."""

    acknowledged = NOTHING

    def __init__(self, raw: RawCases) -> None:
        self.raw = raw

    def read(self, split_column: str | None, *, scratch: Path | None = None) -> RawCases:
        assert scratch is not None
        pictures = np.lib.format.open_memmap(scratch / "read.npy", "w+", np.uint8, (120, 16, 16, 3))
        pictures[:] = np.random.default_rng(3).integers(0, 255, pictures.shape)
        pictures[1] = pictures[0]
        settings = {"size": [16, 16], "fit": "pad", "colour": "rgb"}
        inputs = Inputs.of_rows(Modality.IMAGE, pictures, channels=("red", "green", "blue"), settings=settings)
        return dataclasses.replace(self.raw, features=pl.DataFrame(height=120), cleaning={}, inputs=inputs)


def test_pictures_lie_beside_the_cases(make_raw: Make, parts: Parts, fixed_split: Any, tmp_path: Path) -> None:
    split = fixed_split(parts(120))
    content = prepare_cases(Pictures(make_raw()), split, tmp_path / "prepared", **COHORT)
    assert {file.name for file in (tmp_path / "prepared").iterdir()} == FILES | {"images.npy", "summary.parquet"}
    assert (content["modality"], content["features"]) == ("image", [])
    prepared = read_prepared(tmp_path / "prepared")
    assert prepared.features.shape == (120, 0)
    assert prepared.inputs is not None
    assert prepared.inputs.values.shape == (120, 16, 16, 3)
    assert prepared.summary is not None
    assert prepared.summary.shape == (120, len(prepared.summary_names))
    units = split.seen["units"]
    assert units[0] == units[1] != units[2]
    assert prepared.cases["patient_id"][:3].to_list() == ["c0", "c0", "c2"]
    assert (tmp_path / "prepared" / "duplicates.csv").read_text().splitlines()[1].startswith("1,c0,,c0,")
    assert any("2 cases have inputs nearly identical" in warning for warning in content["warnings"])


def test_what_reading_found_stands_first_among_the_warnings(
    prepare: Callable[..., dict[str, Any]], tmp_path: Path, make_raw: Make
) -> None:
    raw = dataclasses.replace(make_raw(), warnings=("crp is 999 in a tenth of the cases",))
    assert prepare(tmp_path / "prepared", raw)["warnings"][0] == "crp is 999 in a tenth of the cases"


def test_left_out_pictures_are_in_no_file(make_raw: Make, parts: Parts, fixed_split: Any, tmp_path: Path) -> None:
    split = ["", *parts(120)[1:]]
    prepare_cases(Pictures(make_raw()), fixed_split(split), tmp_path / "prepared", **COHORT)
    prepare_cases(Pictures(make_raw()), fixed_split(parts(120)), tmp_path / "all", **COHORT)
    some, every = (np.load(tmp_path / folder / "images.npy") for folder in ("prepared", "all"))
    np.testing.assert_array_equal(some, every[1:])


def test_a_copy_of_a_picture_in_another_split_is_refused(
    make_raw: Make, parts: Parts, fixed_split: Any, tmp_path: Path
) -> None:
    split = parts(120)
    split[0], split[1] = "train", "test"
    with pytest.raises(LeakageError, match="2 cases have inputs nearly identical to a case's in another split"):
        prepare_cases(Pictures(make_raw()), fixed_split(split), tmp_path / "prepared", **COHORT)
    assert not (tmp_path / "prepared").exists()


def test_cases_that_share_a_picture_keep_it(make_raw: Make, parts: Parts, fixed_split: Any, tmp_path: Path) -> None:
    class Shared(Pictures):
        def read(self, split_column: str | None, *, scratch: Path | None = None) -> RawCases:
            raw = super().read(split_column, scratch=scratch)
            assert raw.inputs is not None
            return dataclasses.replace(raw, inputs=raw.inputs.select(np.array([*range(119), 118])))

    split = parts(120)
    split[119] = split[118]
    prepare_cases(Shared(make_raw()), fixed_split(split), tmp_path / "prepared", **COHORT)
    inputs = read_prepared(tmp_path / "prepared").inputs
    assert inputs is not None
    assert (len(inputs), len(inputs.values), inputs.lengths) == (120, 119, None)
    np.testing.assert_array_equal(inputs[119], inputs[118])
    assert (inputs[117] != inputs[118]).any()
