"""Which environment makes every x86-64 processor with AVX2 compute the same bytes.

The numerical libraries choose their code by the processor when they are loaded: the variables must be set before the
process starts.
"""

from __future__ import annotations

import functools
import json
import os
import platform
import re
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "ATEN_CPU_CAPABILITY": "default",
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2_Usable,-FMA_Usable,-AVX512F_Usable,-AVX2,-FMA,-AVX512F",
        "MKL_CBWR": "COMPATIBLE",
        "MKL_ENABLE_INSTRUCTIONS": "SSE4_2",
        "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR",
        "ONEDNN_MAX_CPU_ISA": "AVX",
        "OPENBLAS_CORETYPE": "Nehalem",
        "OPENBLAS_NUM_THREADS": "1",
        "POLARS_MAX_THREADS": "1",
    }
)
"""What keeps PyTorch, glibc, MKL, NumPy, oneDNN and OpenBLAS from code that not every such processor has.

And OpenBLAS and Polars from as many threads as there are cores, among which they divide their sums; those of training
are `trainer.num_threads`.
"""
TUNABLES = "GLIBC_TUNABLES"
"""The variable that holds settings of glibc for any purpose, with colons between them."""
UNSET = ("NPY_ENABLE_CPU_FEATURES",)
"""Variables that NumPy is not imported with beside those that it is given."""
REPLACED = "REPRODX_REPLACED"
"""The variable that keeps, as JSON, what the others took the place of."""
PROCESSOR_FACTS = Path("/proc/cpuinfo")
"""Where Linux tells what the processor is."""


@functools.cache
def obstacle() -> str | None:
    """Return why this machine cannot compute the bytes that others do; None where it can.

    >>> obstacle() is None or obstacle() in {"no Linux on x86-64", "a processor without AVX2"}
    True
    """
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        return "no Linux on x86-64"
    facts = PROCESSOR_FACTS.read_text(encoding="utf-8", errors="replace") if PROCESSOR_FACTS.is_file() else ""
    return None if re.search(r"^flags\b.*\bavx2\b", facts, re.MULTILINE) else "a processor without AVX2"


def is_portable() -> bool:
    """Tell whether this process computes what every x86-64 processor with AVX2 does: it has the variables."""
    return obstacle() is None and portable_environment(os.environ) == dict(os.environ)


def portable_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment with the variables; what they take the place of is kept beside them.

    >>> portable_environment({"GLIBC_TUNABLES": "glibc.rtld.nns=8"})["GLIBC_TUNABLES"].partition(":")[2]
    'glibc.rtld.nns=8'
    """
    wanted = _wanted(environ)
    kept = {name: value for name, value in environ.items() if name not in UNSET}
    replaced = {
        name: environ[name] for name in (*wanted, *UNSET) if environ.get(name, "") not in ("", wanted.get(name))
    }
    return {**kept, **wanted, **({REPLACED: json.dumps(replaced)} if replaced else {})}


def native_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without the variables; values of others' choice stay, or come back.

    >>> native_environment({**VARIABLES, "MKL_CBWR": "AVX2"})
    {'MKL_CBWR': 'AVX2'}
    >>> native_environment(portable_environment({"POLARS_MAX_THREADS": "4"}))
    {'POLARS_MAX_THREADS': '4'}
    """
    wanted = _wanted(environ)
    others = {name: value for name, value in environ.items() if wanted.get(name) != value and name != REPLACED}
    return {**json.loads(environ.get(REPLACED, "{}")), **others}


def _wanted(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables, with the settings of glibc that a program of this environment needs for something else."""
    settings = environ.get(TUNABLES, "").split(":")
    others = [setting for setting in settings if setting and not setting.startswith("glibc.cpu.hwcaps=")]
    return {**VARIABLES, TUNABLES: ":".join([VARIABLES[TUNABLES], *others])}
