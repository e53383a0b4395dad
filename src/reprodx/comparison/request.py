"""What a person asks of a comparison, on the command line: read, completed from the runs, and held to."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprodx.comparison.result import Word
from reprodx.comparison.settings import AS_GIVEN, DEFAULTS, ComparisonSettings, Margin
from reprodx.errors import ConfigError, VerdictError
from reprodx.schemas import SAMPLING, Task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reprodx.artifacts.openings import Ledger
    from reprodx.comparison.result import Comparison
    from reprodx.comparison.source import Source

ENOUGH = {Word.SUPERIOR: (Word.SUPERIOR,), Word.NON_INFERIOR: (Word.SUPERIOR, Word.NON_INFERIOR)}
"""The verdicts that meet a requirement."""
MARGIN_METRIC = "auroc"
"""What the margin of the configuration is about."""
DEFAULT_MARGIN = 0.02
"""Of the AUROC, the value of `conf/evaluation/default.yaml`: nobody stated it for the models, whether a configuration
carries it or none stands behind any file."""
BY_DEFAULT = "by the default of the configuration, not by anyone for these models"
LIMITS = {
    "margin": ("--margin", 0, 1),
    "threshold": ("--threshold", 0, 1),
    "decision_threshold": ("--decision-threshold", 0, 1),
    "prevalence": ("--prevalence", 0, 1),
    "confidence_level": ("--level", 0.5, 1),
    "power": ("--power", 0, 1),
    "num_resamples": ("--resamples", 99, 10**6),
    "bootstrap_seed": ("--bootstrap-seed", -1, 2**32),
    "ordinal_cut": ("--ordinal-cut", 0, 1000),
}
"""What options are called, and what they lie between, limits left out; a level below one half is an error rate."""
NOT_OF = {
    Task.MULTICLASS: ("threshold", "decision_threshold", "prevalence"),
    Task.MULTILABEL: ("prevalence",),
}
"""Options that ask for nothing in a task, which has no one positive class."""


@dataclass(frozen=True)
class Request:
    """What a person asked for; see `reprodx compare --help`."""

    runs: Sequence[str]
    experiment: str | None
    filter_string: str | None
    split: str
    reference: str | None
    positive: str | None
    order: tuple[str, ...] | None
    """Of classes as ascending grades."""
    threshold: float | None
    sampling: str | None
    intersect: bool
    across_code: bool
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
    order = None if options["order"] is None else tuple(name.strip() for name in options["order"].split(","))
    values: dict[str, Any] = {**{name: options[name] for name in names}, **paths, "order": order}
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


def check_task(request: Request, task: Task) -> None:
    """Refuse options that would be passed over.

    Args:
        request: What a person asked for.
        task: Of the runs.

    Raises:
        ConfigError: If an option is about the positive class, and there are several classes.
    """
    for name in NOT_OF.get(task, ()):
        if (request.threshold if name == "threshold" else request.chosen.get(name)) is not None:
            raise ConfigError(
                f"{LIMITS[name][0]}: is about one positive class, and the runs have several; leave it out"
            )


def with_sampling(sources: Sequence[Source], sampling: str | None) -> list[Source]:
    """Return sources that all say how their cases came to be, where a person says it for those that do not.

    Args:
        sources: As they were opened.
        sampling: A value of `Sampling`; None leaves them silent.

    Returns:
        The sources in the same order.
    """
    stated = {} if sampling is None else {SAMPLING: sampling}
    return [
        replace(one, predictions=replace(one.predictions, metadata={**stated, **one.predictions.metadata}))
        for one in sources
    ]


def settings_of(request: Request, sources: Sequence[Source]) -> ComparisonSettings:
    """Return what was given, else what the first tracked run was judged by, else the defaults.

    Args:
        request: What a person asked for.
        sources: The runs and files that are compared.

    Returns:
        Every setting.

    Raises:
        ConfigError: If runs state several prevalences and none was given.
    """
    tracked: list[Mapping[str, Any]] = [source.run.config.get("evaluation", {}) for source in sources if source.run]
    judged_by = tracked[0] if tracked else {}
    prevalences = sorted({one["prevalence"] for one in tracked if one.get("prevalence") is not None})
    if len(prevalences) > 1 and "prevalence" not in request.chosen:
        raise ConfigError(
            f"runs state several prevalences ({', '.join(f'{one:g}' for one in prevalences)}): give one, --prevalence"
        )
    configured = {name: judged_by[name] for name in DEFAULTS if name in judged_by}
    values: dict[str, Any] = {**DEFAULTS, **configured, **request.chosen}
    return ComparisonSettings(**values, margin=_margin(request.margin, values["metric"], sources))


def _margin(given: float | None, metric: str, sources: Sequence[Source]) -> Margin:
    if given is not None:
        return Margin(given, AS_GIVEN)
    if not metric.startswith(MARGIN_METRIC):
        return Margin(0.0, f"by nobody for {metric}, so that none is assumed")
    metadata = [source.predictions.metadata for source in sources]
    stated = sorted({one["margin"] for one in metadata if "margin" in one}) or [DEFAULT_MARGIN]
    is_default = stated[0] == DEFAULT_MARGIN
    where = BY_DEFAULT if is_default else "in the runs' configuration"
    strictest = ", the strictest of several" if len(stated) > 1 else ""
    return Margin(stated[0], where + strictest, is_configured=not is_default)


def margin_change(settings: ComparisonSettings, ledger: Ledger | None) -> str:
    """Return that the margin is another than at the first look at the test split, as a sentence; else nothing.

    Args:
        settings: What is compared by.
        ledger: Of the test split; None where nobody counted.

    Returns:
        Nothing of a metric that the margin of the configuration is not about, either.
    """
    is_about_it = settings.metric.startswith(MARGIN_METRIC)
    return ledger.margin_change(settings.margin.value) if ledger and is_about_it else ""


def command_of(request: Request, comparison: Comparison) -> str:
    """Return the command that makes this comparison again, with the runs by their ids."""
    settings, contenders = comparison.settings, comparison.cases.contenders
    sources = [source for contender in contenders for member in contender.members for source in member.sources]
    runs = [source.run.run_id if source.run else source.label for source in sources]
    options = {
        "metric": settings.metric,
        "margin": request.margin,
        "split": request.split,
        "reference": runs[0],
        "positive": request.positive,
        "order": ",".join(request.order) if request.order else None,
        "threshold": request.threshold,
        "sampling": request.sampling,
        "decision-threshold": settings.decision_threshold,
        "prevalence": settings.prevalence,
        "level": settings.confidence_level,
        "resamples": settings.num_resamples,
        "bootstrap-seed": settings.bootstrap_seed,
        "ordinal-cut": settings.ordinal_cut,
    }
    asked = {"intersect": request.intersect, "across-code": request.across_code, "all-pairs": settings.all_pairs}
    flags = [name for name, is_asked in asked.items() if is_asked]
    words = [word for name, value in options.items() if value is not None for word in (f"--{name}", f"{value}")]
    return shlex.join(["reprodx", "compare", *runs, *words, *(f"--{flag}" for flag in flags)])


def check_required(comparison: Comparison, require: str | None) -> None:
    """Refuse verdicts that are less than was asked for.

    Args:
        comparison: What was found.
        require: "superior" or "non-inferior", which a superior model is too; None asks for nothing.

    Raises:
        VerdictError: If a verdict is less, or inconclusive.
    """
    if require is None:
        return
    names = [contender.name for contender in comparison.cases.contenders]
    failed = [one for one in comparison.verdicts if one.word not in ENOUGH[Word(require)]]
    if failed:
        words = "; ".join(f"{names[one.first]} against {names[one.second]} is {one.word.value}" for one in failed)
        raise VerdictError(f"--require {require} is not met: {words}")
