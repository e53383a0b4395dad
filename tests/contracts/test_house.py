"""The house keeps its own rules: layers, mirrors, one uncommitted truth."""

from __future__ import annotations

import re
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest
import yaml
from ruamel.yaml import YAML
from ruamel.yaml.main import CParser

from reprodx.config.identity import PREPARING_CODE
from reprodx.training.finished_training import CODE

SOURCES = Path("src/reprodx")
FREE = {"config", "errors", "folder_links", "hashing", "interruption", "redaction", "stages", "tracking"}
"""Packages that a stage may import without listing them: they cannot change a result, or are the stage itself."""
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc"}


def test_a_stage_lists_the_sources_that_it_imports() -> None:
    graph = grimp.build_graph("reprodx")
    stages = yaml.safe_load(Path("dvc.yaml").read_text())["stages"]
    for name in ("prepare", "train", "evaluate"):
        listed = {dep for dep in stages[name]["deps"] if dep.startswith("src/")}
        entries = {f"reprodx.stages.{name}", f"reprodx.stages.{name}_generator"} & set(graph.modules)
        imported = set.union(*(graph.find_upstream_modules(entry) for entry in entries))
        files = {
            module_file(module) for module in imported if module.split(".")[1:2] and module.split(".")[1] not in FREE
        }
        missing = {file for file in files if not any(file == dep or file.startswith(f"{dep}/") for dep in listed)}
        assert not missing, f"{name} imports {sorted(missing)}, which dvc.yaml does not list"


@pytest.mark.parametrize(("stage", "code"), [("prepare", PREPARING_CODE), ("train", CODE)])
def test_what_a_stage_made_is_known_by_the_code_that_dvc_knows_it_by(stage: str, code: tuple[str, ...]) -> None:
    # Else DVC would skip a training, and the run that judges its model be told that other code made it.
    listed = yaml.safe_load(Path("dvc.yaml").read_text())["stages"][stage]["deps"]
    sources = {dep.removeprefix("src/reprodx/").removesuffix(".py") for dep in listed if dep.startswith("src/")}
    assert set(code) == sources - {f"stages/{stage}"}


def test_dvc_reads_its_files_with_the_compiled_parser() -> None:
    # With the one in Python `dvc repro` where nothing changed takes 1.6 times as long as four empty stages.
    yaml = YAML(typ="safe")
    yaml.load("{}")
    assert yaml.Parser is CParser


def test_no_module_imports_itself_by_way_of_others() -> None:
    # Imports inside functions and for type checkers count: they are where a loop hides.
    graph = grimp.build_graph("reprodx")
    TopologicalSorter({one: graph.find_modules_directly_imported_by(one) for one in graph.modules}).prepare()


def module_file(module: str) -> str:
    path = Path("src", *module.split("."))
    return str(path / "__init__.py" if path.is_dir() else path.with_suffix(".py"))


def test_no_room_is_named_after_nothing() -> None:
    assert not {path.stem for path in SOURCES.rglob("*.py")} & FORBIDDEN_NAMES


@pytest.mark.parametrize(
    "folder", [path for path in Path("tests").iterdir() if path.is_dir()], ids=lambda path: path.name
)
def test_every_test_file_mirrors_a_source_or_a_purpose(folder: Path) -> None:
    if folder.name in {"contracts", "e2e", "equations", "faults", "__pycache__"}:
        return
    sources = {path.stem for path in (SOURCES / folder.name).rglob("*.py")}
    for test in folder.glob("test_*.py"):
        assert test.stem.removeprefix("test_") in sources, f"{test} mirrors no file of {SOURCES / folder.name}"


def test_every_source_has_its_test() -> None:
    tests = {path.relative_to("tests").as_posix() for path in Path("tests").rglob("test_*.py")}
    for source in SOURCES.rglob("*.py"):
        inside = source.relative_to(SOURCES)
        if inside.name.startswith("__") or "def " not in source.read_text():
            continue
        mirrored = inside.with_name(f"test_{inside.name}").as_posix()
        assert mirrored in tests or inside.parts[0] in {"stages", "cli.py"}, f"{source} has no tests/{mirrored}"


def test_yaml_keys_are_not_words_that_yaml_takes_for_truth_values() -> None:
    words = re.compile(r"^\s*(y|n|yes|no|on|off|true|false)\s*:", re.IGNORECASE | re.MULTILINE)
    for file in Path("conf").rglob("*.yaml"):
        assert not words.search(file.read_text()), file


def test_conf_files_are_short() -> None:
    for file in Path("conf").rglob("*.yaml"):
        assert len(file.read_text().splitlines()) <= 40, file
