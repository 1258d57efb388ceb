"""Deviations over HTTP: listed for who may know arms, recorded by hand, classified."""

import pytest
from django.test import Client

from equipoise.store.actions.record_seen_deviations import record_seen_deviations
from equipoise.store.embedded import Server
from equipoise.store.models import Deviation, LedgerLine
from store.people import by, screen
from web.golden_site import fill_site
from web.visitors import log_in

HOSTILE = "<script>alert(1)</script>"
TYPED = {
    "category": "medication",
    "severity": "major",
    "occurred_date": "2026-03-01",
    "text": f"steroids for a week {HOSTILE}",
    "action": "stopped",
}


@pytest.fixture
def subject(site: Server) -> str:
    return screen()


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_a_deviation_is_recorded_by_hand_listed_and_classified(subject: str) -> None:
    cho, mo = log_in("cho"), log_in("mo")
    page = f"/deviations/new/{subject}/"
    assert page in text_of(cho, f"/deviations/?subject={subject}")
    assert "forbidden medication" in text_of(cho, page)
    for _ in range(2):  # a request sent twice is one deviation
        answer = cho.post(page, TYPED | {"request_id": "d1"})
        assert (answer.status_code, answer.headers["Location"]) == (302, "/deviations/1/")
    row = Deviation.objects.get()
    assert (row.subject_id, row.category, row.severity, str(row.occurred_date), row.code) == (
        subject, "medication", "major", "2026-03-01", "",
    )  # fmt: skip
    told = text_of(mo, "/deviations/")
    assert "forbidden medication" in told
    assert "&lt;script&gt;alert(1)" in told
    assert HOSTILE not in told
    sent = {"severity": "important", "action": "told the ethics committee"}
    assert mo.post("/deviations/1/", sent).status_code == 302
    row.refresh_from_db()
    assert (row.severity, row.action) == ("important", "told the ethics committee")
    lines = LedgerLine.objects.filter(verb="record_deviation").order_by("number")
    assert [(line.actor, line.role) for line in lines] == [
        ("cho", "coordinator"),
        ("mo", "monitor"),
    ]


WRONG = """
category      | nothing    | Choose what kind
category      |            | Choose what kind
severity      | dreadful   | Choose how much
occurred_date | 01/03/2026 | Give the day
occurred_date |            | Give the day
occurred_date | 2999-01-01 | still to come
text          |            | Write what happened
"""


@pytest.mark.parametrize("line", WRONG.strip().splitlines())
def test_what_cannot_be_is_refused_with_what_to_mend(subject: str, line: str) -> None:
    name, value, words = (cell.strip() for cell in line.split("|"))
    answer = log_in("cho").post(f"/deviations/new/{subject}/", TYPED | {name: value})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Deviation.objects.exists()


def test_another_site_finds_no_deviation_of_this_one(subject: str) -> None:
    log_in("cho").post(f"/deviations/new/{subject}/", TYPED)
    cora = log_in("cora")
    assert "steroids" not in text_of(cora, f"/deviations/?site=01&subject={subject}")
    assert cora.get("/deviations/1/").status_code == 404
    assert cora.post("/deviations/1/", {"severity": "minor"}).status_code == 404
    assert cora.post(f"/deviations/new/{subject}/", TYPED).status_code == 404


def test_who_is_blinded_finds_no_deviation_and_who_reads_only_changes_none(subject: str) -> None:
    log_in("cho").post(f"/deviations/new/{subject}/", TYPED)
    for name in ("stan", "bea"):
        assert log_in(name).get("/deviations/").status_code == 404
        assert log_in(name).get("/deviations/1/").status_code == 404
        assert "/deviations/" not in text_of(log_in(name), "/subjects/")
    aud = log_in("aud")
    assert "steroids" in text_of(aud, "/deviations/1/")
    assert "Classify it" not in text_of(aud, "/deviations/1/")
    assert aud.post("/deviations/1/", {"severity": "minor"}).status_code == 403
    assert "/deviations/" in text_of(aud, "/monitoring/")
    assert "/deviations/" not in text_of(log_in("stan"), "/monitoring/")


def test_those_of_the_program_are_counted_by_site_and_narrowed(site: Server) -> None:
    fill_site("01-005", "01-007")  # one of the control arm, irradiated; one as the protocol says
    record_seen_deviations(deed=by("dana", minutes=600_000))
    dana = log_in("dana")
    important = Deviation.objects.filter(severity="important")
    assert 0 < important.count() < Deviation.objects.count()
    told = text_of(dana, "/deviations/?severity=important")
    assert told.count("seen by the program") == important.count()
    assert f'<td class="right">{important.count()}</td>' in told
    assert "01-005" in told
    assert "01-007" not in told
    Deviation.objects.filter(pk=important[0].pk).update(gone_date="2027-05-01")
    assert "seen no more since 2027-05-01" in text_of(dana, "/deviations/?subject=01-005")
    log_in("mo").get("/deviations/")
    assert LedgerLine.objects.filter(verb="read_allocations", actor="mo").count() == 1
