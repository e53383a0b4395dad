"""The validated configuration: frozen, and without a default anywhere."""

from __future__ import annotations

import dataclasses

import pytest

from reprodx.config.composition import compose, validate
from reprodx.config.schema import Config, Evaluation, Sweep, Tracking, Trainer


@pytest.mark.parametrize("section", [Config, Trainer, Evaluation, Tracking, Sweep])
def test_settings_have_values_in_conf_alone(section: type) -> None:
    for field in dataclasses.fields(section):
        assert field.default is dataclasses.MISSING, f"{section.__name__}.{field.name} has a default"
        assert field.default_factory is dataclasses.MISSING, f"{section.__name__}.{field.name} has a default"


def test_a_configuration_is_the_params_it_came_from_and_cannot_be_changed() -> None:
    plain = compose()
    config = validate(plain, components=())
    assert config.as_dict() == plain
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.seed = 1  # type: ignore[misc]
