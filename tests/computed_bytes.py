"""What pipeline, networks, optimizers and transforms compute, as a table of hashes: one process for each processor.

Usage: python -m tests.computed_bytes PROJECT TABLE.json
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import yaml
from scipy.sparse import csr_array

from reprodx import cli
from reprodx.config.targets import accepted, instantiate
from reprodx.hashing import sha256_of_path
from reprodx.inputs import Inputs, Modality
from reprodx.portability import is_portable
from reprodx.training.determinism import reproducible
from reprodx.training.weight_steps import WeightSteps
from tests.contracts import test_networks as contract
from tests.training.conftest import BOOSTING, LOGISTIC, MLP, make_config, make_prepared
from tests.training.generation import conftest as generation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reprodx.artifacts.prepared import PreparedCases

SHORT = [
    "tracking=none",
    "trainer.max_epochs=3",
    "evaluation.num_resamples=100",
    "evaluation.num_null_draws=100",
    "evaluation.num_attributed=1",
    "evaluation.num_failures=2",
]
"""The default experiment, short enough for an emulated processor."""
PREPARED = {
    "picture": ["data=synthetic_fundus", "data.num_patients=24", "data.size=[16,16]"],
    "signal": ["data=synthetic_ecg", "data.num_patients=24"],
    "series": ["data=synthetic_icu", "data.num_patients=24"],
}
"""Other kinds of cases, prepared alone."""
OTHER_OPTIMIZERS = ("Adam", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam")
"""Of PyTorch, as they come."""
NUM_STEPS = 2
"""Of each training."""


def write_table(project: Path, table: Path) -> None:
    """Write the hashes by name, and whether the process was portable."""
    found = {"portable": str(is_portable())}
    with reproducible(1):
        found |= dict([*networks(), *optimizers(), *transforms()])
    found |= dict(fitted(project / "fitted"))
    os.chdir(project)
    found |= dict([*experiment(), *preparations()])
    table.write_text(json.dumps(found, indent=1), encoding="utf-8")


def experiment() -> Iterator[tuple[str, str]]:
    assert cli.main(["run", *SHORT]) == 0
    (own,) = Path("outputs").iterdir()
    (prepared,) = Path(".cache/prepared").glob("*/manifest.json")
    for folder in (prepared.parent, own / "models", own / "results"):
        yield from ((f"run {folder.name[:12]}/{name}", digest) for name, digest in hashes_of(folder))


def preparations() -> Iterator[tuple[str, str]]:
    for kind, overrides in PREPARED.items():
        before = set(Path(".cache/prepared").iterdir())
        assert cli.main(["prepare", *overrides]) == 0
        (folder,) = (each for each in set(Path(".cache/prepared").iterdir()) - before if each.is_dir())
        yield from ((f"prepared {kind}/{name}", digest) for name, digest in hashes_of(folder))


def networks() -> Iterator[tuple[str, str]]:
    contract.NUM_STEPS, contract.LENGTHS = 8, contract.LENGTHS.clamp(max=8)
    for option, modality in contract.NETWORKS:
        torch.manual_seed(1)
        network = contract.build(option, modality, filters=[4, 8, 8], width=2, hidden_size=9)
        given, targets = contract.make_cases(modality)
        step(network, torch.optim.AdamW(network.parameters(), fused=True), given, targets)
        network.eval()
        with torch.inference_mode():
            yield f"network {option} {modality.value}", hash_of([*network.state_dict().values(), network(**given)])


def optimizers() -> Iterator[tuple[str, str]]:
    options = {file.stem: yaml.safe_load(file.read_text()) for file in sorted(Path("conf/optimizer").glob("*.yaml"))}
    others = {name: {"_target_": f"torch.optim.{name}"} for name in OTHER_OPTIMIZERS}
    given, targets = contract.make_cases(Modality.TABLE)
    for name, node in {**options, **others}.items():
        torch.manual_seed(1)
        network = contract.build("mlp", Modality.TABLE)
        step(network, instantiate(node, "optimizer", params=network.parameters()), given, targets)
        yield f"optimizer {name}", hash_of(network.state_dict().values())


def step(network: Any, optimizer: Any, given: dict[str, torch.Tensor], targets: torch.Tensor) -> None:
    settings = SimpleNamespace(l1_penalty=0.001, l2_penalty=0.01, accumulate_batches=1, gradient_clip_norm=0.5)
    steps = WeightSteps(network, optimizer, settings, num_steps=NUM_STEPS, divergence=AssertionError)
    for _ in range(NUM_STEPS):
        steps.learn(torch.nn.functional.cross_entropy(network(**given), targets))
    steps.finish_epoch()


def transforms() -> Iterator[tuple[str, str]]:
    random = torch.Generator().manual_seed(3)
    targets = torch.nn.functional.one_hot(torch.arange(4) % 2).float()
    shapes = {"image": (4, 3, 16, 16), "signal": (4, 50, 3), "mixup": (4, 9), "gaussian_noise": (4, 9)}
    for option, shape in shapes.items():
        node = yaml.safe_load(Path("conf/augmentation", f"{option}.yaml").read_text())
        change = instantiate(node, "augmentation", **accepted(node, {"num_classes": 2}, "augmentation"))
        yield f"augmentation {option}", hash_of(change(torch.rand(shape, generator=random), targets, random))


def fitted(folder: Path) -> Iterator[tuple[str, str]]:
    from reprodx.training.fit import fit

    for name, (model, prepared) in fits().items():
        config = make_config(model=model, max_epochs=1, samples_every=1)
        ignored = {"on_epoch": lambda *_: None, "on_samples": lambda *_: None}
        fit(prepared, config, models_folder=folder / name, checkpoint_folder=folder / f".{name}", **ignored)
        yield from ((f"fitted {name}/{file}", digest) for file, digest in hashes_of(folder / name))


def fits() -> dict[str, tuple[dict[str, Any], PreparedCases]]:
    random = np.random.default_rng(0)
    num = generation.NUM_CASES
    pictures = random.integers(0, 256, (num, 32, 32, 3)).astype(np.uint8)
    image = Inputs.of_rows(Modality.IMAGE, pictures, channels=("red", "green", "blue"))
    lengths = random.integers(2, 9, num)
    text = Inputs.of_steps(Modality.TEXT, random.integers(2, 6, lengths.sum()).astype(np.int32), lengths)
    tokens = ("<padding>", "<unknown>", "a", "b", "c", "d")
    texts = generation.make_prepared(text, {"vocabulary_size": 6, "max_tokens": 12}, tokens)
    words = csr_array(random.random((num, 20)) * (random.random((num, 20)) < 0.3), dtype=np.float32)
    texts_with_terms = texts.__class__(
        **{**vars(texts), "summary": words, "summary_names": tuple(f"w{column}" for column in range(20))}
    )
    return {
        "mlp": (MLP, make_prepared()),
        "gradient_boosting": (BOOSTING, make_prepared()),
        "logistic_text": (LOGISTIC, texts_with_terms),
        "dcgan": (generation.DCGAN, generation.make_prepared(image, {})),
        "char_rnn": (generation.CHAR_RNN, texts),
    }


def hashes_of(folder: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield file.relative_to(folder).as_posix(), sha256_of_path(file)


def hash_of(tensors: Iterable[torch.Tensor]) -> str:
    digest = hashlib.sha256()
    for tensor in tensors:
        digest.update(tensor.detach().contiguous().numpy().tobytes())
    return digest.hexdigest()


if __name__ == "__main__":
    write_table(Path(sys.argv[1]), Path(sys.argv[2]))
