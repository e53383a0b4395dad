"""Which store is meant, where its files lie, and how a person may read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reprodx.tracking.store_address import artifacts_of, store_uri

if TYPE_CHECKING:
    from pathlib import Path


def test_the_address_is_the_configured_one_else_the_environments_else_a_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert store_uri(None, tmp_path) == f"sqlite:///{tmp_path}/mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://elsewhere")
    assert store_uri(None, tmp_path) == "http://elsewhere"
    assert store_uri("sqlite:////data/runs.db", tmp_path) == "sqlite:////data/runs.db"


@pytest.mark.parametrize(
    ("uri", "folder"),
    [
        ("sqlite:////data/runs.db", "/data/mlruns"),
        ("postgresql://host/runs", "/project/mlruns"),
        ("https://host", None),
        ("databricks", None),
    ],
)
def test_artifacts_lie_beside_a_database_unless_a_server_decides(tmp_path: Path, uri: str, folder: str | None) -> None:
    found = artifacts_of(uri, tmp_path)
    assert (None if found is None else str(found).replace(str(tmp_path), "/project")) == folder
