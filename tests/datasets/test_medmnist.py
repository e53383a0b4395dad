"""MedMNIST's official files, and files that are none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from reprodx.datasets.medmnist import ONE_HOT, MedMnist
from reprodx.errors import ConfigError, DatasetNotFoundError, SchemaError
from reprodx.inputs import CASES_PER_BLOCK
from reprodx.schemas import Task

if TYPE_CHECKING:
    from collections.abc import Callable

Arrays = dict[str, np.ndarray[Any, Any]]
COUNTS = {"train": CASES_PER_BLOCK + 3, "val": 3, "test": 5}


def arrays(*shape: int, labels: int = 2, columns: int = 1) -> Arrays:
    random = np.random.default_rng(0)
    found: Arrays = {}
    for split, count in COUNTS.items():
        found[f"{split}_images"] = random.integers(0, 256, (count, *shape), dtype=np.uint8)
        found[f"{split}_labels"] = random.integers(0, labels, (count, columns)).astype(np.uint8)
    return found


@pytest.fixture
def medmnist(tmp_path: Path, settings: Callable[[str], dict[str, Any]]) -> Callable[..., MedMnist]:
    def make(content: Arrays, **overrides: Any) -> MedMnist:
        np.savez_compressed(tmp_path / "set.npz", **content)
        return MedMnist(**{**settings("medmnist"), "path": str(tmp_path / "set.npz"), **overrides})

    return make


@pytest.mark.parametrize("shape", [(28, 28), (28, 28, 3), (64, 64)])
def test_pictures_labels_and_splits_are_those_of_the_file(
    medmnist: Callable[..., MedMnist], shape: tuple[int, ...], tmp_path: Path
) -> None:
    content = arrays(*shape)
    raw = medmnist(content).read("split", scratch=tmp_path)
    assert raw.inputs is not None
    assert isinstance(raw.inputs.values, np.memmap)
    expected = np.concatenate([content[f"{split}_images"] for split in COUNTS])
    assert np.array_equal(raw.inputs.values.reshape(expected.shape), expected)
    assert raw.inputs.values.ndim == 4
    assert raw.inputs.channels == (("red", "green", "blue") if len(shape) == 3 else ("grey",))
    assert raw.inputs.settings["size"] == list(shape[:2])
    labels = np.concatenate([content[f"{split}_labels"] for split in COUNTS])
    assert raw.cases["y_true"].to_list() == [str(label) for label in labels[:, 0]]
    assert dict(raw.cases["split"].value_counts().iter_rows()) == COUNTS
    assert raw.cases["case_id"][-1] == "test_4"
    assert (raw.classes, raw.task, raw.has_patients) == (("0", "1"), Task.BINARY, False)
    assert raw.features.shape == (raw.cases.height, 0)


def test_the_memory_and_the_disk_hold_the_same(medmnist: Callable[..., MedMnist], tmp_path: Path) -> None:
    dataset = medmnist(arrays(28, 28))
    in_memory, mapped = dataset.read(None).inputs, dataset.read(None, scratch=tmp_path).inputs
    assert in_memory is not None
    assert mapped is not None
    assert np.array_equal(in_memory.values, mapped.values)
    assert "split" not in dataset.read(None).cases.columns


def test_names_and_the_positive_class_are_declared(medmnist: Callable[..., MedMnist]) -> None:
    content = arrays(28, 28)
    raw = medmnist(content, classes=["malignant", "no sign"], positive=0).read(None)
    assert raw.classes == ("no_sign", "malignant")
    assert (raw.cases["y_true"][0] == "malignant") == (content["train_labels"][0, 0] == 0)
    assert [(one.value, one.class_name) for one in raw.class_values] == [("0", "malignant"), ("1", "no_sign")]


def test_the_positive_class_is_known_by_its_name_or_that_of_the_set(
    medmnist: Callable[..., MedMnist], tmp_path: Path
) -> None:
    dataset = medmnist(arrays(28, 28), classes=["malignant", "benign"])
    assert dataset.read(None).classes == ("benign", "malignant")
    with pytest.raises(ConfigError, match=r"data\.positive: say which label means disease, 0 \(x\) or 1 \(y\)"):
        replace(dataset, classes=["x", "y"]).read(None)
    (tmp_path / "breastmnist_64.npz").write_bytes(Path(dataset.path).read_bytes())
    assert replace(dataset, classes=None, path=str(tmp_path / "breastmnist_64.npz")).read(None).classes == ("1", "0")


def test_grades_are_ordinal_where_declared(medmnist: Callable[..., MedMnist]) -> None:
    content = arrays(28, 28, labels=5)
    assert medmnist(content).read(None).task == Task.MULTICLASS
    raw = medmnist(content, task="ordinal").read(None)
    assert (raw.task, raw.classes) == (Task.ORDINAL, ("0", "1", "2", "3", "4"))


def test_several_columns_are_labels(medmnist: Callable[..., MedMnist]) -> None:
    content = arrays(28, 28, columns=3)
    raw = medmnist(content, classes=["mass", "fluid", "air"]).read(None)
    assert (raw.task, raw.classes) == (Task.MULTILABEL, ("mass", "fluid", "air"))
    assert raw.cases["y_true_fluid"].head(20).to_list() == content["train_labels"][:20, 1].tolist()
    first = [name for name, has in zip(raw.classes, content["train_labels"][0], strict=True) if has]
    assert raw.cases["y_true"][0] == ("+".join(sorted(first)) or "none")


def test_only_the_official_split_can_be_followed(medmnist: Callable[..., MedMnist]) -> None:
    with pytest.raises(SchemaError, match=r"split.column: set.npz has no column 'fold': give split"):
        medmnist(arrays(28, 28)).read("fold")


VOLUMES = {split + "_images": np.zeros((count, 28, 28, 28), np.uint8) for split, count in COUNTS.items()}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"val_images": None}, "has no val_images"),
        ({"val_images": np.zeros((3, 28, 28), np.float32)}, "val_images is of float32: pictures must be uint8"),
        ({"val_images": np.zeros((3, 14, 14), np.uint8)}, "pictures must be uint8 of shape"),
        ({"val_images": np.zeros((2, 28, 28), np.uint8)}, "val_images has 2 pictures for 3 labels"),
        (
            {"val_images": np.zeros((4, 28, 28), np.uint8), "test_images": np.zeros((4, 28, 28), np.uint8)},
            "val_images has 4 pictures for 3 labels",
        ),
        ({"val_images": np.zeros((3, 0, 28), np.uint8)}, "pictures must be uint8 of shape"),
        (VOLUMES, "3D sets are not read"),
        ({"val_labels": np.zeros((3, 1), np.float64)}, "labels must be whole numbers"),
        ({"val_labels": np.full((3, 1), np.nan)}, "labels must be whole numbers"),
        ({"val_labels": np.zeros((3, 2), np.uint8)}, "alike in all splits"),
        ({"val_labels": np.zeros((3, 1, 1), np.uint8)}, "labels must be whole numbers"),
        ({"val_labels": np.array(1)}, "val_labels is no plain array"),
        ({"val_labels": np.array([["a"]] * 3)}, "val_labels is no plain array"),
        ({"val_labels": np.array([[-1]] * 3)}, "a label that is no number from 0 to 999"),
        ({"val_labels": np.array([[2**63]] * 3, np.uint64)}, "a label that is no number from 0 to 999"),
        ({"val_labels": np.array([[255]] * 3)}, "has no case of label 2 but higher ones"),
        ({f"{split}_labels": np.full((count, 2), 2) for split, count in COUNTS.items()}, "no number from 0 to 1:"),
    ],
)
def test_another_file_is_refused(medmnist: Callable[..., MedMnist], change: dict[str, Any], message: str) -> None:
    content = {key: value for key, value in {**arrays(28, 28), **change}.items() if value is not None}
    with pytest.raises(SchemaError, match=message):
        medmnist(content).read(None)


def test_nothing_is_unpickled(medmnist: Callable[..., MedMnist]) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return pytest.fail, ("unpickled",)

    with pytest.raises(SchemaError, match="train_labels is no plain array of numbers"):
        medmnist({**arrays(28, 28), "train_labels": np.array([Trap()], dtype=object)}).read(None)


def test_labels_may_be_one_row(medmnist: Callable[..., MedMnist]) -> None:
    content = arrays(28, 28)
    expected = medmnist(content).read(None).cases
    flat = {key: value.ravel() if key.endswith("labels") else value for key, value in content.items()}
    assert medmnist(flat).read(None).cases.equals(expected)


def test_a_split_may_be_empty_but_not_all(medmnist: Callable[..., MedMnist]) -> None:
    empty = {"val_images": np.zeros((0, 28, 28), np.uint8), "val_labels": np.zeros((0, 1), np.uint8)}
    raw = medmnist({**arrays(28, 28), **empty}).read("split")
    assert set(raw.cases["split"]) == {"train", "test"}
    none = {f"{split}_{part[4:]}": empty[part] for split in COUNTS for part in empty}
    with pytest.raises(SchemaError, match="has no case"):
        medmnist(none).read(None)


def test_columns_of_which_each_row_has_one_are_said(medmnist: Callable[..., MedMnist]) -> None:
    one_hot = {
        key: np.eye(3, dtype=np.uint8)[value[:, 0]] if key.endswith("labels") else value
        for key, value in arrays(28, 28, labels=3).items()
    }
    assert medmnist(one_hot).read(None).warnings == (ONE_HOT,)
    assert medmnist(arrays(28, 28, columns=3)).read(None).warnings == ()


def test_a_cut_or_absent_file_is_refused(medmnist: Callable[..., MedMnist], tmp_path: Path) -> None:
    dataset = medmnist(arrays(28, 28))
    path = tmp_path / "set.npz"
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(SchemaError, match=r"is no .npz file, or is cut short"):
        dataset.read(None)
    path.unlink()
    with pytest.raises(DatasetNotFoundError, match=r"set\.npz is missing"):
        dataset.read(None)


def test_settings_that_do_not_fit_are_refused(medmnist: Callable[..., MedMnist]) -> None:
    with pytest.raises(ConfigError, match=r"data\.classes: names a class twice"):
        medmnist(arrays(28, 28), classes=["a", "a"])
    with pytest.raises(SchemaError, match=r"has 2 labels and data.classes names 3"):
        medmnist(arrays(28, 28), classes=["a", "b", "c"]).read(None)
    with pytest.raises(ConfigError, match=r"data\.positive: set\.npz has 5 classes"):
        medmnist(arrays(28, 28, labels=5), positive=1).read(None)
    with pytest.raises(ConfigError, match=r"data\.positive: set\.npz has 3 labels, of which a case may have several"):
        medmnist(arrays(28, 28, columns=3), positive=1).read(None)
    for binary in (arrays(28, 28), arrays(28, 28, columns=3)):
        with pytest.raises(ConfigError, match=r"data\.task: set\.npz has no grades"):
            medmnist(binary, task="ordinal").read(None)
    with pytest.raises(ConfigError, match=r"data\.task: must be ordinal"):
        medmnist(arrays(28, 28), task="grades")
    with pytest.raises(ConfigError, match=r"data\.classes: must be a list"):
        medmnist(arrays(28, 28), classes="benign")
    with pytest.raises(ConfigError, match=r"data\.positive: must be"):
        medmnist(arrays(28, 28), positive=2)
