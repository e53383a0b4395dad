"""A store in memory that does what MLflow's does with what is sent twice, and fails when it is told to."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from reprodx.errors import TrackingError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class FakeClient:
    """One run of a store; calls fail before or after they are obeyed, by the plan."""

    def __init__(self) -> None:
        """Hold a run of which nothing is known."""
        self.points: list[tuple[str, float, int, int]] = []
        self.params: dict[str, str] = {}
        self.tags: dict[tuple[str, str], str] = {}
        self.files: dict[str, bytes] = {}
        self.datasets: set[str] = set()
        self.models: list[str] = []
        self.outputs: list[str] = []
        self.status: tuple[str, int] | None = None
        self.plan: list[str] = []
        """For each next call `fine`, `unheard` or `unanswered`; fine when it is empty."""
        self.calls: Counter[str] = Counter()

    def log_batch(self, run_id: str, metrics: Any = (), params: Any = (), tags: Any = ()) -> None:
        def obey() -> None:
            for metric in metrics:
                point = (metric.key, metric.value, metric.timestamp, metric.step)
                if point not in self.points:
                    self.points.append(point)
            for param in params:
                assert self.params.setdefault(param.key, param.value) == param.value
            self.tags.update({(run_id, tag.key): tag.value for tag in tags})

        self._answer("log_batch", obey)

    def log_artifact(self, _: str, path: str, folder: str | None) -> None:
        from pathlib import Path

        name = f"{folder}/{Path(path).name}" if folder else Path(path).name
        self._answer("log_artifact", lambda: self.files.update({name: Path(path).read_bytes()}))

    def list_artifacts(self, _: str, folder: str | None) -> list[Any]:
        found = [SimpleNamespace(path=path, file_size=len(content)) for path, content in self.files.items()]
        return self._answer("list_artifacts", lambda: [file for file in found if _folder_of(file.path) == folder])

    def log_inputs(self, _: str, datasets: Any) -> None:
        self._answer("log_inputs", lambda: self.datasets.update(one.dataset.digest for one in datasets))

    def set_terminated(self, _: str, status: str, time_ms: int) -> None:
        def obey() -> None:
            self.status = (status, time_ms)

        self._answer("set_terminated", obey)

    def get_run(self, run_id: str) -> Any:
        latest = {name: value for name, value, *_ in sorted(self.points, key=lambda point: (point[3], point[2]))}
        outputs = SimpleNamespace(model_outputs=list(self.outputs))
        info = SimpleNamespace(run_id=run_id, experiment_id="1")
        data = SimpleNamespace(metrics=latest, params=self.params)
        return self._answer("get_run", lambda: SimpleNamespace(data=data, info=info, outputs=outputs))

    def get_metric_history(self, _: str, name: str) -> list[Any]:
        history = [SimpleNamespace(step=step, timestamp=time) for key, _value, time, step in self.points if key == name]
        return self._answer("get_metric_history", lambda: history)

    def search_logged_models(self, *_: Any, max_results: int) -> list[Any]:
        found = [SimpleNamespace(model_id=model) for model in self.models[:max_results]]
        return self._answer("search_logged_models", lambda: found)

    def create_logged_model(self, *_: Any, **__: Any) -> Any:
        def obey() -> Any:
            self.models.append(f"m-{len(self.models)}")
            return SimpleNamespace(model_id=self.models[-1])

        return self._answer("create_logged_model", obey)

    def log_model_artifacts(self, model_id: str, folder: str) -> None:
        from pathlib import Path

        files = {f"{model_id}:{path.name}": path.read_bytes() for path in sorted(Path(folder).iterdir())}
        self._answer("log_model_artifacts", lambda: self.files.update(files))

    def list_logged_model_artifacts(self, model_id: str, _: str | None) -> list[Any]:
        mine = {path.partition(":")[2]: content for path, content in self.files.items() if path.startswith(model_id)}
        # MLflow's server tells no size of an empty file.
        found = [SimpleNamespace(path=path, file_size=len(text) or None, is_dir=False) for path, text in mine.items()]
        return self._answer("list_logged_model_artifacts", lambda: found)

    def finalize_logged_model(self, *_: Any) -> None:
        self._answer("finalize_logged_model", lambda: None)

    def log_outputs(self, _: str, models: Any) -> None:
        self._answer("log_outputs", lambda: self.outputs.extend(model.model_id for model in models))

    def _answer(self, call: str, obey: Callable[[], Any]) -> Any:
        self.calls[call] += 1
        how = self.plan.pop(0) if self.plan else "fine"
        if how == "unheard":
            raise TrackingError(f"{call} was not heard")
        answer = obey()
        if how == "unanswered":
            raise TrackingError(f"{call} was not answered")
        return answer


def write_model(folder: Path) -> None:
    """Write the least that MLflow takes for a model."""
    from mlflow.models import Model

    (folder / "weights.txt").write_text("weights")
    (folder / "py.typed").touch()
    Model().save(str(folder / "MLmodel"))


def _folder_of(path: str) -> str | None:
    return path.rpartition("/")[0] or None
