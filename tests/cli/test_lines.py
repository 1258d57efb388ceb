"""The lines that readers print: one derived time, one result, one finding."""

from datetime import date

import pytest

from equipoise.analysis.result import ArmResult, Estimate, Result
from equipoise.cli.analyse import result_line
from equipoise.cli.derive import time_line
from equipoise.cli.output import finding_values, has_refusal, print_findings
from equipoise.cli.result_values import result_values
from equipoise.vocab.finding import Finding, Severity

TIME = {
    "row": "pfs/ema/01-001",
    "end_date": date(2026, 4, 1),
    "days": 85,
    "cause": 1,
    "rule": "R4",
    "words": "progression documented",
}
HARD = Finding(where="dth.csv row 3: death_date", code="impossible-date", message="No such day.")
SOFT = Finding(
    where="les_bl 01-001/les_bl/L01",
    code="lesion-over-50-mm",
    message="Too large.",
    severity=Severity.SOFT,
    subject="01-001",
    entry="01-001/les_bl/L01",
)


def _result(*, estimate: Estimate | None, p_value: float | None = None) -> Result:
    return Result(
        name="pfs_cox",
        endpoint="pfs",
        method="Cox model",
        measure="hazard_ratio",
        reference_arm="A",
        arms=(
            ArmResult(arm="A", n=43, events=38, estimates={"median": Estimate(value=11.8)}),
            ArmResult(arm="B", n=45, events=0),
        ),
        estimate=estimate,
        p_value=p_value,
        warnings=("no event in arm B",),
        rows=("pfs/ema/01-001",),
    )


@pytest.mark.parametrize(("cause", "word"), [(0, "censored"), (1, "event"), (2, "competing")])
def test_a_time_is_printed_with_the_word_of_its_cause(cause: int, word: str) -> None:
    line = time_line({**TIME, "cause": cause})

    assert line.split() == ["pfs/ema/01-001", "2026-04-01", "85", "d", word, "R4",
                            "progression", "documented"]  # fmt: skip


def test_a_unit_that_was_never_at_risk_is_printed_with_dashes() -> None:
    never = {**TIME, "cause": None, "days": None, "end_date": None, "rule": "R0"}

    assert time_line(never).split()[:5] == ["pfs/ema/01-001", "-", "-", "-", "R0"]


def test_a_result_is_one_line_with_counts_interval_p_and_warnings() -> None:
    line = result_line(_result(estimate=Estimate(value=0.5, lower=0.25, upper=1.0), p_value=0.05))

    assert "A 38/43" in line
    assert "B 0/45" in line
    assert "0.500 (0.250 to 1.000)" in line
    assert "p = 0.05" in line
    assert line.endswith("(no event in arm B)")


def test_an_estimate_without_limits_is_printed_alone() -> None:
    line = result_line(_result(estimate=Estimate(value=0.5)))

    assert "0.500" in line
    assert " to " not in line
    assert "p = " not in line


@pytest.mark.parametrize("estimate", [None, Estimate(value=None)])
def test_what_cannot_be_estimated_is_left_out_of_the_line(estimate: Estimate | None) -> None:
    line = result_line(_result(estimate=estimate))

    assert line.split()[-1] == "B)"
    assert "None" not in line


def test_a_result_as_values_has_null_where_nothing_was_estimated() -> None:
    values = result_values(_result(estimate=None))

    assert values["estimate"] is None
    assert values["p"] is None
    assert values["rows"] == ["pfs/ema/01-001"]
    assert values["parts"] == []
    assert values["further"] == {}
    assert values["arms"] == [
        {
            "arm": "A",
            "n": 43,
            "events": 38,
            "estimates": {
                "median": {"value": 11.8, "lower": None, "upper": None, "standard_error": None}
            },
        },
        {"arm": "B", "n": 45, "events": 0, "estimates": {}},
    ]


def test_hard_findings_are_printed_first(capsys: pytest.CaptureFixture[str]) -> None:
    print_findings([SOFT, HARD])

    lines = capsys.readouterr().err.splitlines()
    assert [line.split()[0] for line in lines] == ["refused", "asked"]
    assert "dth.csv row 3: death_date" in lines[0]


def test_only_hard_findings_refuse() -> None:
    assert has_refusal([SOFT, HARD])
    assert not has_refusal([SOFT])
    assert not has_refusal([])


def test_a_finding_as_values_names_place_code_severity_subject_and_entry() -> None:
    assert finding_values([SOFT]) == [
        {
            "where": "les_bl 01-001/les_bl/L01",
            "code": "lesion-over-50-mm",
            "severity": "soft",
            "message": "Too large.",
            "found": "",
            "mend": "",
            "subject": "01-001",
            "entry": "01-001/les_bl/L01",
            "item": "",
        }
    ]
