"""A column of numbers in one cell: its median and range."""

import polars as pl

from equipoise.report.wording import MISSING, write_number


def write_spread(values: pl.Series, *, factor: float = 1.0, digits: int | None = None) -> str:
    """Median (range) of the known values; whole numbers without decimals, a dash without any."""
    known = [float(value) * factor for value in values.drop_nulls().to_list()]
    if not known:
        return MISSING
    middle = float(pl.Series(known).median())  # type: ignore[arg-type]
    numbers = (middle, min(known), max(known))
    whole = all(number == round(number) for number in numbers)
    places = digits if digits is not None else 0 if whole else 1
    first, low, high = (write_number(number, digits=places) for number in numbers)
    return f"{first} ({low} to {high})"
