"""`equipoise curves --method`: every method of a plan on a file, or a refusal that says why."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from equipoise.analysis.hazards import compare_by_cox
from equipoise.analysis.sample import Question
from equipoise.cli.curves import curves
from equipoise.cli.curves_file import Columns, read_curves
from equipoise.protocol.methods.families import METHODS

TABLE = "arm,months,dead,age,sex,patient,site,before,lived,gone,crossed,followed\n" + "\n".join(
    f"{'AB'[k % 2]},{3 + k * 7 % 23},{(1, 2, 1, 0, 1)[k % 5]},{50 + k % 13},{'MF'[k % 7 % 2]},"
    f"p{k // 4 * 2 + k % 2},{'xy'[k // 4 % 2]},{2 + k * 7 % 23},"
    f"{3 + k * 7 % 23 + k % 3},{int(k % 4 == 0)},{2 + k * 7 % 23 if k % 6 == 0 else ''},30"
    for k in range(48)
)
COLUMNS = (
    *("--time", "months", "--event", "dead", "--strata", "site", "--competing", "--at", "8"),
    *("--covariate", "age", "--covariate", "sex", "--cluster", "patient", "--since", "before"),
    *("--second", "lived", "gone", "--switch", "crossed", "--follow-up", "followed"),
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    found = tmp_path / "trial.csv"
    found.write_text(TABLE, encoding="utf-8")
    return found


def run(place: Path, *options: str) -> Result:
    """The command on the file with its columns."""
    return CliRunner().invoke(curves, [str(place), *options])


def asked(*names: str) -> list[str]:
    """The options that ask for methods by name."""
    return [word for name in names for word in ("--method", name)]


def test_every_method_of_two_arms_answers_on_a_file(place: Path) -> None:
    two = [name for name, spec in METHODS.items() if spec.least_arms <= 2]
    done = run(place, *COLUMNS, *asked(*two), "--json")
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)["methods"]
    assert list(found) == two
    assert all(result["method"] for result in found.values())
    told = [name for name, result in found.items() if result["p"] is not None]
    assert len(told) > len(two) * 0.7


def test_a_method_is_adjusted_and_stratified_as_the_plan_would_have_it(place: Path) -> None:
    done = run(place, *COLUMNS, *asked("cox"), "--option", "cox.ties=breslow", "--json")
    found = json.loads(done.stdout)["methods"]["cox"]
    columns = Columns(
        time="months",
        event="dead",
        arm="arm",
        stratum="site",
        covariates=("age", "sex"),
        competing=True,
    )
    read = read_curves(TABLE.encode(), name="x", columns=columns, reference="")
    assert read.sample is not None
    assert read.sample.covariate_names == ("age", "sex: M")
    expected = compare_by_cox(
        read.sample, question=Question(name="cox", endpoint="time", stratified=True)
    )
    assert expected.estimate is not None
    assert found["method"].startswith("Cox model, Breslow ties, stratified by site, adjusted for")
    assert found["estimate"]["value"] == pytest.approx(expected.estimate.value, rel=0.05)
    assert found["further"]["log_hazard_ratio"]["standard_error"] > 0


def test_the_lines_of_a_method_stand_below_the_comparison(place: Path) -> None:
    done = run(place, *COLUMNS, *asked("lost_time", "maxcombo"), "--at", "12")
    lines = done.stdout.splitlines()
    assert sum(line.startswith("Lost time difference, ") for line in lines) == 2
    assert any(line.startswith("Maxcombo") and " p " in line for line in lines)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--method", "coxx"], "did you mean 'cox'"),
        (["--method", "cox", "--option", "cox.tie=1"], "Did you mean 'ties'?"),
        (["--method", "cox", "--option", "cox.ties=none"], "cox.ties: expected to be"),
        (["--option", "cox.ties=exact"], "--method cox is not asked for"),
        (["--method", "cox", "--option", "ties=exact"], "METHOD.OPTION=VALUE"),
        (["--method", "gray"], "see --competing"),
        (["--method", "turnbull"], "see --since"),
        (["--method", "cmh"], "see --strata"),
        (["--method", "clustered_test"], "see --cluster"),
        (["--method", "logrank_trend"], "needs 3 arms"),
    ],
)
def test_what_a_method_cannot_do_is_refused(place: Path, options: list[str], words: str) -> None:
    place.write_text(TABLE.replace(",2,", ",0,"), encoding="utf-8")
    done = run(place, "--time", "months", "--event", "dead", *options)
    assert done.exit_code == 2
    assert words in " ".join(done.stderr.split())


def test_two_is_no_event_where_nothing_competes(place: Path) -> None:
    done = run(place, "--time", "months", "--event", "dead")
    assert done.exit_code == 1
    assert "an event is 1 or 0" in done.stderr


def test_an_assessment_after_the_event_is_found(place: Path) -> None:
    place.write_text("arm,time,event,before\nA,3,1,4\nB,5,1,2\n", encoding="utf-8")
    done = run(place, "--since", "before")
    assert done.exit_code == 1
    assert "comes after it" in done.stderr


def test_a_patient_in_two_arms_is_found(place: Path) -> None:
    place.write_text("arm,time,event,who\nA,3,1,p\nB,5,1,p\n", encoding="utf-8")
    done = run(place, "--cluster", "who")
    assert done.exit_code == 1
    assert "line 2 has the same patient" in done.stderr
