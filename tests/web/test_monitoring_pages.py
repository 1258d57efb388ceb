"""Monitoring over HTTP: accrual, queries, forms, events, timeliness; pooled, by role and site."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from equipoise.capture.blinding import Telling
from equipoise.protocol.parse import shipped_protocol
from equipoise.store.actions.query import Question, open_query
from equipoise.store.embedded import Server
from equipoise.store.entry_place import EntryPlace
from equipoise.store.models import Allocation, FormEntry, Site, Subject
from equipoise.web.monitoring.accrual import list_months, list_sites, planned_by
from equipoise.web.monitoring.events import list_events
from equipoise.web.monitoring.forms_owed import list_owed, list_timely
from store.entries import completed, draft
from store.people import START, by, screen
from web.golden_site import fill_site, rows_of
from web.visitors import log_in, screen_and_ask

PAGE = "/monitoring/"


def words(client: Client) -> str:
    """The text of the page as one reads it."""
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def everybody() -> list[Site]:
    return list(Site.objects.order_by("code"))


@pytest.mark.parametrize(
    ("day", "planned"),
    [
        ("2025-01-06", 0),
        ("2025-03-06", 1),  # one site for two months at 0.5 a month
        ("2026-01-06", 20),  # 0.5 x (12 + 10 + 8 + 6 + 4)
        ("2040-01-01", 88),  # never more than all
    ],
)
def test_the_plan_opens_site_after_site_and_ends_with_the_last_subject(
    day: str, planned: int
) -> None:
    first, protocol = date(2025, 1, 6), shipped_protocol()
    got = planned_by(date.fromisoformat(day), protocol=protocol, first_date=first)
    assert got == planned


def test_months_without_anybody_are_rows_too() -> None:
    days = [date(2025, 11, 30), date(2026, 1, 2), date(2026, 1, 31)]
    now = datetime(2026, 2, 10, tzinfo=UTC)
    rows = list_months(days, protocol=shipped_protocol(), now=now)
    assert [(r.month, r.randomised, r.in_all) for r in rows] == [
        ("2026-02", 0, 3),
        ("2026-01", 2, 3),
        ("2025-12", 0, 1),
        ("2025-11", 1, 1),
    ]
    assert [r.planned for r in rows] == sorted((r.planned for r in rows), reverse=True)
    assert list_months([], protocol=shipped_protocol(), now=now) == []


def test_sites_are_counted_with_the_day_of_their_last_subject_in_their_zone(site: Server) -> None:
    fill_site()
    late = datetime(2025, 12, 31, 20, tzinfo=UTC)  # in Seoul the next year has begun
    Allocation.objects.filter(subject=Allocation.objects.first().subject_id).update(at=late)  # type: ignore[union-attr]
    seoul, other = list_sites(Subject.objects.all(), sites=everybody())
    assert (seoul.screened, seoul.randomised) == (12, sum(1 for _ in rows_of("allocations")))
    assert seoul.last_date == date(2026, 1, 1)
    assert (other.screened, other.randomised, other.last_date) == (0, 0, None)


def test_events_are_counted_once_a_subject_and_never_by_arm(site: Server) -> None:
    fill_site()
    rows = {str(row.words): row for row in list_events(Subject.objects.all(), hidden=Telling())}
    progressed = [row["subject"] for row in rows_of("rs") if row.get("overall") == "PD"]
    told = rows["Progression, as the investigator told it"]
    assert (told.subjects, told.events) == (len(set(progressed)), len(progressed))
    assert rows["Death"].events == sum(1 for _ in rows_of("dth")) > 0
    assert rows["Adverse event"].events == sum(1 for _ in rows_of("ae"))
    FormEntry.objects.filter(form="dth").update(state="draft")
    rows = {
        str(row.words): row
        for row in list_events(Subject.objects.all(), hidden=Telling(forms=frozenset({"ae"})))
    }
    assert rows["Death"].events == 0
    assert "Adverse event" not in rows


def test_what_a_site_owes_is_counted_with_the_age_of_the_oldest(site: Server) -> None:
    subject = screen("01")
    draft((subject, "dm"), "site=01 sex=M")
    (row,) = list_owed(Subject.objects.all(), hidden=Telling(), now=START + timedelta(days=1))
    assert (row.site, row.overdue, row.started) == ("01", 0, 1)
    assert row.due > 0
    (bare,) = list_owed(
        Subject.objects.all(),
        hidden=Telling(forms=frozenset({"dm"})),
        now=START + timedelta(days=1),
    )
    assert (bare.started, bare.due) == (0, row.due)
    assert list_owed(Subject.objects.filter(site="02"), hidden=Telling(), now=START) == []


def test_forms_become_overdue_when_their_window_has_closed(site: Server) -> None:
    fill_site()
    (row,) = list_owed(
        Subject.objects.all(), hidden=Telling(), now=datetime(2026, 11, 1, tzinfo=UTC)
    )
    assert row.overdue > 0
    assert row.oldest_days > 0


def test_timeliness_counts_the_days_from_the_date_of_an_entry_to_its_completion(
    site: Server,
) -> None:
    subject = screen("01")
    completed((subject, "icf"), "consent_date=2026-03-01 consent_version=1.0")
    late = screen("01", minutes=2)
    completed((late, "icf"), "consent_date=2026-02-10 consent_version=1.0", minutes=6)
    completed((late, "dm"), "site=01 sex=M birth_year=1961", minutes=7)  # has no date
    now = START + timedelta(days=1)
    (row,) = list_timely(Subject.objects.all(), sites=everybody(), hidden=Telling(), now=now)
    assert (row.site, row.forms, row.median_days) == ("01", 2, 10.5)
    assert (row.late, row.longest_days) == (1, 20)
    hidden = list_timely(
        Subject.objects.all(), sites=everybody(), hidden=Telling(forms=frozenset({"icf"})), now=now
    )
    assert hidden == []
    much_later = START + timedelta(days=200)
    assert (
        list_timely(Subject.objects.all(), sites=everybody(), hidden=Telling(), now=much_later)
        == []
    )


def test_the_page_shows_all_parts_and_no_arm(site: Server) -> None:
    fill_site()
    subject = Subject.objects.order_by("number").values_list("number", flat=True)[0]
    place = EntryPlace(subject=subject, form="dm")
    open_query(Question(place=place, text="Is this so?"), deed=by("mo", minutes=10))
    arms = [arm.label for arm in shipped_protocol().arm]
    for username in ("cho", "mo", "dana", "stan", "dee", "paul", "aud"):
        told = words(log_in(username))
        assert "randomised" in told, username
        assert not any(label in told for label in arms), username
    told = words(log_in("mo"))
    assert "of 88 subjects randomised" in told
    assert "By site and age Site not closed" in told
    assert "Adverse event" in told


def test_who_is_blinded_reads_no_count_of_a_form_that_reveals_the_arm(site: Server) -> None:
    fill_site()
    for username in ("stan", "paul"):
        told = words(log_in(username))
        assert "Death" in told, username
        assert "Adverse event" not in told, username
        assert "Serious" not in told, username


def test_a_site_reads_its_own_numbers_and_no_plan(site: Server) -> None:
    subject = screen_and_ask()
    told = words(log_in("cora"))
    assert "Of your sites only." in told
    assert "of 88" not in told
    assert "Seoul" not in told
    assert "No query is open." in told
    assert "No subject yet." in told
    assert "Seoul" in words(log_in("cho"))
    assert subject not in told


def test_a_name_of_a_site_is_text(site: Server) -> None:
    Site.objects.filter(code="01").update(name="<script>alert(1)</script>")
    answer = log_in("mo").get(PAGE).content.decode()
    assert "<script>alert" not in answer
    assert "&lt;script&gt;" in answer
