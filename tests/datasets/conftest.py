"""Tables on the disk, and the dataset that the shipped YAML makes of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from reprodx.datasets.csv_table import CsvTable

if TYPE_CHECKING:
    from collections.abc import Callable

CONF = Path(__file__).parents[2] / "conf" / "data"


@pytest.fixture
def settings() -> Callable[[str], dict[str, Any]]:
    """Return what a data YAML gives to its constructor."""

    def load(name: str) -> dict[str, Any]:
        node = yaml.safe_load((CONF / f"{name}.yaml").read_text(encoding="utf-8"))
        bases = [base.partition("@")[0] for base in node.get("defaults", []) if base != "_self_"]
        found = {key: value for base in bases for key, value in load(base).items()} | node
        return {key: value for key, value in found.items() if key not in ("name", "_target_", "defaults")}

    return load


@pytest.fixture
def write_csv(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that writes a table and returns its path."""

    def write(text: str | bytes) -> Path:
        path = tmp_path / "table.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.fixture
def csv_table(write_csv: Callable[[str], Path], settings: Callable[[str], dict[str, Any]]) -> Callable[..., CsvTable]:
    """Return a function from the text of a table and settings to the dataset, with the YAML's other settings."""

    def make(text: str | bytes, **overrides: Any) -> CsvTable:
        return CsvTable(**{**settings("csv_table"), "path": str(write_csv(text)), "target": "y", **overrides})

    return make
