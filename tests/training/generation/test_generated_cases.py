"""Generated pictures are added to training alone, to the rare class alone, and not by a generator that copies."""

import dataclasses
import json
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from reprodx.config import instantiate
from reprodx.errors import ConfigError, MemorisationError
from reprodx.inputs import Inputs, Modality
from reprodx.training.cases import cases_of
from reprodx.training.fit import fit
from reprodx.training.generation import generated_cases
from reprodx.training.generation.generated_cases import with_generated

CNN = {
    "name": "cnn",
    "_target_": "reprodx.models.cnn.CNN",
    "filters": [2],
    "convs_per_block": 1,
    "kernel_size": 3,
    "padding": "same",
    "pool": 4,
    "batch_norm": True,
    "pooling_head": "average",
    "hidden_sizes": [],
    "dropout": 0.0,
}


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def add(gan, make_config):
    def run(prepared, *, on_epoch=lambda epoch, metrics: None, **changes):
        node = {**gan, **changes}
        augmentation = instantiate(node, "augmentation", num_classes=2)
        config = make_config(augmentation=node)
        return with_generated(cases_of(prepared, "train"), prepared, augmentation, config, on_epoch=on_epoch)

    return run


@pytest.fixture
def draws(monkeypatch):
    """Return a function after which the generator gives the given pictures."""

    def use(pictures, warnings=()):
        def sample(classes, *, seed, temperature):
            return Inputs.of_rows(Modality.IMAGE, np.resize(pictures, (len(classes), *pictures.shape[1:])))

        generator = SimpleNamespace(sample=sample, history=({"train/generator_loss": 0.5},), warnings=tuple(warnings))
        monkeypatch.setattr(generated_cases, "find_or_fit", lambda *_: (generator, "h" * 64))

    return use


def test_the_rare_class_is_filled_up_after_the_real_cases(add, rare, draws, new_discs):
    draws(new_discs)
    train = cases_of(rare, "train")
    cases, summary = add(rare)

    (num_no, num_yes), real = train.targets.bincount().tolist(), len(train)
    assert cases.targets.bincount().tolist() == [num_no, num_no]
    assert torch.equal(cases.targets[:real], train.targets)
    assert torch.equal(cases.features[:real], train.features)
    assert np.array_equal(cases.inputs.gathered()[:real], train.inputs.gathered())
    assert np.array_equal(cases.inputs.gathered()[real : real + 40], new_discs[: num_no - num_yes])
    assert summary.num_generated == {"yes": num_no - num_yes}
    assert summary.num_real == {"no": num_no, "yes": num_yes}
    assert summary.copies is None
    assert len(cases_of(rare, "val")) == 40


def test_a_generated_picture_has_the_features_of_a_training_case_of_its_class(add, rare, draws, new_discs):
    draws(new_discs)
    train = cases_of(rare, "train")
    (cases, _), (again, _) = add(rare), add(rare)
    added = {tuple(row) for row in cases.features[len(train) :].tolist()}

    assert added <= {tuple(row) for row in train.features[train.targets == 1].tolist()}
    assert len(added) > 3
    assert torch.equal(cases.features, again.features)


def test_a_generator_that_copies_is_refused_and_goes_on_where_that_is_acknowledged(add, rare, draws, caplog):
    train = rare.inputs.select(rare.rows("train")).gathered()
    draws(train)
    with pytest.raises(MemorisationError, match=r"copies its training cases: .*acknowledge_copies=true$") as raised:
        add(rare)
    assert raised.value.exit_code == 3
    assert "\n" not in str(raised.value)

    cases, summary = add(rare, acknowledge_copies=True)
    assert len(cases) > len(train)
    assert summary.copies in str(raised.value)
    assert "acknowledged" in caplog.text


def test_nothing_is_trained_or_added_where_no_class_lacks_cases(add, rare, monkeypatch, caplog):
    monkeypatch.setattr(generated_cases, "find_or_fit", None)
    cases, summary = add(rare, balance=0.1)
    assert len(cases) == 60
    assert summary is None
    assert "no picture is generated" in caplog.text


def test_several_labels_are_refused(add, rare, draws, new_discs):
    draws(new_discs)
    labelled = dataclasses.replace(rare, manifest={**rare.manifest, "task": "multilabel"})
    labelled = dataclasses.replace(
        labelled,
        cases=rare.cases.with_columns(
            y_true_no=(rare.cases["y_true"] == "no").cast(int), y_true_yes=(rare.cases["y_true"] == "yes").cast(int)
        ),
    )
    with pytest.raises(ConfigError, match="augmentation=gan: a case may have several labels"):
        add(labelled)


def test_curves_of_the_gan_stand_beside_those_of_the_classifier(add, rare, draws, new_discs):
    draws(new_discs)
    told = []
    add(rare, on_epoch=lambda epoch, metrics: told.append((epoch, metrics)))
    assert told == [(1, {"generator/generator_loss": 0.5})]


def test_a_classifier_says_what_it_was_trained_with_and_is_the_same_from_a_warm_cache(
    fit_model, make_config, rare, gan, tmp_path
):
    rare = dataclasses.replace(rare, features=rare.features[:, :0], feature_names=())
    config = make_config(model=CNN, augmentation={**gan, "acknowledge_copies": True}, max_epochs=1)
    cold, warm = fit_model(rare, config), fit_model(rare, config)
    (tmp_path / ".cache").rename(tmp_path / "elsewhere")
    anew = fit_model(rare, config)

    assert cold.files == warm.files == anew.files
    counts = Counter(rare.cases["y_true"].gather(rare.rows("train")))
    found = json.loads(cold.files["model.json"])["fit"]["generated"]
    assert found["num_generated"] == {"yes": counts["no"] - counts["yes"]}
    assert found["num_epochs"] == 2
    assert set(found["privacy"]["membership_auroc"]) >= {"value", "ci_low", "ci_high"}
    assert cold.summary.as_metrics()["fit/num_generated"] == counts["no"] - counts["yes"]
    plain = fit_model(rare, make_config(model=CNN, max_epochs=1))
    assert "generated" not in json.loads(plain.files["model.json"])["fit"]
    assert plain.files["best.safetensors"] != cold.files["best.safetensors"]


def test_a_model_of_summary_features_is_not_given_generated_pictures(rare, gan, make_config, tmp_path):
    rare = dataclasses.replace(rare, summary=np.zeros((len(rare.cases), 1), np.float32), summary_names=("mean",))
    config = make_config(model="boosting", augmentation=gan)
    with pytest.raises(ConfigError, match="summary features"):
        fit(
            rare,
            config,
            models_folder=tmp_path / "models",
            checkpoint_folder=tmp_path / "checkpoint",
            on_epoch=lambda epoch, metrics: None,
            on_samples=lambda epoch, samples, classes: None,
        )
    assert not (tmp_path / "models").exists()
