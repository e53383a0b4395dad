"""Errors are for people: one line, exit code 2 (3 where a gate said no), no traceback, nothing half-written.

Every refusal has a twin that passes, so that no gate closes on everybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reprodx.cli import main
from tests.project import ROOT, make_project

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

HEADER = "id,age,sex,marker,disease"
ROWS = [f"r{i},{40 + i % 30},{'fm'[i % 2]},{(i * 37) % 101 / 10},{(i * 37) % 101 > 50:d}" for i in range(120)]
TABLE = "\n".join([HEADER, *[row if i % 5 else f"{row[:-1]}{1 - int(row[-1])}" for i, row in enumerate(ROWS)]]) + "\n"
PREPARE = ("prepare", "data=csv_table", "data.path=table.csv", "data.target=disease", "data.id=id")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(tmp_path_factory.mktemp("errors") / "project").folder


@pytest.fixture
def refused(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    """Return a function that runs a command that must be refused, and gives its one line."""
    monkeypatch.chdir(folder)

    def run(*arguments: str, exit_code: int = 2) -> str:
        before = sorted(path for path in folder.rglob("*") if ".cache" not in path.parts)
        assert main(arguments) == exit_code
        assert sorted(path for path in folder.rglob("*") if ".cache" not in path.parts) == before
        assert not list((folder / ".cache").rglob(".*")), "something half-written was left"
        (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("reprodx: ")]
        return line

    return run


def write(folder: Path, text: str) -> None:
    (folder / "table.csv").write_text(text)


def test_the_valid_twin_of_all_tables_below_passes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    write(folder, TABLE)
    assert main(PREPARE) == 0
    assert main((*PREPARE, "data.ranges={age: [0, 120]}", "data.positive=1", "data.numeric=[age]")) == 0


def changed(row: int, column: str, value: str) -> str:
    lines = TABLE.splitlines()
    cells = lines[row].split(",")
    cells[HEADER.split(",").index(column)] = value
    lines[row] = ",".join(cells)
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("text", "overrides", "words"),
    [
        ("", [], ["table.csv", "empty"]),
        (HEADER + "\n", [], ["table.csv", "no rows"]),
        (TABLE, ["data.target=diseas"], ["data.target", "diseas", "disease"]),
        (TABLE, ["data.drop=[mark]"], ["data.drop", "marker"]),
        (TABLE.replace(",0\n", ",1\n"), [], ["disease", "1 class"]),
        (TABLE, ["data.positive=2"], ["data.positive", "disease"]),
        (changed(5, "disease", ""), [], ["disease", "missing"]),
        (changed(5, "id", "r0"), [], ["id", "row 6", "repeats"]),
        (changed(17, "age", "old"), [], ["age", "row 18", "data.missing"]),
        (changed(17, "age", "430"), ["data.ranges={age: [0, 120]}"], ["age", "row 18", "120"]),
        ("\n".join([HEADER, *(row[:-1] + str(int(i < 2)) for i, row in enumerate(ROWS))]), [], ["fewer"]),
    ],
    ids=[
        "empty", "no-rows", "unknown-target", "unknown-column", "one-class", "unexpected-value",
        "missing-label", "duplicate-id", "text-in-number", "out-of-range", "few-patients",
    ],
)  # fmt: skip
def test_a_malformed_table_is_refused(
    folder, refused, text: str, overrides: Sequence[str], words: Sequence[str]
) -> None:  # type: ignore[no-untyped-def]
    write(folder, text)
    line = refused(*PREPARE, *overrides)
    for word in words:
        assert word in line
    assert "old" not in line.split()
    assert "430" not in line


def test_a_missing_file_is_named(refused) -> None:  # type: ignore[no-untyped-def]
    assert "nosuch.csv" in refused("prepare", "data=csv_table", "data.path=nosuch.csv", "data.target=y")


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["model=logistc"], ["model", "logistic", "mlp"]),
        (["modle=mlp"], ["modle", "model"]),
        (["model.hiden_sizes=[3]"], ["model.hiden_sizes", "hidden_sizes"]),
        (["+model.hiden_sizes=[3]"], ["model.hiden_sizes", "hidden_sizes"]),
        (["trainer.max_epoch=3"], ["trainer.max_epoch", "max_epochs"]),
        (["+trainer.max_epoch=3"], ["trainer.max_epoch", "max_epochs"]),
        (["trainer.max_epochs=many"], ["trainer.max_epochs", "integer"]),
        (["trainer.max_epochs=0"], ["trainer.max_epochs", "1"]),
        (["model._target_=os.system"], ["model._target_", "os.system", "reprodx.models."]),
        (["model._target_=torch.nn.modules.module.torch.load"], ["model._target_"]),
        (["model._target_=reprodx.models.mlp.MPL"], ["model._target_", "MLP"]),
        (["trainer.loss._target_=builtins.open"], ["trainer.loss._target_"]),
        (["data=csv_table", "data.target=y"], ["data.path", "???"]),
        (["split=by_site"], ["split.t", "???"]),
        (["data.path=${oc.env:HOME}"], ["oc.env", "machines"]),
        (["~seed"], ["seed", "missing"]),
        (["data.sampling=random"], ["data.sampling", "cohort", "case_control"]),
    ],
)
def test_a_malformed_configuration_is_refused_before_anything_runs(refused, overrides, words) -> None:  # type: ignore[no-untyped-def]
    line = refused("run", *overrides)
    for word in words:
        assert word in line


def test_outside_a_project_the_error_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    assert main(["run"]) == 2
    assert "conf/config.yaml" in capsys.readouterr().err


def test_no_error_names_this_machine() -> None:
    assert ROOT.is_dir()
