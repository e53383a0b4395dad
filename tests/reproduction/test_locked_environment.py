"""The packages of a run are installed from its lock, and one that cannot be is named."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from reprodx.errors import ReproductionError
from reprodx.reproduction.locked_environment import locked_python, requirements_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Pip:
    """Answers in the place of venv and pip, and remembers what it was asked."""

    def __init__(self, stderr: str = "") -> None:
        """Answer with an error, or without."""
        self.stderr = stderr
        self.commands: list[Sequence[str]] = []

    def __call__(self, command: Sequence[str], **_: object) -> subprocess.CompletedProcess[str]:
        """Answer: only pip ever fails."""
        self.commands.append(command)
        has_failed = bool(self.stderr) and "pip" in command
        return subprocess.CompletedProcess(command, int(has_failed), "", self.stderr if has_failed else "")


LOCK = "# python 3.11.2 on Linux x86_64\nnumpy==2.1.0\npip==24.0\nreprodx==0.1.0\ntorch==2.13.0+cpu\n"


def test_own_source_and_local_versions_are_left_out() -> None:
    assert list(requirements_of(LOCK)) == ["numpy==2.1.0", "torch==2.13.0"]


def test_torch_without_a_gpu_comes_from_its_own_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pip = Pip()
    monkeypatch.setattr("subprocess.run", pip)
    lock = LOCK.replace("3.11.2", ".".join(map(str, __import__("sys").version_info[:3])))
    assert locked_python(tmp_path / "venv", lock, {}) == str(tmp_path / "venv/bin/python")
    install = pip.commands[-1]
    assert "--no-deps" in install
    assert "--extra-index-url" in install
    assert (tmp_path / "venv.txt").read_text(encoding="utf-8") == "numpy==2.1.0\ntorch==2.13.0\n"


def test_a_package_that_cannot_be_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "ERROR: Could not find a version that satisfies\nERROR: No matching distribution found for numpy==99.0\n"
    monkeypatch.setattr("subprocess.run", Pip(said))
    with pytest.raises(ReproductionError, match=r"numpy==99\.0 cannot be installed here"):
        locked_python(tmp_path / "venv", "numpy==99.0\n", {})


def test_another_python_and_an_absent_lock_are_said(tmp_path: Path) -> None:
    with pytest.raises(ReproductionError, match=r"made with Python 2\.6, which is not here"):
        locked_python(tmp_path / "venv", "# python 2.6.9 on Linux x86_64\n", {})
    with pytest.raises(ReproductionError, match="left no lock"):
        locked_python(tmp_path / "venv", None, {})


def test_a_package_of_no_index_is_not_looked_for_in_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pip = Pip()
    monkeypatch.setattr("subprocess.run", pip)
    with pytest.raises(ReproductionError, match=r"^ours came from a folder or repository"):
        locked_python(tmp_path / "venv", "ours==1.0\n", {"ours": "folder", "torch": "archive"})
    assert not pip.commands
