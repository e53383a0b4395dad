"""Every modality has its transform and its summary, and they keep the contract."""

from __future__ import annotations

import inspect

import pytest

from reprodx.inputs import Modality
from reprodx.preparation.input_transforms import SUMMARIES, TRANSFORMS, summary_class, transform_class

OTHERS = [modality for modality in Modality if modality != Modality.TABLE]


def test_all_but_tables_have_both() -> None:
    assert sorted(TRANSFORMS) == sorted(SUMMARIES) == sorted(OTHERS)


@pytest.mark.parametrize("modality", OTHERS)
def test_the_transform_keeps_the_contract(modality: Modality) -> None:
    found = transform_class(modality)
    for name in ("fit", "apply", "scaling", "description", "read_raw", "example", "to_json", "from_json"):
        assert callable(getattr(found, name)), name
    assert list(inspect.signature(found.fit).parameters) == ["train", "targets"]
    assert hasattr(found, "columns")


@pytest.mark.parametrize("modality", OTHERS)
def test_the_summary_keeps_the_contract(modality: Modality) -> None:
    found = summary_class(modality)
    for name in ("fit", "apply", "to_json", "from_json"):
        assert callable(getattr(found, name)), name
    assert list(inspect.signature(found.fit).parameters) == ["train", "targets"]
