"""Mutants of a table of text: its cells, how it is written, its bytes - each with what it can still mean."""

from __future__ import annotations

import csv
import gzip
import io
import re
import unicodedata
import zipfile
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import polars as pl

from tests.faults.judging import CLASS, Judge, Value, as_one_of, either, folded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

MISSING = ("", "na", "n/a", "nan", "null", "none", "?")
"""Folded: what the documentation says is missing everywhere."""
PERHAPS_MISSING = ("-", ".", "#n/a", "unknown", "missing", "999", "-999", "nd", "--", "x")
"""Folded: what a reader may take for missing, if it says so."""
NUMBER_CELLS = (
    "", " ", "NA", "nan", "inf", "-inf", "1e999", "1,234", "1.234,5", "45%", "120 mmHg", "063Y", "<0.5", ">5",
    "120/80", "2020-01-31", "31.12.2020", "01/02/2020", "20200131", "0x1F", "1_000", "\uff11\uff12", "\u0663",
    "\u22125", "5-", "1e3", "+5", "1 234", "1\u00a0234", "1'234", "TRUE", "#N/A", "#DIV/0!", "=1+1", "'5", "5;6",
    "\u200b5", "5\u200b", "\ufeff5", "5\n6", "-", ".", "999", "-999", "9" * 400, "null", "None", "5\x00", "5 ",
    "\t5", "1.5.2", "5,", "1.0", "007", "--5", "5e", "NaN%",
)  # fmt: skip
TEXT_CELLS = (
    "", " ", "NA", "F", "f ", " f", "\uff46", "f\u200b", "\ufefff", "Female", "m\u00a0", "\x00", "f\nm", '"f"',
    "f,m", "=f", "z" * 10_000, "\U0001f600", "\u202ef", "1", "0.0", "TRUE", "None", "f;m",
)  # fmt: skip
DECORATIONS: Mapping[str, Callable[[str], str]] = {
    "percent": lambda cell: f"{cell}%",
    "a unit": lambda cell: f"{cell} mg/l",
    "a unit without a blank": lambda cell: f"{cell}mg",
    "plus": lambda cell: f"+{cell}",
    "blanks": lambda cell: f"  {cell} ",
    "no-break blanks": lambda cell: f"\u00a0{cell}\u00a0",
    "invisible signs": lambda cell: f"\u200b{cell}",
    "full width": lambda cell: "".join(chr(ord(sign) + 0xFEE0) if sign.isdigit() else sign for sign in cell),
    "exponents": lambda cell: f"{cell}e0",
    "a decimal comma": lambda cell: cell.replace(".", ","),
    "leading zeros": lambda cell: f"00{cell}",
    "quotation marks": lambda cell: f"'{cell}",
}
PRODUCT_WORDS = (
    "case_id", "patient_id", "site", "time", "split", "fold", "repeat", "weight", "y_true", "y_true_yes", "prob_yes",
    "logit_yes", "group_age", "index", "column_1", "age__missing", "row_nr", "class", "input", "literal", "*",
    "^a.*$", "",
)  # fmt: skip


@dataclass(frozen=True)
class Table:
    """A table of text, and which of its columns mean what."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    id: str
    target: str
    numeric: tuple[str, ...]
    text: tuple[str, ...] = ()
    is_by_case: ClassVar[bool] = True
    """Whether each row is another case."""

    def column(self, name: str) -> int:
        """Return where a column stands."""
        return self.header.index(name)

    def with_cell(self, row: int, column: int, cell: str) -> Table:
        """Return the table with another cell."""
        rows = [list(cells) for cells in self.rows]
        rows[row][column] = cell
        return replace(self, rows=tuple(map(tuple, rows)))

    def with_column(self, column: int, change: Callable[[str], str]) -> Table:
        """Return the table with a column rewritten; empty cells stay."""
        rows = [
            [change(cell) if place == column and cell else cell for place, cell in enumerate(row)] for row in self.rows
        ]
        return replace(self, rows=tuple(map(tuple, rows)))

    def as_csv(self, delimiter: str = ",", end: str = "\n", quoting: int = csv.QUOTE_MINIMAL) -> str:
        """Return the table as text."""
        file = io.StringIO()
        writer = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting)
        writer.writerows([self.header, *self.rows])
        return file.getvalue()

    def meaning(self) -> Judge | None:
        """Return the judge of what these cells can mean."""
        return as_one_of(self._expected())

    def _expected(self) -> dict[str, dict[str, tuple[Value, ...]]]:
        expected = {}
        for row in self.rows:
            cells = dict(zip(self.header, (*row, *[""] * (len(self.header) - len(row))), strict=False))
            values: dict[str, tuple[Value, ...]] = {name: numbers(cells[name]) for name in self.numeric}
            values |= {name: _texts(cells[name]) for name in self.text}
            values[CLASS] = (plain(cells[self.target]), plain(cells[self.target]).rstrip("."))
            expected[folded(plain(cells[self.id]))] = values
        return expected


@dataclass(frozen=True)
class TableMutant:
    """A table that was changed, how, and what may be read of it."""

    name: str
    content: bytes
    judge: Judge | None
    """None: whatever is read is wrong, so it must be refused."""
    file: str = "table.csv"


def plain(cell: str) -> str:
    """Return a cell without what nobody sees, whole numbers without their point."""
    return re.sub(r"^([+-]?\d+)\.0*$", r"\1", _visible(cell))


def numbers(cell: str) -> tuple[Value, ...]:
    """Return every number that a careful person may read in a cell; none where they would ask."""
    text = _visible(cell)
    low = text.casefold()
    if low in MISSING:
        return (None,)
    found: list[Value] = [None] if low in PERHAPS_MISSING else []
    if match := re.fullmatch(r"([<>\u2264\u2265])\s*(\d+(?:\.\d+)?)", text):
        return (float(match[2]), float(match[2]) / 2, None)
    if match := re.fullmatch(r"([+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*%", low):
        return (float(match[1]), float(match[1]) / 100)
    if match := re.fullmatch(r"'?([+-]?\d+(?:\.\d+)?)\s?[a-z/]+", low):
        return (float(match[1]),)
    text = (
        re.sub(r"(?<=\d)[ ',_](?=\d{3}(\D|$))", "", text.lstrip("'"))
        if re.search(r"\d[ ',_]\d{3}", text)
        else text.lstrip("'")
    )
    if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text) and abs(float(text)) != float("inf"):
        found.append(float(text))
    if re.fullmatch(r"\d+,\d{1,2}", text):
        found.append(float(text.replace(",", ".")))
    if low.startswith("#"):
        found.append(None)
    return tuple(found)


def _visible(cell: str) -> str:
    text = unicodedata.normalize("NFKC", cell).replace("\u2212", "-")
    return "".join(sign for sign in text if unicodedata.category(sign) not in ("Cf", "Cc") or sign in "\n").strip()


def _texts(cell: str) -> tuple[Value, ...]:
    text = _visible(cell)
    if text.casefold() in MISSING:
        return (None,)
    return (text, plain(text), text.strip('".'), *([None] if text.casefold() in PERHAPS_MISSING else []))


def mutate(table: Table, random: Random) -> TableMutant:
    """Return one mutant."""
    kind = random.choices((a_cell, a_column, a_line, a_name, a_form, a_byte), (6, 4, 4, 2, 4, 4))[0]
    return kind(table, random)


def a_cell(table: Table, random: Random) -> TableMutant:
    """Change one cell, of a number or of text."""
    name = random.choice([*table.numeric, *table.text])
    cell = random.choice(NUMBER_CELLS if name in table.numeric else TEXT_CELLS)
    changed = table.with_cell(random.randrange(len(table.rows)), table.column(name), cell)
    return _written(f"cell {cell[:12]!r} in {name}", changed)


def a_column(table: Table, random: Random) -> TableMutant:
    """Write every number of a column in another way, or the class or id of one row."""
    if not table.numeric or random.random() < 0.4:
        name = random.choice([table.id, table.target, *table.text])
        row = random.randrange(len(table.rows))
        cell = table.rows[row][table.column(name)]
        other = random.choice(
            [
                cell.upper(),
                f" {cell}",
                f"{cell}\u00a0",
                f"{cell}\u200b",
                cell.title(),
                f"{cell}.",
                f"{cell}.0",
                "",
                "\uff10",
            ]
        )
        return _written(f"{name} written {other!r}", table.with_cell(row, table.column(name), other))
    name = random.choice(table.numeric)
    how, change = random.choice(list(DECORATIONS.items()))
    return _written(f"{how} in {name}", table.with_column(table.column(name), change))


def a_line(table: Table, random: Random) -> TableMutant:
    """Add, repeat or spoil a line."""
    lines = table.as_csv().splitlines()
    place = random.randrange(1, len(lines))
    this, width = lines[place], len(table.header)
    blank = random.choice(("", "," * (width - 1), " "))
    ways = {
        "twice": [*lines[:place], this, *lines[place:]],
        "short": [*lines[:place], this.rpartition(",")[0], *lines[place + 1 :]],
        "long": [*lines[:place], f"{this},7", *lines[place + 1 :]],
        "lone quote": [*lines[:place], this.replace(",", ',"', 1), *lines[place + 1 :]],
        "blank": [*lines[:place], blank, *lines[place:]],
        "header again": [*lines[:place], lines[0], *lines[place:]],
        "no header": lines[1:],
        "title": ["Patients of the year", *lines],
        "comment": ["# exported by a tool", *lines],
        "units": [lines[0], ",".join(["mg/l"] * width), *lines[1:]],
        "footer": [*lines, "Total" + "," * (width - 1)],
    }
    kind = random.choice(list(ways))
    # What a reader may make of the others is what the table says without the line that is none.
    is_wrong = kind in ("short", "long", "lone quote") or (kind == "twice" and table.is_by_case)
    judge = None if is_wrong else table.meaning()
    return TableMutant(f"line: {kind}", ("\n".join(ways[kind]) + "\n").encode(), judge)


def a_name(table: Table, random: Random) -> TableMutant:
    """Call a column by a word of the product's own, twice the same, or with signs that nobody sees."""
    place = table.column(random.choice([*table.numeric, *table.text]))
    old = table.header[place]
    new = random.choice(
        [
            *PRODUCT_WORDS,
            table.header[0],
            f" {old} ",
            f"\ufeff{old}",
            old.upper(),
            f"{old}\u200b",
            f'"{old}"',
            "\U0001f600",
        ]
    )
    header = tuple(new if position == place else name for position, name in enumerate(table.header))
    if Counter(map(str.strip, header))[new.strip()] > 1:
        return TableMutant(f"column called {new!r} too", replace(table, header=header).as_csv().encode(), None)
    numeric, text = (tuple(name for name in names if name != old) for names in (table.numeric, table.text))
    changed = replace(table, numeric=numeric, text=text, header=header)
    return _written(f"column called {new!r}", changed)


def a_form(table: Table, random: Random) -> TableMutant:
    """Write the same table in another form."""
    text = table.as_csv()
    frame = pl.DataFrame(dict(zip(table.header, zip(*table.rows, strict=True), strict=True)), strict=False)
    decimal = replace(
        table, rows=tuple(tuple(re.sub(r"^(\d+)\.(\d+)$", r"\1,\2", cell) for cell in row) for row in table.rows)
    )

    def parquet() -> bytes:
        file = io.BytesIO()
        typed = frame.with_columns(pl.col(table.numeric).replace("", None).cast(pl.Float64, strict=False))
        typed.write_parquet(file)
        return file.getvalue()

    def zipped() -> bytes:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("table.csv", text)
        return file.getvalue()

    forms: dict[str, Callable[[], tuple[bytes, str]]] = {
        "CRLF": lambda: (table.as_csv(end="\r\n").encode(), "table.csv"),
        "CR": lambda: (table.as_csv(end="\r").encode(), "table.csv"),
        "a byte order mark": lambda: (b"\xef\xbb\xbf" + text.encode(), "table.csv"),
        "UTF-16": lambda: (text.encode("utf-16"), "table.csv"),
        "Latin-1": lambda: (text.replace("north", "n\u00f6rd").encode("latin-1"), "table.csv"),
        "semicolons": lambda: (table.as_csv(";").encode(), "table.csv"),
        "semicolons and decimal commas": lambda: (decimal.as_csv(";").encode(), "table.csv"),
        "tabs": lambda: (table.as_csv("\t").encode(), random.choice(("table.tsv", "table.csv"))),
        "bars": lambda: (table.as_csv("|").encode(), "table.csv"),
        "gzip": lambda: (gzip.compress(text.encode(), mtime=0), "table.csv.gz"),
        "zip": lambda: (zipped(), "table.zip"),
        "Parquet": lambda: (parquet(), "table.parquet"),
        "all quoted": lambda: (table.as_csv(quoting=csv.QUOTE_ALL).encode(), "table.csv"),
        "no last line end": lambda: (text.rstrip("\n").encode(), "table.csv"),
        "blank lines at the end": lambda: (text.encode() + b"\n\n\n", "table.csv"),
        "a comma at each line's end": lambda: (text.replace("\n", ",\n").encode(), "table.csv"),
        "an ending in capitals": lambda: (text.encode(), "TABLE.CSV"),
    }
    name = random.choice(list(forms))
    content, file = forms[name]()
    if name == "Latin-1":
        table = replace(
            table, rows=tuple(tuple(cell.replace("north", "n\u00f6rd") for cell in row) for row in table.rows)
        )
    judge = table.meaning()
    if name == "a comma at each line's end":
        # A column without a name or a value is no column, or one in which everything is missing.
        unnamed = f"column_{len(table.header) + 1}"
        judge = either(
            judge,
            replace(table, header=(*table.header, unnamed), rows=tuple((*row, "") for row in table.rows)).meaning(),
        )
    return TableMutant(f"form: {name}", content, judge, file)


def a_byte(table: Table, random: Random) -> TableMutant:
    """Spoil bytes; what can be told of the rest is what a plain reader of CSV sees in it."""
    content = table.as_csv().encode()
    name, spoiled = spoil(content, random)
    return TableMutant(f"bytes: {name}", spoiled, _meaning_of(spoiled, table))


def spoil(content: bytes, random: Random) -> tuple[str, bytes]:
    """Return content with some bytes cut, changed, added or taken away, and in which way."""
    place = random.randrange(max(1, len(content)))
    ways = {
        "cut": content[:place],
        "one flipped": content[:place] + bytes([content[place] ^ (1 << random.randrange(8))]) + content[place + 1 :],
        "one taken": content[:place] + content[place + 1 :],
        "one added": content[:place] + random.randbytes(1) + content[place:],
        "zeros": content[:place] + bytes(min(40, len(content) - place)) + content[place + 40 :],
        "a block twice": content[: place + 50] + content[place:],
        "begins later": content[place:],
        "nothing": b"",
        "noise": random.randbytes(200),
        "noise within": content[:place] + random.randbytes(30) + content[place + 30 :],
    }
    name = random.choices(list(ways), (4, 6, 3, 3, 2, 2, 2, 0.5, 0.5, 2))[0]
    return name, ways[name]


def _meaning_of(content: bytes, table: Table) -> Judge | None:
    """Return the judge of spoiled bytes by what Python's own reader makes of them; None where it is no such table."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    try:
        lines = [
            line
            for line in csv.reader(io.StringIO(text, newline=""), strict=True)
            if any(cell.strip() for cell in line)
        ]
    except csv.Error:
        return None
    names = tuple(_visible(name) for name in lines[0]) if lines else ()
    is_table = {table.id, table.target} <= set(names) and len(set(names)) == len(names)
    if not is_table or any(len(line) > len(names) for line in lines):
        return None
    kept = tuple(name for name in table.numeric if name in names)
    texts = tuple(name for name in table.text if name in names)
    return replace(table, header=names, rows=tuple(map(tuple, lines[1:])), numeric=kept, text=texts).meaning()


def _written(name: str, table: Table) -> TableMutant:
    return TableMutant(name, table.as_csv().encode(), table.meaning())
