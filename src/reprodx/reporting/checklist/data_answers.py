"""What a run says of its cases: where they come from, how they were prepared, split and counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reprodx.inputs import Modality
from reprodx.reporting.checklist.answer import Answer, Answers, filled, needs_human, not_applicable
from reprodx.reporting.wording import count, counted, number
from reprodx.schemas import LABEL_PREFIX, SITE, SPLITS, TEST, TRAIN, Y_TRUE, Task

if TYPE_CHECKING:
    from reprodx.reporting.evaluation import Evaluation

PLACE = "participants"
"""The section on cases."""
SETTINGS = "provenance"
"""The section with every setting."""
OF_PERSONS = ("age", "sex", "gender", "race", "ethnicity")
"""What a variable of table 1 that describes persons is called."""


def modality(evaluation: Evaluation) -> str:
    """Return what a case is judged by."""
    return str(evaluation.manifest.get("modality", Modality.TABLE.value))


def _features(evaluation: Evaluation) -> list[dict[str, Any]]:
    return list(evaluation.manifest.get("features", []))


def _columns(evaluation: Evaluation) -> dict[str, None]:
    return dict.fromkeys(feature["column"] for feature in _features(evaluation))


def _num_excluded(evaluation: Evaluation) -> int:
    return sum(exclusion["count"] for exclusion in evaluation.manifest["exclusions"])


def _sizes(evaluation: Evaluation) -> str:
    splits = evaluation.manifest["splits"]
    return "/".join(count(splits[split]["cases"]) for split in SPLITS)


def _described(evaluation: Evaluation) -> list[str]:
    """Return the variables of table 1 beside the number of cases, the true class and the site."""
    names = evaluation.table_one["variable"].unique(maintain_order=True).to_list()
    return [name for name in names if name not in ("cases", Y_TRUE, SITE) and not name.startswith(LABEL_PREFIX)]


def _setting(evaluation: Evaluation) -> Answer:
    sites = dict.fromkeys(group.group for group in evaluation.groups if group.column == SITE)
    if not sites:
        return needs_human()
    return needs_human(f"The test cases come from {counted(len(sites), 'site')}.", "subgroups")


def _data_source(evaluation: Evaluation) -> Answer:
    if evaluation.manifest.get("is_synthetic"):
        return filled("The cases were made by a program; its settings are those of data.", SETTINGS)
    return needs_human(f"The data set is called {evaluation.config['data']['name']}.", SETTINGS)


def _eligibility(evaluation: Evaluation) -> Answer:
    num_excluded = _num_excluded(evaluation)
    if not num_excluded:
        return needs_human("No case that was read was excluded.", PLACE)
    return needs_human(f"Of the cases read {count(num_excluded)} were excluded by rule.", PLACE)


def _preprocessing(evaluation: Evaluation) -> Answer:
    alike = "the same for every case, fitted on the training cases alone"
    if modality(evaluation) == Modality.TABLE:
        columns, features = len(_columns(evaluation)), len(_features(evaluation))
        return filled(f"{counted(columns, 'column')} became {counted(features, 'feature')}, {alike}.", PLACE)
    return filled(f"The settings of data say how each {modality(evaluation)} was prepared, {alike}.", SETTINGS)


def _acquisition(evaluation: Evaluation) -> Answer:
    prepared = _preprocessing(evaluation)
    return needs_human(prepared.text, *prepared.places)


def _image_acquisition(evaluation: Evaluation) -> Answer:
    if modality(evaluation) != Modality.IMAGE:
        return not_applicable(f"the model is given a {modality(evaluation)}, no images")
    return needs_human()


def _subset(evaluation: Evaluation) -> Answer:
    kept, num_excluded = evaluation.manifest["num_cases"], _num_excluded(evaluation)
    if not num_excluded:
        return filled(f"All {counted(kept, 'case')} that were read were used.", PLACE)
    read = counted(kept + num_excluded, "case")
    return filled(f"{count(kept)} of {read} read were used; the others were excluded by rule.", PLACE)


def _outcome(evaluation: Evaluation) -> Answer:
    standard = evaluation.manifest["reference_standard"] or "not stated"
    return needs_human(f"Classes: {', '.join(evaluation.classes)}. Reference standard: {standard}.", PLACE)


def _reference_standard(evaluation: Evaluation) -> Answer:
    standard = evaluation.manifest["reference_standard"]
    return filled(f"{standard[0].upper()}{standard[1:]}.", PLACE) if standard else needs_human()


def _predictor_choice(evaluation: Evaluation) -> Answer:
    columns, dropped = _columns(evaluation), evaluation.manifest.get("dropped", {})
    if not columns:
        return not_applicable(f"the model is given the whole {modality(evaluation)}, no predictor was chosen")
    left_out = f"; left out, each with its reason: {count(len(dropped))}" if dropped else ""
    return filled(f"Every column that the settings of data leave in: {count(len(columns))}{left_out}.", PLACE, SETTINGS)


def _predictor_definition(evaluation: Evaluation) -> Answer:
    known = (
        f"{counted(len(_columns(evaluation)), 'column')}, with units where they are known."
        if _columns(evaluation)
        else ""
    )
    return needs_human(known, *([PLACE] if known else []))


def _predictor_handling(evaluation: Evaluation) -> Answer:
    if not _columns(evaluation):
        return filled(f"Each {modality(evaluation)} as the settings of data and augmentation say.", SETTINGS)
    kinds = dict.fromkeys(str(feature["kind"]) for feature in _features(evaluation))
    return filled(f"{counted(len(_features(evaluation)), 'feature')}, by kind: {', '.join(kinds)}.", PLACE)


def _missing_data(evaluation: Evaluation) -> Answer:
    marked = dict.fromkeys(one["column"] for one in _features(evaluation) if one["kind"] == "indicator")
    if marked:
        of_all = f"{count(len(marked))} of {counted(len(_columns(evaluation)), 'column')}"
        return filled(f"Values are missing in {of_all}; they are replaced and marked.", PLACE)
    if modality(evaluation) == Modality.SERIES:
        return needs_human("Gaps in a series are filled with the last value and marked as such.", SETTINGS)
    if modality(evaluation) == Modality.TABLE:
        return not_applicable("no value is missing among the training cases")
    return not_applicable(f"every case that is analysed has its {modality(evaluation)}")


def _sample_size(evaluation: Evaluation) -> Answer:
    known = f"All eligible cases were used: {_sizes(evaluation)} for training, validation and test."
    width = precision(evaluation)
    return filled(f"{known} {width}", PLACE, "limits") if width else needs_human(known, PLACE)


def _intended_size(evaluation: Evaluation) -> Answer:
    return needs_human(precision(evaluation), PLACE)


def precision(evaluation: Evaluation) -> str:
    """Return how wide an interval is to be expected from so many test cases; nothing where there is none."""
    auroc = evaluation.of("auroc")
    if auroc is None or auroc.ci_low is None or auroc.ci_high is None:
        return ""
    width = number(auroc.ci_high - auroc.ci_low)
    return f"From {counted(auroc.n, 'test case')} the {evaluation.confidence} of the AUROC is {width} wide."


def _partition(evaluation: Evaluation) -> Answer:
    split = evaluation.config["split"]["name"]
    return filled(f"{_sizes(evaluation)} cases for training, validation and test, by split {split}.", PLACE, SETTINGS)


def _disjointness(evaluation: Evaluation) -> Answer:
    num_shared = evaluation.manifest["acknowledged"]["patients"]
    if num_shared:
        return filled(f"None: {counted(num_shared, 'patient')} have cases in more than one partition.", PLACE)
    if evaluation.manifest["has_patients"]:
        return filled("Patient: all cases of one lie in one partition.", PLACE)
    return needs_human("The data name no patients; no case lies in two partitions.", PLACE)


def _differences(evaluation: Evaluation) -> Answer:
    if evaluation.table_one["smd_test"].drop_nulls().is_empty():
        return needs_human()
    return filled("Table 1 has the standardised difference of the test cases to training, by variable.", PLACE)


def _flow(evaluation: Evaluation) -> Answer:
    kept, num_excluded = evaluation.manifest["num_cases"], _num_excluded(evaluation)
    return filled(f"Read {count(kept + num_excluded)}, excluded {count(num_excluded)}, analysed {count(kept)}.", PLACE)


def _characteristics(evaluation: Evaluation) -> Answer:
    if not _described(evaluation):
        return needs_human("Table 1 has the true class and the site alone.", PLACE)
    return filled(f"Table 1 describes {counted(len(_described(evaluation)), 'variable')} in each partition.", PLACE)


def _demographics(evaluation: Evaluation) -> Answer:
    found = [name for name in _described(evaluation) if name.lower() in OF_PERSONS]
    if not found:
        return needs_human("Table 1 has nothing like age or sex.", PLACE)
    return filled(f"Table 1, by partition: {', '.join(found)}, and what else is known.", PLACE)


def _numbers(evaluation: Evaluation) -> Answer:
    train = counted(evaluation.manifest["splits"][TRAIN]["cases"], "training case")
    return filled(f"{train}; test: {evaluation.who(TEST)}. Each number has its cases and events.", PLACE, "metrics")


def _severity(evaluation: Evaluation) -> Answer:
    if evaluation.task != Task.ORDINAL:
        return needs_human()
    return filled(f"The {counted(len(evaluation.classes), 'grade')} are counted in each partition.", PLACE)


ANSWERS: Answers[Evaluation] = {
    "data_source": _data_source,
    "setting": _setting,
    "setting_and_dates": _setting,
    "eligibility": _eligibility,
    "preprocessing": _preprocessing,
    "acquisition": _acquisition,
    "image_acquisition": _image_acquisition,
    "subset": _subset,
    "outcome": _outcome,
    "reference_standard": _reference_standard,
    "predictor_choice": _predictor_choice,
    "predictor_definition": _predictor_definition,
    "predictor_handling": _predictor_handling,
    "missing_data": _missing_data,
    "sample_size": _sample_size,
    "intended_size": _intended_size,
    "partition": _partition,
    "disjointness": _disjointness,
    "differences": _differences,
    "flow": _flow,
    "characteristics": _characteristics,
    "demographics": _demographics,
    "numbers": _numbers,
    "severity": _severity,
}
