"""Where files lie, relative to the project's root.

A run through `dvc repro` writes DVC's outs. A run with overrides writes a folder of its own below `outputs/`, so that
it never disturbs what DVC keeps. Caches lie in the root of the original repository: DVC gives `exp run --temp` and
`--queue` a copy of the workspace that vanishes afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

EXPLANATIONS_FILE = "explanations.json"
"""Below `results/`."""
RAW = Path("data/raw")
"""The only folder of source data that DVC watches."""
DVC_EXPERIMENTS = (".dvc", "tmp", "exps")
"""Below the original root: where DVC makes its temporary workspaces."""


@dataclass(frozen=True)
class Locations:
    """The three folders of one run."""

    prepared: Path
    models: Path
    results: Path

    @property
    def predictions(self) -> Path:
        """The file that everything is judged from."""
        return self.results / "predictions.parquet"

    @property
    def explanations(self) -> Path:
        """Which cases the model gets wrong, and what its answers for them rest on."""
        return self.results / EXPLANATIONS_FILE

    @property
    def metrics(self) -> Path:
        """The scores, as `dvc metrics` reads them."""
        return self.results / "metrics.json"

    @property
    def samples(self) -> Path:
        """What a generator made: pictures or texts to look at."""
        return self.results / "samples"

    @property
    def plots(self) -> Path:
        """Curves as tables, as `dvc plots` reads them."""
        return self.results / "plots"

    @property
    def report(self) -> Path:
        """The scores, as a person reads them."""
        return self.results / "report.html"

    @property
    def model_card(self) -> Path:
        """What the model is and how it does, for those who may use it."""
        return self.results / "model_card.md"

    @property
    def is_reported(self) -> bool:
        """Whether all is there that people read of a run."""
        return all(path.exists() for path in (self.plots, self.report, self.model_card))


DVC_OUTS = Locations(Path("data/prepared"), Path("models"), Path("results"))
"""What `dvc.yaml` lists."""


def own_locations(config_hash: str, prepared: Path) -> Locations:
    """Return the folders of a run with overrides; `prepared` may be shared with other runs."""
    folder = Path("outputs") / config_hash
    return Locations(prepared, folder / "models", folder / "results")


def home() -> Path:
    """Return the root of the original repository, also from inside a temporary workspace of DVC."""
    here = Path.cwd()
    for folder in here.parents:
        if folder.parts[-len(DVC_EXPERIMENTS) :] == DVC_EXPERIMENTS:
            return folder.parents[len(DVC_EXPERIMENTS) - 1]
    return here


def checkpoint_folder(config_hash: str) -> Path:
    """Return where an unfinished training keeps what it needs to go on."""
    return home() / ".cache" / "checkpoints" / config_hash


def model_note(model_hash: str) -> Path:
    """Return where it is noted which code trained a model."""
    return home() / ".cache" / "trained" / f"{model_hash}.json"


def prepared_cache(prepared_hash: str) -> Path:
    """Return where prepared cases lie that differ from those of `dvc repro`."""
    return home() / ".cache" / "prepared" / prepared_hash


def generator_cache(generator_hash: str) -> Path:
    """Return where a generator lies whose cases are added to those of training."""
    return home() / ".cache" / "generators" / generator_hash
