"""Dates with unknown parts: what is known less well spans more, and nothing is made up."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.vocab.partial_date import MONTH_DAYS, Imputed, parse_partial_date

DAYS = st.dates(date(1000, 1, 1), date(9999, 12, 30))


@given(DAYS)
def test_a_whole_date_is_itself_and_lies_in_its_month_and_year(day: date) -> None:
    whole, month, year = (parse_partial_date(day.isoformat()[:end]) for end in (10, 7, 4))
    assert whole.earliest == whole.latest == day
    assert month.earliest <= day <= month.latest
    assert year.earliest <= month.earliest <= month.latest <= year.latest
    assert [each.imputed for each in (whole, month, year)] == [
        Imputed.NONE, Imputed.DAY, Imputed.MONTH,
    ]  # fmt: skip


@given(DAYS)
def test_a_month_ends_on_the_day_before_the_next_begins(day: date) -> None:
    month = parse_partial_date(day.isoformat()[:7])
    after = month.latest + timedelta(days=1) if month.latest < date.max else date.max
    assert month.earliest.day == 1
    assert month.latest == date.max or after.day == 1
    assert 27 <= (month.latest - month.earliest).days <= 30


# year | its February
FEBRUARY = [("1900", 28), ("2000", 29), ("2023", 28), ("2024", 29), ("2100", 28)]


@pytest.mark.parametrize(("year", "days"), FEBRUARY)
def test_february_ends_as_the_calendar_says(year: str, days: int) -> None:
    assert parse_partial_date(f"{year}-02").latest.day == days
    if days == 28:
        with pytest.raises(ValueError):
            parse_partial_date(f"{year}-02-29")


@pytest.mark.parametrize(
    "text",
    ["2026-", "2026-03-", "2026/03/09", "20260309", "2026-03-09T08:00", " 2026", "2026\n", "-",
     "UN-UNK-2026", "2026-UN-UN", "0000", "2026-03-32", "2026-02-29", "２０２６", "２０２６-０３",
     "2026--09"],
)  # fmt: skip
def test_what_is_written_in_another_way_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_partial_date(text)


def test_twelve_months_are_a_year_of_the_calendar_on_average() -> None:
    assert 12 * MONTH_DAYS == 365.25  # D2.2
