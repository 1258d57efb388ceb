"""First events per patient-time: who is at risk how long, what counts, what does not."""

from datetime import date, timedelta

import polars as pl
import pytest

from equipoise.analysis.event_rates import RATES, estimate_event_rates

START = date(2025, 1, 1)
YEAR = 365.25


def day(number: int) -> date:
    """The date of a day at risk, the first of which is 1."""
    return START + timedelta(days=number - 1)


def rates(events: str, *, risk: str) -> dict[tuple[str, str], dict[str, float]]:
    """Rates by arm and name: events `A1 Colitis 30`, time at risk `A1 365`; arm = first letter."""
    said = [word.split() for word in events.strip().splitlines()]
    first = pl.DataFrame(
        [(subject, name, day(int(onset))) for subject, name, onset in said],
        schema={"subject": pl.String, "name": pl.String, "onset_date": pl.Date},
        orient="row",
    )
    people = [word.split() for word in risk.strip().splitlines()]
    at_risk = pl.DataFrame(
        [(subject, subject[0], START, day(int(days))) for subject, days in people],
        schema={
            "subject": pl.String,
            "arm": pl.String,
            "start_date": pl.Date,
            "end_date": pl.Date,
        },
        orient="row",
    )
    table = estimate_event_rates(first, at_risk=at_risk)
    assert dict(table.schema) == RATES
    return {(row["arm"], row["name"]): row for row in table.to_dicts()}


def test_a_subject_is_at_risk_until_its_first_event() -> None:
    found = rates("A1 Colitis 30", risk="A1 365\nA2 100")["A", "Colitis"]
    assert found["events"] == 1
    assert found["patient_years"] == pytest.approx((30 + 100) / YEAR)
    assert found["rate"] == pytest.approx(100 * YEAR / 130)
    assert found["lower"] < found["rate"] < found["upper"]


def test_a_second_event_of_a_subject_counts_nowhere() -> None:
    once = rates("A1 Colitis 30", risk="A1 365")
    assert rates("A1 Colitis 30\nA1 Colitis 200", risk="A1 365") == once


@pytest.mark.parametrize(("onset", "events"), [(0, 0), (1, 1), (365, 1), (366, 0)])
def test_only_events_within_the_time_at_risk_count(onset: int, events: int) -> None:
    found = rates(f"A1 Colitis {onset}", risk="A1 365")["A", "Colitis"]
    assert found["events"] == events
    assert found["patient_years"] == pytest.approx((onset if events else 365) / YEAR)


def test_an_arm_without_the_event_has_its_time_and_an_upper_limit() -> None:
    found = rates("A1 Colitis 30", risk="A1 365\nB1 730")["B", "Colitis"]
    assert (found["events"], found["rate"], found["lower"]) == (0, 0, 0)
    assert found["patient_years"] == pytest.approx(730 / YEAR)
    assert found["upper"] == pytest.approx(100 * 3.688879 * YEAR / 730, rel=1e-6)


def test_without_anybody_at_risk_there_is_no_rate() -> None:
    assert rates("A1 Colitis 30", risk="") == {}
    assert rates("", risk="A1 30") == {}


def test_the_order_of_rows_never_matters() -> None:
    events, risk = "A1 Colitis 30\nB1 Colitis 9\nB2 Nausea 3", "A1 365\nB1 200\nB2 20"
    turned = ["\n".join(reversed(text.splitlines())) for text in (events, risk)]
    assert rates(events, risk=risk) == rates(turned[0], risk=turned[1])
