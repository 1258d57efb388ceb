"""A column of numbers in one cell: its median and range."""

from statistics import median

import polars as pl

from equipoise.report.wording import MISSING, write_number


def write_spread(values: pl.Series, *, factor: float = 1.0, digits: int | None = None) -> str:
    """Median (range) of the known values: whole ones without decimals, a dash without any."""
    known = [float(value) * factor for value in values.drop_nulls().to_list()]
    if not known:
        return MISSING
    whole = all(value == round(value) for value in known)
    places = digits if digits is not None else 0 if whole else 1
    middle = median(known)
    half = whole and middle != round(middle)
    first = write_number(middle, digits=1 if half and digits is None else places)
    low, high = (write_number(number, digits=places) for number in (min(known), max(known)))
    return f"{first} ({low} to {high})"
