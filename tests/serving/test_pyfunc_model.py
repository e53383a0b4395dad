"""The model as MLflow loads it: logged, loaded from the store, given the tables of a clinic."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import TYPE_CHECKING

import mlflow.pyfunc
import numpy as np
import pandas as pd
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from reprodx.errors import SchemaError
from reprodx.serving.predictor import Predictor
from reprodx.serving.pyfunc_model import as_polars

if TYPE_CHECKING:
    from reprodx.artifacts.locations import Locations

MOST_FILES = 12
ROW = {"age": 54.0, "cholesterol": 239.5, "vessels": "1", "sex": "male"}
ELSEWHERE = """
import builtins, json, sys
sys.path = [folder for folder in sys.path if not folder.endswith("/src")]
try:
    import reprodx
    raise SystemExit("reprodx is installed: the test shows nothing")
except ModuleNotFoundError:
    pass

imported, plain_import = set(), builtins.__import__

def recording_import(name, globals=None, *arguments, **more):
    importer = (globals or {}).get("__name__") or ""
    if importer.startswith("reprodx") or (globals or {}).get("__file__", "").endswith("pyfunc_model.py"):
        imported.add(name.partition(".")[0])
    return plain_import(name, globals, *arguments, **more)

builtins.__import__ = recording_import
import mlflow.pyfunc, pandas as pd
answers = []
for folder in sys.argv[2:]:
    imported.clear()
    probs = mlflow.pyfunc.load_model(folder).predict(pd.read_json(sys.argv[1], orient="split"))
    answers.append({"probs": probs.to_dict("list"), "imported": sorted(imported)})
import reprodx
print(json.dumps({"answers": answers, "code": reprodx.__file__}))
"""
"""Loads models where reprodx is not installed, and says what their code imported."""


@pytest.fixture
def model(logged: Path) -> mlflow.pyfunc.PyFuncModel:
    return mlflow.pyfunc.load_model(str(logged))


def test_probabilities_are_those_of_the_predictor(model: mlflow.pyfunc.PyFuncModel, stored: Locations) -> None:
    predictor = Predictor.load(stored.models, stored.prepared / "transforms.json")
    expected = predictor.predict(pl.DataFrame([ROW])).to_pandas()
    pd.testing.assert_frame_equal(model.predict(pd.DataFrame([ROW])), expected, check_exact=True)


@pytest.mark.parametrize(
    "same",
    [ROW | {"age": 54, "vessels": 1}, ROW | {"note": "free text"}, ROW | {"vessels": 1.0}],
    ids=["integer columns", "an extra column", "whole numbers as floats"],
)
def test_what_a_clinic_may_send_instead(model: mlflow.pyfunc.PyFuncModel, same: dict[str, object]) -> None:
    pd.testing.assert_frame_equal(model.predict(pd.DataFrame([same])), model.predict(pd.DataFrame([ROW])))


def test_a_missing_column_is_named(model: mlflow.pyfunc.PyFuncModel) -> None:
    with pytest.raises(SchemaError, match="'cholesterol'"):
        model.predict(pd.DataFrame([ROW]).drop(columns="cholesterol"))


@pytest.mark.parametrize("nothing", [None, np.nan, pd.NA], ids=["None", "nan", "NA"])
def test_columns_without_any_value_are_imputed(model: mlflow.pyfunc.PyFuncModel, nothing: object) -> None:
    probs = model.predict(pd.DataFrame([ROW | {"cholesterol": nothing, "vessels": nothing}] * 2))
    assert np.isfinite(probs.to_numpy()).all()
    assert probs.to_numpy().sum(axis=1) == pytest.approx([1, 1])


def test_the_index_of_the_table_stays(model: mlflow.pyfunc.PyFuncModel) -> None:
    assert list(model.predict(pd.DataFrame([ROW, ROW], index=["b", "a"])).index) == ["b", "a"]


def test_they_load_where_reprodx_is_not_installed_and_need_only_their_requirements(
    all_logged: dict[str, Path], tmp_path: Path
) -> None:
    table = tmp_path / "table.json"
    pd.DataFrame([ROW]).to_json(table, orient="split")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ELSEWHERE, str(table), *map(str, all_logged.values())],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert Path(said["code"]).is_relative_to(all_logged["trees"])
    distributions = packages_distributions()
    for folder, answer in zip(all_logged.values(), said["answers"], strict=True):
        assert answer["probs"]["prob_yes"][0] + answer["probs"]["prob_no"][0] == pytest.approx(1)
        required = {line.partition("==")[0] for line in (folder / "requirements.txt").read_text().split()}
        foreign = set(answer["imported"]) - set(sys.stdlib_module_names) - {"reprodx"}
        assert foreign
        assert not [name for name in foreign if not required & set(distributions[name])]


def test_only_what_each_kind_needs_is_required(all_logged: dict[str, Path]) -> None:
    trees, network = ((all_logged[kind] / "requirements.txt").read_text() for kind in ("trees", "network"))
    assert "scikit-learn==" in trees
    assert "torch==" not in trees
    assert "torch==" in network
    assert "scikit-learn==" not in network


def test_nothing_in_it_is_a_pickle_or_a_path_of_this_machine(logged: Path, stored: Locations) -> None:
    files = [file for file in logged.rglob("*") if file.is_file()]
    assert not [file.name for file in files if file.suffix in {".pkl", ".pickle", ".pt", ".bin"}]
    # Each is an upload of every run.
    assert len(files) <= MOST_FILES
    text = (logged / "MLmodel").read_text()
    assert str(Path.home()) not in text
    assert str(Path(__file__).parents[2]) not in text


def test_the_example_is_medians_and_modes_and_the_model_takes_it(
    logged: Path, model: mlflow.pyfunc.PyFuncModel
) -> None:
    content = json.loads((logged / "input_example.json").read_text())
    example = pd.DataFrame(content["data"], columns=content["columns"])
    transforms = json.loads((logged / "artifacts" / "transforms.json").read_text())
    assert example.iloc[0].to_dict() == transforms["example"]
    assert np.isfinite(model.predict(example).to_numpy()).all()


def test_the_signature_lets_every_column_through(model: mlflow.pyfunc.PyFuncModel) -> None:
    inputs = model.metadata.signature.inputs.to_dict()
    assert [column["name"] for column in inputs] == list(ROW)
    assert {(column["type"], column["required"]) for column in inputs} == {("any", False)}


def test_as_polars_keeps_mixed_columns_and_makes_every_kind_of_na_null() -> None:
    frame = pd.DataFrame(
        {
            "mixed": pd.Series([1, "x", None, pd.NA, np.nan], dtype=object),
            "text": pd.Series(["a", None, "b", "c", "d"]),
            "whole": pd.Series([1, None, 3, 4, 5], dtype="Int64"),
        }
    )
    table = as_polars(frame)
    assert table["mixed"].to_list() == [1, "x", None, None, None]
    assert_frame_equal(
        table.drop("mixed"), pl.DataFrame({"text": ["a", None, "b", "c", "d"], "whole": [1, None, 3, 4, 5]})
    )


def test_as_polars_refuses_two_columns_of_one_name_and_takes_any_type() -> None:
    with pytest.raises(SchemaError, match="two columns '1'"):
        as_polars(pd.DataFrame([[1, 2]], columns=[1, "1"]))
    assert as_polars(pd.DataFrame({"x": []})).schema == {"x": pl.String}
    odd = {"complex": [1j], "sparse": pd.arrays.SparseArray([1.0]), "month": [pd.Period("2020-01")]}
    assert set(as_polars(pd.DataFrame(odd)).dtypes) == {pl.Object}
