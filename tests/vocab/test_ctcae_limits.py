"""Laboratory limits of CTCAE v5.0 as printed, and unit factors from molar masses (D6.4)."""

import pytest

from equipoise.vocab.laboratory import LaboratoryRule, read_laboratory_rules, read_units

# term | side | of what, or the unit | where grades 1 to 4 begin; - where CTCAE has no limit
PRINTED = """
Anemia | low | lln | 1 - - -
Anemia | low | g/dL | - 10 8 -
Anemia | low | g/L | - 100 80 -
Anemia | low | mmol/L | - 6.2 4.9 -
White blood cell decreased | low | lln | 1 - - -
White blood cell decreased | low | 10^9/L | - 3 2 1
Leukocytosis | high | 10^9/L | - - 100 -
Neutrophil count decreased | low | lln | 1 - - -
Neutrophil count decreased | low | 10^9/L | - 1.5 1 0.5
Lymphocyte count decreased | low | lln | 1 - - -
Lymphocyte count decreased | low | 10^9/L | - 0.8 0.5 0.2
Lymphocyte count increased | high | 10^9/L | - 4 20 -
Platelet count decreased | low | lln | 1 - - -
Platelet count decreased | low | 10^9/L | - 75 50 25
Alanine aminotransferase increased | high | uln | 1 3 5 20
Alanine aminotransferase increased | high | baseline | 1.5 3 5 20
Aspartate aminotransferase increased | high | uln | 1 3 5 20
Aspartate aminotransferase increased | high | baseline | 1.5 3 5 20
Alkaline phosphatase increased | high | uln | 1 2.5 5 20
Alkaline phosphatase increased | high | baseline | 2 2.5 5 20
GGT increased | high | uln | 1 2.5 5 20
GGT increased | high | baseline | 2 2.5 5 20
Blood bilirubin increased | high | uln | 1 1.5 3 10
Blood bilirubin increased | high | baseline | 1 1.5 3 10
Creatinine increased | high | uln | 1 1.5 3 6
Creatinine increased | high | baseline | - 1.5 3 -
CPK increased | high | uln | 1 2.5 5 10
Lipase increased | high | uln | 1 1.5 5 -
Serum amylase increased | high | uln | 1 1.5 5 -
Blood lactate dehydrogenase increased | high | uln | 1 - - -
Activated partial thromboplastin time prolonged | high | uln | 1 1.5 2.5 -
INR increased | high | 1 | 1.2 1.5 2.5 -
Hypercalcemia | high | uln | 1 - - -
Hypercalcemia | high | mg/dL | - 11.5 12.5 13.5
Hypercalcemia | high | mmol/L | - 2.9 3.1 3.4
Hypocalcemia | low | lln | 1 - - -
Hypocalcemia | low | mg/dL | - 8 7 6
Hypocalcemia | low | mmol/L | - 2 1.75 1.5
Hyperkalemia | high | uln | 1 - - -
Hyperkalemia | high | mmol/L | - 5.5 6 7
Hypokalemia | low | lln | 1 - - -
Hypokalemia | low | mmol/L | - - 3 2.5
Hypernatremia | high | uln | 1 - - -
Hypernatremia | high | mmol/L | - 150 155 160
Hyponatremia | low | lln | 1 - - -
Hyponatremia | low | mmol/L | - 130 125 120
Hypermagnesemia | high | uln | 1 - - -
Hypermagnesemia | high | mg/dL | - - 3 8
Hypermagnesemia | high | mmol/L | - - 1.23 3.3
Hypomagnesemia | low | lln | 1 - - -
Hypomagnesemia | low | mg/dL | - 1.2 0.9 0.7
Hypomagnesemia | low | mmol/L | - 0.5 0.4 0.3
Hypoglycemia | low | lln | 1 - - -
Hypoglycemia | low | mg/dL | - 55 40 30
Hypoglycemia | low | mmol/L | - 3 2.2 1.7
Hypoalbuminemia | low | lln | 1 - - -
Hypoalbuminemia | low | g/dL | - 3 2 -
Hypoalbuminemia | low | g/L | - 30 20 -
Hyperuricemia | high | uln | 1 - - -
Cholesterol high | high | uln | 1 - - -
Cholesterol high | high | mg/dL | - 300 400 500
Cholesterol high | high | mmol/L | - 7.75 10.34 12.92
Hypertriglyceridemia | high | mg/dL | 150 300 500 1000
Hypertriglyceridemia | high | mmol/L | 1.71 3.42 5.7 11.4
"""
LINES = PRINTED.strip().splitlines()
RULES = read_laboratory_rules()


def of_what(rule: LaboratoryRule) -> str:
    return rule.unit if rule.of == "absolute" else rule.of


@pytest.mark.parametrize("line", LINES)
def test_the_limits_of_a_term_are_those_printed(line: str) -> None:
    term, side, of, limits = line.split(" | ")
    own = [r for r in RULES if (r.term, r.direction, of_what(r)) == (term, side, of)]
    told = {grade: float(cell) for grade, cell in enumerate(limits.split(), 1) if cell != "-"}
    assert {rule.grade: rule.limit for rule in own} == told
    assert len(own) == len(told)


def test_no_limit_is_left_out_of_the_table() -> None:
    told = {tuple(line.split(" | ")[:3]) for line in LINES}
    rest = {(r.term, r.direction, of_what(r)) for r in RULES} - told
    assert rest == {("Hemoglobin increased", "high", "above_uln")}
    above = [(r.grade, r.limit, r.unit) for r in RULES if r.of == "above_uln"]
    assert above == [(1, 0, "g/L"), (2, 20, "g/L"), (3, 40, "g/L")]  # printed in g/dL: 0, 2, 4


def test_limits_belong_to_the_milder_grade_but_where_ctcae_says_from() -> None:
    """`1.5 - 3.0 x baseline` begins at 1.5 itself; `>3.0 - 5.0` does not begin at 3.0."""
    inclusive = {(r.term, r.grade, of_what(r)) for r in RULES if r.inclusive}
    assert inclusive == {
        ("Alanine aminotransferase increased", 1, "baseline"),
        ("Aspartate aminotransferase increased", 1, "baseline"),
        ("Alkaline phosphatase increased", 1, "baseline"),
        ("GGT increased", 1, "baseline"),
        ("Hypertriglyceridemia", 1, "mg/dL"),
        ("Hypertriglyceridemia", 1, "mmol/L"),
    }


def test_an_abnormal_baseline_is_asked_for_where_the_limits_depend_on_it() -> None:
    """Creatinine is graded by both, whichever is worse; liver enzymes by one of them."""
    depend = {r.term for r in RULES if r.baseline}
    assert depend == {
        "Alanine aminotransferase increased", "Aspartate aminotransferase increased",
        "Alkaline phosphatase increased", "GGT increased", "Blood bilirubin increased",
    }  # fmt: skip
    for rule in RULES:
        wanted = {"uln": "normal", "baseline": "abnormal"}.get(rule.of, "")
        assert rule.baseline == (wanted if rule.term in depend else ""), rule


# test | molar mass in g/mol | the unit of mass | the molar unit it is turned into
MOLAR = [
    ("glucose", 180.156, "mg/dL", "mmol/L"),
    ("calcium", 40.078, "mg/dL", "mmol/L"),
    ("magnesium", 24.305, "mg/dL", "mmol/L"),
    ("cholesterol", 386.65, "mg/dL", "mmol/L"),
    ("triglycerides", 885.4, "mg/dL", "mmol/L"),  # triolein
    ("bilirubin", 584.66, "mg/dL", "umol/L"),
    ("creatinine", 113.12, "mg/dL", "umol/L"),
    ("urate", 168.11, "mg/dL", "umol/L"),
    ("cortisol", 362.46, "ug/dL", "nmol/L"),
]


@pytest.mark.parametrize(("test", "mass", "unit", "si"), MOLAR)
def test_a_factor_is_that_of_the_molar_mass(test: str, mass: float, unit: str, si: str) -> None:
    """1 mg/dL is 10 mg/L: 10/M mmol/L or 10 000/M umol/L; ug/dL to nmol/L likewise."""
    factor = (10 if si == "mmol/L" else 10_000) / mass
    assert read_units()[test][unit] == pytest.approx(factor, rel=5e-4)
    assert read_units()[test][si] == 1


def test_haemoglobin_is_turned_over_by_the_mass_of_its_monomer() -> None:
    assert read_units()["haemoglobin"]["mmol/L"] == pytest.approx(16_114.5 / 1000, rel=1e-4)
    assert read_units()["haemoglobin"]["g/dL"] == 10


@pytest.mark.parametrize("test", ["leucocytes", "neutrophils", "lymphocytes", "platelets"])
def test_counts_of_cells_differ_by_thousands(test: str) -> None:
    """5 x 10^9/L is 5 x 10^3/uL, 5000 x 10^6/L and 5000 in each uL."""
    said = {"10^9/L": 5.0, "10^3/uL": 5.0, "10^6/L": 5000.0, "/uL": 5000.0}
    assert {unit: factor * said[unit] for unit, factor in read_units()[test].items()} == (
        dict.fromkeys(said, 5.0)
    )


@pytest.mark.parametrize("test", ["alt", "ast", "alp", "ggt", "ck", "lipase", "amylase", "ldh"])
def test_a_microkatal_is_sixty_units(test: str) -> None:
    assert read_units()[test] == {"U/L": 1, "ukat/L": 60}


def test_a_milliequivalent_counts_charges() -> None:
    charges = {"sodium": 1, "potassium": 1, "calcium": 2, "magnesium": 2}
    for test, charge in charges.items():
        assert read_units()[test]["mEq/L"] * charge == 1
