"""Names and values that MLflow takes."""

from __future__ import annotations

import json
import logging
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprodx.tracking.names import MAX_PARAM_CHARACTERS, flat_metrics, flat_params, key

nodes = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=3),
    lambda children: st.dictionaries(st.text("abc", min_size=1, max_size=3), children, min_size=1, max_size=3),
    max_leaves=10,
)


@given(st.text(max_size=50))
def test_keys_have_only_characters_that_mlflow_takes(name: str) -> None:
    assert re.fullmatch(r"[\w\-. :/]*", key(name))
    assert len(key(name)) == len(name)


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), nodes, max_size=3))
def test_every_leaf_is_a_parameter_and_can_be_read_back(config: dict[str, object]) -> None:
    params = flat_params(config)
    for path, text in params.items():
        node: object = config
        for name in path.split("."):
            assert isinstance(node, dict)
            node = node[name]
        assert text == node if isinstance(node, str) else json.loads(text) == node


def test_targets_are_no_parameters_at_any_depth() -> None:
    config = {"model": {"_target_": "x.Y", "inner": {"_target_": "x.Z", "size": 1}}}
    assert flat_params(config) == {"model.inner.size": "1"}


@pytest.mark.parametrize(("length", "is_cut"), [(MAX_PARAM_CHARACTERS, False), (MAX_PARAM_CHARACTERS + 1, True)])
def test_a_long_value_is_cut_and_said_to_be(length: int, is_cut: bool, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        value = flat_params({"data": {"drop": "x" * length}})["data.drop"]
    assert len(value) == MAX_PARAM_CHARACTERS
    assert value.endswith("(cut; config.yaml has all)") == is_cut
    assert ("data.drop" in caplog.text) == is_cut


def test_undefined_estimates_are_left_out() -> None:
    undefined = {"value": None, "ci_low": None, "ci_high": None, "n": 3, "reason": "one class only"}
    defined = {"value": 1, "ci_low": 0.5, "ci_high": 1.0, "n": 3, "n_events": 1, "method": "Wilson"}
    assert flat_metrics({"val": {"auroc": undefined, "sensitivity": defined}}) == {
        "val/sensitivity": 1.0,
        "val/sensitivity_ci_low": 0.5,
        "val/sensitivity_ci_high": 1.0,
    }
