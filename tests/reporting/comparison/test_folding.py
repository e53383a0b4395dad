"""Long tables are folded and lose no row."""

from reprodx.reporting.comparison.folding import MAX_ROWS, folded_if_long
from reprodx.reporting.page import Folded, Table


def test_only_long_tables_are_folded() -> None:
    short = Table("a", "Runs", ("Model",), (("x",),) * MAX_ROWS)
    long = Table("a", "Runs", ("Model",), (("x",),) * (MAX_ROWS + 1))
    assert folded_if_long(short) is short
    folded = folded_if_long(long)
    assert isinstance(folded, Folded)
    assert folded.table is long
