"""The explanations file: what is written is read again."""

import json
from dataclasses import replace

import pytest

from reprodx.artifacts.explanations import (
    Attribution,
    Explanations,
    Failure,
    FailureCount,
    FailureKind,
    Randomisation,
    read_explanations,
    write_explanations,
)
from reprodx.errors import ArtifactCorruptError, ArtifactMissingError
from reprodx.inputs import Modality

FOUND = Explanations(
    modality=Modality.SIGNAL,
    counts=(FailureCount("sick", FailureKind.FALSE_NEGATIVE, 3, 9), FailureCount(None, FailureKind.WRONG_CLASS, 0, 9)),
    failures=(Failure("é1", "sick", FailureKind.FALSE_POSITIVE, 0.75, 0.5, "healthy", None, 0),),
    attributions=(
        Attribution(
            "é1", "sick", FailureKind.FALSE_POSITIVE, 1.5, (("age", -0.5),), ((0.25, 0.0), (1.0, 2.0)), 10, 1e-9, 0.125
        ),
    ),
    randomisation=Randomisation(0.125, 1, 3),
    method="integrated gradients",
    baseline="the mean training case",
    channels=("I", "II"),
    mean_absolute=(("II", 3.0),),
)


def test_what_is_written_is_read_again(tmp_path):
    path = tmp_path / "explanations.json"
    write_explanations(path, FOUND)
    assert read_explanations(path) == FOUND


def test_equal_content_gives_equal_bytes(tmp_path):
    for name in ("a", "b", "other"):
        write_explanations(tmp_path / name, FOUND if name != "other" else replace(FOUND, method=None))
    first, second, other = ((tmp_path / name).read_bytes() for name in ("a", "b", "other"))
    assert first == second != other


@pytest.mark.parametrize("change", [{"modality": "smell"}, {"unknown": 1}, {"counts": [{"kind": "false negative"}]}])
def test_something_else_is_refused(tmp_path, change):
    path = tmp_path / "explanations.json"
    write_explanations(path, FOUND)
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(ArtifactCorruptError, match="reprodx evaluate"):
        read_explanations(path)


def test_an_absent_file_names_its_stage(tmp_path):
    with pytest.raises(ArtifactMissingError, match="reprodx evaluate"):
        read_explanations(tmp_path / "explanations.json")
