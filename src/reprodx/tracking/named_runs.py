"""Which runs of the store a person means by an id, a name, a model's address, an experiment or a filter."""

from __future__ import annotations

import difflib
import functools
import logging
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from reprodx.errors import ConfigError, first_of
from reprodx.schemas import TEST
from reprodx.tracking.connection import one_line
from reprodx.tracking.logged_files import in_words
from reprodx.tracking.logged_source import read_source
from reprodx.tracking.model_address import SCHEMES, source_run_id
from reprodx.tracking.names import CLOSED, COMPLETE, CONFIG_HASH, INVALID, RECIPE_HASH, TEST_SPLIT, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mlflow.entities import Experiment
    from mlflow.entities import Run as StoredRun

    from reprodx.comparison.source import Source
    from reprodx.tracking.store import Store

logger = logging.getLogger(__name__)

RUN_ID = re.compile(r"[0-9a-f]{6,32}")
"""A run's id, or enough of its beginning."""
PAGE = 1000
"""Runs that are asked for at once."""
NUM_NAMED = 10
"""Runs that a message names."""


class NamedRuns:
    """The runs of a store, or of one of its experiments, as a person names them."""

    def __init__(self, store: Store, experiment: str | None = None, filter_string: str | None = None) -> None:
        """Look names up in a part of a store.

        Args:
            store: Where runs are kept.
            experiment: The name of the only experiment to look in; None for all.
            filter_string: MLflow's filter of the runs to look at; None for all.
        """
        self.store = store
        self.experiment = experiment
        self.filter_string = filter_string

    def of(self, name: str) -> list[StoredRun]:
        """Return the runs that a person means.

        Args:
            name: A model's address, see `source_run_id`; a run's id, or at least 6 digits of its beginning; or a run's
                name.

        Returns:
            One run. Of a name that seeds or folds of one recipe share, each of them, oldest first.

        Raises:
            ConfigError: If nothing has that name, if several have, or if what has it was deleted.
            TrackingError: If the store refuses.
        """
        if name.startswith(SCHEMES):
            return [self._of_id(source_run_id(self.store, name), name)]
        found = self._of_id_prefix(name) if RUN_ID.fullmatch(name) else None
        return [found] if found is not None else self._of_run_name(name)

    def finished(self, split: str = TEST) -> list[StoredRun]:
        """Return the finished runs, oldest first.

        Args:
            split: Whose scores are asked for: runs that left the test split closed have none of it.

        Returns:
            At least one; of repetitions of one configuration the newest.

        Raises:
            ConfigError: If there is none, no such experiment, or the filter is not one that MLflow understands.
            TrackingError: If the store refuses.
        """
        matching = self._search(self.filter_string)
        complete = [run for run in matching if COMPLETE in run.data.tags]
        closed = [run for run in complete if split == TEST and run.data.tags.get(TEST_SPLIT) == CLOSED]
        if closed:
            logger.info(
                "%d runs of a search are left out, whose test split is closed; --split val compares them", len(closed)
            )
        finished = _newest_of_each([run for run in complete if run not in closed])
        if finished:
            return finished
        seen = f"{len(matching)} runs of {self._place} were looked at"
        if self.filter_string:
            seen = f"{len(self._search(None))} runs of {self._place} were looked at, {len(matching)} match the filter"
        raise ConfigError(f"nothing to compare: {seen}, and none of them is finished; look with `make ui`")

    def ever_tagged(self, tag: str, value: str) -> list[StoredRun]:
        """Return every run of the whole store that has a tag, deleted ones too.

        Args:
            tag: Its name.
            value: Its value.

        Returns:
            Newest first.

        Raises:
            TrackingError: If the store refuses.
        """
        return self._search(f"tags.`{tag}` = {quoted(value)}", with_deleted=True, everywhere=True)

    def source(self, stored: StoredRun) -> Source:
        """Return the predictions of a run, see `read_source`."""
        experiment_id = stored.info.experiment_id
        experiment = next(one.name for one in self._all_experiments if one.experiment_id == experiment_id)
        return read_source(self.store, stored, experiment)

    @functools.cached_property
    def _all_experiments(self) -> Sequence[Experiment]:
        """Deleted ones too, so that it can be said that what a person names was deleted."""
        from mlflow.entities import ViewType

        with self.store.refusing("listing experiments"):
            found: Sequence[Experiment] = self.store.client.search_experiments(view_type=ViewType.ALL)
            return found

    @functools.cached_property
    def _experiment_ids(self) -> list[str]:
        if self.experiment is None:
            return [one.experiment_id for one in self._all_experiments]
        named = {one.name: one for one in self._all_experiments}
        if self.experiment not in named:
            others = [one.name for one in self._all_experiments if one.lifecycle_stage == "active"]
            raise ConfigError(f"{self.store} has no experiment {self.experiment!r}: {_advice(self.experiment, others)}")
        if named[self.experiment].lifecycle_stage != "active":
            experiment_id = named[self.experiment].experiment_id
            raise ConfigError(
                f"experiment {self.experiment!r} is deleted: restore it with "
                f"`mlflow experiments restore --experiment-id {experiment_id}`"
            )
        return [named[self.experiment].experiment_id]

    def _search(
        self, condition: str | None, *, with_deleted: bool = False, everywhere: bool = False
    ) -> list[StoredRun]:
        """Return the runs that match a condition, newest first."""
        from mlflow.entities import ViewType

        ids = [one.experiment_id for one in self._all_experiments] if everywhere else self._experiment_ids
        view = ViewType.ALL if with_deleted else ViewType.ACTIVE_ONLY
        found: list[StoredRun] = []
        token = None
        with self.store.refusing("searching runs"), self._blaming_the_filter():
            while True:
                page = self.store.client.search_runs(ids, condition or "", view, PAGE, page_token=token)
                found += page
                token = page.token
                if not token:
                    return found

    @contextmanager
    def _blaming_the_filter(self) -> Iterator[None]:
        from mlflow.exceptions import MlflowException

        try:
            yield
        except MlflowException as error:
            if error.error_code != INVALID or not self.filter_string:
                raise
            raise ConfigError(
                f"--filter {self.filter_string!r}: MLflow does not understand it ({one_line(error)}): write such as "
                "\"params.`model.name` = 'mlp' and metrics.`val/auroc` > 0.8\""
            ) from error

    def _of_id(self, run_id: str, name: str) -> StoredRun:
        found = self._search(f"attributes.run_id = '{run_id}'", with_deleted=True, everywhere=True)
        if not found:
            raise ConfigError(f"{name} is of run {run_id}, which {self.store} does not have: name another")
        return _active(found)[0]

    def _of_id_prefix(self, prefix: str) -> StoredRun | None:
        found = self._search(f"attributes.run_id LIKE '{prefix}%'", with_deleted=True, everywhere=True)
        if not found:
            return None
        active = _active(found)
        if len(active) > 1:
            raise ConfigError(f"{prefix} begins the ids of several runs: give more digits of one of {_ids(active)}")
        return active[0]

    def _of_run_name(self, name: str) -> list[StoredRun]:
        conditions = [f"attributes.run_name = {quoted(name)}", *([self.filter_string] if self.filter_string else [])]
        found = self._search(" and ".join(conditions), with_deleted=True)
        if not found:
            raise ConfigError(f"{name!r} is no file, and no run of {self._place}: {_advice(name, self._run_names())}")
        active = _active(found)
        # One that failed, and was then run again under the same name, is not what a person means.
        chosen = _newest_of_each([run for run in active if COMPLETE in run.data.tags] or active)
        recipes = {run.data.tags.get(RECIPE_HASH) for run in chosen}
        if len(chosen) > 1 and (len(recipes) > 1 or None in recipes):
            raise ConfigError(f"{len(chosen)} runs are called {name!r}: give the ids of {_ids(chosen)}")
        return chosen

    @property
    def _place(self) -> str:
        return str(self.store) if self.experiment is None else f"experiment {self.experiment!r}"

    def _run_names(self) -> list[str]:
        with self.store.refusing("searching runs"):
            newest = self.store.client.search_runs(self._experiment_ids, max_results=PAGE)
        return [run.info.run_name for run in newest if run.info.run_name]


def _active(found: Sequence[StoredRun]) -> list[StoredRun]:
    """Return the runs that are not deleted, and refuse where all are."""
    active = [run for run in found if run.info.lifecycle_stage == "active"]
    if not active:
        run_id = found[0].info.run_id
        raise ConfigError(f"{in_words(found[0])} is deleted: restore it with `mlflow runs restore --run-id {run_id}`")
    return active


def _newest_of_each(found: Iterable[StoredRun]) -> list[StoredRun]:
    """Return the newest run of each configuration, oldest first; a run of another tool stands for itself."""
    ordered = sorted(found, key=lambda run: (run.info.start_time, run.info.run_id))
    newest = {run.data.tags.get(CONFIG_HASH) or run.info.run_id: run for run in ordered}
    return [run for run in ordered if run in newest.values()]


def _ids(found: Sequence[StoredRun]) -> str:
    return first_of([run.info.run_id for run in found], NUM_NAMED)


def _advice(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, sorted(set(known)), n=3)
    return f"did you mean {' or '.join(map(repr, near))}?" if near else "see what there is with `make ui`"
