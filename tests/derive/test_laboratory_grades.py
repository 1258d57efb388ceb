"""Laboratory values: units, limits, baseline, grades, and what is left ungraded (D6.4, D7.2)."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.laboratory_tables import derive_values, grade_of, read_values
from derive.trial_tables import Row, build_frames, day, derive, derive_harms, read_table
from equipoise.vocab.laboratory import read_laboratory_rules, read_units
from naive.laboratory import Sample, grade

ALT = "Alanine aminotransferase increased"
LIMITS = """
| test          | value | unit    | lln    | uln    | term                               | grade |
| alt           | 40    | U/L     |        | 40     | Alanine aminotransferase increased | 0     |
| alt           | 41    | U/L     |        | 40     | Alanine aminotransferase increased | 1     |
| alt           | 120   | U/L     |        | 40     | Alanine aminotransferase increased | 1     |
| alt           | 121   | U/L     |        | 40     | Alanine aminotransferase increased | 2     |
| alt           | 201   | U/L     |        | 40     | Alanine aminotransferase increased | 3     |
| alt           | 801   | U/L     |        | 40     | Alanine aminotransferase increased | 4     |
| alt           | 2.01  | ukat/L  |        | 0.67   | Alanine aminotransferase increased | 1     |
| alt           | 3.6   | ukat/L  |        | 1.2    | Alanine aminotransferase increased | 1     |
| creatinine    | 1.0   | mg/dL   |        | 1.2    | Creatinine increased               | 0     |
| creatinine    | 1.9   | mg/dL   |        | 1.2    | Creatinine increased               | 2     |
| creatinine    | 7.3   | mg/dL   |        | 1.2    | Creatinine increased               | 4     |
| bilirubin     | 3.7   | mg/dL   |        | 1.2    | Blood bilirubin increased          | 3     |
| haemoglobin   | 10.0  | g/dL    | 13     | 17     | Anemia                             | 1     |
| haemoglobin   | 9.9   | g/dL    | 13     | 17     | Anemia                             | 2     |
| haemoglobin   | 79    | g/L     | 130    | 170    | Anemia                             | 3     |
| haemoglobin   | 4.8   | mmol/L  | 8      | 11     | Anemia                             | 3     |
| haemoglobin   | 3     | g/dL    | 13     | 17     | Anemia                             | 3     |
| haemoglobin   | 19.1  | g/dL    | 13     | 17     | Hemoglobin increased               | 2     |
| platelets     | 49000 | /uL     | 150000 | 400000 | Platelet count decreased           | 3     |
| platelets     | 24    | 10^3/uL | 150    | 400    | Platelet count decreased           | 4     |
| neutrophils   | 0.99  | 10^9/L  | 1.8    | 7      | Neutrophil count decreased         | 3     |
| lymphocytes   | 0.19  | 10^9/L  | 1      | 4      | Lymphocyte count decreased         | 4     |
| calcium       | 11.5  | mg/dL   | 8.6    | 10.2   | Hypercalcemia                      | 1     |
| calcium       | 11.6  | mg/dL   | 8.6    | 10.2   | Hypercalcemia                      | 2     |
| calcium       | 2.89  | mmol/L  | 2.15   | 2.55   | Hypercalcemia                      | 1     |
| calcium       | 5.81  | mEq/L   | 4.3    | 5.1    | Hypercalcemia                      | 2     |
| glucose       | 39    | mg/dL   | 70     | 110    | Hypoglycemia                       | 3     |
| glucose       | 2.1   | mmol/L  | 3.9    | 6.1    | Hypoglycemia                       | 3     |
| albumin       | 1.9   | g/dL    | 3.5    | 5      | Hypoalbuminemia                    | 3     |
| triglycerides | 150   | mg/dL   |        |        | Hypertriglyceridemia               | 1     |
| inr           | 1.3   | 1       |        |        | INR increased                      | 1     |
| lipase        | 91    | U/L     |        | 60     | Lipase increased                   | 2     |
| lipase        | 301   | U/L     |        | 60     | Lipase increased                   | 3     |
| sodium        | 129   | mmol/L  | 135    | 145    | Hyponatremia                       | 2     |
"""
NO_GRADE = """
| test      | value | unit   | lln | uln | rule |
| alt       | 300   | U/L    |     |     | LB-6 |
| alt       | 300   |        |     | 40  | LB-4 |
| alt       | 300   | mg/dL  |     | 40  | LB-4 |
| alt       |       | U/L    |     | 40  | LB-2 |
| alt       | -3    | U/L    |     | 40  | LB-3 |
| alt       | 300   | U/L    | 50  | 40  | LB-5 |
| platelets | 90    | 10^9/L |     | 400 | LB-6 |
| tsh       | 12    | mIU/L  | 0.4 | 4   | LB-7 |
"""
BASELINE = """
| case                                    | records         | grade | emergent |
| normal baseline: multiples of the limit | 5:30 20:130     | 2     | yes      |
| abnormal baseline: its own multiples    | 5:60 20:130     | 1     | yes      |
| under one and a half times that         | 5:60 20:89      | 0     | no       |
| one and a half times that               | 5:60 20:90      | 1     | yes      |
| on the day of treatment: baseline       | 10:60 20:89     | 0     | no       |
| the last before treatment counts        | 3:30 5:60 20:89 | 0     | no       |
| no baseline: as if normal               | 20:130          | 2     | yes      |
| at baseline by the limit, not itself    | 5:130           | 2     | no       |
"""


@pytest.mark.parametrize("row", read_table(LIMITS), ids=lambda r: f"{r['test']} {r['value']}")
def test_a_value_has_the_grade_of_its_limits(row: Row) -> None:
    said = {k: v for k, v in row.items() if k not in ("term", "grade")}
    assert grade_of([said])[0][row["term"]] == int(row["grade"])


@pytest.mark.parametrize("row", read_table(NO_GRADE), ids=lambda r: f"{r['test']} {r['rule']}")
def test_what_cannot_be_graded_says_why(row: Row) -> None:
    grades = derive_values([{k: v for k, v in row.items() if k != "rule"}]).laboratory_grades
    found = grades.filter(pl.col("term") != "Leukocytosis")
    assert found["grade"].to_list() == [None] * found.height
    assert set(found["rule"]) == {row["rule"]}
    assert found["words"].str.len_chars().gt(5).all()


@pytest.mark.parametrize("row", read_table(BASELINE), ids=lambda r: r["case"])
def test_an_abnormal_baseline_has_its_own_multiples(row: Row) -> None:
    values = [word.split(":") for word in row["records"].split()]
    rows = [
        {"test": "alt", "value": v, "unit": "U/L", "uln": "40", "lab_date": d} for d, v in values
    ]
    last = derive_values(rows).laboratory_grades.sort("lab_date").row(-1, named=True)
    assert last["grade"] == int(row["grade"])
    assert last["treatment_emergent"] == (row["emergent"] == "yes")


def test_a_low_limit_that_is_missing_hides_grade_one_only() -> None:
    """40 x 10^9/L is grade 3 wherever normal begins."""
    low = {"test": "platelets", "unit": "10^9/L"}
    assert grade_of([{**low, "value": "40"}])[0]["Platelet count decreased"] == 3
    assert grade_of([{**low, "value": "90"}])[0]["Platelet count decreased"] is None


def test_a_higher_grade_behind_a_missing_limit_leaves_a_lower_bound() -> None:
    base = {"test": "creatinine", "value": "80", "unit": "umol/L", "uln": "100", "lab_date": "5"}
    late = {"test": "creatinine", "value": "300", "unit": "umol/L"}
    row = derive_values([base, late]).laboratory_grades.row(-1, named=True)
    assert (row["grade"], row["at_least"]) == (3, True)
    assert row["words"] == "above 3 x baseline; a limit of normal is missing"


def test_where_symptoms_decide_the_grade_is_a_lower_bound_and_says_so() -> None:
    data = read_values("""
    | test        | value | unit | lln | uln |
    | lipase      | 700   | U/L  |     | 60  |
    | haemoglobin | 60    | g/L  | 130 | 170 |
    | alt         | 700   | U/L  |     | 40  |
    """).laboratory_grades.filter(pl.col("grade") > 0)
    found = {r["test"]: (r["grade"], r["at_least"], r["words"]) for r in data.to_dicts()}
    assert found["lipase"] == (3, True, "above 5 x the upper limit; symptoms raise it by one grade")
    assert found["haemoglobin"] == (3, True, "below 80 g/L; grades 4 and 5 are clinical")
    assert found["alt"] == (3, False, "above 5 x the upper limit")


def test_value_limits_and_baseline_are_in_si_units() -> None:
    data = read_values("""
    | test       | value | unit   | uln | lab_date |
    | creatinine | 1.0   | mg/dL  | 1.2 | 5        |
    | creatinine | 200   | umol/L | 106 | 20       |
    """)
    row = data.laboratory_grades.row(-1, named=True)
    assert (row["value_si"], row["si_unit"]) == (200.0, "umol/L")
    assert row["baseline_si"] == pytest.approx(88.42)
    assert row["baseline_abnormal"] is False
    assert row["entries"] == ["01-001/lb/1", "01-001/lb/2"]
    assert (row["direction"], row["lab_date"]) == ("high", day(20))


def test_a_grade_that_was_there_at_baseline_is_not_emergent_until_it_is_worse() -> None:
    data = read_values("""
    | test        | value | unit | lln | uln | lab_date |
    | haemoglobin | 95    | g/L  | 130 | 170 | 5        |
    | haemoglobin | 90    | g/L  | 130 | 170 | 20       |
    | haemoglobin | 75    | g/L  | 130 | 170 | 40       |
    """).laboratory_grades.filter(term="Anemia")
    assert data["grade"].to_list() == [2, 2, 3]
    assert data["baseline_grade"].to_list() == [None, 2, 2]
    assert data["treatment_emergent"].to_list() == [False, False, True]


def test_without_treatment_the_baseline_lasts_until_randomisation() -> None:
    lb = [{"test": "alt", "value": "30", "unit": "U/L", "uln": "40", "lab_date": "0"}]
    lb.append({**lb[0], "value": "300", "lab_date": "20"})
    row = derive(build_frames({"lb": lb})).laboratory_grades.row(-1, named=True)
    assert (row["baseline_si"], row["grade"]) == (30.0, 3)


def test_a_value_without_a_date_is_graded_and_never_emergent() -> None:
    rows: list[Row] = [{"test": "alt", "value": "300", "unit": "U/L", "uln": "40", "lab_date": "5"}]
    frames = build_frames({"lb": rows, "ex_sys": [{"start_date": "10"}]})
    bare = frames["lb"].with_columns(lab_date=pl.lit(None, dtype=pl.Date))
    row = derive({**frames, "lb": bare}).laboratory_grades.row(0, named=True)
    assert (row["grade"], row["treatment_emergent"]) == (3, False)


TESTS = sorted({rule.test for rule in read_laboratory_rules()})
WRITTEN = """
0 0.3 0.5 1 1.2 1.71 2.5 3 3.6 5.5 7 10 11.5 20 36
40 50 60 75 80 90 100 120 130 150 180 300 500 900
"""
NUMBERS = st.sampled_from(WRITTEN.split())


@st.composite
def samples(draw: st.DrawFn) -> tuple[Sample, Sample | None]:
    """A value, and perhaps one of the same test before it."""
    test = draw(st.sampled_from(TESTS))

    def one() -> Sample:
        low, high = draw(NUMBERS | st.just("")), draw(NUMBERS | st.just(""))
        unit = draw(st.sampled_from([*read_units()[test], *read_units()[test], "s"]))
        return Sample(test=test, value=draw(NUMBERS), unit=unit, lln=low, uln=high)

    return one(), one() if draw(st.booleans()) else None


def is_sound(sample: Sample) -> bool:
    """Whether a value can be a baseline."""
    ordered = not (sample.lln and sample.uln) or float(sample.lln) <= float(sample.uln)
    return sample.unit in read_units()[sample.test] and ordered


def as_row(sample: Sample) -> Row:
    """The entry of a sample."""
    said = {"test": sample.test, "value": sample.value, "unit": sample.unit}
    return {**said, "lln": sample.lln, "uln": sample.uln}


@settings(max_examples=30)
@given(st.lists(samples(), min_size=1, max_size=12))
def test_grades_are_those_of_the_slow_reading(drawn: list[tuple[Sample, Sample | None]]) -> None:
    rows: list[Row] = []
    for number, (late, early) in enumerate(drawn, start=1):
        own = {"subject": f"01-{number:03}"}
        pairs = ((early, "1", "5"), (late, "2", "20"))
        for sample, record, when in pairs:
            if sample is not None:
                said = {k: v for k, v in as_row(sample).items() if v}
                rows.append({**own, "record": record, "lab_date": when, **said})
    treated = [{"subject": f"01-{n:03}", "start_date": "10"} for n in range(1, len(drawn) + 1)]
    grades = derive_harms(build_frames({"lb": rows, "ex_sys": treated})).laboratory_grades
    for number, (late, early) in enumerate(drawn, start=1):
        own_rows = grades.filter(entry=f"01-{number:03}/lb/2")
        base = early if early is not None and is_sound(early) else None
        for term, found in own_rows.select("term", "grade").iter_rows():
            rules = [r for r in read_laboratory_rules() if (r.test, r.term) == (late.test, term)]
            slow = grade(late, baseline=base, rules=rules) if is_sound(late) else None
            assert found == slow, (term, late, base)


@settings(max_examples=10)
@given(st.lists(samples(), min_size=2, max_size=8), st.integers(0, 100))
def test_the_order_of_values_never_matters(
    drawn: list[tuple[Sample, Sample | None]], seed: int
) -> None:
    rows = [
        {k: v for k, v in {**as_row(late), "lab_date": str(5 * n)}.items() if v}
        for n, (late, _) in enumerate(drawn)
    ]
    frames = build_frames({"lb": rows, "ex_sys": [{"start_date": "10"}]})
    turned = frames["lb"].sample(fraction=1, shuffle=True, seed=seed)
    left, right = derive_harms(frames), derive_harms({**frames, "lb": turned})
    assert left.laboratory_grades.equals(right.laboratory_grades)
