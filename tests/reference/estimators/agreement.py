"""Our numbers beside those of others: every case of every `*_reference.json` in this folder.

A case names the method, the program and call that gave the numbers, the data set, the arguments
that our answer needs, and the numbers by quantity (null: not to be estimated). `digits` (10 where
not said) is the relative agreement asked for; where it is less, `note` says why.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reference.estimators.tables import Table, find_table, read_table

HERE = Path(__file__).parent
Answer = Callable[[Table, Mapping[str, Any]], Mapping[str, ArrayLike]]
FLOOR = 1e-14  # of the largest number of the quantity: what is 0 to the others' rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What another program says about one data set by one method."""

    family: str
    method: str
    reference: str
    data: str
    values: Mapping[str, list[float | None]]
    arguments: Mapping[str, Any] = field(default_factory=dict)
    digits: int = 10
    note: str = ""

    @property
    def name(self) -> str:
        """The case in a word, as the tests print it."""
        return f"{self.family}-{self.method}-{self.data}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One quantity of a case: ours, theirs, and the largest difference relative to theirs."""

    quantity: str
    ours: NDArray[np.float64]
    theirs: NDArray[np.float64]
    difference: float


def read_cases() -> list[Case]:
    """Every case whose data set is at hand."""
    found = [
        Case(family=path.stem.removesuffix("_reference"), **case)
        for path in sorted(HERE.glob("*_reference.json"))
        for case in json.loads(path.read_text())
    ]
    return [case for case in found if case.data == "none" or find_table(case.data)]


def answers(family: str) -> Mapping[str, Answer]:
    """Our methods of one family by name: `ANSWERS` of `<family>_answers.py`."""
    found: Mapping[str, Answer] = import_module(f"reference.estimators.{family}_answers").ANSWERS
    return found


def compare(case: Case) -> list[Comparison]:
    """Our answer beside the reference, quantity by quantity; a quantity left out is an error."""
    ours = answers(case.family)[case.method](read_table(case.data), case.arguments)
    return [_compare(name, ours[name], theirs) for name, theirs in case.values.items()]


def _compare(name: str, ours: ArrayLike, theirs: list[float | None]) -> Comparison:
    here = np.ravel(np.asarray(ours, dtype=np.float64))
    there = np.array([np.nan if value is None else value for value in theirs])
    assert here.shape == there.shape, f"{name}: {here.size} numbers beside {there.size}"
    return Comparison(quantity=name, ours=here, theirs=there, difference=_difference(here, there))


def _difference(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> float:
    if not np.array_equal(np.isnan(ours), np.isnan(theirs)):
        return float("inf")
    known = ~np.isnan(theirs)
    if not known.any():
        return 0.0
    size = np.abs(theirs[known])
    gap = np.abs(ours[known] - theirs[known]) - FLOOR * size.max()
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(gap <= 0, 0.0, gap / size)
    return float(relative.max())
