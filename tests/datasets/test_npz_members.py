"""Arrays of a file that says of itself what is not so."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from reprodx.datasets.npz_members import find_member
from reprodx.errors import SchemaError

if TYPE_CHECKING:
    from pathlib import Path

VALUES = np.arange(60, dtype=np.uint8).reshape(10, 2, 3)


def npy(values: np.ndarray[Any, np.dtype[Any]], **changes: Any) -> bytes:
    """Return a NumPy file whose header may say something else than what it holds."""
    file = io.BytesIO()
    header = {"descr": np.lib.format.dtype_to_descr(values.dtype), "fortran_order": False, "shape": values.shape}
    np.lib.format.write_array_header_1_0(file, {**header, **changes})
    return file.getvalue() + values.tobytes()


def open_archive(path: Path, content: bytes, **options: Any) -> zipfile.ZipFile:
    with zipfile.ZipFile(path, "w", **options) as archive:
        archive.writestr("a.npy", content)
    return zipfile.ZipFile(path)


@pytest.mark.parametrize("num_rows", [1, 4, 10, 99])
def test_blocks_are_the_rows_in_order(tmp_path: Path, num_rows: int) -> None:
    with open_archive(tmp_path / "a.npz", npy(VALUES), compression=zipfile.ZIP_DEFLATED) as archive:
        member = find_member(archive, "a")
        assert (member.shape, member.dtype) == (VALUES.shape, VALUES.dtype)
        assert np.array_equal(np.concatenate(list(member.blocks(num_rows))), VALUES)
        assert np.array_equal(member.read(), VALUES)


def test_an_array_without_rows_is_read(tmp_path: Path) -> None:
    with open_archive(tmp_path / "a.npz", npy(VALUES[:0])) as archive:
        assert find_member(archive, "a").read().shape == (0, 2, 3)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no array",
        npy(VALUES)[:50],
        npy(VALUES)[:-1],
        npy(VALUES) + b"\0",
        npy(VALUES, shape=(10**12, 2, 3)),
        npy(VALUES, shape=(10**30, 10**30)),
        npy(VALUES, shape=(10, 2)),
        npy(VALUES).replace(b"'shape'", b"'shade'"),
        npy(VALUES).replace(b"(10, 2, 3)", b"((((((((((("),
    ],
)
def test_a_header_is_not_believed(tmp_path: Path, content: bytes) -> None:
    with open_archive(tmp_path / "a.npz", content) as archive, pytest.raises(SchemaError, match=r"a\.npz is damaged"):
        find_member(archive, "a")


@pytest.mark.parametrize(
    "content",
    [
        npy(VALUES, fortran_order=True),
        npy(VALUES, shape=(-10, 2, -3)),
        npy(VALUES, shape=()),
        npy(VALUES.astype("S1")),
        npy(VALUES.astype(complex)),
        npy(VALUES).replace(b"NUMPY\1", b"NUMPY\2"),
    ],
)
def test_other_arrays_are_refused(tmp_path: Path, content: bytes) -> None:
    with open_archive(tmp_path / "a.npz", content) as archive, pytest.raises(SchemaError, match="a is no plain array"):
        find_member(archive, "a")


def test_a_file_made_to_fill_the_memory_is_refused(tmp_path: Path) -> None:
    bomb = npy(np.zeros((10**6, 3), np.uint8))
    archive = open_archive(tmp_path / "a.npz", bomb, compression=zipfile.ZIP_LZMA)
    with archive, pytest.raises(SchemaError, match="is damaged"):
        find_member(archive, "a")


def test_a_changed_byte_is_found_by_its_checksum(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    open_archive(path, npy(VALUES)).close()
    content = bytearray(path.read_bytes())
    content[content.index(VALUES.tobytes()) + 7] ^= 255
    path.write_bytes(content)
    with zipfile.ZipFile(path) as archive, pytest.raises(SchemaError, match="a cannot be read: download it again"):
        find_member(archive, "a").read()


def test_a_member_that_is_absent_is_named(tmp_path: Path) -> None:
    with (
        open_archive(tmp_path / "a.npz", npy(VALUES)) as archive,
        pytest.raises(SchemaError, match=r"has no b: data\.path"),
    ):
        find_member(archive, "b")
