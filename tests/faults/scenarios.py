"""The commands that are broken off, each in a project in which something has run before."""

from __future__ import annotations

from dataclasses import dataclass

QUICK = ("data=breast_cancer", "model=logistic", "trainer=smoke")
NETWORK = ("data=breast_cancer", "model=mlp", "trainer.max_epochs=150")
FIRST = ("train", *QUICK, "seed=9")
"""Makes the store and the prepared cases."""


@dataclass(frozen=True)
class Scenario:
    """A command in a project."""

    command: tuple[str, ...]
    """Of `reprodx`, or a program that is no part of it."""
    first: tuple[tuple[str, ...], ...] = (FIRST,)
    """What has run before."""
    forgotten: tuple[str, ...] = ()
    """What is removed then."""
    share: int = 1
    """How many of the kills it gets, in proportion."""
    is_program: bool = False


SCENARIOS = {
    "prepare": Scenario(("prepare", "data=heart_disease", "split.seed=7"), share=6),
    "train": Scenario(("train", *NETWORK), share=6),
    "evaluate": Scenario(("evaluate", *QUICK, "seed=9"), share=4),
    "first run": Scenario(("run", *QUICK), first=(), share=4),
    "run": Scenario(("run", *NETWORK), share=6),
    "sweep": Scenario(("run", "-m", *QUICK, "seed=0,1"), share=3),
    "generator": Scenario(("run", "experiment=image_gan", "trainer.max_epochs=2", "data.num_patients=60"), share=2),
    "compare": Scenario(
        (
            "compare",
            "--experiment",
            "breast",
            "--resamples",
            "100",
            "--html",
            "compared.html",
            "--json",
            "compared.json",
        ),
        first=(("run", *QUICK), ("run", *QUICK, "model=mlp")),
        share=3,
    ),
    "track": Scenario(
        ("track",),
        first=(("compose",), ("prepare",), ("train",), ("evaluate",)),
        forgotten=("mlflow.db", "mlflow.db-wal", "mlflow.db-shm", "mlruns", ".cache/tracking"),
        share=3,
    ),
    "dvc repro": Scenario(("dvc", "repro"), first=(), share=1, is_program=True),
}
