"""The model as MLflow keeps it: code and plain files, no pickle, complete enough to be loaded elsewhere.

It takes a table as a clinician has it, of values, paths, files' bytes or texts, and gives a probability per class.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from reprodx.artifacts.files import read_json
from reprodx.artifacts.prepared import read_manifest
from reprodx.config.targets import TARGET
from reprodx.inputs import Modality
from reprodx.schemas import PROB_PREFIX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflow.models import ModelSignature

    from reprodx.artifacts.locations import Locations

PACKAGE = Path(__file__).parents[1]
"""The sources of reprodx, which go with the model."""
ARCHIVE = "reprodx.zip"
"""Them in one file, which Python imports from; a store is asked once for each file, and they are hundreds."""
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


def save_served_model(folder: Path, locations: Locations, run_id: str) -> None:
    """Save the model of a run as MLflow keeps models.

    Args:
        folder: An empty folder, which it becomes.
        locations: Where the transforms and the model are.
        run_id: MLflow's id of the run.

    Raises:
        ArtifactError: If the transforms are absent.
    """
    from mlflow.models import Model

    with tempfile.TemporaryDirectory() as temporary:
        _save(folder, locations, Path(temporary), Model(run_id=run_id))


def write_package_archive(target: Path) -> None:
    """Write the modules of reprodx, and what lies beside them, into a zip file; equal sources give equal bytes.

    Args:
        target: The new file.
    """
    files = (file for file in PACKAGE.rglob("*") if file.is_file() and file.parent.name != "__pycache__")
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for file in sorted(files):
            # Of the earliest moment that zip knows: those of files differ between clones.
            entry = ZipInfo(file.relative_to(PACKAGE.parent).as_posix())
            archive.writestr(entry, file.read_bytes(), ZIP_DEFLATED)


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


def _save(folder: Path, locations: Locations, temporary: Path, model: Any) -> None:
    import mlflow.pyfunc
    import pandas as pd
    from mlflow.models.model import MLMODEL_FILE_NAME

    parts = {"model": locations.models, "transforms": locations.prepared / "transforms.json"}
    content = read_json(parts["transforms"], made_by="prepare")
    columns = [column["name"] for column in content["columns"]]
    example = {name: content["example"][name] for name in dict.fromkeys([*columns, *content["example"]])}
    mlflow.pyfunc.save_model(
        path=str(folder),
        mlflow_model=model,
        python_model=str(PACKAGE / "serving" / CODE_FILE),
        artifacts={name: str(_without_links(path, temporary)) for name, path in parts.items()},
        signature=_signature(list(example), read_manifest(locations.prepared)["classes"]),
        input_example=pd.DataFrame([example]),
        pip_requirements=requirements(locations.models),
    )
    flavor = model.flavors[mlflow.pyfunc.FLAVOR_NAME]
    flavor["model_code_path"] = CODE_FILE
    write_package_archive(folder / ARCHIVE)
    # MLflow puts it in front of `sys.path`; it writes folders alone by itself.
    flavor[mlflow.pyfunc.CODE] = ARCHIVE
    for name, path in parts.items():
        # Relative, so that the model does not tell where it was made.
        flavor["artifacts"][name]["uri"] = os.path.relpath(path)
    model.save(str(folder / MLMODEL_FILE_NAME))


def _without_links(path: Path, temporary: Path) -> Path:
    """Return a file or folder, or a copy where links lead into DVC's cache, which MLflow takes for intruders."""
    if path.is_dir():
        has_links = any(part.is_symlink() for part in (path, *path.rglob("*")))
        return Path(shutil.copytree(path, temporary / path.name)) if has_links else path
    return Path(shutil.copyfile(path, temporary / path.name)) if path.is_symlink() else path


def _signature(columns: Sequence[str], classes: Sequence[str]) -> ModelSignature:
    """Let every column through, of any type or absent: our own validation says by name what is wrong."""
    from mlflow.models import ModelSignature
    from mlflow.types.schema import AnyType, ColSpec, Schema

    return ModelSignature(
        inputs=Schema([ColSpec(AnyType(), name, required=False) for name in columns]),
        outputs=Schema([ColSpec("double", PROB_PREFIX + name) for name in classes]),
    )
