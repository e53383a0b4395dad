"""Which rows a remark names."""

from __future__ import annotations

from reprodx.datasets.image_remarks import said_by_row


def test_remarks_come_in_one_order_with_all_of_their_rows() -> None:
    assert said_by_row([5, 7, 9], [("odd", "dark"), (), ("dark",)], "a.csv") == [
        "a.csv: images with dark: rows 5, 9",
        "a.csv: images with odd: row 5",
    ]
