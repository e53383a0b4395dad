"""With which source and in which environment the process of a command begins."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import reprodx
from reprodx import cli, start
from reprodx.portability import VARIABLES

SCRIPT = str(Path(sys.executable).parent / "reprodx")
OLDER = "import sys, os\ndef main():\n    print('older', *sys.argv[1:], os.environ['PYTHONPATH'], sep='|')\n"
"""A command line from before this module was written."""


def run(folder: Path, *command: str, **env: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONPATH": str(Path(reprodx.__file__).parents[1]), **env}
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=60)


def older_source(folder: Path) -> Path:
    source = folder / "src" / "reprodx"
    source.mkdir(parents=True)
    (source / "__init__.py").touch()
    (source / "cli.py").write_text(OLDER)
    (source / "__main__.py").write_text("from reprodx.cli import main\nmain()\n")
    return folder


@pytest.mark.parametrize(
    ("door", "env"),
    [
        ([SCRIPT], {}),
        ([sys.executable, "-m", "reprodx"], {}),
        ([sys.executable, "-P", "-X", "utf8", "-m", "reprodx"], {}),
        ([SCRIPT], {"PYTHONSAFEPATH": "1"}),
    ],
)
def test_every_door_runs_the_source_of_its_folder(door: list[str], env: dict[str, str], tmp_path: Path) -> None:
    folder = older_source(tmp_path / "a second clone")
    done = run(folder, *door, "train", "model=a b", **env)
    search = f"{folder / 'src'}{os.pathsep}{Path(reprodx.__file__).parents[1]}"
    assert (done.stdout, done.stderr, done.returncode) == (f"older|train|model=a b|{search}\n", "", 0)


def test_every_module_that_a_target_runs_begins_as_a_command_does() -> None:
    modules = re.findall(r"python -m (reprodx\S*|benchmarks)", Path("Makefile").read_text())
    assert {"reprodx.last_result", "benchmarks"} <= set(modules)
    for module in modules:
        spec = importlib.util.find_spec(module if module != "benchmarks" else "benchmarks.__main__")
        assert spec is not None
        assert spec.origin is not None
        begun = Path(spec.origin).read_text().partition('if __name__ == "__main__":\n')[2]
        assert begun.lstrip().startswith("start()\n"), module


def test_a_folder_without_a_source_runs_what_is_installed(tmp_path: Path) -> None:
    (tmp_path / "src" / "reprodx" / "__pycache__").mkdir(parents=True)
    assert run(tmp_path, SCRIPT, "--version").stdout == f"reprodx {reprodx.__version__}\n"


def test_a_source_that_python_cannot_import_is_not_passed_over(tmp_path: Path) -> None:
    folder = older_source(tmp_path / f"one{os.pathsep}two")
    done = run(folder, SCRIPT, "--version")
    assert (done.stdout, done.returncode) == ("", 2)
    assert done.stderr.startswith("reprodx: src/reprodx stands in this folder, but Python imports another")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("portable", [True, False])
def test_a_command_is_started_anew_in_the_environment_that_it_needs(portable: bool, tmp_path: Path) -> None:
    script = (
        "import os\nfrom reprodx import start, portability\nstart.start()\nprint(os.getpid(), flush=True)\n"
        f"start.ensure({portable})\nprint(portability.is_portable())"
    )
    done = run(tmp_path, sys.executable, "-c", script, **({} if portable else VARIABLES))
    before, again, found = done.stdout.splitlines()
    assert (before, found) == (again, str(portable)), "once, and the process keeps its number"


@pytest.mark.parametrize(
    ("command", "composed", "num_starts"),
    [
        ("run", None, 2),
        ("run trainer.portable=false", None, 1),
        ("evaluate", "trainer:\n  portable: false\n", 1),
        ("run trainer.portable=true", "trainer:\n  portable: false\n", 2),
        ("run trainer=gpu", None, 3),
        ("doctor", None, 1),
    ],
)
def test_what_settings_will_ask_for_is_guessed_before_they_are_composed(
    command: str, composed: str | None, num_starts: int, tmp_path: Path
) -> None:
    if composed is not None:
        (tmp_path / "params.yaml").write_text(composed)
    script = "from reprodx import start\nprint('begun', flush=True)\nstart.start()\n"
    if command.endswith("gpu"):
        script += "start.ensure(False)\n"
    script += "from reprodx.portability import is_portable\nprint(is_portable())"
    done = run(tmp_path, sys.executable, "-c", script, *command.split(" "))
    assert done.stdout == "begun\n" * num_starts + f"{num_starts == 2}\n", done.stderr


def test_a_machine_that_cannot_goes_on_and_says_so(tmp_path: Path) -> None:
    script = (
        "import logging\nfrom reprodx import start\nlogging.basicConfig(format='%(message)s')\n"
        "start.obstacle = lambda: 'arm64'\nstart.start()\nstart.ensure(True)\nprint('went on')"
    )
    done = run(tmp_path, sys.executable, "-c", script)
    assert done.stdout == "went on\n"
    assert done.stderr == "portable: arm64 gives last digits of its own; other machines repeat them within tolerance\n"


def test_a_process_that_stays_as_it_was_is_not_started_for_ever(tmp_path: Path) -> None:
    script = (
        "from reprodx import start\nstart.is_portable = lambda: False\nstart.start()\nprint('begun', flush=True)\n"
        "start.ensure(True)"
    )
    done = run(tmp_path, sys.executable, "-c", script)
    assert done.stdout == "begun\nbegun\n"
    assert done.stderr.strip().endswith("no other program may change its environment")


def test_a_python_that_is_gone_is_told_in_one_line(tmp_path: Path) -> None:
    script = f"import sys\nfrom reprodx import start\nsys.executable = {str(tmp_path / 'gone')!r}\nstart.start()"
    done = run(older_source(tmp_path), sys.executable, "-c", script)
    assert (done.stdout, done.returncode, done.stderr.count("\n")) == ("", 2, 1), done.stderr
    assert "no such file or directory" in done.stderr


@pytest.mark.parametrize("argv", [["doctor", "model=mlp"], None])
def test_a_caller_in_this_process_is_not_started_anew(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], argv: list[str] | None
) -> None:
    monkeypatch.chdir(older_source(tmp_path))
    monkeypatch.setattr(os, "execve", lambda *_: pytest.fail("started anew"))
    # What a parent left is not this process's.
    monkeypatch.setenv(start.PROCESS, "1")
    monkeypatch.setattr(sys, "argv", ["ipykernel_launcher.py", "doctor", "model=mlp"])
    start.ensure(True)
    assert cli.main(argv) == 2
    assert "takes no arguments" in capsys.readouterr().err
