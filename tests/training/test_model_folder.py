"""The folder of a model: written, read, damaged."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch

from reprodx.errors import ArtifactCorruptError, ArtifactMissingError
from reprodx.models.mlp import MLP
from reprodx.training.model_folder import load_network, load_scorer

LOAD = """
import sys
from pathlib import Path
import numpy as np
from reprodx.inputs import ModelInputs
from reprodx.training.model_folder import load_scorer
np.save(sys.argv[2], load_scorer(Path(sys.argv[1])).logits(ModelInputs(np.load(sys.argv[3]))))
print(sorted({"pytorch_lightning", "mlflow", "lightning"} & set(sys.modules)))
"""


@pytest.fixture(scope="module")
def fitted_once(tmp_path_factory, make_config, prepared):
    from reprodx.training.fit import fit

    folders = {}
    for name in ("mlp", "boosting"):
        folders[name] = tmp_path_factory.mktemp(name) / "models"
        fit(
            prepared,
            make_config(model=name),
            models_folder=folders[name],
            checkpoint_folder=folders[name].parent / "checkpoint",
            on_epoch=lambda epoch, metrics: None,
            on_samples=lambda epoch, samples, classes: None,
        )
    return folders


@pytest.fixture(params=["mlp", "boosting"])
def folder(request, fitted_once, tmp_path):
    return shutil.copytree(fitted_once[request.param], tmp_path / "models")


def test_scores_the_classes_in_their_order(folder, prepared):
    scorer = load_scorer(folder)

    logits = scorer.logits(prepared.model_inputs)

    assert (scorer.classes, scorer.feature_names) == (prepared.classes, prepared.feature_names)
    assert logits.dtype == np.float64
    assert logits.shape == (len(prepared.features), 2)
    assert not logits[:, 0].any()
    assert logits[prepared.targets == 1, 1].mean() > logits[prepared.targets == 0, 1].mean()


def test_the_network_is_the_one_that_was_fitted(fitted_once, prepared):
    from safetensors.torch import load_file

    network = MLP(num_features=4, num_outputs=1, hidden_sizes=[8], activation="relu", dropout=0.2, batch_norm=True)
    network.load_state_dict(load_file(fitted_once["mlp"] / "best.safetensors"))
    with torch.no_grad():
        expected = network.eval()(torch.from_numpy(prepared.features))[:, 0]

    logits = load_scorer(fitted_once["mlp"]).logits(prepared.model_inputs)[:, 1]

    np.testing.assert_allclose(logits, expected.numpy(), atol=1e-6)


def test_the_network_itself_can_be_read_and_an_estimator_has_none(fitted_once, prepared):
    fitted = load_network(fitted_once["mlp"])
    with torch.no_grad():
        outputs = fitted.network(torch.from_numpy(prepared.features).double())[:, 0]

    assert np.array_equal(outputs.numpy(), load_scorer(fitted_once["mlp"]).logits(prepared.model_inputs)[:, 1])
    assert not fitted.network.training
    assert fitted.interface.feature_names == prepared.feature_names
    assert load_network(fitted_once["boosting"]) is None


def test_a_case_is_scored_alike_alone_and_among_others(folder, prepared):
    scorer = load_scorer(folder)
    together = scorer.logits(prepared.model_inputs)

    alone = np.vstack([scorer.logits(prepared.model_inputs.select(np.array([row]))) for row in range(20)])

    np.testing.assert_allclose(alone, together[:20], rtol=0, atol=1e-13)


def test_reading_needs_neither_lightning_nor_mlflow_and_gives_the_same_bits(fitted_once, prepared, tmp_path):
    folder = fitted_once["mlp"]
    np.save(tmp_path / "features.npy", prepared.features)

    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(folder), str(tmp_path / "logits.npy"), str(tmp_path / "features.npy")],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "[]\n"
    assert np.array_equal(np.load(tmp_path / "logits.npy"), load_scorer(folder).logits(prepared.model_inputs))


def test_no_file_is_a_pickle(folder):
    # Protocol 2 and later begin with this byte; archives of torch.save hold a data.pkl.
    for file in folder.iterdir():
        assert not file.read_bytes().startswith(b"\x80")
        assert b"data.pkl" not in file.read_bytes()


def test_a_changed_byte_is_found(folder):
    name = sorted(json.loads((folder / "model.json").read_text())["files"])[0]
    load_scorer(folder)

    content = bytearray((folder / name).read_bytes())
    content[-1] ^= 1
    (folder / name).write_bytes(content)

    with pytest.raises(ArtifactCorruptError, match=f"{name} is not what train wrote"):
        load_scorer(folder)


def test_an_absent_file_names_its_stage(folder):
    for name in [*json.loads((folder / "model.json").read_text())["files"], "model.json"]:
        (folder / name).unlink()

        with pytest.raises(ArtifactMissingError, match="reprodx train"):
            load_scorer(folder)


@pytest.mark.parametrize(
    "change",
    [
        {"_target_": "os.system"},
        {"_target_": "reprodx.models.mlp.Nothing"},
        {"_target_": "reprodx.models.logistic.Logistic", "text_penalty": 1.0},
        {},
    ],
)
def test_weights_that_do_not_fit_their_description_are_refused(fitted_once, tmp_path, change):
    folder = shutil.copytree(fitted_once["mlp"], tmp_path / "models")
    description = json.loads((folder / "model.json").read_text())
    description["architecture"] = {**description["architecture"], **change} if change else {}
    (folder / "model.json").write_text(json.dumps(description))

    with pytest.raises(ArtifactCorruptError, match=r"model\.json"):
        load_scorer(folder)
