"""An audit that could not ask says so: it is never taken for one that found nothing."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        ('echo "{}" > "$9"; exit 0', 0, "no vulnerability is known"),
        ('echo "CVE-1" > "$9"; exit 1', 1, "known vulnerabilities"),
        ("echo 'ERROR: a: Dependency not found' >&2; exit 1", 2, "NOT KNOWN"),
        ("exit 0", 2, "NOT KNOWN"),
        ("exit 137", 2, "NOT KNOWN"),
    ],
)
def test_the_exit_code_tells_none_from_some_from_not_known(tmp_path: Path, answer: str, code: int, words: str) -> None:
    program = tmp_path / "pip-audit"
    program.write_text(f"#!/bin/sh\n{answer}\n")
    program.chmod(0o755)
    done = subprocess.run(
        ["sh", ".ci/audit", str(program), "requirements.lock"], capture_output=True, text=True, check=False
    )
    assert done.returncode == code
    assert words in done.stdout + done.stderr
    assert ("no vulnerability" in done.stdout) == (code == 0)
