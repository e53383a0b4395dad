"""Which environment makes every x86-64 processor with AVX2 compute the same bytes.

The numerical libraries choose their code by the processor when they are loaded: the variables must be set before the
process starts.
"""

from __future__ import annotations

import functools
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
    return obstacle() is None and all(os.environ.get(name) == value for name, value in VARIABLES.items())


def portable_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment with the variables.

    >>> portable_environment({"MKL_CBWR": "AVX2"}) == VARIABLES
    True
    """
    return {**environ, **VARIABLES}


def native_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without the variables; values of others' choice stay.

    >>> native_environment({**VARIABLES, "MKL_CBWR": "AVX2"})
    {'MKL_CBWR': 'AVX2'}
    """
    return {name: value for name, value in environ.items() if VARIABLES.get(name) != value}
