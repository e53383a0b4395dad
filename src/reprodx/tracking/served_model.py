"""The model as MLflow keeps it: code and plain files, no pickle, complete enough to be loaded elsewhere.

It takes a table as a clinician has it, of values, paths, files' bytes or texts, and gives a probability per class.
"""

from __future__ import annotations

import importlib.metadata
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprodx.artifacts.files import read_json
from reprodx.artifacts.prepared import read_manifest
from reprodx.config.targets import TARGET
from reprodx.inputs import Modality
from reprodx.schemas import PROB_PREFIX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflow import MlflowClient
    from mlflow.entities import Run
    from mlflow.models import ModelSignature

    from reprodx.artifacts.locations import Locations

NAME = "model"
"""What the model is called in its run: `runs:/<run id>/model`."""
PACKAGE = Path(__file__).parents[1]
"""The sources of reprodx, which go with the model."""
CODE_FILE = "pyfunc_model.py"
"""The file that MLflow runs to make the model; it lies in `serving/`, which is above this package."""
DESCRIPTION = "model.json"
"""The file in `models/` that says what the model is."""
ALWAYS = ("numpy", "pandas", "polars", "pyarrow", "pydantic", "scipy")
"""Distributions that serving imports, whatever the model; polars asks for pyarrow to take columns of pandas over."""
BY_SUFFIX = {
    ".safetensors": ("hydra-core", "jaxtyping", "safetensors", "torch"),
    ".skops": ("scikit-learn", "skops"),
}
"""Further distributions, by the suffix of the file that holds the weights."""
BY_MODALITY = {"image": ("pillow", "pydicom"), "signal": ("wfdb",)}
"""Further distributions that read new cases, by modality."""
OF_TOKENS = ("tokenizers",)
"""Further distributions that turn texts into tokens."""
BY_LIBRARY = {"monai": ("monai",)}
"""Further distributions, by the package that the network comes from."""


def log_served_model(client: MlflowClient, run: Run, locations: Locations) -> None:
    """Log the model of a run, unless it has one.

    Args:
        client: Of the store.
        run: The run, as the store knows it.
        locations: Where the transforms and the model are.

    Raises:
        ArtifactError: If the transforms are absent.
    """
    from mlflow.entities import LoggedModelOutput
    from mlflow.models import Model

    if run.outputs and run.outputs.model_outputs:
        return
    run_id = run.info.run_id
    logged = client.create_logged_model(run.info.experiment_id, name=NAME, source_run_id=run_id, params=run.data.params)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / NAME
        _save(folder, locations, Model(run_id=run_id, model_uuid=logged.model_id, model_id=logged.model_id))
        client.log_model_artifacts(logged.model_id, str(folder))
    client.finalize_logged_model(logged.model_id, "READY")
    client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, step=0)])


def requirements(model: Path) -> list[str]:
    """Return what must be installed where the model is served, pinned to what is installed here.

    Args:
        model: The folder that `train` wrote.

    Returns:
        Requirements as pip takes them, sorted.
    """
    content = read_json(model / DESCRIPTION, made_by="train")
    library, modality = content["architecture"][TARGET].partition(".")[0], content["modality"]
    names = [*ALWAYS, *BY_MODALITY.get(modality, ()), *BY_LIBRARY.get(library, ())]
    if modality == Modality.TEXT and not content["takes_summary"]:
        names += OF_TOKENS
    for suffix in {file.suffix for file in model.iterdir()}:
        names += BY_SUFFIX.get(suffix, ())
    # Without the local part of a version, such as +cpu, which a package index does not know.
    return [f"{name}=={importlib.metadata.version(name).partition('+')[0]}" for name in sorted(set(names))]


def _save(folder: Path, locations: Locations, model: Any) -> None:
    import mlflow.pyfunc
    import pandas as pd
    from mlflow.models.model import MLMODEL_FILE_NAME

    transforms = locations.prepared / "transforms.json"
    content = read_json(transforms, made_by="prepare")
    columns = [column["name"] for column in content["columns"]]
    example = {name: content["example"][name] for name in dict.fromkeys([*columns, *content["example"]])}
    mlflow.pyfunc.save_model(
        path=str(folder),
        mlflow_model=model,
        python_model=str(PACKAGE / "serving" / CODE_FILE),
        # Relative, because MLflow writes these paths into the model.
        artifacts={"model": os.path.relpath(locations.models), "transforms": os.path.relpath(transforms)},
        code_paths=[str(PACKAGE)],
        signature=_signature(list(example), read_manifest(locations.prepared)["classes"]),
        input_example=pd.DataFrame([example]),
        pip_requirements=requirements(locations.models),
    )
    model.flavors[mlflow.pyfunc.FLAVOR_NAME]["model_code_path"] = CODE_FILE
    model.save(str(folder / MLMODEL_FILE_NAME))


def _signature(columns: Sequence[str], classes: Sequence[str]) -> ModelSignature:
    """Let every column through, of any type or absent: our own validation says by name what is wrong."""
    from mlflow.models import ModelSignature
    from mlflow.types.schema import AnyType, ColSpec, Schema

    return ModelSignature(
        inputs=Schema([ColSpec(AnyType(), name, required=False) for name in columns]),
        outputs=Schema([ColSpec("double", PROB_PREFIX + name) for name in classes]),
    )
