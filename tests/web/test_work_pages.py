"""The work list, the subjects and the page of a subject, as roles see them."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from equipoise.capture.lifecycle import FormState
from equipoise.store.embedded import Server
from equipoise.store.models import (
    Allocation,
    Deviation,
    FormEntry,
    LedgerLine,
    ProtocolVersion,
    Query,
    Subject,
)
from store.people import screen
from web.golden_site import AT, fill_site
from web.visitors import OTHER_SITE, log_in


def shown(client: Client, name: str, **place: str) -> str:
    answer = client.get(reverse(name, kwargs=place))
    assert answer.status_code == 200
    return answer.content.decode()


def words(html: str) -> str:
    """The text of a page as one reads it."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def piles(html: str) -> dict[str, int]:
    """The piles of a work list with their counts."""
    found = re.findall(r"\?list=(\w+)[^>]*><strong>(\d+)", html)
    return {name: int(count) for name, count in found}


def test_a_new_subject_gets_the_next_number_and_stands_in_the_work_list(site: Server) -> None:
    client = log_in("cho")
    answer = client.post(reverse("enrol"), {"site": "01", "request_id": "one"})
    assert answer.status_code == 302
    assert answer["Location"] == reverse("subject", kwargs={"subject": "01-001"})
    client.post(reverse("enrol"), {"site": "01", "request_id": "one"})
    assert [row.number for row in Subject.objects.all()] == ["01-001"]
    page = shown(client, "work")
    assert piles(page)["due"] == 1
    assert "01-001" in page
    assert "Screening" in words(page)


def test_who_has_one_site_enrols_at_no_other(site: Server) -> None:
    answer = log_in("cho").post(reverse("enrol"), {"site": "02"})
    assert answer.status_code == 422
    assert "Choose one of your sites" in answer.content.decode()
    assert not Subject.objects.exists()


def test_a_site_sees_its_own_subjects_and_no_others(site: Server) -> None:
    own, other = screen("01"), screen("02")
    for name in ("work", "subjects"):
        page = shown(log_in("cho"), name)
        assert own in page
        assert other not in page
        page = shown(log_in(OTHER_SITE), name)
        assert other in page
        assert own not in page
    both = shown(log_in("mo"), "subjects")
    assert own in both
    assert other in both


def test_subjects_are_found_by_number_status_and_site(site: Server) -> None:
    fill_site("01-001", "01-002", "01-005")
    screen("02")
    client = log_in("mo")

    def found(query: str) -> list[str]:
        html = client.get(f"{reverse('subjects')}?{query}").content.decode()
        return re.findall(r"/subjects/(\d\d-\d\d\d)/", html)

    assert found("number=005") == ["01-005"]
    assert found("site=02") == ["02-001"]
    assert found("status=died") == ["01-001", "01-002"]
    assert found("status=off_study") == ["01-005"]
    assert found("status=screening") == ["02-001"]
    assert found("status=nonsense&number=%27%22%3C") == []


def test_the_arm_is_told_to_who_may_know_it_and_to_nobody_else(site: Server) -> None:
    fill_site("01-007")
    assert "randomised not signed yes B 0" in words(shown(log_in("cho"), "subjects"))
    assert "SBRT" in words(shown(log_in("cho"), "subject", subject="01-007"))
    for blinded in ("bea", "stan"):
        client = log_in(blinded)
        for name in ("subject", "lesions", "timeline"):
            told = words(shown(client, name, subject="01-007"))
            assert "SBRT" not in told, name
            assert "Adverse events" not in told
        for name in ("sbrt", "events"):
            assert client.get(reverse(name, kwargs={"subject": "01-007"})).status_code == 404
        assert "randomised not signed yes 0" in words(shown(client, "subjects"))
        assert "SBRT" not in words(shown(client, "work"))
        page = shown(client, "visit", subject="01-007", visit="M3")
        assert "New lesion" not in words(page)
        of_one_arm = reverse("visit", kwargs={"subject": "01-007", "visit": "W6"})
        assert client.get(of_one_arm).status_code == 404
    assert shown(log_in("cho"), "visit", subject="01-007", visit="W6")


def test_arms_read_by_a_person_are_one_line_of_the_ledger_a_day(site: Server) -> None:
    fill_site("01-007")
    client = log_in("cho")
    for _ in range(3):
        shown(client, "work")
        shown(client, "subject", subject="01-007")
    shown(log_in("bea"), "work")
    lines = LedgerLine.objects.filter(verb="read_allocations")
    assert [line.actor for line in lines] == ["cho"]


def test_no_request_takes_the_name_under_which_readers_of_arms_are_noted(site: Server) -> None:
    fill_site("01-007")
    client, today = log_in("cho"), datetime.now(UTC).date()
    for day in (today, today + timedelta(days=1)):  # it may be midnight
        taken = {"site": "01", "request_id": f"arms cho {day}"}
        assert client.post(reverse("enrol"), taken).status_code == 302
    shown(client, "subjects")
    assert LedgerLine.objects.filter(verb="read_allocations", actor="cho").count() == 1


def test_the_grid_shows_states_windows_and_what_may_be_entered(site: Server) -> None:
    fill_site("01-007")
    page = shown(log_in("cho"), "subject", subject="01-007")
    told = words(page)
    assert "Month 3" in told
    assert "2024-06-25" in page  # randomised 2024-04-02, 84 days on
    assert "(06-18 – 07-02)" in told
    assert "complete" in told
    assert page.count("<h1>") == 1
    reader = words(shown(log_in("aud"), "subject", subject="01-007"))
    assert "+ new" not in reader


@pytest.mark.parametrize(("who", "owes"), [("cho", False), ("mo", False), ("bea", True)])
def test_a_reading_is_owed_by_the_blinded_reader_and_in_nobody_elses_eyes(
    site: Server, who: str, owes: bool
) -> None:
    fill_site("01-007")
    client, subject = log_in(who), "01-007"
    reading = "Response by the blinded reader"
    grid = words(shown(client, "subject", subject=subject))
    assert (f"{reading}: overdue" in grid) == owes
    assert reading in grid
    work = client.get(reverse("work"), {"list": "overdue"}).content.decode()
    assert (reading in work) == owes
    visit = words(shown(client, "visit", subject=subject, visit="M3"))
    assert len(re.findall(rf"{reading}\W+overdue", visit)) == owes


def test_deviations_are_told_to_who_sees_arms_only(site: Server) -> None:
    fill_site("01-005")  # treated as in the other arm
    Deviation.objects.create(
        number=1, subject_id="01-005", category="other", severity="important",
        text="<b>SBRT given</b> by mistake",
    )  # fmt: skip
    page = shown(log_in("ivy"), "subject", subject="01-005")
    assert "&lt;b&gt;SBRT given&lt;/b&gt;" in page
    assert "entered for a subject of arm A" in page
    assert "Deviations" not in shown(log_in("stan"), "subject", subject="01-005")


def ask(
    subject: str, *, form: str, state: str = "open", text: str = "Why?", number: int = 1
) -> None:
    Query.objects.create(
        number=number, subject_id=subject, form=form, item="", text=text, state=state,
        opened_by="mo", opened_at=datetime(2026, 3, 3, tzinfo=UTC),
    )  # fmt: skip


def test_queries_wait_for_who_answers_then_for_who_closes(site: Server) -> None:
    fill_site("01-001")
    ask("01-001", form="dm", text="<script>alert(1)</script>")
    ask("01-001", form="dm", state="answered", number=2)
    ask("01-001", form="dm", state="closed", number=3)
    site_page = log_in("cho").get(reverse("work"), {"list": "queries"}).content.decode()
    assert piles(site_page)["queries"] == 1
    assert "&lt;script&gt;" in site_page
    assert "<script>alert" not in site_page
    assert piles(shown(log_in("mo"), "work"))["queries"] == 1
    assert "queries" not in piles(shown(log_in("aud"), "work"))
    assert "&lt;script&gt;" in shown(log_in("cho"), "subject", subject="01-001")


def test_a_query_on_a_form_that_tells_the_arm_is_not_there_for_who_is_blinded(
    site: Server,
) -> None:
    fill_site("01-007")
    ask("01-007", form="rt_rx", text="Dose of L01?")
    assert "Dose of L01?" in shown(log_in("mo"), "subject", subject="01-007")
    assert "Dose of L01?" not in shown(log_in("stan"), "subject", subject="01-007")
    rows = re.findall(r'class="right">(\d+)<', shown(log_in("stan"), "subjects"))
    assert rows == ["0"]


@pytest.mark.parametrize(
    ("who", "pile", "state"),
    [
        ("mo", "verify", FormState.COMPLETE),
        ("ivy", "sign", FormState.VERIFIED),
        ("dana", "freeze", FormState.SIGNED),
        ("dana", "lock", FormState.FROZEN),
    ],
)
def test_what_waits_for_a_decision_follows_the_life_of_a_form(
    site: Server, who: str, pile: str, state: FormState
) -> None:
    fill_site("01-001")
    FormEntry.objects.update(state=state)
    page = log_in(who).get(reverse("work"), {"list": pile}).content.decode()
    assert piles(page)[pile] == 1
    entries = FormEntry.objects.count()
    assert f'class="right">{entries}<' in page
    FormEntry.objects.update(state=FormState.LOCKED)
    assert piles(shown(log_in(who), "work"))[pile] == 0


def test_a_draft_and_a_change_show_at_once(site: Server) -> None:
    """The standing is kept until the ledger has a new line of the subject."""
    client = log_in("cho")
    client.post(reverse("enrol"), {"site": "01"})
    assert piles(shown(client, "work"))["started"] == 0
    from store.entries import draft  # noqa: PLC0415 - after Django is set up

    draft(("01-001", "dm"), "sex=M", minutes=600_000)
    assert piles(shown(client, "work"))["started"] == 1


def add_alike(count: int, *, first: int = 1000) -> None:
    """So many more subjects, each with the entries of 01-007."""
    version = ProtocolVersion.objects.get()
    entries = list(FormEntry.objects.filter(subject="01-007"))
    numbers = [f"01-{number}" for number in range(first, first + count)]
    Subject.objects.bulk_create(
        Subject(number=n, site_id="01", screened_date=AT.date()) for n in numbers
    )
    FormEntry.objects.bulk_create(
        FormEntry(subject_id=n, form=e.form, key=e.key, values=e.values, version=1, state=e.state,
                  protocol=version)
        for n in numbers for e in entries
    )  # fmt: skip
    Allocation.objects.bulk_create(
        Allocation(subject_id=n, number=first + place, arm="B", stratum=[], true_stratum=[], at=AT,
                   protocol=version)
        for place, n in enumerate(numbers)
    )  # fmt: skip


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize(("name", "most"), [("work", 40), ("subjects", 25)])
def test_the_number_of_queries_does_not_grow_with_the_trial(
    site: Server, name: str, most: int
) -> None:
    client = log_in("dana")
    fill_site("01-007")
    queries_of(client, reverse(name))  # the first reading of arms is a deed of its own
    few = queries_of(client, reverse(name))
    add_alike(60)
    many = queries_of(client, reverse(name))
    assert many == few <= most


def test_a_subject_page_asks_a_bounded_number_of_queries(site: Server) -> None:
    fill_site()
    client = log_in("cho")
    address = reverse("subject", kwargs={"subject": "01-007"})
    queries_of(client, address)
    assert queries_of(client, address) <= 30


def test_a_list_is_read_page_by_page_and_keeps_what_was_asked(site: Server) -> None:
    fill_site("01-007")
    add_alike(60)
    client = log_in("mo")
    first = client.get(reverse("subjects"), {"site": "01"}).content.decode()
    assert "page 1 of 2, 61 rows" in words(first)
    assert "?site=01&amp;page=2" in first
    second = client.get(reverse("subjects"), {"site": "01", "page": "2"}).content.decode()
    assert len(re.findall(r'scope="row"', second)) == 11
    assert client.get(reverse("subjects"), {"page": "99x"}).status_code == 200
