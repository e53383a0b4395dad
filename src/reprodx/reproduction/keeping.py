"""Where the outcome of a reproduction is kept: a folder, a JSON, the tracking store."""

from __future__ import annotations

import logging
import math
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from reprodx.artifacts.files import replacing_folder, write_json, write_text
from reprodx.artifacts.locations import DVC_OUTS
from reprodx.config.composition import PARAMS
from reprodx.errors import ConfigError, ReprodxError
from reprodx.reproduction.report_line import with_line
from reprodx.reproduction.workspace import SHORT
from reprodx.tracking.names import PATIENT_IDS
from reprodx.tracking.patient_ids import shared_report
from reprodx.tracking.record import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprodx.reproduction.outcome import Outcome
    from reprodx.reproduction.rerun import Rerun
    from reprodx.tracking.store import Store

logger = logging.getLogger(__name__)

STATEMENT = "reproduction.json"
"""What the JSON is called in a folder and in the store."""
STATEMENTS = Path("outputs/reproductions")
"""Where it lies, by run, when no folder was asked for."""


def check_folder(into: Path) -> None:
    """Refuse to write where something is already.

    Args:
        into: The folder that a person names.

    Raises:
        ConfigError: If it holds something, or is no folder.
    """
    if into.is_dir() and any(into.iterdir()):
        raise ConfigError(f"--into {into} is not empty: name a folder that is new or empty")
    if into.exists() and not into.is_dir():
        raise ConfigError(f"--into {into} is a file: name a folder that is new or empty")


def keep(
    outcome: Outcome, rerun: Rerun, into: Path | None, open_store: Callable[[], Store | None], folder: Path
) -> Path:
    """Write the outcome, and log it where the run is tracked; a store that is away is said, and takes no proof away.

    Args:
        outcome: What was found.
        rerun: Whose files are kept.
        into: The folder that a person names; None keeps the statement alone.
        open_store: Opens what the run is logged in, which a bundle has not needed before; None where there is none.
        folder: For files on their way to the store.

    Returns:
        Where the JSON lies.
    """
    report = _report(outcome, rerun, folder)
    write_json(folder / STATEMENT, outcome.statement())
    if into is None:
        statement = STATEMENTS / f"{(outcome.run.run_id or outcome.run.name)[:SHORT]}.json"
        write_json(statement, outcome.statement())
    else:
        statement = into / STATEMENT
        _keep_files(rerun, into, [folder / STATEMENT, *report])
    store = _opened(open_store) if outcome.run.run_id is not None else None
    if store is not None:
        if PATIENT_IDS in outcome.run.tags:
            for page in report:
                text = shared_report(page.read_text(encoding="utf-8"), outcome.run.config, rerun.locations.prepared)
                write_text(page, text)
        _log(outcome, store, [folder / STATEMENT, *report])
    return statement


def _opened(open_store: Callable[[], Store | None]) -> Store | None:
    try:
        return open_store()
    except ReprodxError as error:
        logger.warning("tracking: %s; the statement is kept", error)
        return None


def _report(outcome: Outcome, rerun: Rerun, folder: Path) -> list[Path]:
    """Write the rerun's report with the verdict at its head; the page that was compared stays without."""
    if not rerun.locations.report.is_file():
        return []
    verdict, run = outcome.verdict, outcome.run
    text = f"This page is of a rerun of {run.in_words}, commit {(run.commit or 'unknown')[:SHORT]}: {verdict.reason}."
    page = with_line(rerun.locations.report, f"Reproduction: {verdict.word.value}", text)
    write_text(folder / DVC_OUTS.report.name, page)
    return [folder / DVC_OUTS.report.name]


def _keep_files(rerun: Rerun, into: Path, own: list[Path]) -> None:
    with replacing_folder(into) as temporary:
        for made in (rerun.locations.models, rerun.locations.results):
            shutil.copytree(
                made, temporary / made.name, ignore=shutil.ignore_patterns("*test_openings.csv", ".gitignore")
            )
        for file in (rerun.project / PARAMS, rerun.log):
            shutil.copy(file, temporary / file.name)
        for file in own:
            is_report = file.name == DVC_OUTS.report.name
            shutil.copy(file, temporary / (DVC_OUTS.report if is_report else file.name))


def _log(outcome: Outcome, store: Store, files: list[Path]) -> None:
    from reprodx.tracking.reproduction_run import log_reproduction

    assert outcome.run.run_id is not None, "checked by the caller"
    between, of_metrics = outcome.comparison.predictions, outcome.comparison.of(METRICS).largest_difference
    found = {"reproduction/metric_difference": of_metrics}
    if between is not None:
        found["reproduction/probability_difference"] = between.largest
        found["reproduction/changed_sides"] = float(between.num_changed_sides)
    log_reproduction(
        store,
        run_id=outcome.run.run_id,
        name=outcome.run.name,
        experiment=outcome.run.experiment,
        verdict=outcome.verdict.word.value,
        reason=outcome.verdict.reason,
        metrics={name: value for name, value in found.items() if value is not None and math.isfinite(value)},
        files=files,
    )
