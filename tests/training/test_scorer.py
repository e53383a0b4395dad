"""What a model takes, and blocks of cases."""

import dataclasses
import json

import numpy as np
import pytest
import torch
from torch import nn

from reprodx.errors import SchemaError
from reprodx.inputs import Inputs, Modality, ModelInputs
from reprodx.schemas import Task
from reprodx.training import scorer
from reprodx.training.scorer import Interface, Scorer, network_outputs

TABLE = Interface(Task.BINARY, Modality.TABLE, ("no", "yes"), ("a", "b"), takes_summary=False, scaling=None)


def test_scores_features_with_the_columns_it_was_fitted_on():
    model = Scorer(TABLE, score=lambda cases: cases.features.astype(np.float64))

    assert model.logits(ModelInputs(np.ones((3, 2), dtype=np.float32))).shape == (3, 2)
    with pytest.raises(SchemaError, match="takes 2 features and was given 3"):
        model.logits(ModelInputs(np.ones((3, 3), dtype=np.float32)))


def test_other_inputs_than_those_it_was_fitted_on_are_refused():
    pictures = Inputs.of_rows(Modality.IMAGE, np.zeros((3, 2, 2, 1), dtype=np.uint8))
    cases = ModelInputs(np.ones((3, 2), dtype=np.float32), np.ones((3, 5), dtype=np.float32), pictures)

    with pytest.raises(SchemaError, match="takes table and was given image"):
        Scorer(TABLE, score=lambda cases: cases.features).logits(cases)


def test_a_model_of_summary_features_is_given_them_alone():
    pictures = Inputs.of_rows(Modality.IMAGE, np.zeros((3, 2, 2, 1), dtype=np.uint8))
    cases = ModelInputs(np.zeros((3, 0), dtype=np.float32), np.ones((3, 2), dtype=np.float32), pictures)
    interface = dataclasses.replace(TABLE, modality=Modality.IMAGE, takes_summary=True)

    assert Scorer(interface, score=lambda cases: cases.summary).logits(cases) is cases.summary


def test_an_interface_outlives_json():
    interface = dataclasses.replace(TABLE, modality=Modality.IMAGE, scaling={"mean": [0.5], "std": [0.25]})

    assert Interface.from_dict(json.loads(json.dumps(interface.as_dict()))) == interface


def test_outputs_come_in_blocks_without_dropout(monkeypatch):
    monkeypatch.setattr(scorer, "NUMBERS_PER_BLOCK", 6)
    network = nn.Sequential(nn.Linear(3, 2), nn.Dropout(0.9))
    features = torch.randn(5, 3)

    outputs = network_outputs(network, features)

    torch.testing.assert_close(outputs, network[0](features).detach())
    assert network.training
    assert not outputs.requires_grad
