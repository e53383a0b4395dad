"""What a model is given of each case: choosing, sharing, writing and comparing cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from reprodx import inputs as inputs_module
from reprodx.inputs import Inputs, Modality, ModelInputs, room, summary_taken

if TYPE_CHECKING:
    from pathlib import Path

STEPS = np.arange(12, dtype=np.float32).reshape(6, 2)


def shared() -> Inputs:
    """Return five cases of two stays; the hours of a stay share its steps."""
    starts, lengths = np.array([2, 2, 0, 2, 0]), np.array([1, 3, 2, 2, 1])
    return Inputs(Modality.SERIES, STEPS, starts, lengths, ("hr", "map"), {"bin_hours": 1.0})


def as_lists(inputs: Inputs) -> list[object]:
    return [values.tolist() for values in inputs]


def test_each_row_is_a_case() -> None:
    pictures = np.arange(2 * 3 * 3 * 1, dtype=np.uint8).reshape(2, 3, 3, 1)
    inputs = Inputs.of_rows(Modality.IMAGE, pictures, channels=("grey",), settings={"size": 3})
    assert len(inputs) == 2
    assert inputs.lengths is None
    assert inputs.channels == ("grey",)
    assert inputs.settings == {"size": 3}
    np.testing.assert_array_equal(inputs[1], pictures[1])
    assert Inputs.of_rows(Modality.IMAGE, pictures).settings == {}


def test_steps_of_varying_length_stand_one_after_the_other() -> None:
    inputs = Inputs.of_steps(Modality.SERIES, STEPS, np.array([1, 3, 2]), channels=("hr", "map"))
    assert inputs.starts.tolist() == [0, 1, 4]
    assert as_lists(inputs) == [STEPS[:1].tolist(), STEPS[1:4].tolist(), STEPS[4:].tolist()]
    assert inputs.settings == {}


def test_choosing_cases_copies_no_values() -> None:
    chosen = shared().select(np.array([3, 0]))
    assert chosen.values is STEPS
    assert as_lists(chosen) == [STEPS[2:4].tolist(), STEPS[2:3].tolist()]
    masked = Inputs.of_rows(Modality.SIGNAL, STEPS).select(np.array([False, True, False, False, False, True]))
    assert masked.lengths is None
    assert as_lists(masked) == [STEPS[1].tolist(), STEPS[5].tolist()]


@pytest.mark.parametrize("inputs", [shared(), Inputs.of_rows(Modality.SIGNAL, STEPS)])
def test_blocks_are_all_cases_in_order(inputs: Inputs) -> None:
    blocks = list(inputs.blocks(2))
    assert [len(block) for block in blocks] == ([2, 2, 1] if len(inputs) == 5 else [2, 2, 2])
    assert [values for block in blocks for values in as_lists(block)] == as_lists(inputs)


def test_gathered_values_are_those_of_the_cases_alone() -> None:
    np.testing.assert_array_equal(shared().select(np.array([4, 3])).gathered(), STEPS[[0, 2, 3]])
    np.testing.assert_array_equal(
        Inputs.of_rows(Modality.SIGNAL, STEPS).select(np.array([5, 0])).gathered(), STEPS[[5, 0]]
    )
    assert shared().select(np.array([], dtype=np.int64)).gathered().shape == (0, 2)


def test_runs_are_the_stays_in_the_order_of_the_cases() -> None:
    runs, place = shared().runs()
    assert runs.starts.tolist() == [2, 0]
    assert runs.lengths is not None
    assert runs.lengths.tolist() == [3, 2]
    assert place.tolist() == [0, 0, 1, 0, 1]


def test_a_run_ends_where_its_longest_chosen_case_ends() -> None:
    runs, _ = shared().select(np.array([0, 3])).runs()
    assert as_lists(runs) == [STEPS[2:4].tolist()]


def test_shared_steps_are_written_once(tmp_path: Path) -> None:
    written = shared().write(tmp_path / "values.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "values.npy"), STEPS[[2, 3, 4, 0, 1]])
    assert written.starts.tolist() == [0, 0, 3, 0, 3]
    assert as_lists(written) == as_lists(shared())
    assert written.channels == ("hr", "map")
    assert written.settings == {"bin_hours": 1.0}


def test_rows_are_written_once_and_in_order(tmp_path: Path) -> None:
    inputs = Inputs.of_rows(Modality.SIGNAL, STEPS).select(np.array([5, 0, 5]))
    written = inputs.write(tmp_path / "values.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "values.npy"), STEPS[[5, 0]])
    assert written.lengths is None
    assert as_lists(written) == as_lists(inputs)


def test_what_no_other_case_shares_is_written_as_it_stands(tmp_path: Path) -> None:
    lengths = np.full(600, 2)
    values = np.arange(1200, dtype=np.int32)
    written = Inputs.of_steps(Modality.TEXT, values, lengths).write(tmp_path / "values.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "values.npy"), values)
    np.testing.assert_array_equal(written.starts, np.arange(0, 1200, 2))


@given(st.data())
def test_whatever_is_shared_the_written_cases_are_the_same(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    starts = data.draw(st.lists(st.integers(0, 5), min_size=1, max_size=8))
    lengths = [data.draw(st.integers(1, 6 - start)) for start in starts]
    inputs = Inputs(Modality.SERIES, STEPS, np.array(starts), np.array(lengths))
    path = tmp_path_factory.mktemp("written") / "values.npy"
    assert as_lists(inputs.write(path)) == as_lists(inputs)
    assert len(np.load(path)) == sum(
        max(n for s, n in zip(starts, lengths, strict=True) if s == start) for start in set(starts)
    )


def test_equal_cases_have_equal_digests() -> None:
    values = np.array([[1.0, np.nan], [1.0, np.nan], [1.0, 2.0]], dtype=np.float32)
    first, second, third = Inputs.of_rows(Modality.SIGNAL, values).digests()
    assert first == second
    assert first != third
    assert Inputs.of_rows(Modality.SIGNAL, values.astype(np.float64)).digests()[0] != first
    assert Inputs.of_steps(Modality.SERIES, values, np.array([2, 1])).digests()[0] not in (first, third)


def test_texts_are_compared_by_their_words() -> None:
    texts = np.array(["Chest  pain", " chest pain\n", "chest pains"], dtype=object)
    first, second, third = Inputs.of_rows(Modality.TEXT, texts).digests()
    assert first == second
    assert first != third


def test_all_that_a_model_is_given_is_chosen_together() -> None:
    features, summary = np.eye(5, dtype=np.float32), np.ones((5, 2), dtype=np.float32)
    whole = ModelInputs(features, summary, shared())
    assert len(whole) == 5
    chosen = whole.select(np.array([4, 1]))
    np.testing.assert_array_equal(chosen.features, features[[4, 1]])
    assert chosen.summary is not None
    assert chosen.summary.shape == (2, 2)
    assert chosen.inputs is not None
    assert as_lists(chosen.inputs) == [STEPS[:1].tolist(), STEPS[2:5].tolist()]
    table = ModelInputs(features).select(np.array([0]))
    assert (len(table), table.summary, table.inputs) == (1, None, None)


def test_a_model_takes_summary_features_alone_or_features_and_inputs() -> None:
    inputs = shared()
    cases = ModelInputs(np.eye(5, dtype=np.float32), np.ones((5, 2), dtype=np.float32), inputs)
    assert cases.arrays(takes_summary=True) == (cases.summary, None)
    assert cases.arrays(takes_summary=False) == (cases.features, inputs)
    table = ModelInputs(cases.features)
    assert table.arrays(takes_summary=True) == (cases.features, None)


def test_of_texts_a_model_takes_the_first_terms_or_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs_module, "TELLING_TERMS", 2)
    dense = np.arange(12, dtype=np.float32).reshape(4, 3)
    cases = ModelInputs(np.zeros((4, 0), np.float32), csr_array(dense))
    np.testing.assert_array_equal(cases.arrays(takes_summary=True)[0], dense[:, :2])
    np.testing.assert_array_equal(cases.arrays(takes_summary=True, takes_all_terms=True)[0], dense)
    blocks = [block.arrays(takes_summary=True, takes_all_terms=True)[0].tolist() for block in cases.blocks(3)]
    assert blocks == [dense[:3].tolist(), dense[3:].tolist()]
    names = ("the", "of", "femur")
    assert summary_taken(names, Modality.TEXT, takes_all_terms=False) == names[:2]
    assert summary_taken(names, Modality.TEXT, takes_all_terms=True) == names
    assert summary_taken(names, Modality.IMAGE, takes_all_terms=False) == names
    assert ModelInputs(dense, dense).terms is None


def test_room_is_made_in_memory_or_in_a_file(tmp_path: Path) -> None:
    assert not isinstance(room((2, 3), np.uint8, None), np.memmap)
    mapped = room((2, 3), np.float32, tmp_path)
    mapped[:] = 7
    assert isinstance(mapped, np.memmap)
    mapped.flush()
    np.testing.assert_array_equal(np.load(tmp_path / "read.npy"), np.full((2, 3), 7, np.float32))
