"""A page of an entry asks the database the same few things, whatever stands beside the entry."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from store.entries import ELIGIBLE, completed, draft
from store.people import screen
from web.entry_texts import address, send
from web.visitors import log_in

MOST_READ, MOST_SAVED = 12, 33
VITAL = {"ecog_date": "2026-03-01", "ecog": "1"}


def asked_by_page(client: Client, subject: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        page = client.get(address("entry", subject, "les_bl", "L01"))
    assert page.status_code == 200
    return len(asked)


def asked_by_completion(client: Client, subject: str, visit: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        texts = {"visit": visit, **VITAL}
        assert send(client, (subject, "ecog"), "complete_form", texts).status_code == 302
    return len(asked)


def test_a_page_and_a_completion_ask_no_more_with_many_entries_than_with_few(site: object) -> None:
    client, subject = log_in("cho"), screen("01")
    completed((subject, "les_bl", "L01"), ELIGIBLE["les_bl", "L01"])
    client.get("/")  # what is parsed and remembered once
    few = asked_by_page(client, subject), asked_by_completion(client, subject, "scr")
    for place, text in ELIGIBLE.items():
        if place != ("les_bl", "L01"):
            completed((subject, *place), text)
    for lesion in range(2, 9):
        draft((subject, "les_bl", f"L0{lesion}"), ELIGIBLE["les_bl", "L01"])
    many = asked_by_page(client, subject), asked_by_completion(client, subject, "d1")

    assert many[0] <= few[0]
    assert many[1] <= few[1]
    assert few[0] <= MOST_READ
    assert few[1] <= MOST_SAVED
