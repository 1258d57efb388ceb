"""Rules about clocks and windows, one phrase at a time."""

import pytest

from interop.registry.registry_samples import build_lines, codes_in, find_in

CLOCK = "comparison-clocked-from-event-one-arm-never-has"
CUT = "milestone-time-frame-is-a-data-cut-rule"
ADDED = {
    "title": "Chemotherapy With or Without Radiotherapy in Oesophageal Cancer",
    "interventions": "DRUG: Cisplatin|RADIATION: Radiotherapy",
}


def _added(outcome: str, **lines: str) -> list[str]:
    return codes_in(build_lines(secondary=outcome, **{**ADDED, **lines}))


@pytest.mark.parametrize(
    "time_frame",
    [
        "One year after radiation completion",
        "12 months after the end of radiotherapy",
        "2 years from completion of RT",
        "24 months since the last fraction of radiotherapy",
        "six months following radiation therapy",
        "1 year post-radiotherapy",
    ],
)
def test_comparison_from_the_end_of_a_treatment_of_one_arm_is_found(time_frame: str) -> None:
    assert _added(f"Quality of life, Compared between the arms, {time_frame}") == [CLOCK]


@pytest.mark.parametrize(
    "time_frame",
    [
        "One year after randomisation",
        "12 months from the date of randomization",
        "12 months after randomisation to radiotherapy",
        "12 months after the end of chemotherapy",
        "12 months after enrolment",
        "12 months after the start of treatment",
        "Baseline and 12 months",
        "12 months after randomisation or after the end of radiotherapy",
    ],
)
def test_clock_that_both_arms_have_is_no_finding(time_frame: str) -> None:
    assert _added(f"Quality of life, Compared between the arms, {time_frame}") == []


@pytest.mark.parametrize(
    "description",
    [
        "In the radiotherapy arm only",
        "In the chemotherapy plus radiotherapy group",
        "In patients receiving radiotherapy",
        "Descriptive",
        "Not compared between the arms",
    ],
)
def test_outcome_that_describes_one_arm_may_use_its_clock(description: str) -> None:
    assert _added(f"Quality of life, {description}, 12 months after radiotherapy") == []


def test_radiotherapy_that_both_arms_receive_is_a_clock_of_both() -> None:
    description = "All patients receive radiotherapy. 90 adults, 1:1, are eligible."
    outcome = "Quality of life, Compared between arms, 12 months after the end of radiotherapy"
    lines = {
        "title": "Cisplatin Versus Cetuximab in Head and Neck Cancer",
        "interventions": "DRUG: Cisplatin|DRUG: Cetuximab|RADIATION: Radiotherapy",
    }
    assert _added(outcome, description=description, **lines) == []


def test_words_of_the_arms_are_matched_where_the_treatment_is_not_known() -> None:
    lines = {
        "title": "Acupressure Versus Usual Care for Nausea",
        "interventions": "OTHER: Acupressure|OTHER: Usual care",
    }
    outcome = "Nausea, Score compared between groups, 4 weeks after the last acupressure"
    assert codes_in(build_lines(secondary=outcome, **lines)) == [CLOCK]


def test_a_placebo_has_the_clock_of_the_drug() -> None:
    lines = {
        "title": "Metformin Versus Placebo in Prediabetes",
        "interventions": "DRUG: Metformin|DRUG: Placebo",
    }
    outcome = "Weight, Change in kilograms, 12 weeks after the first dose of metformin"
    assert codes_in(build_lines(secondary=outcome, **lines)) == []


def test_observation_alone_has_no_end_of_treatment() -> None:
    lines = {
        "title": "Alpha Therapy Versus Observation in Melanoma",
        "interventions": "DRUG: Alpha|OTHER: Observation",
    }
    outcome = "Quality of life, EQ-5D-5L, 12 months after the end of treatment"
    assert codes_in(build_lines(title=lines["title"], secondary=outcome)) in ([], [CLOCK])
    lines["title"] = "Chemotherapy Versus Observation in Melanoma"
    assert CLOCK in codes_in(build_lines(secondary=outcome, **lines))


def test_finding_names_the_arm_without_the_event() -> None:
    lines = build_lines(secondary="Pain, Compared, 1 year after radiotherapy", **ADDED)
    (finding,) = find_in(lines)
    assert "'Chemotherapy'" in finding.message
    assert finding.found == "1 year after radiotherapy"


@pytest.mark.parametrize(
    "time_frame",
    [
        "One year after completion of enrollment",
        "12 months after the last patient has been enrolled",
        "12 months after last patient in",
        "12 months after the last participant is randomised",
        "1 year after recruitment ends",
        "1 year after closure of accrual",
        "12 months after randomization of the last subject",
        "12 months after study completion",
    ],
)
def test_milestone_counted_from_an_event_of_the_trial_is_found(time_frame: str) -> None:
    lines = build_lines(primary=f"1-year overall survival rate, Deaths, {time_frame}")
    assert codes_in(lines) == [CUT]


@pytest.mark.parametrize(
    "primary",
    [
        "1-year overall survival rate, Deaths, 12 months after randomisation of each patient",
        "1-year overall survival rate, Deaths, 12 months after enrolment",
        "Overall survival, Death, Through study completion, an average of 3 years",
        "Overall survival, Death, From randomisation until the end of the study, up to 12 months",
        (
            "1-year overall survival rate, Deaths, 12 months from randomisation, analysed one year "
            "after last patient in"
        ),
    ],
)
def test_milestone_of_the_participant_is_no_finding(primary: str) -> None:
    assert codes_in(build_lines(primary=primary)) == []


@pytest.mark.parametrize(
    ("sentence", "codes"),
    [
        ("Data are analysed 12 months after the last patient is randomised.", True),
        ("The analysis is done one year after completion of accrual.", True),
        ("The analysis is done 36 months after the last patient is randomised.", False),
        ("Analysed 12 months after last patient in; survival analysis at 36 months.", False),
        ("Patients are followed for life.", False),
    ],
)
def test_horizon_beyond_the_named_cut_is_found(sentence: str, codes: bool) -> None:
    primary = "Overall survival, Death from any cause, 36 months from randomisation"
    description = f"200 patients will be randomised 1:1. Adults are eligible. {sentence}"
    found = codes_in(build_lines(primary=primary, description=description))
    assert found == (["horizons-need-separate-cuts"] if codes else [])


AE = "Number of participants with grade 3 or higher events"


@pytest.mark.parametrize(
    ("measure", "time_frame"),
    [
        ("Acute toxicity", "three to six months after the end of treatment"),
        ("Early adverse events", "from day 30 to day 90 after randomisation"),
        ("Adverse events", "from 3 months to 12 months after randomisation"),
        ("Perioperative complications", "30 to 90 days after randomisation"),
        ("Acute toxicity", "> 30 days after randomisation"),
        ("Treatment-emergent adverse events", "between week 4 and week 12"),
    ],
)
def test_window_that_opens_late_is_found(measure: str, time_frame: str) -> None:
    codes = codes_in(build_lines(secondary=f"{measure}, {AE}, {time_frame}"))
    assert codes == ["window-starts-after-risk-period"]


@pytest.mark.parametrize(
    ("measure", "time_frame"),
    [
        ("Acute toxicity", "from day 1 to day 90"),
        ("Acute toxicity", "up to 90 days"),
        ("Acute toxicity", "within 3 months of randomisation"),
        ("Acute toxicity", "3 months after randomisation"),
        ("Acute toxicity", "day 1 through month 6"),
        ("Late toxicity", "from one year to three years after randomisation"),
        ("Chronic adverse events", "6 to 60 months after randomisation"),
        ("Adverse events", "from first dose to 30 days after last dose"),
        ("Adverse events", "baseline, 3 months, 6 months"),
        ("Adverse events", "after 12 weeks of treatment"),
    ],
)
def test_window_that_opens_in_time_is_no_finding(measure: str, time_frame: str) -> None:
    assert codes_in(build_lines(secondary=f"{measure}, {AE}, {time_frame}")) == []


@pytest.mark.parametrize(
    ("first", "second", "is_gap"),
    [
        ("up to 90 days after randomisation", "from 91 days to 3 years", False),
        ("up to 3 months", "from 90 days to 3 years", False),
        ("within 90 days", "beyond 90 days", False),
        ("day 1 to 6 months", "6 months to 5 years", False),
        ("day 1 to 6 months", "up to 5 years", False),
        ("up to 90 days", "more than 6 months after randomisation", True),
        ("day 1 to 3 months", "one to three years after randomisation", True),
        ("up to twelve weeks", "from 6 months onwards", True),
    ],
)
def test_gap_between_two_safety_windows(first: str, second: str, is_gap: bool) -> None:
    outcomes = f"Late toxicity, {AE}, {second}|Acute toxicity, {AE}, {first}"
    codes = codes_in(build_lines(secondary=outcomes))
    assert codes == (["window-gap"] if is_gap else [])


def test_a_window_before_covers_a_late_opening_one() -> None:
    outcomes = f"Adverse events, {AE}, up to 3 months|Adverse events, {AE}, 3 to 12 months"
    assert codes_in(build_lines(secondary=outcomes)) == []


def test_late_events_alone_leave_no_gap() -> None:
    assert codes_in(build_lines(secondary=f"Late toxicity, {AE}, 1 to 3 years")) == []


@pytest.mark.parametrize(
    ("time_frame", "is_open"),
    [
        ("up to 90 days after study treatment", True),
        ("up to 90 days after therapy", True),
        ("up to 90 days after the end of study treatment", False),
        ("up to 90 days after treatment completion", False),
        ("up to 90 days after the start of treatment", False),
        ("up to 90 days after randomisation", False),
        ("up to 90 days after the last dose", False),
    ],
)
def test_origin_called_treatment_is_open_where_treatments_differ(
    time_frame: str, is_open: bool
) -> None:
    codes = _added(f"Toxicity, {AE}, {time_frame}")
    assert codes == (["window-origin-ambiguous"] if is_open else [])
