"""Predictions of several runs -> what differs between them, and how sure that is."""

from __future__ import annotations

import functools
import logging
import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from reprodx.artifacts.files import write_json
from reprodx.comparison.compare import compare_cases, with_best_first
from reprodx.comparison.lineup.line_up import line_up
from reprodx.comparison.request import check_required, check_task, command_of, margin_change, settings_of, with_sampling
from reprodx.errors import ConfigError
from reprodx.reporting.comparison.report import write_comparison_report
from reprodx.reporting.comparison_json import as_json
from reprodx.reporting.comparison_table import comparison_table
from reprodx.tracking.compared_runs import ledger_of, open_sources
from reprodx.tracking.comparison_run import VERDICT, log_comparison
from reprodx.tracking.store_here import open_store_here

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from reprodx.artifacts.openings import Ledger
    from reprodx.comparison.compared_cases import Contender
    from reprodx.comparison.request import Request
    from reprodx.comparison.result import Comparison
    from reprodx.comparison.source import Source
    from reprodx.tracking.store import Store

logger = logging.getLogger(__name__)

SEARCH_SIZE = 3
"""Contenders from which on the best of them is taken for the winner of a search."""
REPORT, NUMBERS = "comparison.html", "comparison.json"
"""Under which names they are logged."""


def compare(request: Request) -> None:
    """Compare runs, say what was found, and write and log it.

    Args:
        request: What a person asked for.

    Raises:
        ConfigError: If a run or metric is not known.
        IncomparableError: If cases, labels or classes differ, or a run must not be believed.
        VerdictError: If a verdict is not what `require` asks; everything has been written then.
    """
    opened = functools.cache(open_store_here)
    sources = open_sources(
        request.runs,
        experiment=request.experiment,
        filter_string=request.filter_string,
        store=opened,
        split=request.split,
    )
    compare_sources(request, sources, opened)


def compare_sources(request: Request, sources: Sequence[Source], store: Callable[[], Store | None]) -> None:
    """Compare predictions that have been found, say what was found, and write and log it.

    Args:
        request: What is asked of them.
        sources: What its `runs` name.
        store: Opens the store of those that are tracked.

    Raises:
        ConfigError: If a metric is not known.
        IncomparableError: If cases, labels or classes differ, or a run must not be believed.
        VerdictError: If a verdict is not what `require` asks; everything has been written then.
    """
    settings = settings_of(request, sources)
    cases = line_up(
        with_sampling(sources, request.sampling),
        split=request.split,
        reference=request.reference,
        intersect=request.intersect,
        across_code=request.across_code,
        positive=request.positive,
        order=request.order,
        threshold=request.threshold,
        ordinal_cut=settings.ordinal_cut,
    )
    check_task(request, cases.task)
    tracked = store() if any(source.run for source in sources) else None
    ledger = ledger_of(sources, tracked)
    if change := margin_change(settings, ledger):
        cases = replace(cases, notes=(*cases.notes, change))
    if request.reference is None and not request.runs:
        cases = with_best_first(cases, settings)
    is_search = not request.runs or len(cases.contenders) >= SEARCH_SIZE
    comparison = compare_cases(cases, settings, is_search=is_search)
    _show(comparison)
    _write(comparison, request, tracked, ledger)
    check_required(comparison, request.require)


def _show(comparison: Comparison) -> None:
    """Print the table; whoever stops reading it, such as `head`, does not stop the comparison."""
    try:
        sys.stdout.write(comparison_table(comparison))
        sys.stdout.flush()
    except BrokenPipeError:
        # Python would complain once more when it closes the output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write(comparison: Comparison, request: Request, store: Store | None, ledger: Ledger | None) -> None:
    """Write the files that were asked for, and log them where the compared runs are."""
    sources = [one for contender in comparison.cases.contenders for one in _sources(contender)]
    with tempfile.TemporaryDirectory() as folder:
        numbers, html = Path(folder) / NUMBERS, Path(folder) / REPORT
        if request.json_path or store is not None:
            with _named(request.json_path, numbers) as path:
                write_json(path, as_json(comparison))
        if request.html_path or store is not None:
            command = command_of(request, comparison)
            with _named(request.html_path, html) as path:
                write_comparison_report(path, comparison, ledger=ledger, how_to_repeat=[command])
        if request.html_path:
            logger.info("wrote the report %s", request.html_path)
        if store is not None:
            _log(store, comparison, sources, files=(html, numbers))


@contextmanager
def _named(asked: Path | None, logged: Path) -> Iterator[Path]:
    """Yield where a file is to be written; it is then also where it is logged from, under the name of all its like."""
    path = asked or logged
    try:
        yield path
        if path != logged:
            shutil.copyfile(path, logged)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written ({error.strerror}): name another place") from error


def _log(store: Store, comparison: Comparison, sources: Sequence[Source], files: Sequence[Path]) -> None:
    runs = [source.run for source in sources if source.run]
    settings, names = (comparison.settings, [contender.name for contender in comparison.cases.contenders])
    words = [f"{names[one.first]} against {names[one.second]}: {one.word.value}" for one in comparison.verdicts]
    log_comparison(
        store,
        experiment=runs[0].experiment,
        name=" ".join(names),
        run_ids=[run.run_id for run in runs],
        params={
            "reference": names[0],
            "metric": settings.metric,
            "margin": f"{settings.margin.value:g} stated {settings.margin.origin}",
            "split": comparison.cases.split,
            "confidence_level": f"{settings.confidence_level:g}",
            "num_resamples": str(settings.num_resamples),
        },
        metrics=dict(_differences(comparison, names)),
        tags={VERDICT: "; ".join(words)},
        files=files,
    )


def _differences(comparison: Comparison, names: Sequence[str]) -> Iterator[tuple[str, float]]:
    for pair in comparison.primary.pairs:
        estimate = pair.difference.estimate
        name = f"{comparison.primary.metric.name}_difference/{names[pair.first]} - {names[pair.second]}"
        limits = {"": estimate.value, "_ci_low": estimate.ci_low, "_ci_high": estimate.ci_high}
        yield from ((f"{name}{suffix}", value) for suffix, value in limits.items() if value is not None)


def _sources(contender: Contender) -> Iterator[Source]:
    return (source for member in contender.members for source in member.sources)
