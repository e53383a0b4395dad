"""What a command's end means to the shell."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys

import pytest

from reprodx import cli
from reprodx.errors import ConfigError, Interrupted, LeakageError, ReprodxError

HEAVY = ("torch", "pytorch_lightning", "mlflow", "hydra", "polars", "numpy", "pydantic")


def ending(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> int:
    def fail(arguments: object, overrides: object) -> None:
        raise error

    monkeypatch.setattr(cli, "_dispatch", fail)
    return cli.main(["doctor"])


@pytest.mark.parametrize(
    ("error", "exit_code", "words"),
    [
        (ConfigError("seed: wrong\nand more"), 2, "reprodx: seed: wrong and more\n"),
        (LeakageError("a patient in two splits"), 3, "reprodx: a patient in two splits\n"),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), 2, "the disk is full"),
        (RuntimeError(f"arrow: {os.strerror(errno.ENOSPC)}"), 2, "the disk is full"),
        (
            PermissionError(errno.EACCES, "Permission denied", "results"),
            2,
            "results cannot be used (permission denied)",
        ),
        (OSError(errno.EROFS, "Read-only file system", "a", None, "b"), 2, "b cannot be used (read-only"),
        (NotADirectoryError(errno.ENOTDIR, "Not a directory", "outputs/x"), 2, "outputs/x cannot be used"),
        (
            RuntimeError("safetensors: Permission denied (os error 13)"),
            2,
            "a file or folder cannot be used (safetensors",
        ),
        (KeyboardInterrupt(), 130, "interrupted by SIGINT; repeat the command to go on"),
        (Interrupted(signal.SIGTERM), 143, "interrupted by SIGTERM; repeat the command to go on"),
    ],
)
def test_errors_for_people_are_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    exit_code: int,
    words: str,
) -> None:
    assert ending(monkeypatch, error) == exit_code
    complaint = capsys.readouterr().err
    assert words in complaint
    assert complaint.count("\n") == 1


def test_a_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ZeroDivisionError):
        ending(monkeypatch, ZeroDivisionError())


def test_every_error_for_people_ends_with_two_or_three() -> None:
    def all_below(kind: type[ReprodxError]) -> set[type[ReprodxError]]:
        return {kind}.union(*(all_below(child) for child in kind.__subclasses__()))

    assert {kind.exit_code for kind in all_below(ReprodxError)} == {2, 3}


def test_commands_without_settings_refuse_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor", "model=mlp"]) == 2
    assert "takes no arguments" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["--help"], ["run", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(command: list[str]) -> None:
    script = (
        "import sys\nfrom reprodx.cli import main\ntry:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        f"sys.exit(','.join(name for name in {HEAVY} if name in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", script, *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "reprodx" in done.stdout


def test_prepare_imports_neither_torch_nor_lightning_nor_mlflow() -> None:
    script = (
        "import sys\nfrom reprodx import pipeline, stages\nfrom reprodx.stages import compose, prepare\n"
        "from reprodx.config.composition import compose, validate, TABULAR\nfrom reprodx.config import instantiate\n"
        "config = validate(compose(), components=TABULAR)\n"
        "instantiate(config.data, 'data'), instantiate(config.split, 'split')\n"
        "sys.exit(','.join(name for name in ('torch', 'pytorch_lightning', 'mlflow') if name in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
