"""The shared server lets nobody in without a password of their own, and listens on this machine alone unless told."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from reprodx.redaction import has_secret

TEXT = Path("compose.yaml").read_text(encoding="utf-8")
PAGE = Path("docs/server.md").read_text(encoding="utf-8")
VARIABLES = dict(re.findall(r"\$\{(\w+)(:[?-])", TEXT))


@pytest.fixture
def services() -> dict[str, dict[str, Any]]:
    services: dict[str, dict[str, Any]] = yaml.safe_load(TEXT)["services"]
    return services


def test_no_password_has_a_default_and_nothing_starts_without() -> None:
    asked = {name for name in VARIABLES if re.search("PASSWORD|KEY|USERNAME", name)}
    assert asked == {"DATABASE_PASSWORD", "ADMIN_USERNAME", "ADMIN_PASSWORD", "SESSION_KEY"}
    assert {VARIABLES[name] for name in asked} == {":?"}
    assert len(re.findall(r"\$\{", TEXT)) == len(re.findall(r"\$\{\w+:[?-]", TEXT))
    assert not has_secret(re.sub(r"\$\{\w+:\?[^}]*\}", "null", TEXT))


def test_the_proxy_alone_is_reached_and_by_default_from_this_machine(services: dict[str, dict[str, Any]]) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert published == {"proxy": ["${BIND_ADDRESS:-127.0.0.1}:443:443"]}
    assert any(str(word).startswith("https://") for word in services["proxy"]["command"])
    assert not any("network_mode" in service or service.get("privileged") for service in services.values())


def test_the_server_asks_for_accounts_and_lets_users_read(services: dict[str, dict[str, Any]]) -> None:
    assert "--app-name=basic-auth" in services["mlflow"]["command"]
    assert services["mlflow"]["environment"]["MLFLOW_AUTH_CONFIG_PATH"] == services["mlflow"]["configs"][0]["target"]
    assert "default_permission = READ" in yaml.safe_load(TEXT)["configs"]["accounts"]["content"]
    version = re.search(r"^mlflow==(\S+)$", Path("requirements.lock").read_text(), re.MULTILINE)
    assert version
    assert f"mlflow[auth]=={version[1]}" in TEXT


def test_the_page_tells_every_variable() -> None:
    assert not {name for name in VARIABLES if f"`{name}`" not in PAGE}
