"""Numbers of citizens and insured persons that hold a check digit, by which they are told from codes of a study."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SPANISH = "TRWAGMYFPDXBNJZSQVHLCKE"
"""Check letters of DNI and NIE by the remainder of the number."""


def _nhs(text: str) -> bool:
    weighted = sum(int(digit) * weight for digit, weight in zip(text[:9], range(10, 1, -1), strict=True))
    return (11 - weighted % 11) % 11 == int(text[9])


def _dni(text: str) -> bool:
    return SPANISH[int(text[:-1].translate(str.maketrans("XYZ", "012"))) % 23] == text[-1]


def _nir(text: str) -> bool:
    number = int(text[:13].replace("2A", "19").replace("2B", "18"))
    return 97 - number % 97 == int(text[13:])


def _kvnr(text: str) -> bool:
    digits = f"{ord(text[0]) - ord('A') + 1:02}{text[1:9]}"
    products = [int(digit) * (1 + place % 2) for place, digit in enumerate(digits)]
    return sum(product // 10 + product % 10 for product in products) % 10 == int(text[9])


_CHECKS: Mapping[str, Callable[[str], bool]] = {
    r"[0-9]{10}": _nhs,
    r"(?:[0-9]{8}|[XYZ][0-9]{7})[A-Z]": _dni,
    r"[12][0-9]{4}(?:[0-9]{2}|2[AB])[0-9]{8}": _nir,
    r"[A-Z][0-9]{9}": _kvnr,
}
"""Of the British NHS, Spain's DNI and NIE, France's NIR and Germany's health insurance (KVNR), by their shape."""


def checked_numbers(values: pl.Series) -> pl.Series:
    """Return which texts are such numbers. Of codes that only look alike one in ten to a hundred is.

    Args:
        values: Text without nulls; blanks and dashes within it do not matter.

    Returns:
        True where the check digit fits.

    >>> checked_numbers(pl.Series(["943 476 5919", "943 476 5918", "12345678Z", "P-001"])).to_list()
    [True, False, True, False]
    """
    plain = values.str.replace_all(r"[\s-]", "")
    found = pl.repeat(value=False, n=plain.len(), dtype=pl.Boolean, eager=True)
    for shape, fits in _CHECKS.items():
        has_shape = plain.str.contains(f"^{shape}$")
        found |= plain.is_in([text for text in plain.filter(has_shape) if fits(text)])
    return found
