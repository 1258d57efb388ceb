"""The words of registries: numbers, windows, clocks, grades, units, kinds, arms."""

import pytest

from equipoise.interop.registry_record import read_registry_record
from equipoise.interop.registry_record_arms import Comparison, read_comparison
from equipoise.interop.registry_record_kinds import EndpointKind, EventWord, list_events, read_kind
from equipoise.interop.registry_record_origins import OriginKind, list_origins
from equipoise.interop.registry_record_outcome import Grading, read_grading, read_unit
from equipoise.interop.registry_record_time import (
    WindowShape,
    list_durations,
    plain_words,
    read_milestone_days,
    read_window,
    write_duration,
)
from equipoise.interop.registry_record_treatments import (
    has_treatment,
    is_same_line,
    list_treatments,
)
from interop.registry.registry_samples import build_lines

MONTH = 30.4375


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Twenty-four Months", "24 months"),
        ("twenty four months", "24 months"),
        ("one hundred and twenty patients", "120 patients"),
        ("two hundred patients", "200 patients"),
        ("half a year", "6 months"),
        ("a year", "1 year"),
        ("two–three years", "2-3 years"),
        ("someone atoned often", "someone atoned often"),
    ],
)
def test_number_words_are_written_in_digits(text: str, plain: str) -> None:
    assert plain_words(text) == plain


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("12 weeks", [84.0]),
        ("24-month", [24 * MONTH]),
        ("5 years", [1826.25]),
        ("baseline, week 12, and week 26", [84.0, 182.0]),
        ("one year and thirty-six months", [365.25, 36 * MONTH]),
        ("36 hours", [1.5]),
        ("at discharge", []),
        ("RECIST 1.1", []),
    ],
)
def test_durations_are_read_in_days(text: str, days: list[float]) -> None:
    assert list(list_durations(text)) == days


@pytest.mark.parametrize(
    ("text", "start", "end", "shape"),
    [
        ("three to six months after study treatment", 3 * MONTH, 6 * MONTH, WindowShape.RANGE),
        ("one year to three years after x", 365.25, 3 * 365.25, WindowShape.RANGE),
        ("between 3 and 6 months", 3 * MONTH, 6 * MONTH, WindowShape.RANGE),
        ("from 30 to 90 days after surgery", 30, 90, WindowShape.RANGE),
        ("day 31 through day 90", 31, 90, WindowShape.RANGE),
        ("day 1 to 6 months", 1, 6 * MONTH, WindowShape.RANGE),
        ("Months 6-24", 6 * MONTH, 24 * MONTH, WindowShape.RANGE),
        (
            "from 91 days after the end of radiotherapy up to 5 years",
            91,
            1826.25,
            WindowShape.RANGE,
        ),
        ("> 90 days after radiotherapy", 90, None, WindowShape.FROM),
        ("beyond 90 days and up to 3 years", 90, 3 * 365.25, WindowShape.FROM),
        ("6 months onwards", 6 * MONTH, None, WindowShape.FROM),
        ("within 90 days", 0, 90, WindowShape.UP_TO),
        ("from first dose to 30 days after last dose", 0, 30, WindowShape.UP_TO),
        ("up to 24 months", 0, 24 * MONTH, WindowShape.UP_TO),
        ("At 2 years", 0, 730.5, WindowShape.POINT),
        ("after 12 weeks of treatment", 0, 84, WindowShape.POINT),
    ],
)
def test_window_is_read(text: str, start: float, end: float | None, shape: WindowShape) -> None:
    window = read_window(text)
    assert window is not None
    assert (window.start_days, window.end_days, window.shape) == (start, end, shape)


@pytest.mark.parametrize("text", ["at discharge", "", "through study completion", "scores 0-2"])
def test_no_window_is_read_where_no_duration_stands(text: str) -> None:
    assert read_window(text) is None


@pytest.mark.parametrize(
    ("text", "months"),
    [("1-year PFS rate", 12), ("PFS at 36 months", 36), ("Two-year survival", 24), ("PFS", None)],
)
def test_milestone_is_read_from_the_measure(text: str, months: int | None) -> None:
    assert read_milestone_days(text) == (None if months is None else months * MONTH)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (30, "30 days"),
        (90, "90 days"),
        (3 * MONTH, "3 months"),
        (365.25, "12 months"),
        (1, "1 days"),
    ],
)
def test_durations_are_printed_as_a_reader_says_them(days: float, words: str) -> None:
    assert write_duration(days) == words


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("From date of randomization until death", [OriginKind.RANDOMISATION]),
        ("12 months after enrolment", [OriginKind.ENROLMENT]),
        ("One year after completion of enrollment", [OriginKind.TRIAL]),
        ("12 months after the last patient has been enrolled", [OriginKind.TRIAL]),
        ("24 months after last patient in", [OriginKind.TRIAL]),
        ("2 years after accrual is completed", [OriginKind.TRIAL]),
        ("12 months after enrollment closes", [OriginKind.TRIAL]),
        ("18 months after randomization of the last participant", [OriginKind.TRIAL]),
        ("one year after radiation completion", [OriginKind.NAMED_TREATMENT]),
        ("30 days postoperatively", [OriginKind.NAMED_TREATMENT]),
        ("3 to 6 months after study treatment", [OriginKind.TREATMENT]),
        ("30 days after the last dose", [OriginKind.TREATMENT_END]),
        ("90 days after treatment completion", [OriginKind.TREATMENT_END]),
        ("26 weeks from the start of treatment", [OriginKind.TREATMENT_START]),
        ("12 months after hospital discharge", [OriginKind.EVENT]),
        ("Up to 24 months", []),
    ],
)
def test_clock_is_read_from_the_time_frame(text: str, kinds: list[OriginKind]) -> None:
    assert [origin.kind for origin in list_origins(text)] == kinds


@pytest.mark.parametrize(
    "text",
    ["grade 3 or higher", "CTCAE v5.0 grade >= 3", "Grade ≥3", "grade 3-5", "Grades 3 to 5",
     "grade 3 or 4", "grade 3/4", "grade 3+", "G3-4 events", "grade III or worse", "Grade III–V",
     "at least grade 2", "grade 3 and above", "grade 2 or more", "grade three or greater",
     "exactly grade 3", "grade 3 only", "Clavien-Dindo grade >= IIIa", "grade 5"],
)  # fmt: skip
def test_threshold_or_list_of_grades_is_no_open_grade(text: str) -> None:
    assert read_grading(text) is Grading.SPAN


@pytest.mark.parametrize(
    "text",
    ["Grade 3 adverse events", "grade 3 toxicity (CTCAE v5.0)", "grade III events", "Gr. 2 rash",
     "grade two toxicity", "rate of grade 4 neutropenia", "G3 toxicity"],
)  # fmt: skip
def test_one_grade_as_it_stands_is_open(text: str) -> None:
    assert read_grading(text) is Grading.EXACT


@pytest.mark.parametrize("text", ["adverse events", "high-grade glioma", "grade 4 glioma", "EQ-5D"])
def test_words_without_a_toxicity_grade_have_none(text: str) -> None:
    assert read_grading(text) is Grading.NONE


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("lesion-level", "site"),
        ("per lesion", "site"),
        ("proportion of treated lesions", "site"),
        ("patient-level", "subject"),
        ("proportion of patients with any failure", "subject"),
        ("number of women with events", "subject"),
        ("local control rate", ""),
    ],
)
def test_unit_of_analysis_is_read(text: str, unit: str) -> None:
    assert read_unit(text) == unit


@pytest.mark.parametrize(
    ("measure", "kind"),
    [
        ("1-year progression-free survival rate", EndpointKind.PROGRESSION_FREE_SURVIVAL),
        ("rPFS", EndpointKind.PROGRESSION_FREE_SURVIVAL),
        ("Overall Survival (OS)", EndpointKind.OVERALL_SURVIVAL),
        ("30-day mortality", EndpointKind.OVERALL_SURVIVAL),
        ("All-cause death", EndpointKind.OVERALL_SURVIVAL),
        ("Cancer-specific survival", EndpointKind.CAUSE_SPECIFIC_DEATH),
        ("Cardiovascular mortality", EndpointKind.CAUSE_SPECIFIC_DEATH),
        ("Local control rate", EndpointKind.LOCAL_CONTROL),
        ("Locoregional recurrence", EndpointKind.LOCAL_CONTROL),
        ("Time to progression", EndpointKind.TIME_TO_PROGRESSION),
        ("Disease-free survival", EndpointKind.DISEASE_FREE_SURVIVAL),
        ("Distant metastasis-free survival", EndpointKind.METASTASIS_FREE_SURVIVAL),
        ("Pathological complete response", EndpointKind.PATHOLOGICAL_RESPONSE),
        ("Objective response rate", EndpointKind.RESPONSE),
        ("Duration of response", EndpointKind.RESPONSE_DURATION),
        ("Late toxicity", EndpointKind.ADVERSE_EVENT),
        ("Postoperative complications", EndpointKind.ADVERSE_EVENT),
        ("Quality of life", EndpointKind.QUALITY_OF_LIFE),
        ("Modified Rankin Scale 0-2", EndpointKind.FUNCTION),
        ("Change in HbA1c", EndpointKind.MEASUREMENT),
        ("First hospitalisation for heart failure", EndpointKind.CLINICAL_EVENT),
        ("Stroke or systemic embolism", EndpointKind.CLINICAL_EVENT),
        ("Annual rate of exacerbations", EndpointKind.CLINICAL_EVENT),
        ("Number of goats", EndpointKind.OTHER),
    ],
)
def test_kind_of_endpoint_is_read(measure: str, kind: EndpointKind) -> None:
    assert read_kind(measure=measure, description="") is kind


def test_description_names_the_kind_where_the_measure_does_not() -> None:
    kind = read_kind(measure="Efficacy", description="Overall survival by arm")
    assert kind is EndpointKind.OVERALL_SURVIVAL


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ("until death from any cause", {EventWord.DEATH}),
        ("first progression or death", {EventWord.PROGRESSION, EventWord.DEATH}),
        ("until death regardless of progression", {EventWord.DEATH}),
        ("death, follow-up continues after progression", {EventWord.DEATH}),
        ("progression-free survival", set()),
    ],
)
def test_events_that_a_text_waits_for_are_listed(text: str, events: set[EventWord]) -> None:
    assert list_events(text) == events


def test_treatments_contain_each_other() -> None:
    assert is_same_line("chemotherapy", second="systemic treatment")
    assert is_same_line("systemic treatment", second="immunotherapy")
    assert not is_same_line("chemotherapy", second="immunotherapy")
    assert not has_treatment(frozenset({"radiotherapy"}), wanted="surgery")
    assert list_treatments("Chemoradiotherapy") == {"chemotherapy", "radiotherapy"}


def _compare(title: str, **lines: str) -> Comparison | None:
    text = "\n".join(build_lines(title=title, **lines))
    return read_comparison(read_registry_record(text.encode()))


@pytest.mark.parametrize(
    ("title", "reference", "experimental"),
    [
        ("A Randomized Trial of Surgery vs. Radiotherapy in Early Lung Cancer",
         {"radiotherapy"}, {"surgery"}),
        ("Chemotherapy Alone Versus Chemotherapy Plus Radiotherapy",
         {"chemotherapy"}, {"chemotherapy", "radiotherapy"}),
        ("Androgen Deprivation With or Without Radiotherapy in Prostate Cancer",
         {"endocrine"}, {"endocrine", "radiotherapy"}),
        ("Addition of Radiotherapy to Systemic Therapy in Melanoma",
         {"systemic treatment"}, {"systemic treatment", "radiotherapy"}),
        ("Short-Course Compared With Long-Course Radiotherapy", {"radiotherapy"}, {"radiotherapy"}),
        ("Dapagliflozin Against Placebo in Diabetes", {"placebo"}, {"drug"}),
        ("Patients Randomized to Surgery or Observation", {"observation"}, {"surgery"}),
        ("A Placebo-Controlled Trial of Metformin", {"placebo", "drug"}, {"drug"}),
    ],
)  # fmt: skip
def test_arms_are_read(title: str, reference: set[str], experimental: set[str]) -> None:
    comparison = _compare(title)
    assert comparison is not None
    assert comparison.reference.treatments == reference
    assert comparison.experimental.treatments == experimental


def test_what_both_arms_receive_belongs_to_both() -> None:
    comparison = _compare(
        "Temozolomide Versus Nivolumab in Glioblastoma",
        description="All patients receive radiotherapy. 100 adults, 1:1, are eligible.",
    )
    assert comparison is not None
    assert "radiotherapy" in comparison.reference.treatments & comparison.experimental.treatments


def test_follow_up_after_a_treatment_gives_it_to_nobody() -> None:
    comparison = _compare(
        "Chemotherapy Versus Chemotherapy Plus Radiotherapy",
        description="All patients are followed for a year after radiotherapy.",
    )
    assert comparison is not None
    assert "radiotherapy" not in comparison.reference.treatments


def test_a_record_without_a_comparison_has_no_arms() -> None:
    lines = {"summary": "One drug.", "description": "One drug.", "primary": "", "secondary": ""}
    assert _compare("A Study of Alpha", **lines) is None
