"""Every estimator gives the digits of other programs, and is known to give them twice."""

from collections import Counter

import numpy as np
import pytest

from reference.estimators.agreement import HERE, Case, answers, compare, read_cases
from reference.estimators.page import PAGES, print_case_key
from reference.estimators.tables import FOLDERS

CASES = read_cases()
FAMILIES = sorted({case.family for case in CASES})


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_our_numbers_are_those_of_others(case: Case) -> None:
    for found in compare(case):
        assert found.difference <= 10.0**-case.digits, (
            f"{found.quantity}: ours {found.ours.tolist()}, theirs {found.theirs.tolist()}, "
            f"relative difference {found.difference:.1e}"
        )


@pytest.mark.parametrize("family", FAMILIES)
def test_every_method_is_held_to_two_data_sets(family: str) -> None:
    seen = Counter(
        method
        for method, _ in {
            (case.method, (case.data, str(case.arguments)))
            for case in CASES
            if case.family == family
        }
    )

    assert (
        FOLDERS[-1].is_dir() is False
        or {method for method in answers(family) if seen[method] < 2} == set()
    )


def test_less_than_ten_digits_are_explained() -> None:
    assert [case.name for case in CASES if case.digits < 10 and not case.note] == []


def test_every_family_tells_its_source() -> None:
    told = (HERE / "SOURCE.md").read_text()

    assert [family for family in FAMILIES if f"`{family}_reference.json`" not in told] == []


@pytest.mark.parametrize("family", FAMILIES)
def test_the_page_of_digits_lists_every_case(family: str) -> None:
    page = (PAGES / f"{family}.md").read_text()
    own = [case for case in CASES if case.family == family]

    assert [case.name for case in own if print_case_key(case) not in page] == []


def test_a_number_that_is_wrong_in_the_tenth_digit_is_found() -> None:
    case = CASES[0]
    quantity, theirs = next(iter(case.values.items()))
    wrong = [None if value is None else value * (1 + 3e-10) for value in theirs]
    spoilt = Case(
        family=case.family, method=case.method, reference="", data=case.data,
        values={quantity: wrong}, arguments=case.arguments,
    )  # fmt: skip

    assert np.isfinite([compare(spoilt)[0].difference]).all()
    assert compare(spoilt)[0].difference > 1e-10
