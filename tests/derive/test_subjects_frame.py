"""Randomised subjects: anchors, strata, eligibility, the facts that populations ask for, flow."""

import pytest

from derive.case_tables import derive_cases, read_cases
from derive.trial_tables import build_frames, day, derive

SCREENED = {
    "dm": "| site | sex | birth_year |\n| 01 | M | 1960 |",
    "icf": "| consent_date |\n| -20 |",
    "diag": "| primary_date | histology | nephrectomy | first_metastasis_date |\n"
    "| 2020-01-01 | clear_cell | done | 2023-06-01 |",
    "omd": "| poly_history | oligo_history |\n| false | false |",
    "imdc": "| kps | lab_date |\n| 90 | -5 |",
    "ie": "| sbrt_amenable | staging_date | cns_metastases | ild | autoimmune | pregnant | "
    "second_malignancy | overlap_rt |\n| true | -10 | false | false | false | false | false | "
    "false |",
    "les_bl": "| lesion | ld_mm |\n| L01 | 20 |",
}


def test_who_meets_every_criterion_is_eligible() -> None:
    row = derive(build_frames(**SCREENED)).subjects.row(0, named=True)
    assert row["eligible"] is True
    assert row["failed_criteria"] == []
    assert (row["site"], row["dm__age_years"], row["omd_induced"]) == ("01", 63, "N")


@pytest.mark.parametrize(
    ("form", "old", "new", "failed"),
    [
        ("dm", "1960", "1940", "I3"),
        ("les_bl", "20", "51", "I4"),
        ("diag", "done", "none", "I5"),
        ("ie", "| true |", "| false |", "I7"),
        ("imdc", "90", "50", "I8"),
        ("ie", "-10", "-43", "I9"),
    ],
)
def test_each_failed_criterion_is_named(form: str, old: str, new: str, failed: str) -> None:
    tables = {**SCREENED, form: SCREENED[form].replace(old, new, 1)}
    row = derive(build_frames(**tables)).subjects.row(0, named=True)
    assert row["eligible"] is False
    assert row["failed_criteria"] == [failed]


def test_an_unknown_criterion_leaves_eligibility_unknown_unless_another_fails() -> None:
    tables = {form: text for form, text in SCREENED.items() if form != "imdc"}
    assert derive(build_frames(**tables)).subjects["eligible"].to_list() == [None]
    tables["dm"] = SCREENED["dm"].replace("1960", "1940")
    assert derive(build_frames(**tables)).subjects["eligible"].to_list() == [False]


def test_a_subject_without_any_form_but_randomisation_has_a_row() -> None:
    data = derive(build_frames(rand="| randomised_date |\n| 0 |"))
    row = data.subjects.row(0, named=True)
    assert row["randomised_date"] == day(0)
    assert row["site"] is None
    for fact in ("baseline_assessed", "sbrt_started", "sbrt_complete"):
        assert row[fact] is False, fact
    assert data.times.filter(endpoint="os").height == 1


def test_treatment_facts_of_a_subject() -> None:
    data = derive(
        build_frames(
            les_bl="| lesion | ld_mm |\n| L01 | 20 |",
            ex_sys="| start_date | stop_date | action | reason |\n"
            "| 12 | 100 | stopped | toxicity |",
            rt_rx="| lesion | fractions |\n| L01 | 1 |",
            rt_fx="| lesion | fraction | fraction_date | dose_gy |\n| L01 | 1 | 30 | 24 |",
            eos="| eos_date | reason |\n| 200 | lost |",
        )
    )
    row = data.subjects.row(0, named=True)
    assert row["first_treatment_date"] == day(12)
    assert row["treatment_started_days"] == 12
    assert row["sbrt_started_date"] == row["sbrt_completed_date"] == day(30)
    assert row["min_bed10_gy"] == pytest.approx(81.6)  # D5.1: 1 x 24 Gy
    flow = data.flow.row(0, named=True)
    assert (flow["treated"], flow["sbrt_started"], flow["died"]) == (True, True, False)
    assert (flow["systemic_stopped"], flow["stop_reason"]) == (True, "toxicity")
    assert flow["end_of_study"] == "lost"


def test_local_therapy_outside_the_protocol_is_a_breach_only_before_progression() -> None:
    cases = read_cases("""
    | case | scans | else | breach |
    | before progression | 84:20 168:20+N01 | radiotherapy 100 | yes |
    | on the day of progression | 84:20+N01 | radiotherapy 84 | yes |
    | after progression | 84:20+N01 | radiotherapy 100 | no |
    | no progression | 84:20 | ablation 100 | yes |
    | systemic | 84:20 | systemic 100 | no |
    | planned | 84:20 | planned-nephrectomy 100 | no |
    | surgery | 84:20 | nephrectomy 100 | yes |
    """)
    found = derive_cases(cases).subjects
    for case in cases:
        fact = found.filter(subject=case.subject)["non_protocol_local_therapy"].item()
        assert fact is (case.cells["breach"] == "yes"), case.name


def test_the_regimen_of_a_subject_is_that_of_its_first_record() -> None:
    data = derive(
        build_frames(
            ex_sys="""
    | start_date | regimen    | agent        |
    | 50         | tki        | sunitinib    |
    | 10         | nivo_cabo  | cabozantinib |
    """
        )
    )
    assert data.subjects["regimen"].to_list() == ["nivo_cabo"]
