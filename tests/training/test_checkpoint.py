"""The checkpoint: whole, damaged, foreign, and without code."""

import logging
import pickle

import pytest
import torch

from reprodx.errors import ArtifactCorruptError
from reprodx.training import checkpoint
from reprodx.training.checkpoint import Checkpoint

STATE = {"num_epochs": 3, "network": {"weight": torch.ones(100, 2)}}


@pytest.fixture
def saved(tmp_path) -> Checkpoint:
    made = Checkpoint(tmp_path / "folder", "identity")
    made.save(lambda: STATE)
    return made


def test_gives_back_what_was_saved(saved):
    state = Checkpoint(saved.path.parent, "identity").load()

    assert state["num_epochs"] == 3
    assert torch.equal(state["network"]["weight"], STATE["network"]["weight"])


def test_is_absent_at_first_and_in_the_end(tmp_path, saved):
    assert Checkpoint(tmp_path / "other", "identity").load() is None

    saved.remove()

    assert saved.load() is None
    assert not saved.path.parent.exists()


@pytest.mark.parametrize("position", [0, 70, 300, -1])
def test_any_changed_byte_is_found(saved, position):
    content = bytearray(saved.path.read_bytes())
    content[position] ^= 1
    saved.path.write_bytes(content)

    with pytest.raises(ArtifactCorruptError, match=r"resume\.ckpt is damaged.*delete it"):
        saved.load()


@pytest.mark.parametrize("length", [0, 10, 500])
def test_half_a_file_is_found(saved, length):
    saved.path.write_bytes(saved.path.read_bytes()[:length])

    with pytest.raises(ArtifactCorruptError, match=r"resume\.ckpt"):
        saved.load()


def test_another_training_s_is_passed_over_with_a_line(saved, caplog):
    with caplog.at_level(logging.WARNING):
        assert Checkpoint(saved.path.parent, "another").load() is None

    assert "training starts anew" in caplog.text


def test_short_epochs_share_a_checkpoint(saved, monkeypatch):
    saved.save(lambda: {**STATE, "num_epochs": 4})
    assert saved.load()["num_epochs"] == 3

    monkeypatch.setattr(checkpoint, "SECONDS_BETWEEN", 0.0)
    saved.save(lambda: {**STATE, "num_epochs": 5})
    assert saved.load()["num_epochs"] == 5


def test_code_in_a_checkpoint_is_not_run(saved, monkeypatch):
    monkeypatch.setattr(checkpoint, "SECONDS_BETWEEN", 0.0)
    saved.save(lambda: {"hook": print})

    with pytest.raises(pickle.UnpicklingError, match="Weights only"):
        saved.load()
