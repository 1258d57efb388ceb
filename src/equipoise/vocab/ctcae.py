"""The CTCAE v5.0 dictionary: terms, MedDRA codes, classes and the grades a term allows.

Facts of the NCI workbook of 27 November 2017 (837 terms in 26 classes); the wording of the grades
is not part of the package.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

CODE_LIST = "ctcae_v5"


@dataclass(frozen=True, slots=True, kw_only=True)
class CtcaeTerm:
    """One term: its MedDRA lowest level term code, its class (SOC), the grades it allows."""

    code: str
    term: str
    soc: str
    grades: frozenset[int]


@cache
def read_ctcae() -> Mapping[str, CtcaeTerm]:
    """The dictionary by term."""
    text = (files("equipoise.vocab") / "ctcae_v5.csv").read_text(encoding="utf-8")
    return {
        row["term"]: CtcaeTerm(
            code=row["code"],
            term=row["term"],
            soc=row["class"],
            grades=frozenset(int(grade) for grade in row["grades"]),
        )
        for row in csv.DictReader(text.splitlines())
    }


def allowed_grades(term: str) -> frozenset[int] | None:
    """The grades that `term` allows; None when CTCAE v5.0 has no such term."""
    entry = read_ctcae().get(term)
    return entry.grades if entry else None
