"""The list of cases with the same inputs, as it is read for a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reprodx.artifacts.duplicates import MAX_PAIRS, read_duplicates

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "group,case_id,same_as,patient_id,split,y_true,is_kept_together\n"
ROWS = (
    "1,b,,b,train,ill,true\n1,d,b,b,train,ill,true\n"
    "2,c,,c,test,ill,true\n2,e,c,c,test,ill,true\n2,a,c,c,test,well,true\n"
)


def folder_with(folder: Path, rows: str, images: np.ndarray | None = None) -> Path:
    (folder / "duplicates.csv").write_text(HEADER + rows)
    pl.DataFrame({"case_id": list("abcde")}).write_parquet(folder / "cases.parquet")
    if images is not None:
        np.save(folder / "images.npy", images)
    return folder


def test_pictures_of_different_labels_stand_first(tmp_path: Path) -> None:
    images = np.arange(5, dtype=np.uint8).reshape(5, 1, 1, 1)
    found = read_duplicates(folder_with(tmp_path, ROWS, images))
    assert found is not None
    assert (found.num_groups, found.num_conflicting, found.table.height) == (2, 1, 5)
    assert [pair.group for pair in found.pairs] == [2, 1]
    assert found.pairs[0].images.ravel().tolist() == [2, 0]
    assert (found.pairs[0].classes, found.pairs[0].splits) == (("ill", "well"), ("test", "test"))
    assert found.pairs[1].images.ravel().tolist() == [1, 3]


def test_only_so_many_pairs_are_read_and_none_of_a_table(tmp_path: Path) -> None:
    many = "".join(f"{group},a,,a,test,x,true\n{group},b,a,a,test,x,true\n" for group in range(1, 9))
    found = read_duplicates(folder_with(tmp_path, many, np.zeros((5, 1, 1, 1), np.uint8)))
    assert found is not None
    assert len(found.pairs) == MAX_PAIRS
    (tmp_path / "images.npy").unlink()
    table = read_duplicates(tmp_path)
    assert table is not None
    assert (table.num_groups, table.pairs) == (8, ())
    none = read_duplicates(folder_with(tmp_path, ""))
    assert none is not None
    assert none.num_groups == 0
    (tmp_path / "duplicates.csv").unlink()
    assert read_duplicates(tmp_path) is None
