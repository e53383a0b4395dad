"""A logged model takes pictures, signals, series and texts as files, bytes and base64, here and elsewhere."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mlflow.pyfunc
import numpy as np
import pandas as pd
import polars as pl
import pytest
from PIL import Image

from reprodx.artifacts.locations import own_locations
from reprodx.artifacts.prepared import read_prepared
from reprodx.config.composition import compose, validate
from reprodx.config.identity import config_hash
from reprodx.errors import SchemaError
from reprodx.pipeline import run_command
from reprodx.stages.prepare import find_or_prepare
from tests.project import ROOT, environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mlflow.pyfunc import PyFuncModel

    from reprodx.inputs import Inputs

SMOKE = "trainer=smoke evaluation.num_resamples=100 tracking=mlflow"
"""What makes every run short, and logs its model."""
NUM_TRIED = 4
"""Cases of the predictions file that are served."""
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
for folder, table in zip(sys.argv[1::2], sys.argv[2::2]):
    imported.clear()
    probs = mlflow.pyfunc.load_model(folder).predict(pd.read_parquet(table))
    code = sys.modules["reprodx"].__file__
    answers.append({"probs": probs.to_dict("list"), "imported": sorted(imported), "code": code})
    # So that the next model imports everything anew.
    for name in [name for name in sys.modules if name.partition(".")[0] == "reprodx"]:
        del sys.modules[name]
print(json.dumps(answers))
"""
"""Loads models where reprodx is not installed, and says what the code of each imported."""


@dataclass(frozen=True)
class Recipe:
    """A small experiment, and how a stored case becomes a file again."""

    overrides: str
    column: str
    """Where new cases name their files or give their text."""
    suffix: str = ""
    """Of the files; empty for texts."""


ENCODINGS: dict[str, Callable[[bytes], Any]] = {
    "bytes": bytes,
    "base64": lambda content: base64.b64encode(content).decode(),
    "base64 in lines": lambda content: base64.encodebytes(content).decode(),
}
"""Of a file's content in a cell."""
NOTES = "data=text_table data.path=notes.csv data.text=note data.target=class data.id=id"
RECIPES = {
    "ordinal pictures": Recipe(
        "data=synthetic_fundus data.num_patients=30 data.size=[32,32] model=cnn model.filters=[4]", "image", ".png"
    ),
    "multi-label pictures": Recipe(
        "data=image_table data.path=pictures/table.csv data.folder=pictures data.image=file data.target=[dark,left] "
        "data.size=[24,24] data.colour=grey model=logistic",
        "image",
        ".png",
    ),
    "signals": Recipe(
        "data=synthetic_ecg data.num_patients=24 data.seconds=1.0 model=resnet1d model.filters=[4]", "signal", ".npy"
    ),
    "series": Recipe(
        "data=time_series_table data.path=stays.parquet data.outcome_path=outcomes.csv data.static_path=static.csv "
        "data.id=stay data.hour=hour data.target=died data.positive=1 model=gru",
        "series",
        ".parquet",
    ),
    "texts": Recipe(f"{NOTES} model=lstm", "text"),
    "texts in trees": Recipe(f"{NOTES} model=gradient_boosting model.max_iterations=3", "text"),
}


@dataclass(frozen=True)
class Served:
    """A logged model, and some cases of its predictions file."""

    model: PyFuncModel
    folder: Path
    """Of the model in the store."""
    paths: pd.DataFrame
    """The cases as files; as texts where that is what they are."""
    expected: pl.DataFrame
    """Their probabilities in the predictions file."""
    recipe: Recipe

    def with_cells(self, change: Callable[[str], Any]) -> pd.DataFrame:
        """Return the cases with each path changed to something else."""
        changed = [change(path) for path in self.paths[self.recipe.column]]
        return self.paths.assign(**{self.recipe.column: pd.Series(changed, dtype=object)})


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the current folder: a project with small made-up tables in it."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "conf", folder / "conf")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        # Not by mlflow.set_tracking_uri, which cannot be undone and would reach other tests.
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{folder}/mlflow.db")
        patch.setenv("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
        write_tables()
        yield folder


@pytest.fixture(scope="module")
def all_served(project: Path) -> dict[str, Served]:
    """Return the model of each recipe, as another process finds it."""
    return {name: run_and_load(recipe, project / name) for name, recipe in RECIPES.items()}


@pytest.fixture(params=RECIPES)
def served(all_served: dict[str, Served], request: pytest.FixtureRequest) -> Served:
    """Return the model of one recipe."""
    return all_served[request.param]


@pytest.fixture(params=[name for name, recipe in RECIPES.items() if recipe.suffix])
def served_files(all_served: dict[str, Served], request: pytest.FixtureRequest) -> Served:
    """Return the model of a recipe whose cases are files."""
    return all_served[request.param]


def test_files_get_the_probabilities_of_the_predictions_file(served: Served) -> None:
    check_probs(served.model.predict(served.paths), served)


@pytest.mark.parametrize("encode", ENCODINGS)
def test_their_content_gets_the_same(served_files: Served, encode: str) -> None:
    cells = served_files.with_cells(lambda path: ENCODINGS[encode](Path(path).read_bytes()))
    check_probs(served_files.model.predict(cells), served_files)


def test_models_load_elsewhere_and_need_only_their_requirements(all_served: dict[str, Served], tmp_path: Path) -> None:
    arguments = []
    for name, served in all_served.items():
        served.paths.to_parquet(tmp_path / name)
        arguments += [str(served.folder), name]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ELSEWHERE, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=environment(),
    )
    assert done.returncode == 0, done.stderr
    distributions = packages_distributions()
    for said, served in zip(json.loads(done.stdout), all_served.values(), strict=True):
        assert Path(said["code"]).is_relative_to(served.folder)
        check_probs(pd.DataFrame(said["probs"]), served)
        required = {line.partition("==")[0] for line in (served.folder / "requirements.txt").read_text().split()}
        foreign = set(said["imported"]) - set(sys.stdlib_module_names) - {"reprodx", "mlflow"}
        assert foreign >= {"numpy", "polars"}
        assert not [name for name in foreign if not required & set(distributions[name])]
        assert ("monai" in required) == ("monai" in served.recipe.overrides)
        assert not required & {"kornia", "lightning", "pytorch-lightning"}


def test_the_example_is_of_no_patient_and_fits_the_signature(served: Served) -> None:
    content = json.loads((served.folder / "input_example.json").read_text())
    example = pd.DataFrame(content["data"], columns=content["columns"])
    signature = served.model.metadata.signature
    assert signature.inputs.input_names() == list(example.columns)
    assert set(example.columns) == set(served.paths.columns)
    assert signature.outputs.input_names() == served.expected.columns
    assert np.isfinite(served.model.predict(example).to_numpy()).all()
    assert example[served.recipe.column][0] not in set(served.paths[served.recipe.column])


def test_a_wrong_column_is_named(served: Served) -> None:
    with pytest.raises(SchemaError, match=f"no column '{served.recipe.column}'"):
        served.model.predict(served.paths.rename(columns={served.recipe.column: "other"}))


@pytest.mark.parametrize("wrong", ["nowhere/doe_jane.file", "", None, b"no such file", 7.5])
def test_a_bad_cell_is_named_by_its_row_and_not_shown(served_files: Served, wrong: object) -> None:
    cells = served_files.with_cells(str)
    cells.loc[1, served_files.recipe.column] = wrong
    with pytest.raises(SchemaError, match="row 3") as caught:
        served_files.model.predict(cells)
    assert "doe" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_cut_file_is_named_by_its_row(served_files: Served) -> None:
    content = Path(served_files.paths[served_files.recipe.column][2]).read_bytes()
    cells = served_files.with_cells(str)
    cells.loc[2, served_files.recipe.column] = content[: len(content) // 2]
    with pytest.raises(SchemaError, match="row 4"):
        served_files.model.predict(cells)


@pytest.mark.parametrize("wrong", ["", None, b"bytes"])
def test_a_text_that_is_none_is_named_by_its_row(all_served: dict[str, Served], wrong: object) -> None:
    cells = all_served["texts"].with_cells(str)
    cells.loc[1, "text"] = wrong
    with pytest.raises(SchemaError, match="row 3"):
        all_served["texts"].model.predict(cells)


def run_and_load(recipe: Recipe, folder: Path) -> Served:
    """Run an experiment, and write some cases that it predicted as new ones into a folder."""
    config = validate(compose(f"{recipe.overrides} {SMOKE}".split()))
    run_command("run", config)
    locations = own_locations(config_hash(config), find_or_prepare(config))
    predictions = pl.read_parquet(locations.predictions).head(NUM_TRIED)
    prepared = read_prepared(locations.prepared)
    rows = [prepared.cases["case_id"].index_of(case) for case in predictions["case_id"]]
    assert prepared.inputs is not None
    folder.mkdir()
    paths = pd.DataFrame(new_cases(recipe, predictions["case_id"], prepared.inputs.select(np.array(rows)), folder))
    is_of_config = f"tags.`reprodx.config_hash` = '{config_hash(config)}'"
    (run,) = mlflow.search_runs(search_all_experiments=True, output_format="list", filter_string=is_of_config)
    model = mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/model")
    stored = Path(mlflow.get_logged_model(model.metadata.model_id).artifact_location)
    return Served(model, stored, paths, predictions.select(pl.col("^prob_.*$")), recipe)


def check_probs(probs: pd.DataFrame, served: Served) -> None:
    assert list(probs.columns) == served.expected.columns
    np.testing.assert_allclose(probs.to_numpy(), served.expected.to_numpy(), atol=1e-6, rtol=0)
    assert np.ptp(probs.to_numpy(), axis=0).max() > 0, "the cases differ"


def new_cases(recipe: Recipe, case_ids: Sequence[str], stored: Inputs, folder: Path) -> dict[str, list[Any]]:
    """Write the stored cases as files, and return the table that names them."""
    if recipe.column == "text":
        notes = pl.read_csv("notes.csv")
        return {"text": [notes.filter(pl.col("id") == case)["note"].item() for case in case_ids]}
    paths = [folder / f"{place}{recipe.suffix}" for place in range(len(case_ids))]
    table: dict[str, list[Any]] = {recipe.column: [str(path) for path in paths]}
    for path, case, values in zip(paths, case_ids, stored, strict=True):
        if recipe.column == "image":
            Image.fromarray(values.squeeze()).save(path)
        elif recipe.column == "signal":
            np.save(path, values)
        else:
            pl.read_parquet("stays.parquet").filter(pl.col("stay") == int(case)).write_parquet(path)
    if recipe.column == "series":
        static = pl.read_csv("static.csv")
        rows = [static.row(by_predicate=pl.col("stay") == int(case), named=True) for case in case_ids]
        table |= {"age": [row["age"] for row in rows], "sex": [row["sex"] for row in rows]}
    return table


def write_tables() -> None:
    """Write made-up pictures, stays and notes into the current folder."""
    rng = np.random.default_rng(0)
    pictures = Path("pictures")
    pictures.mkdir()
    dark, left = rng.integers(0, 2, (2, 60))
    for place in range(60):
        picture = rng.integers(0, 100, (24, 24)) + 100 * (1 - dark[place])
        picture[:, :12] += 50 * left[place]
        Image.fromarray(picture.astype(np.uint8)).save(pictures / f"{place}.png")
    files = [f"{place}.png" for place in range(60)]
    pl.DataFrame({"file": files, "dark": dark, "left": left}).write_csv(pictures / "table.csv")

    stays, died = np.arange(60), rng.integers(0, 2, 60)
    lengths = rng.integers(2, 9, 60)
    stay = np.repeat(stays, lengths)
    measured = rng.normal(80, 10, (len(stay), 2)) + 10 * died[stay][:, None]
    hours = np.concatenate([np.arange(length) for length in lengths])
    table = pl.DataFrame({"stay": stay, "hour": hours, "hr": measured[:, 0], "map": measured[:, 1]})
    table.with_columns(pl.when(pl.col("hour") % 3 == 1).then(None).otherwise("map").alias("map")).write_parquet(
        "stays.parquet"
    )
    pl.DataFrame({"stay": stays, "died": died}).write_csv("outcomes.csv")
    sexes = rng.choice(["female", "male"], 60)
    pl.DataFrame({"stay": stays, "age": rng.integers(20, 90, 60), "sex": sexes}).write_csv("static.csv")

    words = np.array(["cough", "fever", "pain", "rash", "cold", "chest", "arm", "leg", "acute", "mild"])
    notes = [" ".join(rng.choice(words, rng.integers(3, 9))) + f" {place}" for place in range(90)]
    kinds = ["lung" if "cough" in note else "skin" if "rash" in note else "other" for note in notes]
    pl.DataFrame({"id": [f"n{place}" for place in range(90)], "note": notes, "class": kinds}).write_csv("notes.csv")
