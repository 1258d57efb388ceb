"""Writes docs/validation/estimators/: our digits beside theirs, a page a family (`make docs`)."""

from itertools import groupby
from pathlib import Path

import numpy as np

from reference.estimators.agreement import Case, Comparison, compare, read_cases

PAGES = Path(__file__).parents[3] / "docs" / "validation" / "estimators"
HEAD = """# {title}: our digits beside those of others

Written by `make docs` from the cases of `tests/reference/estimators`, which `make test` compares
again. A row is one method on one data set: all its numbers are compared, and the one that differs
most is printed. The difference is relative. A method agrees to 1e-10, unless its row says why not.

| method | reference | data | numbers | quantity | ours | theirs | difference |
|---|---|---|---|---|---|---|---|
"""


def print_case_key(case: Case) -> str:
    """The first cells of the row of a case: method, reference, data set."""
    call = case.reference.replace("|", "\\\\|")
    return f"| `{case.method}` | {call} | {case.data} |"


def _worst(found: list[Comparison]) -> tuple[Comparison, int]:
    """The quantity that differs most, and where in it."""
    top = max(found, key=lambda one: one.difference)
    size = np.where(np.isnan(top.theirs), 0.0, np.abs(top.ours - top.theirs))
    return top, int(np.argmax(size / np.maximum(np.nan_to_num(np.abs(top.theirs)), 1e-300)))


def print_case(case: Case) -> str:
    """The row of a case."""
    found = compare(case)
    top, place = _worst(found)
    count = sum(one.ours.size for one in found)
    bound = "< 1e-15" if top.difference < 1e-15 else f"{top.difference:.0e}"
    note = f" {case.note}" if case.note else ""
    return (
        f"{print_case_key(case)} {count} | {top.quantity} | {top.ours[place]:.15g} |"
        f" {top.theirs[place]:.15g} | {bound}{note} |"
    )


def write_pages() -> None:
    """A page a family."""
    PAGES.mkdir(exist_ok=True)
    for family, cases in groupby(read_cases(), key=lambda case: case.family):
        head = HEAD.format(title=family.replace("_", " ").capitalize())
        rows = "\n".join(print_case(case) for case in cases)
        (PAGES / f"{family}.md").write_text(f"{head}{rows}\n")


if __name__ == "__main__":
    write_pages()
