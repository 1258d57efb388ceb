"""What commands print of findings and results, value by value."""

import json

import click
import pytest
from click.testing import CliRunner

from equipoise.analysis.result import ArmResult, Estimate, Result
from equipoise.cli.analyse import result_line
from equipoise.cli.help_page import HEAD, render_help_page
from equipoise.cli.output import (
    FINDINGS,
    MISUSE,
    OK,
    finding_values,
    has_refusal,
    leave,
    print_findings,
    print_json,
)
from equipoise.cli.result_values import result_values
from equipoise.vocab.finding import Finding, Severity

SOFT = Finding(where="a.csv row 3", code="soft-range", message="unusual", severity=Severity.SOFT)
HARD = Finding(where="b.csv row 2", code="wrong-type", message="no number", found="x", mend="Mend.")

EMPTY = Result(
    name="os_cox",
    endpoint="os",
    method="cox",
    measure="hazard_ratio",
    reference_arm="A",
    arms=(ArmResult(arm="A", n=4, events=0), ArmResult(arm="B", n=0, events=0)),
)
FULL = Result(
    name="pfs_milestone",
    endpoint="pfs",
    method="milestone",
    measure="survival_difference",
    reference_arm="A",
    arms=(
        ArmResult(arm="A", n=44, events=20, estimates={"survival": Estimate(value=0.5)}),
        ArmResult(arm="B", n=44, events=9),
    ),
    estimate=Estimate(value=0.3, lower=0.1, upper=0.5),
    statistic=2.5,
    p_value=0.0123456,
    at=12.0,
    warnings=("few events", "short follow-up"),
    rows=("r1", "r2"),
    parts=(EMPTY,),
)


def _printed(findings: list[Finding]) -> list[str]:
    command = click.Command("told", callback=lambda: print_findings(findings))
    return CliRunner().invoke(command).stderr.splitlines()


def test_hard_findings_are_printed_first_and_the_order_is_kept_otherwise() -> None:
    other = Finding(where="c.csv row 9", code="impossible-date", message="no day")

    lines = _printed([SOFT, HARD, SOFT, other])

    assert [line.split()[0] for line in lines] == ["refused", "refused", "asked", "asked"]
    assert "b.csv row 2: [wrong-type] no number (found: x). Mend." in lines[0]
    assert "c.csv row 9" in lines[1]


def test_no_finding_prints_no_line() -> None:
    assert _printed([]) == []


def test_more_findings_than_anybody_reads_are_counted() -> None:
    lines = _printed([SOFT] * 5_003)

    assert len(lines) == 5_001
    assert lines[-1] == "... and 3 more findings; --json has all."


def test_only_a_hard_finding_refuses() -> None:
    assert not has_refusal([])
    assert not has_refusal([SOFT])
    assert has_refusal([SOFT, HARD])


def test_a_finding_as_json_has_every_part_as_text() -> None:
    (values,) = finding_values([HARD])

    assert values == {
        "where": "b.csv row 2", "code": "wrong-type", "severity": "hard", "message": "no number",
        "found": "x", "mend": "Mend.", "subject": "", "entry": "", "item": "",
    }  # fmt: skip
    assert set(values) == set(Finding.__dataclass_fields__)


def test_json_keeps_letters_and_refuses_what_is_no_json() -> None:
    command = click.Command("told", callback=lambda: print_json({"name": "Köln", "n": None}))
    assert json.loads(CliRunner().invoke(command).stdout) == {"name": "Köln", "n": None}
    assert "Köln" in CliRunner().invoke(command).stdout

    with pytest.raises(ValueError, match="JSON"):
        print_json({"estimate": float("nan")})


@pytest.mark.parametrize("code", [OK, FINDINGS, MISUSE])
def test_a_command_leaves_with_its_code(code: int) -> None:
    command = click.Command("told", callback=lambda: leave(code))

    assert CliRunner().invoke(command).exit_code == code


def test_a_result_without_any_number_is_a_line_all_the_same() -> None:
    line = result_line(EMPTY)

    assert line.startswith("os_cox ")
    assert "A 0/4  B 0/0" in line
    assert "hazard_ratio" in line
    assert " p = " not in line
    assert "None" not in line


def test_a_full_result_says_estimate_interval_p_and_warnings_in_one_line() -> None:
    line = result_line(FULL)

    assert "0.300 (0.100 to 0.500)" in line
    assert "p = 0.01235" in line
    assert line.endswith("(few events; short follow-up)")
    assert "\n" not in line


@pytest.mark.parametrize(
    ("estimate", "said"),
    [
        (None, ""),
        (Estimate(value=None), ""),
        (Estimate(value=None, lower=0.1, upper=0.2), ""),
        (Estimate(value=0.25), "0.250"),
        (Estimate(value=0.25, lower=0.1), "0.250"),
        (Estimate(value=0.25, upper=0.3), "0.250"),
        (Estimate(value=0.0, lower=-0.1, upper=0.1), "0.000 (-0.100 to 0.100)"),
    ],
)
def test_an_interval_is_printed_only_when_both_ends_are_known(
    estimate: Estimate | None, said: str
) -> None:
    result = Result(
        name="x", endpoint="x", method="x", measure="m", reference_arm="A", arms=(),
        estimate=estimate,
    )  # fmt: skip

    assert result_line(result).split("m", 1)[1].strip() == said


def test_a_result_without_any_number_is_null_in_json_and_never_left_out() -> None:
    values = result_values(EMPTY)

    assert values["estimate"] is None
    assert values["p"] is None
    assert values["statistic"] is None
    assert values["at"] is None
    assert values["arms"] == [
        {"arm": "A", "n": 4, "events": 0, "estimates": {}},
        {"arm": "B", "n": 0, "events": 0, "estimates": {}},
    ]
    assert set(values) == set(result_values(FULL))


def test_a_full_result_carries_arms_rows_parts_and_warnings_into_json() -> None:
    values = json.loads(json.dumps(result_values(FULL), allow_nan=False))

    limits = {"value": 0.3, "lower": 0.1, "upper": 0.5, "standard_error": None}
    assert values["estimate"] == limits
    assert values["arms"][0]["estimates"] == {
        "survival": {"value": 0.5, "lower": None, "upper": None, "standard_error": None}
    }
    assert values["rows"] == ["r1", "r2"]
    assert values["warnings"] == ["few events", "short follow-up"]
    assert [part["endpoint"] for part in values["parts"]] == ["os"]


def test_the_help_page_shows_every_command_below_its_group_and_no_hidden_one() -> None:
    group = click.Group("run", help="Run all.")
    inner = click.Group("inner", help="More.")
    inner.add_command(click.Command("walk", help="Walk on."))
    for name, hidden in (("zeal", False), ("abide", False), ("secret", True)):
        group.add_command(click.Command(name, help=f"Do {name}.", hidden=hidden))
    group.add_command(inner)

    page = render_help_page(group, program="run")

    assert page.startswith(HEAD)
    titles = [line for line in page.splitlines() if line.startswith("## ")]
    assert titles == ["## run", "## run abide", "## run inner", "## run inner walk", "## run zeal"]
    assert "Walk on." in page
    assert "secret" not in page
    assert page.count("```") == 2 * len(titles)
