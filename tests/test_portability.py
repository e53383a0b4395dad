"""Which environment makes every processor compute alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.portability import VARIABLES, is_portable, native_environment, portable_environment

if TYPE_CHECKING:
    import pytest


def test_the_variables_come_and_go_and_nothing_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {"PATH": "/bin", "HOME": "/"}
    assert native_environment(portable_environment(environ)) == environ
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    assert is_portable()
    monkeypatch.setenv("MKL_CBWR", "AVX2")
    assert not is_portable()
