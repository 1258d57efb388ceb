"""The clocks of serious events: 24 hours from knowing, 7 or 15 days to the authority."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from equipoise.protocol.parse import shipped_protocol
from equipoise.store.embedded import Server
from equipoise.store.models import FormEntry, ProtocolVersion, Subject
from equipoise.web.work.safety import Clock, list_clocks
from store.entries import typed
from store.people import screen
from web.visitors import OTHER_SITE, log_in

EVENT = "record=1 term=Pneumonitis grade=4 onset_date=2026-03-02 serious=Y outcome=recovering"


def write(subject: str, form: str, text: str) -> None:
    FormEntry.objects.update_or_create(
        subject_id=subject, form=form, key="1",
        defaults={"values": typed(text), "version": 1, "state": "complete",
                  "protocol": ProtocolVersion.objects.get()},
    )  # fmt: skip


def clocks(at: str) -> list[Clock]:
    """What runs at an instant, written as UTC."""
    now = datetime.fromisoformat(at).replace(tzinfo=UTC)
    return list_clocks(Subject.objects.all(), shipped_protocol(), now=now)


def told(at: str) -> list[tuple[str, str, bool]]:
    return [
        (c.kind, c.due_at.astimezone(UTC).isoformat()[:16] if c.due_at else "", c.is_overdue)
        for c in clocks(at)
    ]


def test_a_serious_event_without_a_report_is_to_be_reported_at_once(site: Server) -> None:
    subject = screen("01")
    write(subject, "ae", EVENT.replace("serious=Y", "serious=N"))
    assert clocks("2026-03-03") == []
    write(subject, "ae", EVENT)
    assert told("2026-03-03") == [("enter", "", False)]


# report | instant (UTC) | what runs, by when in UTC (the site is in Seoul, nine hours ahead)
CASES = """
aware_date=2026-03-03 aware_time=10:00  | 2026-03-04T00:59 | report 2026-03-04T01:00 due
aware_date=2026-03-03 aware_time=10:00  | 2026-03-04T01:01 | report 2026-03-04T01:00 overdue
aware_date=2026-03-03                   | 2026-03-04T14:00 | report 2026-03-04T14:59 due
aware_date=2026-03-03 reported_date=2026-03-03 | 2026-04-01T00:00 |
"""


@pytest.mark.parametrize("line", CASES.strip().splitlines())
def test_the_report_is_due_a_day_after_the_site_knew(site: Server, line: str) -> None:
    report, at, expected = (cell.strip() for cell in line.split("|"))
    subject = screen("01")
    write(subject, "ae", EVENT)
    write(subject, "sae", f"record=1 report=initial is_important=Y narrative=cough {report}")
    said = [f"{kind} {due} {'overdue' if late else 'due'}" for kind, due, late in told(at)]
    assert said == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("criterion", "related", "expected"),
    [
        ("is_life_threatening=Y", "related_sbrt=possible", "2026-03-10T14:59"),
        ("is_important=Y", "related_ici=definite", "2026-03-18T14:59"),
        ("is_life_threatening=Y", "related_sbrt=none", None),
    ],
)
def test_the_authority_is_told_within_7_or_15_days_of_a_reaction(
    site: Server, criterion: str, related: str, expected: str | None
) -> None:
    subject = screen("01")
    write(subject, "ae", f"{EVENT} {related}")
    report = f"record=1 report=initial {criterion} aware_date=2026-03-03 reported_date=2026-03-03"
    write(subject, "sae", f"{report} expectedness=unexpected narrative=cough")
    due = [row for row in told("2026-03-09") if row[0] == "authority"]
    assert due == ([("authority", expected, False)] if expected else [])
    write(subject, "sae", f"{report} expectedness=unexpected authority_date=2026-03-05 narrative=x")
    assert told("2026-03-09") == []


def test_the_clock_stands_in_the_work_list_of_the_site_and_of_safety(site: Server) -> None:
    subject = screen("01")
    write(subject, "ae", EVENT)
    write(subject, "sae", "record=1 report=initial aware_date=2026-03-03 narrative=cough")
    for who in ("cho", "saul"):
        page = log_in(who).get(reverse("work"), {"list": "safety"}).content.decode()
        assert subject in page
        assert "within 24 hours" in page
        assert "overdue" in page
    assert subject not in log_in(OTHER_SITE).get(reverse("work")).content.decode()
    blinded = log_in("stan").get(reverse("work"), {"list": "safety"}).content.decode()
    assert "Serious events" not in blinded
