"""Predictions of several runs -> what differs between them, and how sure that is."""

from __future__ import annotations

import functools
import logging
import os
import shlex
import shutil
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprodx.artifacts.files import write_json
from reprodx.artifacts.locations import home
from reprodx.artifacts.openings import Ledger, ledger
from reprodx.comparison.compare import compare_cases, with_best_first
from reprodx.comparison.line_up import line_up
from reprodx.comparison.result import Word
from reprodx.comparison.settings import DEFAULTS, ComparisonSettings, Margin
from reprodx.config.composition import CONF, compose, validate
from reprodx.config.schema import Tracking
from reprodx.errors import ConfigError, VerdictError
from reprodx.reporting.comparison.report import write_comparison_report
from reprodx.reporting.comparison_json import as_json
from reprodx.reporting.comparison_table import comparison_table
from reprodx.tracking.compared_runs import open_sources, tracked_openings
from reprodx.tracking.comparison_run import VERDICT, log_comparison
from reprodx.tracking.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reprodx.comparison.compared_cases import Contender
    from reprodx.comparison.result import Comparison
    from reprodx.comparison.source import Source
    from reprodx.tracking.store import Store

logger = logging.getLogger(__name__)

ENOUGH = {
    Word.SUPERIOR: (Word.SUPERIOR,),
    Word.NON_INFERIOR: (Word.SUPERIOR, Word.NON_INFERIOR),
}
"""The verdicts that meet a requirement."""
MARGIN_METRIC = "auroc"
"""What the margin of the configuration is about."""
DEFAULT_MARGIN = 0.02
"""Of the AUROC, where no configuration stands behind any file: the value of `conf/evaluation/default.yaml`."""
SEARCH_SIZE = 3
"""Contenders from which on the best of them is taken for the winner of a search."""
REPORT, NUMBERS = "comparison.html", "comparison.json"
"""Under which names they are logged."""
USUAL_STORE = Tracking(name="mlflow", uri=None, probe_seconds=3.0, log_model=False)
LIMITS = {
    "margin": ("--margin", 0, 1),
    "threshold": ("--threshold", 0, 1),
    "decision_threshold": ("--decision-threshold", 0, 1),
    "confidence_level": ("--level", 0, 1),
    "power": ("--power", 0, 1),
    "num_resamples": ("--resamples", 99, 10**6),
    "bootstrap_seed": ("--bootstrap-seed", -1, 2**32),
    "ordinal_cut": ("--ordinal-cut", 0, 1000),
}
"""What options are called, and what they lie between, limits left out."""


@dataclass(frozen=True)
class Request:
    """What a person asked for; see `reprodx compare --help`."""

    runs: Sequence[str]
    experiment: str | None
    filter_string: str | None
    split: str
    reference: str | None
    positive: str | None
    threshold: float | None
    intersect: bool
    margin: float | None
    chosen: Mapping[str, Any]
    """Fields of `ComparisonSettings` that were given."""
    require: str | None
    json_path: Path | None
    html_path: Path | None


def request_of(options: Mapping[str, Any]) -> Request:
    """Return the request that options of the command line make.

    Args:
        options: By name, None where not given.

    Returns:
        The request.

    Raises:
        ConfigError: If a number is out of its range, nothing is named, or a file is asked for in a place of another.
    """
    for name, (flag, low, high) in LIMITS.items():
        value = options[name]
        if value is not None and not low < value < high:
            raise ConfigError(f"{flag} {value:g}: give a number above {low} and below {high}")
    if not options["runs"] and not options["experiment"] and not options["filter_string"]:
        raise ConfigError("name the runs to be compared, or give --experiment")
    chosen = {field.name: options.get(field.name) for field in fields(ComparisonSettings) if field.name != "margin"}
    given = {name: value for name, value in chosen.items() if value is not None}
    paths = {name: Path(options[name]) if options[name] else None for name in ("json_path", "html_path")}
    names = {field.name for field in fields(Request)} - {"chosen", *paths}
    values: dict[str, Any] = {**{name: options[name] for name in names}, **paths}
    _refuse_places([path for path in paths.values() if path], options["runs"])
    return Request(chosen=given, **values)


def _refuse_places(paths: Sequence[Path], runs: Sequence[str]) -> None:
    """Refuse places where a file would replace what is compared or another result, or cannot be."""
    if len({path.resolve() for path in paths}) < len(paths):
        raise ConfigError("--json and --html name one file: give each its own")
    compared = {Path(run).resolve() for run in runs}
    for path in paths:
        if path.is_dir():
            raise ConfigError(f"{path} is a folder: name the file that is to be written")
        if path.resolve() in compared:
            raise ConfigError(f"{path} is compared itself and would be replaced: name another file")


def compare(request: Request) -> None:
    """Compare runs, say what was found, and write and log it.

    Args:
        request: What a person asked for.

    Raises:
        ConfigError: If a run or metric is not known.
        IncomparableError: If cases, labels or classes differ, or a run must not be believed.
        VerdictError: If a verdict is not what `require` asks; everything has been written then.
    """
    opened = functools.cache(_open_store)
    sources = open_sources(
        request.runs, experiment=request.experiment, filter_string=request.filter_string, store=opened
    )
    settings = _settings(request, sources)
    cases = line_up(
        sources,
        split=request.split,
        reference=request.reference,
        intersect=request.intersect,
        positive=request.positive,
        threshold=request.threshold,
        ordinal_cut=settings.ordinal_cut,
    )
    if request.reference is None and not request.runs:
        cases = with_best_first(cases, settings)
    is_search = not request.runs or len(cases.contenders) >= SEARCH_SIZE
    comparison = compare_cases(cases, settings, is_search=is_search)
    _show(comparison)
    _write(comparison, request, opened() if any(source.run for source in sources) else None)
    _check_required(comparison, request.require)


def _show(comparison: Comparison) -> None:
    """Print the table; whoever stops reading it, such as `head`, does not stop the comparison."""
    try:
        sys.stdout.write(comparison_table(comparison))
        sys.stdout.flush()
    except BrokenPipeError:
        # Python would complain once more when it closes the output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _open_store() -> Store | None:
    """Open the store that the configuration here names, or MLflow's usual one outside of a project."""
    in_project = (CONF / "config.yaml").is_file()
    return open_store(validate(compose(), components=()).tracking if in_project else USUAL_STORE, home())


def _settings(request: Request, sources: Sequence[Source]) -> ComparisonSettings:
    """Return what was given, else what the first run was judged by, else the defaults."""
    judged_by: Mapping[str, Any] = next(
        (source.run.config.get("evaluation", {}) for source in sources if source.run), {}
    )
    configured = {name: judged_by[name] for name in DEFAULTS if name in judged_by}
    values: dict[str, Any] = {**DEFAULTS, **configured, **request.chosen}
    return ComparisonSettings(**values, margin=_margin(request.margin, values["metric"], sources))


def _margin(given: float | None, metric: str, sources: Sequence[Source]) -> Margin:
    if given is not None:
        return Margin(given, "on the command line")
    if not metric.startswith(MARGIN_METRIC):
        return Margin(0.0, f"by nobody for {metric}, so that none is assumed")
    metadata = [source.predictions.metadata for source in sources]
    stated = sorted({one["margin"] for one in metadata if "margin" in one})
    if not stated:
        return Margin(DEFAULT_MARGIN, "by default, not by anyone for these models")
    strictest = ", the strictest of several" if len(stated) > 1 else ""
    return Margin(stated[0], f"in the runs' configuration{strictest}")


def _write(comparison: Comparison, request: Request, store: Store | None) -> None:
    """Write the files that were asked for, and log them where the compared runs are."""
    sources = [one for contender in comparison.cases.contenders for one in _sources(contender)]
    with tempfile.TemporaryDirectory() as folder:
        numbers, html = Path(folder) / NUMBERS, Path(folder) / REPORT
        if request.json_path or store is not None:
            with _named(request.json_path, numbers) as path:
                write_json(path, as_json(comparison))
        if request.html_path or store is not None:
            ledger, command = _ledger(sources, store), _repeating(comparison, request, sources)
            with _named(request.html_path, html) as path:
                write_comparison_report(path, comparison, ledger=ledger, how_to_repeat=command)
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
    settings, names = comparison.settings, [contender.name for contender in comparison.cases.contenders]
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


def _ledger(sources: Sequence[Source], store: Store | None) -> Ledger | None:
    """Return how often the test splits of all runs were scored; of cross-validation the folds' together."""
    found = {source.predictions.metadata.get("split_hash") for source in sources} - {None}
    ledgers = [_with_runs(ledger(split_hash), store) for split_hash in sorted(map(str, found))]
    if not ledgers:
        return None
    return functools.reduce(lambda one, other: one.joined(other), ledgers)


def _with_runs(noted: Ledger, store: Store | None) -> Ledger:
    return noted if store is None else noted.with_runs(tracked_openings(store, noted.split_hash))


def _repeating(comparison: Comparison, request: Request, sources: Sequence[Source]) -> list[str]:
    """Return the command that makes this comparison again, with the runs by their ids."""
    settings = comparison.settings
    runs = [source.run.run_id if source.run else source.label for source in sources]
    options = {
        "metric": settings.metric,
        "margin": settings.margin.value or None,
        "split": request.split,
        "reference": runs[0],
        "positive": request.positive,
        "threshold": request.threshold,
        "decision-threshold": settings.decision_threshold,
        "level": settings.confidence_level,
        "resamples": settings.num_resamples,
        "bootstrap-seed": settings.bootstrap_seed,
        "ordinal-cut": settings.ordinal_cut,
    }
    flags = [name for name in ("intersect",) if request.intersect] + ["all-pairs"] * settings.all_pairs
    words = [word for name, value in options.items() if value is not None for word in (f"--{name}", f"{value}")]
    return [shlex.join(["reprodx", "compare", *runs, *words, *(f"--{flag}" for flag in flags)])]


def _check_required(comparison: Comparison, require: str | None) -> None:
    if require is None:
        return
    names = [contender.name for contender in comparison.cases.contenders]
    failed = [one for one in comparison.verdicts if one.word not in ENOUGH[Word(require)]]
    if failed:
        words = "; ".join(f"{names[one.first]} against {names[one.second]} is {one.word.value}" for one in failed)
        raise VerdictError(f"--require {require} is not met: {words}")
