"""Our answers for `readers_reference.json`."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.shares.reader_agreement import (
    Agreement,
    Weighting,
    compare_readers,
    compare_two_readers,
)
from reference.estimators.tables import Table


def _readings(table: Table) -> NDArray[np.int64]:
    """The readings that `readers_reference.R` makes: the truth, and readers who miss it."""
    if "resp" in table:
        truth, most, high, low = (
            table["resp"] + table["ae3"],
            2,
            table["age"] % 5,
            table["site"] % 4,
        )
    else:
        truth, most, high, low = table["stratum"], 3, table["site"] % 3, table["age"] % 4
    readers = [truth, np.minimum(truth + (high == 0), most), np.abs(truth - (low == 0))]
    return np.stack(readers, axis=1).astype(np.int64)


def _numbers(found: Agreement) -> Mapping[str, ArrayLike]:
    return {
        "value": found.value,
        "standard_error": found.standard_error,
        "standard_error_null": found.standard_error_null,
        "limits": [found.lower, found.upper],
        "by_category": found.by_category,
    }


def _two(table: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
    weighting, categories = Weighting(arguments["weighting"]), arguments["categories"]
    pairs = _readings(table)[:, :2]
    return _numbers(compare_two_readers(pairs, weighting=weighting, categories=categories))


def _many(table: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
    return _numbers(compare_readers(_readings(table), categories=arguments["categories"]))


ANSWERS = {"two_readers": _two, "many_readers": _many}
