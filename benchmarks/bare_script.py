"""The baseline of `first_repro.py`: the same study as one script, as one writes it by hand.

Loads the heart disease table, splits, imputes, scales, encodes, trains the same perceptron with the same optimizer,
batches and number of epochs on one thread, and scores the test cases. `python bare_script.py TABLE NUM_EPOCHS`.
"""

from __future__ import annotations

import sys

import pandas as pd
import torch
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from torch import nn
from torch.nn import functional

BATCH_SIZE = 32


def main() -> None:
    path, num_epochs = sys.argv[1], int(sys.argv[2])
    torch.manual_seed(0)
    torch.set_num_threads(1)
    table = pd.read_csv(path, dtype={"fbs": str, "exang": str})
    is_ill = (table.pop("num") > 0).astype("float32")
    table = table.drop(columns=["id", "dataset"])
    table[["chol", "trestbps"]] = table[["chol", "trestbps"]].replace(0, float("nan"))
    rest, test, rest_ill, test_ill = train_test_split(table, is_ill, test_size=0.2, stratify=is_ill, random_state=0)
    train, val, train_ill, val_ill = train_test_split(rest, rest_ill, test_size=0.25, stratify=rest_ill, random_state=0)
    prepare = make_column_transformer(
        (
            make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler()),
            make_column_selector(dtype_include="number"),
        ),
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude="number")),
        sparse_threshold=0,
    ).fit(train)
    features = {
        name: torch.tensor(prepare.transform(part), dtype=torch.float32)
        for name, part in (("train", train), ("val", val), ("test", test))
    }
    labels = {"train": torch.tensor(train_ill.to_numpy()), "val": torch.tensor(val_ill.to_numpy())}
    network = fit(features, labels, num_epochs)
    with torch.inference_mode():
        print(f"test AUROC {roc_auc_score(test_ill, network(features['test'])):.3f}")


def fit(features: dict[str, torch.Tensor], labels: dict[str, torch.Tensor], num_epochs: int) -> nn.Module:
    network = nn.Sequential(
        nn.Linear(features["train"].shape[1], 64),
        *(nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, 32)),
        *(nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 1)),
        nn.Flatten(0),
    )
    optimizer = torch.optim.Adam(network.parameters(), lr=0.001)
    for _ in range(num_epochs):
        network.train()
        for rows in torch.randperm(len(labels["train"])).split(BATCH_SIZE):
            optimizer.zero_grad()
            logits = network(features["train"][rows])
            functional.binary_cross_entropy_with_logits(logits, labels["train"][rows]).backward()
            optimizer.step()
        network.eval()
        with torch.inference_mode():
            float(functional.binary_cross_entropy_with_logits(network(features["val"]), labels["val"]))
    return network


if __name__ == "__main__":
    main()
