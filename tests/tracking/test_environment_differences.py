"""What differs between two environments is told by name, and what means nothing is not."""

from __future__ import annotations

from typing import Any

from reprodx.tracking.environment_differences import Difference, Kind, environment_differences, record_of_lock

THEN: dict[str, Any] = {
    "python": "CPython 3.11.2",
    "platform": {"system": "Linux", "machine": "x86_64"},
    "processor": {"model": "Xeon", "cores": 2, "flags": ["avx2", "avx512f"], "torch_capability": "AVX512"},
    "packages": {"Torch": "2.13.0+cpu", "scikit_learn": "1.7.0", "reprodx": "0.1.0"},
}


def test_the_same_environment_differs_in_nothing_whatever_its_spelling() -> None:
    here = {**THEN, "packages": {"torch": "2.13.0", "scikit-learn": "1.7.0", "extra": "1"}}
    assert environment_differences(THEN, here) == []
    (cores,) = environment_differences(THEN, {**here, "processor": {**THEN["processor"], "cores": 64}})
    assert cores.in_words == "processor cores: 2 then, 64 here"


def test_packages_python_and_processor_are_named() -> None:
    here = {
        "python": "CPython 3.12.1",
        "processor": {"model": "EPYC", "flags": ["avx2"], "torch_capability": "AVX2"},
        "packages": {"torch": "2.14.0"},
    }
    assert environment_differences(THEN, here) == [
        Difference(Kind.PYTHON, "", "CPython 3.11.2", "CPython 3.12.1"),
        Difference(Kind.PROCESSOR, "", "Xeon", "EPYC"),
        Difference(Kind.PROCESSOR, "torch_capability", "AVX512", "AVX2"),
        Difference(Kind.PROCESSOR, "instructions", "its own", "without avx512f"),
        Difference(Kind.PACKAGE, "scikit-learn", "1.7.0", "absent"),
        Difference(Kind.PACKAGE, "torch", "2.13.0", "2.14.0"),
    ]


def test_a_lock_alone_says_python_and_packages() -> None:
    record = record_of_lock("# python 3.11.2 on Linux x86_64\nnumpy==2.1.0\ntorch==2.13.0+cpu\n")
    assert record["packages"] == {"numpy": "2.1.0", "torch": "2.13.0+cpu"}
    (one,) = environment_differences(
        record, {"python": "CPython 3.11.2", "packages": {"numpy": "2.2.0", "torch": "2.13.0"}}
    )
    assert one.in_words == "package numpy: 2.1.0 then, 2.2.0 here"


def test_what_the_rerun_undoes_is_said() -> None:
    assert Difference(Kind.COMMIT, "", "a", "b", is_undone=True).in_words == "commit: a then, b here (rerun as then)"
