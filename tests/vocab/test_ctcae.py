"""The CTCAE v5.0 dictionary against the counts and codes of the public workbook (D6.1, D6.3)."""

from collections import Counter

import pytest

from equipoise.vocab.ctcae import allowed_grades, read_ctcae


def test_837_terms_in_26_classes_with_codes_of_their_own() -> None:
    terms = read_ctcae().values()

    assert len(terms) == 837
    assert len({term.soc for term in terms}) == 26
    assert len({term.code for term in terms}) == 837
    assert sum(term.term.endswith("Other, specify") for term in terms) == 26


def test_the_grades_allowed_are_counted_as_in_the_workbook() -> None:
    counts = Counter("".join(map(str, sorted(t.grades))) for t in read_ctcae().values())

    assert counts["12345"] == 330
    assert counts["123"] == 196
    assert counts["2345"] == 100
    assert counts["1234"] == 49
    assert counts["345"] == 45
    assert counts["12"] == 42


@pytest.mark.parametrize(
    ("code", "term", "grades"),
    [
        ("10035742", "Pneumonitis", "12345"),
        ("10041569", "Spinal fracture", "12345"),
        ("10016256", "Fatigue", "123"),
        ("10028813", "Nausea", "123"),
        ("10001551", "Alanine aminotransferase increased", "1234"),
        ("10016288", "Febrile neutropenia", "345"),
        ("10069339", "Acute kidney injury", "345"),
        ("10055472", "Esophageal perforation", "2345"),
        ("10065417", "Brachial plexopathy", "123"),
    ],
)
def test_terms_of_the_trial_have_their_code_and_grades(code: str, term: str, grades: str) -> None:
    assert read_ctcae()[term].code == code
    assert allowed_grades(term) == frozenset(int(grade) for grade in grades)


def test_a_term_that_version_5_lacks_has_no_grades() -> None:
    assert allowed_grades("Radiation pneumonitis") is None
