"""The tables of laboratory limits and units fit each other and the dictionary."""

from itertools import pairwise

import pytest

from equipoise.protocol.parse import shipped_protocol
from equipoise.vocab.ctcae import read_ctcae
from equipoise.vocab.laboratory import read_clinical_limits, read_laboratory_rules, read_units

RULES = read_laboratory_rules()
TERMS = sorted({rule.term for rule in RULES})


def test_every_term_and_grade_is_one_of_the_dictionary() -> None:
    for rule in RULES:
        assert rule.grade in read_ctcae()[rule.term].grades, rule
    assert set(read_clinical_limits()) <= set(TERMS)


def test_every_test_and_unit_is_a_code_of_the_form() -> None:
    lists = shipped_protocol().code_list
    assert set(lists["lab_test"]) == set(read_units())
    assert set(lists["lab_unit"]) == {unit for units in read_units().values() for unit in units}
    assert {rule.test for rule in RULES} <= set(read_units())


def test_limits_are_in_a_unit_of_their_test() -> None:
    for rule in RULES:
        assert (rule.unit in read_units()[rule.test]) == (rule.of in ("absolute", "above_uln"))
    assert all(next(iter(units.values())) == 1 for units in read_units().values())


@pytest.mark.parametrize("term", TERMS)
def test_limits_move_outwards_with_the_grade(term: str) -> None:
    own = [rule for rule in RULES if rule.term == term]
    for kind in {(rule.of, rule.unit, rule.baseline) for rule in own}:
        steps = [r for r in own if (r.of, r.unit, r.baseline) == kind]
        for lower, higher in pairwise(steps):
            assert higher.grade > lower.grade
            outwards = higher.limit - lower.limit
            assert outwards > 0 if lower.direction == "high" else outwards < 0


def test_limits_in_two_units_agree_within_their_rounding() -> None:
    """CTCAE rounds: magnesium 0.9 mg/dL is 0.37 mmol/L, and stands as 0.4."""
    for rule in (r for r in RULES if r.of == "absolute"):
        units = read_units()[rule.test]
        si = next(iter(units))
        twin = [
            r
            for r in RULES
            if (r.term, r.grade, r.of, r.unit) == (rule.term, rule.grade, "absolute", si)
        ]
        assert rule.limit * units[rule.unit] == pytest.approx(twin[0].limit, rel=0.08)


def test_words_of_a_limit() -> None:
    said = {(rule.test, rule.grade, rule.of, rule.unit): rule.words for rule in RULES}
    assert said["alt", 1, "uln", ""] == "above the upper limit"
    assert said["alt", 2, "uln", ""] == "above 3 x the upper limit"
    assert said["alt", 1, "baseline", ""] == "at or above 1.5 x baseline"
    assert said["platelets", 1, "lln", ""] == "below the lower limit"
    assert said["haemoglobin", 3, "absolute", "g/dL"] == "below 8 g/dL"
    assert said["haemoglobin", 1, "above_uln", "g/L"] == "above the upper limit"
    assert said["haemoglobin", 2, "above_uln", "g/L"] == "above the upper limit + 20 g/L"
    assert said["inr", 1, "absolute", "1"] == "above 1.2"
