"""Which environment makes every processor compute alike."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

import pytest

from reprodx import portability
from reprodx.portability import VARIABLES, is_portable, native_environment, obstacle, portable_environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _begun_anew() -> Iterator[None]:
    obstacle.cache_clear()
    yield
    obstacle.cache_clear()


@pytest.mark.parametrize(
    ("machine", "flags", "why"),
    [
        ("x86_64", "flags\t\t: fpu sse4_2 avx2 fma", None),
        ("x86_64", "flags\t\t: fpu sse4_2 avx", "a processor without AVX2"),
        ("x86_64", None, "a processor without AVX2"),
        ("aarch64", "Features\t: fp asimd", "no Linux on x86-64"),
    ],
)
def test_a_machine_that_cannot_be_portable_is_never_called_so(
    machine: str, flags: str | None, why: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = tmp_path / "cpuinfo"
    if flags is not None:
        facts.write_text(f"processor\t: 0\n{flags}\n\nprocessor\t: 1\n")
    monkeypatch.setattr(portability, "PROCESSOR_FACTS", facts)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    assert obstacle() == why
    assert is_portable() == (why is None)


def test_the_variables_come_and_go_and_nothing_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portability, "obstacle", lambda: None)
    environ = {"PATH": "/bin", "HOME": "/"}
    assert native_environment(portable_environment(environ)) == environ
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    assert is_portable()
    monkeypatch.setenv("MKL_CBWR", "AVX2")
    assert not is_portable()


@pytest.mark.parametrize(
    "environ",
    [
        {"GLIBC_TUNABLES": "glibc.rtld.optional_static_tls=4096:glibc.cpu.hwcaps=-SSE4_2"},
        {"NPY_ENABLE_CPU_FEATURES": "AVX2"},
        {"OPENBLAS_NUM_THREADS": "4", "POLARS_MAX_THREADS": "4", "MKL_CBWR": "AVX2"},
    ],
)
def test_what_a_person_set_is_in_nobodys_way_and_comes_back(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portability, "obstacle", lambda: None)
    portable = portable_environment(environ)
    assert portable_environment(portable) == portable
    assert "NPY_ENABLE_CPU_FEATURES" not in portable, "NumPy is not imported with both"
    others = ":glibc.rtld.optional_static_tls=4096" if "GLIBC_TUNABLES" in environ else ""
    assert portable["GLIBC_TUNABLES"] == VARIABLES["GLIBC_TUNABLES"] + others
    assert native_environment(portable) == environ
    for name, value in portable.items():
        monkeypatch.setenv(name, value)
    assert is_portable()
