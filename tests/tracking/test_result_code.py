"""Which source decides what a run leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grimp
import pytest

from reprodx.tracking.result_code import AFTERWARDS, code_hash

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Return a package with a room that decides results, and one that does not."""
    folder = tmp_path / "reprodx"
    for name in ("models/mlp.py", "comparison/verdict.py", "reporting/page.py", "reporting/templates/page.html.j2"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"# {name}\n")
    return folder


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("models/mlp.py", True),
        ("reporting/page.py", True),
        ("reporting/templates/page.html.j2", True),
        ("a_room_of_tomorrow.py", True),
        ("comparison_of_models.py", True),
        ("comparison/verdict.py", False),
        ("cli.py", False),
        ("models/notes.txt", False),
        ("models/__pycache__/mlp.cpython-311.pyc", False),
    ],
)
def test_what_decides_a_result_changes_the_hash(package: Path, name: str, counts: bool) -> None:
    before = code_hash(package)
    (package / name).parent.mkdir(parents=True, exist_ok=True)
    (package / name).write_text("EDITED = True\n")
    assert (code_hash(package) != before) is counts


def test_a_file_under_another_name_is_other_code(package: Path) -> None:
    before = code_hash(package)
    (package / "models/mlp.py").rename(package / "models/gru.py")
    assert code_hash(package) != before


def test_no_stage_computes_with_what_does_not_count() -> None:
    graph = grimp.build_graph("reprodx")
    stages = ("prepare", "train", "evaluate", "evaluate_generator")
    used = set.union(*(graph.find_upstream_modules(f"reprodx.stages.{stage}") for stage in stages))
    left_out = [f"reprodx.{name.replace('/', '.')}" for name in AFTERWARDS if name != "tracking"]
    assert not [one for one in used if any(one == name or one.startswith(f"{name}.") for name in left_out)]
