"""Tables of predictions as they lie in files: CSV whose cells stay text, Parquet without what others alone can read."""

from __future__ import annotations

import csv
import gzip
import io
from typing import TYPE_CHECKING, Any

from reprodx.artifacts.prediction_metadata import pandas_index, read_metadata
from reprodx.errors import ArtifactCorruptError, ArtifactMissingError, SchemaError
from reprodx.schemas import (
    CASE_ID,
    FOLD,
    GROUP_PREFIX,
    LABEL_PREFIX,
    LOGIT_PREFIX,
    PATIENT_ID,
    PROB_PREFIX,
    REPEAT,
    SITE,
    SPLIT,
    Y_TRUE,
)

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl
    import pyarrow

CSV_ENDINGS = (".csv", ".csv.gz")
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
GZIP_MARK = b"\x1f\x8b"
SEPARATORS = ";\t|"
"""What other tools put between columns; a name that holds one is a whole header."""
OURS = (CASE_ID, PATIENT_ID, SITE, SPLIT, FOLD, REPEAT, Y_TRUE, "ood_score")
OUR_PREFIXES = (PROB_PREFIX, LOGIT_PREFIX, LABEL_PREFIX, GROUP_PREFIX)


def read_table(path: Path) -> tuple[pl.DataFrame, dict[str, Any], list[str | dict[str, Any]]]:
    """Read the table of a predictions file.

    Args:
        path: A `.csv` or `.csv.gz` file, or Parquet under any other name.

    Returns:
        The table, of a CSV file all text; our metadata, empty in files of other tools; and what pandas says of its
        index. Lists and the like are left out where they are in none of our columns.

    Raises:
        ArtifactMissingError: If there is no such file.
        ArtifactCorruptError: If it is neither CSV nor Parquet.
        SchemaError: If a name stands twice, one of our columns holds lists or bytes that are no text, or something else
            than commas separates the columns of a CSV file.
    """
    import polars as pl
    import pyarrow

    if path.is_dir():
        raise ArtifactMissingError(f"{path} is a folder: name a file of predictions, CSV or Parquet")
    if not path.is_file():
        raise ArtifactMissingError(f"{path} is missing: run `reprodx evaluate` or `dvc repro` first")
    try:
        return (_read_csv(path), {}, []) if path.name.lower().endswith(CSV_ENDINGS) else _read_parquet(path)
    except (pl.exceptions.PolarsError, EOFError) as error:
        # What Polars says of a row may hold its cells.
        has_rows = "empty" not in str(error)
        problem = "a row of another length than its header, or a quote that stays open" if has_rows else "no header"
        raise ArtifactCorruptError(f"{path} has {problem}: make it again") from error
    except (pyarrow.ArrowException, OSError) as error:
        reason = str(error).partition("\n")[0]
        raise ArtifactCorruptError(
            f"{path} cannot be read as Parquet ({reason}): make it again, or call it .csv where it is one"
        ) from error


def _read_csv(path: Path) -> pl.DataFrame:
    import polars as pl

    text = _text(path)
    names = [name.strip() for name in next(csv.reader(io.StringIO(text, newline="")), [])]
    if any(mark in name for name in names for mark in SEPARATORS):
        raise SchemaError(f"{path}: columns must be separated by commas, and decimals by points: write it again so")
    _refuse_twice(path, names)
    table = pl.read_csv(text.encode(), infer_schema=False)
    return table.rename(str.strip).with_columns(pl.all().str.strip_chars())


def _text(path: Path) -> str:
    content = path.read_bytes()
    if content.startswith(GZIP_MARK):
        content = gzip.decompress(content)
    is_utf16 = content.startswith(UTF16_MARKS)
    try:
        text = content.decode("utf-16" if is_utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SchemaError(f"{path}, line {line}: is not UTF-8: save it as UTF-8") from error
    if "\0" in text:
        raise SchemaError(f"{path}: holds bytes that are no text: save it as CSV in UTF-8")
    return text if "\n" in text else text.replace("\r", "\n")


def _read_parquet(path: Path) -> tuple[pl.DataFrame, dict[str, Any], list[str | dict[str, Any]]]:
    import polars as pl
    import pyarrow as pa
    import pyarrow.parquet

    file = pyarrow.parquet.ParquetFile(path)
    schema = file.schema_arrow
    written = schema.metadata or {}
    _refuse_twice(path, schema.names)
    kept = [field for field in schema if _is_kept(path, field) and schema.names.count(field.name) == 1]
    arrow = file.read(columns=[field.name for field in kept])
    # Polars ends the process over metadata that are no UTF-8.
    plain = pa.schema([field.remove_metadata() for field in arrow.schema])
    frame = pl.from_arrow(arrow.cast(plain).replace_schema_metadata(None))
    assert isinstance(frame, pl.DataFrame), "an Arrow table becomes a frame"
    metadata = read_metadata(path, written)
    return _with_text(path, frame), metadata, pandas_index(written)


def _is_kept(path: Path, field: pyarrow.Field[Any]) -> bool:
    """Tell whether a column holds one value a row; refuse one of ours that holds several."""
    import pyarrow as pa

    if not (pa.types.is_nested(field.type) or pa.types.is_union(field.type)):
        return True
    if _is_ours(field.name):
        raise SchemaError(f"{path}: column {field.name!r} holds lists or mappings: give one number or text a row")
    return False


def _with_text(path: Path, frame: pl.DataFrame) -> pl.DataFrame:
    """Return bytes as the text that they are."""
    import polars as pl

    for name in (name for name, dtype in frame.schema.items() if dtype == pl.Binary):
        try:
            frame = frame.with_columns(pl.col(name).cast(pl.String))
        except pl.exceptions.PolarsError as error:
            raise SchemaError(f"{path}: column {name!r} holds bytes that are no text in UTF-8") from error
    return frame


def _is_ours(name: str) -> bool:
    return name in OURS or name.startswith(OUR_PREFIXES)


def _refuse_twice(path: Path, names: list[str]) -> None:
    if twice := [name for position, name in enumerate(names) if name in names[:position] and _is_ours(name)]:
        raise SchemaError(f"{path}: {names.count(twice[0])} columns are called {twice[0]!r}: leave one of them")
