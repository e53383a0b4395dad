"""Why a stage came out otherwise, inferred from what differs; honest where nothing known does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.reproduction.comparison import Equality
from reprodx.tracking.environment_differences import Kind
from reprodx.tracking.record import METRICS, PREDICTIONS, PREPARED, RAW, REPORT, SPLIT, WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reprodx.reproduction.comparison import Comparison, StageComparison
    from reprodx.tracking.environment_differences import Difference

READING = {
    *("gdcm", "kornia", "numpy", "pandas", "pillow", "polars", "polars-runtime-32", "pyarrow", "pydicom", "pyjpegls"),
    *(
        "pylibjpeg",
        "pylibjpeg-libjpeg",
        "pylibjpeg-openjpeg",
        "python-calamine",
        "python-gdcm",
        "scikit-learn",
        "scipy",
    ),
    *("simple-icd-10-cm", "tokenizers", "torch", "wfdb"),
}
"""Packages that decide what is read, split and prepared."""
FITTING = {
    *("joblib", "kornia", "lightning", "monai", "numpy", "pytorch-lightning", "safetensors", "scikit-learn", "scipy"),
    *("skops", "threadpoolctl", "tokenizers", "torch", "torchmetrics", "torchvision", "triton"),
}
"""Packages that decide what is fitted and predicted."""
JUDGING = {
    *("numpy", "polars", "polars-runtime-32", "pyarrow", "scikit-learn", "scipy", "statsmodels", "torch"),
    "torchmetrics",
}
"""Packages that decide how predictions are written and scored."""
OF_STAGE = {
    RAW: READING,
    SPLIT: READING,
    PREPARED: READING,
    WEIGHTS: FITTING,
    PREDICTIONS: FITTING | JUDGING | {"captum"},
    METRICS: JUDGING,
    REPORT: JUDGING | {"captum", "jinja2", "matplotlib", "markdown-it-py", "pillow"},
}
"""Packages that a stage computes with."""
COMPUTED = (Kind.PROCESSOR, Kind.PORTABLE, Kind.THREADS, Kind.ACCELERATOR, Kind.PLATFORM)
"""What decides the last digits of sums."""
NOTHING_KNOWN = (
    "nothing that was recorded differs: the computation itself is not deterministic (random numbers outside of the "
    "seed, or threads that race), or what differs was not recorded"
)
FOLLOWS = "follows from {stage}"
MAX_NAMED = 4
"""Differences that a cause names."""


def causes(comparison: Comparison, differences: Sequence[Difference]) -> dict[str, str]:
    """Return why each stage that differs does so.

    Args:
        comparison: What differs.
        differences: Between then and here; those that the rerun undid explain nothing.

    Returns:
        In words, by stage; of what comes after the earliest that it follows from it.
    """
    at_work = [one for one in differences if not one.is_undone]
    found: dict[str, str] = {}
    earliest: StageComparison | None = None
    for one in comparison.stages:
        if one.equality not in {Equality.DIFFERENT, Equality.WITHIN_TOLERANCE}:
            continue
        found[one.stage] = _cause(one.stage, at_work) if earliest is None else FOLLOWS.format(stage=earliest.stage)
        earliest = earliest or one
    return found


def _cause(stage: str, differences: Sequence[Difference]) -> str:
    """Return the likeliest cause: what is nearest to the stage first."""
    if stage == REPORT:
        return _of_report(differences)
    for kinds in ((Kind.DATA,), (Kind.CODE,), (Kind.CONFIG,)):
        if kinds == (Kind.DATA,) and stage not in {RAW, SPLIT, PREPARED}:
            continue
        if of_kind := [one for one in differences if one.kind in kinds]:
            return _listed(of_kind)
    if stage == RAW:
        return "data: the bytes that were read are others"
    packages = [one for one in differences if one.kind == Kind.PACKAGE]
    likely = [one for one in packages if one.name in OF_STAGE[stage]]
    likely += [one for one in differences if one.kind == Kind.PYTHON or one.kind in COMPUTED]
    if likely:
        return _listed(likely)
    if packages:
        return f"{_listed(packages)}; none of them is known to decide this stage"
    return NOTHING_KNOWN


def _of_report(differences: Sequence[Difference]) -> str:
    likely = [one for one in differences if one.kind == Kind.PACKAGE and one.name in OF_STAGE[REPORT]]
    return (
        _listed(likely) if likely else "what the page tells of its surroundings, such as earlier openings of the test"
    )


def _listed(differences: Sequence[Difference]) -> str:
    named = "; ".join(one.in_words for one in differences[:MAX_NAMED])
    more = len(differences) - MAX_NAMED
    return f"{named}; and {more} more" if more > 0 else named
