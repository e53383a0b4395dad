"""The command line: which command was asked for, and what its end means to the shell.

Exit codes: 0 done; 1 a bug, with its traceback; 2 input or configuration that the user can mend, in one line;
3 a gate or a verdict said no; 130 and 143 interrupted by SIGINT (Ctrl-C) or SIGTERM: the same command goes on.
"""

from __future__ import annotations

import argparse
import atexit
import errno
import gc
import importlib
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from reprodx import __version__, interruption, leftovers
from reprodx.errors import ConfigError, ReprodxError
from reprodx.redaction import mask_output, without_secrets
from reprodx.start import start

if TYPE_CHECKING:
    from collections.abc import Sequence

OVERRIDABLE = {
    "prepare": "read, validate, split, check for leaks, transform",
    "train": "fit the model",
    "evaluate": "predict, score, report",
    "run": "prepare, train and evaluate in one process and one MLflow run",
}
"""Commands that take Hydra overrides, with their help."""
PLAIN = {
    "compose": ("reprodx.stages.compose", "write_params", "write params.yaml from conf/"),
    "track": ("reprodx.tracking.restore", "track", "log the files of the last `dvc repro` as an MLflow run"),
    "doctor": ("reprodx.doctor", "examine", "print versions, device, stores, and what is missing"),
}
"""Commands without arguments: (module, function, help)."""
PENDING = ("reprodx.tracking.restore", "track_pending", "")
"""What `reprodx track --pending` is."""
FULL_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
CLOSED_PLACE = (
    *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENOTEMPTY, errno.ELOOP),
    errno.ENAMETOOLONG,
)
"""What an operating system says of places that this user may not write in, or where something else stands."""
PROGRAM = "reprodx"
"""The installed script; anything else that calls `main`, such as a notebook, is never started anew."""
OBJECTS_PER_COLLECTION = 20_000
"""New objects from which on Python looks for garbage; 700 by itself."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: The arguments after the program's name; those of the process by default.

    Returns:
        The exit code.
    """
    if argv is None and Path(sys.argv[0]).stem == PROGRAM:
        # Here and not in the installed script, so that scripts which were installed before do the same.
        start()
        interruption.follow_dvc()
    arguments, overrides = _parser().parse_known_args(argv)
    _spare_the_garbage_collector()
    mask_output()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        with interruption.heeded(), leftovers.cleared():
            _dispatch(arguments, overrides)
    except BaseException as error:
        if (asked := interruption.request(error)) is not None:
            return _complain(str(asked), asked.exit_code)
        if isinstance(error, ReprodxError):
            return _complain(str(error), error.exit_code)
        if _tells(error, FULL_DISK):
            return _complain(
                "the disk is full: free some space and repeat the command; nothing half-written was left", 2
            )
        if _tells(error, CLOSED_PLACE):
            return _complain(_of_closed_place(error), 2)
        raise
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description="Reproducible, comparable diagnostic models.")
    parser.add_argument("--version", action="version", version=f"reprodx {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (_, _, text) in PLAIN.items():
        plain = commands.add_parser(name, help=text, description=text)
        if name == "track":
            plain.add_argument("--pending", action="store_true", help="deliver what runs have logged and no store has")
    for name, text in OVERRIDABLE.items():
        command = commands.add_parser(
            name,
            help=text,
            description=text,
            epilog="Overrides are Hydra's: model=logistic seed=1. With -m, lists sweep: model=mlp,logistic seed=0,1,2.",
            usage=f"reprodx {name} [-m]{' [--again]' if name == 'run' else ''} [KEY=VALUE ...]",
        )
        command.add_argument("-m", "--multirun", action="store_true", help="run every combination of listed values")
        if name == "run":
            command.add_argument("--again", action="store_true", help="also what has ended before, as new runs")
    _add_compare(commands)
    _add_report(commands)
    _add_reproduce(commands)
    _add_diff(commands)
    _add_bundle(commands)
    _add_sweep(commands)
    return parser


def _add_compare(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    text = "say whether models differ, on the same patients"
    command = commands.add_parser(
        "compare",
        help=text,
        description=f"{text.capitalize()}. Exit code 3: the runs cannot be compared, or --require is not met.",
        epilog="Seeds and folds of one recipe are put together. Files of other tools need case_id, y_true and prob_*.",
    )
    add = command.add_argument
    add(
        "runs",
        nargs="*",
        metavar="RUN",
        help="run id or name, models:/name/version, file of predictions; or - for --experiment beside these",
    )
    add("--experiment", metavar="NAME", help="compare the finished runs of this MLflow experiment")
    add("--filter", dest="filter_string", metavar="TEXT", help="of these, those that MLflow's filter selects")
    add("--metric", metavar="NAME", help="the primary one, which verdicts are about (default: auroc)")
    add("--reference", metavar="RUN", help="what the others are compared with (default: the first, or a search's best)")
    add("--all-pairs", action="store_const", const=True, help="compare every pair, not only each with the reference")
    add("--margin", type=float, metavar="M", help="how much worse is still non-inferior (default: as configured)")
    add("--split", choices=("test", "val"), default="test", help="default: test")
    add("--intersect", action="store_true", help="compare on the common cases where the runs have others besides")
    add("--across-code", action="store_true", help="compare runs of one recipe that different code made")
    add("--positive", metavar="CLASS", help="the positive class of files that do not say (default: the last prob_*)")
    add("--sampling", choices=("cohort", "case_control"), help="of files that do not say (default: cohort)")
    add("--order", metavar="CLASS,...", help="the classes as grades, the lowest first, where files do not say")
    add("--threshold", type=float, metavar="P", help="of files that carry none, fixed beforehand (default: 0.5)")
    add(
        "--decision-threshold", type=float, metavar="P", help="where net benefit is compared (default: the reference's)"
    )
    add("--prevalence", type=float, metavar="P", help="of *_at_prevalence (default: the runs' evaluation.prevalence)")
    add("--level", dest="confidence_level", type=float, metavar="L", help="of intervals (default: 0.95)")
    add("--power", type=float, metavar="P", help="for the minimum detectable difference (default: 0.8)")
    add("--resamples", dest="num_resamples", type=int, metavar="B", help="of the bootstrap (default: 2000)")
    add("--bootstrap-seed", type=int, metavar="N", help="default: 0")
    add("--ordinal-cut", type=int, metavar="N", help="of grades, position of the first referable one (default: 2)")
    add("--require", choices=("superior", "non-inferior"), help="exit with 3 unless every verdict is at least this")
    add("--json", dest="json_path", metavar="FILE", help="write the numbers for machines")
    add("--html", dest="html_path", metavar="FILE", help="write the report")


def _add_report(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    text = "make the report of a trial that left its scores alone, from its files"
    command = commands.add_parser("report", help=text, description=text.capitalize() + ".")
    command.add_argument("run", metavar="RUN", help="run id or name, models:/name/version")


def _add_reproduce(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    text = "make a recorded run again, and prove that the same comes out"
    command = commands.add_parser(
        "reproduce",
        help=text,
        description=f"{text.capitalize()}. Exit code 3: something else came out.",
        epilog="The code is that of the run's commit with its recorded changes, in a temporary worktree.",
    )
    add = command.add_argument
    add("run", metavar="RUN", help="run id or name, models:/name/version, report.html, or a bundle")
    add("--into", type=Path, metavar="FOLDER", help="keep what the rerun makes in this new folder")
    add("--locked", dest="is_locked", action="store_true", help="run with the packages of the run's own lock")
    add(
        "--tolerance",
        type=float,
        default=0.0005,
        metavar="D",
        help="largest difference of a probability or metric that is still equal (default: 0.0005)",
    )


def _add_diff(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    text = "say in what two runs differ: settings, code, data, environment, results"
    command = commands.add_parser("diff", help=text, description=f"{text.capitalize()}. Exit code 0 either way.")
    command.add_argument(
        "runs", nargs=2, metavar="RUN", help="run id or name, models:/name/version, report, bundle, or predictions"
    )


def _add_bundle(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    text = "pack a run into one file, by which others can make it again"
    command = commands.add_parser(
        "bundle",
        help=text,
        description=f"{text.capitalize()}. Without the data no case or patient is named in it.",
        epilog="Data whose card says that everybody may pass them on go in; see docs/bundles.md.",
    )
    command.add_argument("run", metavar="RUN", help="run id or name, models:/name/version, or report")
    command.add_argument("path", type=Path, metavar="FILE.zip", help="the new file")
    command.add_argument("--with-data", action="store_true", help="pack the data whatever their card says")


def _add_sweep(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    text = "say how searches stand, which configuration is best, or go on with one"
    command = commands.add_parser("sweep", help=text, description=f"{text.capitalize()}; see docs/search.md.")
    command.add_argument("action", choices=("status", "best", "resume"))
    command.add_argument("name", nargs="?", metavar="NAME", help="of the search, or its beginning (default: the only)")


def _spare_the_garbage_collector() -> None:
    """Keep Python from sorting, at the start and at the end, the million objects of torch, Lightning and MLflow."""
    gc.set_threshold(OBJECTS_PER_COLLECTION)
    # Frozen objects are not looked through when the process ends: 1 to 3 seconds less for each stage.
    atexit.register(gc.freeze)


def _dispatch(arguments: argparse.Namespace, overrides: list[str]) -> None:
    if arguments.command in PLAIN:
        if overrides:
            raise ReprodxError(f"`reprodx {arguments.command}` takes no arguments, and was given {' '.join(overrides)}")
        module, function, _ = PENDING if getattr(arguments, "pending", False) else PLAIN[arguments.command]
        getattr(importlib.import_module(module), function)()
        return
    if arguments.command == "sweep":
        if overrides:
            raise ConfigError(f"`reprodx sweep` was given {' '.join(overrides)} besides: see its --help")
        getattr(importlib.import_module("reprodx.sweep.search.status"), arguments.action)(arguments.name)
        return
    if arguments.command == "compare":
        _compare(arguments, overrides)
    elif arguments.command in {"report", "reproduce", "diff", "bundle"}:
        _on_recorded(arguments, overrides)
    elif overrides or arguments.multirun or arguments.command == "run":
        from reprodx.sweep.launch import launch

        launch(arguments.command, overrides, multirun=arguments.multirun, again=getattr(arguments, "again", False))
    else:
        from reprodx.pipeline import run_stage_of_dvc

        run_stage_of_dvc(arguments.command)


def _compare(arguments: argparse.Namespace, rest: list[str]) -> None:
    # argparse takes runs that stand after an option for unknown arguments.
    unknown = [text for text in rest if text.startswith("-") and text != "-"]
    if unknown:
        raise ConfigError(f"`reprodx compare` does not know {unknown[0]!r}; see `reprodx compare --help`")
    from reprodx.comparison.request import request_of
    from reprodx.stages.compare import compare

    compare(request_of({**vars(arguments), "runs": [*arguments.runs, *rest]}))


def _on_recorded(arguments: argparse.Namespace, rest: list[str]) -> None:
    if rest:
        raise ConfigError(f"`reprodx {arguments.command}` was given {' '.join(rest)} besides: see its --help")
    if arguments.command == "diff":
        from reprodx.reproduction.run_diff import diff

        diff(arguments.runs)
    elif arguments.command == "report":
        from reprodx.reproduction.report import report

        report(arguments.run)
    elif arguments.command == "bundle":
        from reprodx.reproduction import bundle

        bundle.bundle(bundle.Request(arguments.run, arguments.path, arguments.with_data))
    else:
        from reprodx.reproduction import reproduce

        request = reproduce.Request(arguments.run, arguments.into, arguments.is_locked, arguments.tolerance)
        reproduce.reproduce(request)


def _tells(error: BaseException, codes: Sequence[int]) -> bool:
    """Tell what an operating system said, also where a compiled library reports it as text of its own error type."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in codes
    return any(os.strerror(code) in str(error) for code in codes)


def _of_closed_place(error: BaseException) -> str:
    # A second name is the place, where the first is what was to be put there.
    named = getattr(error, "filename2", None) or getattr(error, "filename", None)
    reason = (getattr(error, "strerror", None) or str(error)).lower()
    place = os.path.relpath(named) if named else "a file or folder"
    return f"{place} cannot be used ({reason}): let this user write there, or move away what stands in its place"


def _complain(message: str, exit_code: int) -> int:
    sys.stderr.write(f"reprodx: {without_secrets(' '.join(message.split()))}\n")
    return exit_code
