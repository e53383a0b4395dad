"""With what a run was computed, and nothing personal."""

from __future__ import annotations

import getpass
import json
import platform
import re
import sys
from importlib import metadata
from typing import TYPE_CHECKING

import polars
import pytest

from reprodx.tracking import environment
from reprodx.tracking.environment import Package, environment_lock, environment_record, installed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reprodx.config import Config


@pytest.fixture
def _fresh() -> Iterator[None]:
    installed.cache_clear()
    yield
    installed.cache_clear()


def test_the_lock_lists_packages_and_nothing_personal() -> None:
    header, *packages = environment_lock().splitlines()
    assert f"python {sys.version.split()[0]}" in header
    assert packages == sorted(set(packages), key=str.lower)
    assert all(re.fullmatch(r"[\w.-]+==\S+", line) for line in packages)
    assert any(line.startswith("mlflow==") for line in packages)
    assert "/" not in environment_lock()


def test_the_record_tells_what_changes_the_last_digits(config: Config) -> None:
    import torch

    record = environment_record(config)
    assert record["packages"]["torch"] == metadata.version("torch")
    assert record["threads"] == config.trainer.num_threads
    assert record["portable"] is False
    assert record["processor"]["torch_capability"] == torch.backends.cpu.get_cpu_capability()
    assert record["processor"]["cores"] >= 1


def test_the_record_tells_the_threads_that_libraries_really_use(config: Config) -> None:
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):
        assert environment_record(config)["library_threads"] == {"BLAS": 1, "Polars": polars.thread_pool_size()}


def test_the_record_names_no_host_and_no_folder(config: Config) -> None:
    text = json.dumps(environment_record(config))
    assert "/home" not in text
    assert "file:" not in text
    assert f'"{platform.node()}"' not in text
    assert f'"{getpass.getuser()}"' not in text


def test_the_processor_is_told_by_its_maker_model_and_vector_flags(
    tmp_path: Path, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = tmp_path / "cpuinfo"
    facts.write_text(
        "vendor_id\t: AuthenticAMD\nmodel name\t: EPYC 7763\nflags\t: fpu avx2 fma avx512f\n\nmodel name: b\n"
    )
    monkeypatch.setattr(environment, "PROCESSOR_FACTS", facts)
    processor = environment_record(config)["processor"]
    assert (processor["maker"], processor["model"]) == ("AuthenticAMD", "EPYC 7763")
    assert processor["flags"] == ["avx2", "avx512f", "fma"]
    monkeypatch.setattr(environment, "PROCESSOR_FACTS", tmp_path / "absent")
    assert environment_record(config)["processor"]["flags"] == []


@pytest.mark.usefixtures("_fresh")
def test_packages_that_come_from_no_index_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    origins = {
        "mine": '{"url": "file:///home/ann/mine", "dir_info": {"editable": true}}',
        "forked": '{"url": "https://ann:secret@host/forked.git", "vcs_info": {"vcs": "git", "commit_id": "a1"}}',
        "wheel": '{"url": "https://host/wheel-1.0.whl", "archive_info": {}}',
        "usual": None,
    }
    for name, origin in origins.items():
        about = tmp_path / f"{name}-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        if origin is not None:
            (about / "direct_url.json").write_text(origin)
    monkeypatch.syspath_prepend(str(tmp_path))
    found = {one.name: one for one in installed() if one.name in origins}
    assert {name: one.origin for name, one in found.items()} == {
        "mine": "folder",
        "forked": "repository",
        "wheel": "archive",
        "usual": None,
    }
    assert {name for name, one in found.items() if not one.is_recoverable} == {"mine", "forked"}


def test_a_package_without_a_version_cannot_be_installed_again() -> None:
    assert not Package("odd", None, None).is_recoverable
    assert Package("reprodx", "1.0", "folder").is_recoverable
