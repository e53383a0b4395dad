"""The baseline of `prepare_speed.py`: read, impute, scale, encode and write in bare Polars.

No check, no split, no hash; the transforms are fitted on all cases. `python bare_prepare.py TABLE TARGET OUTPUT`.
"""

from __future__ import annotations

import sys

import polars as pl
from polars import selectors


def main() -> None:
    path, target, output = sys.argv[1:]
    table = pl.read_csv(path)
    number = selectors.float()
    imputed = table.with_columns(number.fill_null(number.median()))
    scaled = imputed.select(pl.col(target), ((number - number.mean()) / number.std()).cast(pl.Float32))
    words = table.select(selectors.string()).to_dummies(drop_nulls=True)
    pl.concat([scaled, words.cast(pl.Float32)], how="horizontal").write_parquet(output, compression="snappy")


if __name__ == "__main__":
    main()
