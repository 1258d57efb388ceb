"""The 24 hours of a report, on days on which clocks are set: hours that pass, not hours shown."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from equipoise.web.work.safety import Clock, clocks_of_report

# zone | the site knew | the report is due, in UTC
DUE = """
Asia/Seoul      | 2026-03-03 10:00 | 2026-03-04T01:00
Asia/Seoul      | 2026-03-03 00:00 | 2026-03-03T15:00
Asia/Seoul      | 2026-03-03 -     | 2026-03-04T14:59
America/Detroit | 2026-03-02 10:00 | 2026-03-03T15:00
America/Detroit | 2026-03-07 10:00 | 2026-03-08T15:00
America/Detroit | 2026-03-08 01:30 | 2026-03-09T06:30
America/Detroit | 2026-10-31 10:00 | 2026-11-01T14:00
America/Detroit | 2026-10-31 23:59 | 2026-11-02T03:59
America/Detroit | 2026-10-31 -     | 2026-11-02T04:59
Europe/Berlin   | 2026-03-28 12:00 | 2026-03-29T11:00
Europe/Berlin   | 2026-10-24 12:00 | 2026-10-25T10:00
Asia/Kolkata    | 2026-12-31 23:00 | 2027-01-01T17:30
UTC             | 2028-02-28 12:00 | 2028-02-29T12:00
"""


def clocks(now: datetime, *, zone: str = "Asia/Seoul", **row: object) -> list[Clock]:
    """What runs for a report of which only what is named is known."""
    plain: dict[str, object] = {
        "subject": "01-001", "record": 1, "aware_date": date(2026, 3, 3), "aware_time": None,
        "reported_date": None, "authority_days": None, "authority_date": None,
    }  # fmt: skip
    return list(clocks_of_report({**plain, **row}, site="01", zone=ZoneInfo(zone), now=now))


@pytest.mark.parametrize("text", DUE.strip().splitlines())
def test_a_report_is_due_when_24_hours_have_passed(text: str) -> None:
    zone, knew, expected = (part.strip() for part in text.split("|"))
    day, at = knew.split()
    due = datetime.fromisoformat(expected).replace(tzinfo=UTC)
    aware = {"aware_date": date.fromisoformat(day), "aware_time": None if at == "-" else at}
    (on_time,) = clocks(due, zone=zone, **aware)
    assert on_time.due_at == due
    assert not on_time.is_overdue
    (late,) = clocks(due.replace(second=1), zone=zone, **aware)
    assert late.is_overdue


# reported, days given to the authority, told to it | what runs
RUNNING = """
-          -  -          | report
2026-03-03 -  -          |
-          7  -          | report authority
2026-03-03 7  -          | authority
2026-03-03 15 2026-03-09 |
-          7  2026-03-04 | report
"""


@pytest.mark.parametrize("text", RUNNING.strip().splitlines())
def test_what_was_done_runs_no_longer(text: str) -> None:
    given, expected = (part.split() for part in text.split("|"))
    reported, days, told = (None if word == "-" else word for word in given)
    found = clocks(
        datetime(2026, 3, 3, tzinfo=UTC), reported_date=reported, authority_date=told,
        authority_days=None if days is None else int(days),
    )  # fmt: skip
    assert [clock.kind for clock in found] == expected
    assert [clock.days for clock in found if clock.kind == "authority"] == [
        int(str(days)) for kind in expected if kind == "authority"
    ]


@pytest.mark.parametrize(
    ("zone", "days", "due"),
    [
        ("Asia/Seoul", 7, "2026-03-10T14:59"),
        ("Asia/Seoul", 15, "2026-03-18T14:59"),
        ("America/Detroit", 7, "2026-03-11T03:59"),  # summer time since the 8th
        ("UTC", 15, "2026-03-18T23:59"),
    ],
)
def test_the_authority_is_told_by_the_end_of_a_day_at_the_site(
    zone: str, days: int, due: str
) -> None:
    now = datetime(2026, 3, 3, tzinfo=UTC)
    (found,) = clocks(now, zone=zone, authority_days=days, reported_date=date(2026, 3, 3))
    assert found.due_at == datetime.fromisoformat(due).replace(tzinfo=UTC)
    assert (found.subject, found.site, found.record) == ("01-001", "01", "1")


def test_nothing_runs_while_nobody_said_when_the_site_knew() -> None:
    assert clocks(datetime(2030, 1, 1, tzinfo=UTC), aware_date=None, authority_days=7) == []
