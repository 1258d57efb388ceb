"""Treatment emergence with worsening, changes of grade, and what counts once (D2.6).

A record is written `10-20:2` (day 10 to 20, grade 2) or `10-:3` (goes on); treatment starts on
day 30 unless a line says otherwise. Events count as `onset-end:grade`;
`TE` are the records that emerge.
"""

import re
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.trial_tables import (
    PROTOCOL,
    START,
    Row,
    build_frames,
    day,
    derive,
    derive_harms,
    read_table,
)
from equipoise.derive.schemas import Datasets
from equipoise.protocol.model import Protocol
from equipoise.protocol.toxicity_model import ToxicityRules
from naive.adverse_events import Record, emergent, severe_events, worst

CASES = """
| case                                | records                 | TE    | worst | severe          |
| starts on the day of treatment      | 30-40:2                 | 1     | 2     |                 |
| starts the day before               | 29-40:2                 |       |       |                 |
| over before it, comes back          | 10-20:2 40-50:1         | 2     | 1     |                 |
| goes on unchanged                   | 10-35:2 36-60:2         |       |       |                 |
| goes on, better                     | 10-35:3 36-60:1         |       |       |                 |
| goes on, worse                      | 10-35:1 36-60:2         | 2     | 2     |                 |
| worse on the day of treatment       | 10-29:1 30-60:3         | 2     | 3     | 30-60:3         |
| worse, then as before               | 10-35:2 36-40:3 41-50:2 | 2     | 3     | 36-40:3         |
| better before treatment, then worse | 5-9:3 10-29:1 30-50:2   | 3     | 2     |                 |
| severe before, worse under it       | 10-35:3 36-50:4         | 2     | 4     | 36-50:4         |
| severe before, as severe under it   | 10-35:3 36-50:3         |       |       |                 |
| 3, then 4, then 3 again: once       | 40-50:3 51-60:4 61-70:3 | 1 2 3 | 4     | 40-70:4         |
| grade 3 by way of 2: twice          | 40-50:3 51-60:2 61-70:3 | 1 2 3 | 3     | 40-50:3 61-70:3 |
| a day between: twice                | 40-50:3 52-60:4         | 1 2   | 4     | 40-50:3 52-60:4 |
| overlapping records: once           | 40-60:3 50-70:3         | 1 2   | 3     | 40-70:3         |
| one inside the other: once          | 40-90:3 50-60:4 85-95:3 | 1 2 3 | 4     | 40-95:4         |
| without end, entered again          | 40-:3 80-90:4           | 1 2   | 4     | 40-:4           |
| no end before it, same grade        | 10-:2 40-50:2           |       |       |                 |
| no end before treatment, worse      | 10-:2 40-50:4           | 2     | 4     | 40-50:4         |
| two before it, the worse counts     | 10-40:1 12-40:3 35-50:2 |       |       |                 |
"""


def records(text: str) -> list[Row]:
    """The entries of one subject's records."""
    found = []
    for word in text.split():
        onset, end, grade = re.fullmatch(r"(\d+)-(\d*):(\d)", word).groups()  # type: ignore[union-attr]
        row = {"onset_date": onset, "grade": grade}
        found.append({**row, **({"end_date": end} if end else {})})
    return found


def told(text: str, *, protocol: Protocol = PROTOCOL, treated: str = "30") -> Datasets:
    """What records come to when treatment starts on a day."""
    return derive(
        build_frames({"ae": records(text), "ex_sys": [{"start_date": treated}]}), protocol=protocol
    )


def with_rules(rules: ToxicityRules) -> Protocol:
    """The trial with other rules of counting."""
    return PROTOCOL.model_copy(update={"toxicity": rules})


def number(found: date | None) -> str:
    """A date as days after randomisation."""
    return "" if found is None else str((found - START).days)


def severe(data: Datasets) -> str:
    """The emergent events of grade 3 or higher, as a table writes them."""
    rows = data.occurrences.filter(endpoint="acute_g3").filter("treatment_emergent")
    return " ".join(
        f"{number(r['onset_date'])}-{number(r['end_date'])}:{r['grade']}"
        for r in rows.sort("onset_date").iter_rows(named=True)
    )


@pytest.mark.parametrize("row", read_table(CASES), ids=lambda row: row["case"])
def test_what_emerges_under_treatment(row: Row) -> None:
    data = told(row["records"])
    grades = data.worst_grades["grade"].to_list()
    assert grades == ([int(row["worst"])] if "worst" in row else [])
    assert severe(data) == row.get("severe", "")
    numbered = [
        Record(
            number=place,
            onset=int(each["onset_date"]),
            end=int(each["end_date"]) if "end_date" in each else None,
            grade=int(each["grade"]),
        )
        for place, each in enumerate(records(row["records"]), start=1)
    ]
    expected = {int(n) for n in row.get("TE", "").split()}
    assert emergent(numbered, treated=30) == expected


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("30-40:3", ["TE-1"]),
        ("10-35:2 36-60:3", ["TE-2"]),
        ("29-40:3", ["TE-3"]),
        ("10-35:3 36-60:3", ["TE-3", "TE-4"]),
    ],
)
def test_each_event_names_the_rule_of_its_emergence(text: str, rules: list[str]) -> None:
    rows = told(text).occurrences.filter(endpoint="acute_g3").sort("onset_date")
    assert sorted(rows["rule"]) in (rules, rules[:1])
    assert rows["words"].str.len_chars().gt(10).all()


def test_an_event_of_several_records_names_them_all() -> None:
    rows = told("40-50:3 51-60:4").occurrences.filter(endpoint="acute_g3")
    assert rows["entries"].to_list() == [["01-001/ae/1", "01-001/ae/2"]]
    assert rows["row"].to_list() == ["acute_g3//01-001/ae/1"]


def test_one_record_at_its_highest_grade_counts_from_its_onset() -> None:
    """AE_GRADE_CHANGE: where a site keeps one record, overlapping records are one event."""
    text = "40-50:1 51-60:4 61-70:2"
    assert severe(told(text)) == "51-60:4"
    assert severe(told(text, protocol=with_rules(ToxicityRules(grade_change="highest_grade")))) == (
        "40-70:4"
    )


def test_at_the_highest_grade_what_was_there_before_treatment_is_kept_apart() -> None:
    protocol = with_rules(ToxicityRules(grade_change="highest_grade"))
    data = told("10-35:3 36-60:4", protocol=protocol)
    rows = data.occurrences.filter(endpoint="acute_g3").sort("onset_date")
    assert rows["treatment_emergent"].to_list() == [False, True]
    assert rows["onset_date"].to_list() == [day(10), day(36)]


def test_relation_is_that_of_the_highest_grade() -> None:
    ae = """
    | onset_date | end_date | grade | related_sbrt |
    | 40         | 50       | 3     | none         |
    | 51         | 60       | 4     | probable     |
    """
    data = derive(build_frames(ae=ae, ex_sys="| start_date |\n| 30 |"))
    assert data.occurrences.filter(endpoint="acute_g3")["related_sbrt"].to_list() == ["probable"]


def test_the_worst_grade_keeps_first_days_and_what_is_related_to_sbrt() -> None:
    ae = """
    | onset_date | end_date | grade | related_sbrt |
    | 40         | 50       | 1     | unlikely     |
    | 51         | 60       | 4     | none         |
    | 61         | 70       | 2     | possible     |
    """
    data = derive(build_frames(ae=ae, ex_sys="| start_date |\n| 30 |"))
    row = data.worst_grades.row(0, named=True)
    assert (row["grade"], row["sbrt_grade"]) == (4, 2)
    assert (row["onset_date"], row["severe_onset_date"]) == (day(40), day(51))
    assert row["entries"] == ["01-001/ae/2"]


def test_two_terms_are_never_one_event() -> None:
    ae = "| onset_date | grade | term |\n| 40 | 3 | Diarrhea |\n| 41 | 3 | Colitis |"
    data = derive(build_frames(ae=ae, ex_sys="| start_date |\n| 30 |"))
    assert data.occurrences.filter(endpoint="acute_g3").height == 2


def test_records_without_a_term_or_a_grade_stop_nobody() -> None:
    ae = [{"onset_date": "40", "grade": "3"}, {"onset_date": "41", "grade": "3"}]
    frames = build_frames({"ae": ae, "ex_sys": [{"start_date": "30"}]})
    bare = frames["ae"].with_columns(term=pl.lit(None, dtype=pl.String))
    data = derive({**frames, "ae": bare})
    assert data.occurrences.filter(endpoint="acute_g3").height == 2
    assert data.worst_grades.is_empty()
    blank = frames["ae"].with_columns(grade=pl.lit(None, dtype=pl.Int64))
    assert derive({**frames, "ae": blank}).occurrences.is_empty()


def test_an_unknown_grade_before_treatment_leaves_the_later_one_emergent() -> None:
    frames = build_frames({"ae": records("10-35:1 36-60:3"), "ex_sys": [{"start_date": "30"}]})
    first = pl.col("record") == 1
    grade = pl.when(first).then(None).otherwise(pl.col("grade"))
    data = derive({**frames, "ae": frames["ae"].with_columns(grade=grade)})
    assert severe(data) == "36-60:3"


SPELLS = st.lists(
    st.tuples(st.integers(0, 60), st.none() | st.integers(0, 30), st.integers(1, 5)), max_size=7
)


@settings(max_examples=40)
@given(people=st.lists(SPELLS, min_size=1, max_size=8), treated=st.none() | st.integers(20, 40))
def test_emergence_and_events_are_those_of_the_slow_reading(
    people: list[list[tuple[int, int | None, int]]], treated: int | None
) -> None:
    rows: dict[str, list[Row]] = {"ae": [], "rand": [], "ex_sys": []}
    read: dict[str, list[Record]] = {}
    for place, spells in enumerate(people, start=1):
        subject = f"01-{place:03}"
        rows["rand"].append({"subject": subject})
        if treated is not None:
            rows["ex_sys"].append({"subject": subject, "start_date": str(treated)})
        read[subject] = [
            Record(number=n, onset=onset, end=None if lasts is None else onset + lasts, grade=grade)
            for n, (onset, lasts, grade) in enumerate(spells, start=1)
        ]
        for record in read[subject]:
            end = {} if record.end is None else {"end_date": str(record.end)}
            said = {"onset_date": str(record.onset), "grade": str(record.grade), **end}
            rows["ae"].append({"subject": subject, **said})
    data = derive_harms(build_frames({form: said for form, said in rows.items() if said}))
    for subject, own in read.items():
        found = data.worst_grades.filter(subject=subject)
        columns = found.select("grade", "onset_date", "severe_onset_date").rows()
        slow = worst(own, treated=treated)
        days = [
            (grade, *(None if d is None else (d - START).days for d in ds))
            for grade, *ds in columns
        ]
        assert days == ([slow] if slow else [])
        events = data.occurrences.filter(endpoint="acute_g3", subject=subject)
        fast = [
            (
                (r["onset_date"] - START).days,
                None if r["end_date"] is None else (r["end_date"] - START).days,
                r["grade"],
                r["treatment_emergent"],
            )
            for r in events.iter_rows(named=True)
        ]
        assert sorted(fast, key=str) == sorted(severe_events(own, treated=treated), key=str)


@settings(max_examples=15)
@given(spells=SPELLS, seed=st.integers(0, 1000))
def test_the_order_of_records_never_matters(
    spells: list[tuple[int, int | None, int]], seed: int
) -> None:
    text = " ".join(f"{o}-{'' if d is None else o + d}:{g}" for o, d, g in spells)
    frames = build_frames({"ae": records(text), "ex_sys": [{"start_date": "30"}]})
    turned = frames["ae"].sample(fraction=1, shuffle=True, seed=seed)
    left, right = derive_harms(frames), derive_harms({**frames, "ae": turned})
    assert left.occurrences.equals(right.occurrences)
    assert left.worst_grades.equals(right.worst_grades)
