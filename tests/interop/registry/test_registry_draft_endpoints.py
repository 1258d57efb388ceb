"""Each kind of outcome becomes its endpoint: sources, windows, horizon, analysis, cut."""

import pytest

from equipoise.interop.registry_record import read_registry_record
from equipoise.interop.registry_record_draft import write_draft
from equipoise.interop.registry_record_draft_endpoints import DraftEndpoint, draft_endpoints
from equipoise.interop.registry_record_draft_forms import FORMS, write_forms
from equipoise.interop.registry_record_outcome import read_record
from equipoise.interop.registry_record_toml import fill_open, write_table, write_value
from equipoise.protocol.endpoint_model import Endpoint
from equipoise.protocol.model import Protocol
from equipoise.protocol.parse import parse_protocol
from interop.registry.registry_samples import build_lines


def _protocol(**lines: str) -> Protocol:
    record = read_registry_record("\n".join(build_lines(**lines)).encode())
    texts = write_draft(record, findings=())
    parsed = parse_protocol({name: fill_open(text) for name, text in texts.items()})
    assert parsed.protocol is not None, [str(problem) for problem in parsed.problems]
    return parsed.protocol


def _secondary(outcome: str) -> Endpoint:
    (endpoint,) = (one for one in _protocol(secondary=outcome).endpoint if one.role == "secondary")
    return endpoint


def _drafts(secondary: str) -> tuple[DraftEndpoint, ...]:
    record = read_registry_record("\n".join(build_lines(secondary=secondary)).encode())
    return draft_endpoints(read_record(record))


# outcome: id, frames of the events, of the competing events, of the censoring dates
KINDS = {
    "Overall survival, Death from any cause, 2 years": ("os_2", ["death"], [], ["contact"]),
    "PFS by RECIST, Progression or death, 2 years": (
        "pfs",
        ["progression", "death"],
        [],
        ["assessments"],
    ),
    "Time to progression, By RECIST, 2 years": ("ttp", ["progression"], [], ["assessments"]),
    "Local control, Per lesion, 2 years": (
        "local_failure",
        ["lesion_failure"],
        ["death"],
        ["lesion_assessments"],
    ),
    "Disease-free survival, Recurrence or death, 2 years": (
        "dfs",
        ["event", "death"],
        [],
        ["contact"],
    ),
    "Metastasis-free survival, Distant metastasis or death, 2 years": (
        "mfs",
        ["event", "death"],
        [],
        ["contact"],
    ),
    "Hospitalisation for heart failure, First one, 2 years": (
        "event",
        ["event"],
        ["death"],
        ["contact"],
    ),
    "Cancer-specific mortality, Deaths from the cancer, 2 years": (
        "cause_death",
        ["event"],
        ["death"],
        ["contact"],
    ),
    "Acute toxicity of grade 3 or higher, CTCAE, up to 90 days": (
        "acute_ae",
        ["ae"],
        ["death"],
        [],
    ),
    "Late toxicity of grade 3 or higher, CTCAE, 1 to 3 years": ("late_ae", ["ae"], ["death"], []),
    "Adverse events of any grade, CTCAE, up to 90 days": ("ae", ["ae"], ["death"], []),
}


@pytest.mark.parametrize("outcome", list(KINDS))
def test_outcome_becomes_an_endpoint_with_its_sources(outcome: str) -> None:
    endpoint = _secondary(outcome)
    sources = (endpoint.event, endpoint.competing, endpoint.censor)
    frames = [[source.frame for source in group] for group in sources]
    assert (endpoint.id, *frames) == KINDS[outcome]
    assert endpoint.label == outcome.split(",", maxsplit=1)[0]
    assert endpoint.registry_outcome == "secondary 1"


@pytest.mark.parametrize("outcome", list(KINDS))
def test_every_endpoint_is_analysed_once_and_cut_once(outcome: str) -> None:
    protocol = _protocol(secondary=outcome)
    names = [endpoint.id for endpoint in protocol.endpoint]
    assert [one.endpoint for one in protocol.analysis] == names
    assert sorted(name for cut in protocol.cut for name in cut.endpoint) == sorted(names)


@pytest.mark.parametrize(
    "outcome",
    [
        "Objective response rate, RECIST 1.1, 6 months",
        "Quality of life, EQ-5D-5L, Baseline and 6 months",
        "Functional independence, mRS 0-2, 90 days",
        "Change in HbA1c, Percent, 26 weeks",
        "Pathological complete response, ypT0N0, at surgery",
        "Cost, Euro, 12 months",
    ],
)
def test_outcome_of_a_kind_without_endpoint_is_named_in_the_text(outcome: str) -> None:
    draft = _drafts(outcome)[1]
    assert (draft.text, draft.analysis, draft.frames) == ("", "", frozenset())
    record = read_registry_record("\n".join(build_lines(secondary=outcome)).encode())
    trial = write_draft(record, findings=())["trial.toml"]
    assert "# Not drafted: secondary outcome 1" in trial
    assert outcome.split(",", maxsplit=1)[0] in trial


@pytest.mark.parametrize(
    ("measure", "where"),
    [
        ("Toxicity of grade 3 or higher", "grade >= 3"),
        ("Grade 2-5 toxicity", "grade >= 2"),
        ("Toxicity of grade >= 4", "grade >= 4"),
        ("Toxicity of grade III or worse", "grade >= 3"),
        ("G3-4 toxicity", "grade >= 3"),
        ("Toxicity of any grade", "grade >= 1"),
    ],
)
def test_grade_becomes_a_threshold(measure: str, where: str) -> None:
    (event,) = _secondary(f"{measure}, CTCAE v5.0, up to 90 days").event
    assert event.where == where


@pytest.mark.parametrize(
    ("outcome", "spans"),
    [
        ("Acute toxicity, Any grade, up to 90 days", [("primary", 1, 90)]),
        ("Acute toxicity, Any grade, day 1 to day 90", [("primary", 1, 90)]),
        (
            "Acute toxicity, Any grade, 30 to 90 days",
            [("primary", 1, 90), ("registry", 30, 90)],
        ),
        ("Late toxicity, Any grade, 1 to 3 years", [("primary", 365, 1096)]),
        ("Late toxicity, Any grade, beyond 90 days", [("primary", 90, 455)]),
    ],
)
def test_window_is_drafted_in_days(outcome: str, spans: list[tuple[str, int, int]]) -> None:
    windows = _secondary(outcome).window
    assert [(window.role, window.from_day, window.to_day) for window in windows] == spans


@pytest.mark.parametrize(
    ("outcome", "months", "method", "at_months"),
    [
        ("2-year PFS by RECIST, Progression or death, 2 years", 24, "milestone", (24,)),
        ("PFS at 18 months by RECIST, Progression or death, up to 3 years", 18, "milestone", (18,)),
        ("PFS by RECIST, Progression or death, up to 3 years", 36, "logrank", ()),
        ("Local control, Per lesion, 12 months", 12, "cumulative_incidence", (12,)),
        ("Hospitalisation, First one, 52 weeks", 12, "logrank", ()),
    ],
)
def test_horizon_and_method_follow_the_milestone(
    outcome: str, months: float, method: str, at_months: tuple[float, ...]
) -> None:
    protocol = _protocol(secondary=outcome)
    assert protocol.endpoint[1].horizon_months == months
    assert (protocol.analysis[1].method, protocol.analysis[1].at_months) == (
        method,
        at_months,
    )


def test_lesions_are_the_grain_of_local_control() -> None:
    assert _secondary("Local control, Per lesion, 2 years").grain == "lesion"
    assert _secondary("Overall survival, Death, 2 years").grain == "subject"


def test_safety_is_counted_from_the_first_treatment_in_those_treated() -> None:
    protocol = _protocol(secondary="Acute toxicity, Any grade, up to 90 days")
    assert protocol.endpoint[1].origin == "first_treatment"
    assert protocol.analysis[1].population == "safety"
    assert [population.as_treated for population in protocol.population] == [False, True]


def test_a_draft_without_safety_has_no_safety_population() -> None:
    protocol = _protocol()
    assert [population.id for population in protocol.population] == ["itt"]
    assert [anchor.id for anchor in protocol.anchor] == ["randomised"]


def test_outcomes_of_the_same_length_share_the_first_cut() -> None:
    (cut,) = _protocol(secondary="PFS by RECIST, Progression or death, 12 months").cut
    assert (cut.id, cut.plus_months) == ("DC1", 12)


def test_alpha_is_spent_on_the_primary_outcome_alone() -> None:
    protocol = _protocol(secondary="PFS by RECIST, Progression or death, 12 months")
    assert [one.alpha for one in protocol.analysis] == [0.05, 0.0]


def test_second_primary_outcome_is_told_as_a_problem_and_not_hidden() -> None:
    outcome = "Overall survival, Death from any cause, 12 months"
    record = read_registry_record(
        "\n".join(build_lines(primary=f"{outcome}|{outcome}", secondary="")).encode()
    )
    texts = write_draft(record, findings=())
    problems = parse_protocol({name: fill_open(text) for name, text in texts.items()}).problems
    assert [problem.code for problem in problems] == ["primary-endpoint"]


def test_a_visit_is_planned_at_every_horizon() -> None:
    protocol = _protocol(secondary="PFS by RECIST, Progression or death, 2 years")
    assert [(visit.code, visit.day) for visit in protocol.schedule.visit] == [
        ("RAND", 1),
        ("M12", 365),
        ("M24", 730),
    ]


@pytest.mark.parametrize("form", sorted(FORMS))
def test_form_is_written_where_an_endpoint_names_it(form: str) -> None:
    assert f"forms/{form}.toml" in write_forms(frozenset({form}))
    always = set(write_forms(frozenset()))
    assert always == {"forms/rand.toml", "forms/surv.toml", "forms/dth.toml"}


def test_open_lines_are_comments_until_they_are_filled() -> None:
    table = write_table("[design]", values={"sides": 2}, open_lines="alpha = 0.05")
    assert table == "[design]\nsides = 2\n# OPEN alpha = 0.05\n"
    assert fill_open(table) == "[design]\nsides = 2\nalpha = 0.05\n"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", '"a"'),
        ('say "a"', '"say \\"a\\""'),
        ("a\\b", '"a\\\\b"'),
        ("a\nb\tc", '"a\\nb\\tc"'),
        ("\x7f", '"\\u007f"'),
        (True, "true"),
        (12, "12"),
        (0.5, "0.5"),
        (["a", "b"], '["a", "b"]'),
        ({"A": 1, "b c": 2}, '{ A = 1, "b c" = 2 }'),
    ],
)
def test_value_is_written_as_toml(value: str | bool | float | list[str], text: str) -> None:
    assert write_value(value) == text
