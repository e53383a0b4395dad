"""What is asked of cases, and the names that numbers are written under."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprodx.metrics.asked import Asked, Key, View, main_view, written_names
from reprodx.schemas import Task

ABOUT = {View.CLASS, View.LABEL}
KEYS = st.builds(
    Key,
    st.sampled_from(["auroc", "auroc_macro", "auroc_micro", "ece", "ece_null"]),
    st.one_of(
        st.builds(Asked, st.sampled_from([View.CLASSES, View.LABELS, View.REFERABLE]), st.just("")),
        st.builds(Asked, st.sampled_from(sorted(ABOUT)), st.sampled_from(["macro", "micro", "null", "referable", "a"])),
    ),
)


def test_binary_tasks_are_one_question_and_others_are_looked_at_together():
    found = {task: main_view(task) for task in Task}
    assert found == {
        Task.BINARY: View.BINARY,
        Task.MULTICLASS: View.CLASSES,
        Task.ORDINAL: View.GRADES,
        Task.MULTILABEL: View.LABELS,
    }


@pytest.mark.parametrize(
    ("all_together", "one", "names"),
    [
        (Key("auroc_macro", Asked(View.CLASSES)), Key("auroc", Asked(View.CLASS, "macro")), "auroc_class_macro"),
        (Key("auroc_micro", Asked(View.LABELS)), Key("auroc", Asked(View.LABEL, "micro")), "auroc_label_micro"),
        (Key("ppv", Asked(View.REFERABLE)), Key("ppv", Asked(View.CLASS, "referable")), "ppv_class_referable"),
    ],
)
@pytest.mark.parametrize("is_turned", [False, True])
def test_no_class_takes_the_name_of_another_number(all_together, one, names, is_turned):
    found = written_names([all_together, one][:: -1 if is_turned else 1])
    assert list(found) == [all_together, one]
    assert found[one] == names
    assert found[all_together] in {"auroc_macro", "auroc_micro", "ppv_referable"}
    assert written_names([one])[one] == f"{one.metric}_{one.asked.about}"


@given(st.lists(KEYS, unique=True))
def test_every_number_has_a_name_of_its_own_and_tools_find_the_usual_ones(keys):
    # A task looks at its classes, or at its labels.
    kept = [key for key in keys if key.asked.view not in {View.LABELS, View.LABEL}]
    found = written_names(kept)
    assert set(found) == set(kept)
    assert len(set(found.values())) == len(kept)
    assert all(found[key] == key.metric for key in kept if key.asked.view == View.CLASSES)
