"""Queries over HTTP: asked, answered, closed, asked again; each by who may, at his site only."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from equipoise.capture.blinding import Telling
from equipoise.capture.lifecycle import Confirmation
from equipoise.capture.roles import Role
from equipoise.store.actions.add_account import Person, add_account
from equipoise.store.actions.complete_form import complete_form
from equipoise.store.actions.grant_role import grant_role
from equipoise.store.actions.query import Question, open_query
from equipoise.store.deed import OPERATOR
from equipoise.store.embedded import Server
from equipoise.store.entry_place import EntryPlace
from equipoise.store.models import Deviation, LedgerLine, Query
from equipoise.store.read_queries import Sight, Wanted, count_ages, list_queries
from store.entries import completed, saving
from store.people import START, by, screen
from web.golden_site import fill_site
from web.visitors import log_in, screen_and_ask

HOSTILE = "<script>alert(1)</script>'; DROP TABLE query; --"


@pytest.fixture
def asked(site) -> str:  # type: ignore[no-untyped-def]
    """A subject of site 01 with query 1, by the monitor mo."""
    return screen_and_ask()


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def state() -> str:
    return Query.objects.get(number=1).state


def test_a_monitor_asks_about_a_field_and_comes_back_to_the_query(asked: str) -> None:
    page = f"/queries/new/{asked}/dm/?item=birth_year"
    mo = log_in("mo")
    assert 'value="birth_year" selected' in text_of(mo, page)
    answer = mo.post(page, {"item": "birth_year", "text": "Is the year right?"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/queries/2/")
    query = Query.objects.get(number=2)
    assert (query.item, query.text, query.state) == ("birth_year", "Is the year right?", "open")
    text = text_of(mo, "/queries/2/")
    assert "1961" in text
    assert "Is the year right?" in text


def test_a_query_lives_from_question_to_answer_and_back_with_all_that_was_said(asked: str) -> None:
    mo, cho = log_in("mo"), log_in("cho")
    cho.post("/queries/1/answer/", {"text": "It is so."})
    assert state() == "answered"
    mo.post("/queries/1/reopen/", {"text": "The letter says otherwise."})
    assert state() == "reopened"
    cho.post("/queries/1/answer/", {"text": "Corrected."})
    mo.post("/queries/1/close/")
    assert state() == "closed"
    told = text_of(cho, "/queries/1/")
    words = ["Is this so?", "It is so.", "The letter says otherwise.", "Corrected."]
    places = [told.rindex(word) for word in words]
    assert places == sorted(places)


def test_two_people_answer_one_query_and_the_second_reads_what_to_do(asked: str) -> None:
    first, second = log_in("cho"), log_in("ivy")
    assert first.post("/queries/1/answer/", {"text": "Yes."}).status_code == 302
    answer = second.post("/queries/1/answer/", {"text": "No, it is not."})
    assert answer.status_code == 409
    told = answer.content.decode()
    assert "the query is answered: wait until it is closed" in told
    assert "No, it is not." in told
    assert Query.objects.get(number=1).answer == "Yes."


def test_an_answer_sent_twice_is_given_once(asked: str) -> None:
    cho = log_in("cho")
    sent = {"text": "Yes.", "request_id": "r1"}
    before = LedgerLine.objects.count()
    assert cho.post("/queries/1/answer/", sent).status_code == 302
    assert cho.post("/queries/1/answer/", sent).status_code == 302
    assert LedgerLine.objects.count() == before + 1


def test_an_empty_and_an_endless_text_are_refused(asked: str) -> None:
    cho = log_in("cho")
    for text in ("", "   ", "x" * 4001):
        assert cho.post("/queries/1/answer/", {"text": text}).status_code == 422
    assert state() == "open"


def test_what_is_typed_is_shown_as_text_and_never_runs(asked: str) -> None:
    log_in("mo").post(f"/queries/new/{asked}/dm/", {"text": HOSTILE})
    for page in ("/queries/", "/queries/2/"):
        told = text_of(log_in("cho"), page)
        assert "<script>alert" not in told
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in told


def test_another_site_finds_no_query_of_this_one(asked: str) -> None:
    cora = log_in("cora")
    assert cora.get("/queries/1/").status_code == 404
    assert cora.post("/queries/1/answer/", {"text": "Yes."}).status_code == 404
    assert "Is this so?" not in text_of(cora, "/queries/")
    assert "Is this so?" not in text_of(cora, f"/queries/?site=01&subject={asked}")
    assert state() == "open"


@pytest.mark.parametrize("number", [0, 2, 10**15])
def test_a_forged_number_finds_nothing(asked: str, number: int) -> None:
    assert log_in("mo").get(f"/queries/{number}/").status_code == 404


def test_a_query_on_what_is_not_there_is_not_asked(asked: str) -> None:
    mo = log_in("mo")
    for page in (f"{asked}/icf/", f"{asked}/dm/L01/", "01-099/dm/", f"{asked}/nothing/"):
        assert mo.post(f"/queries/new/{page}", {"text": "Why?"}).status_code == 404, page
    assert mo.get(f"/queries/new/{asked}/dm/?item=nothing").status_code == 404


def test_a_blinded_reader_finds_no_query_on_a_form_that_reveals_the_arm(asked: str) -> None:
    place = EntryPlace(subject=asked, form="ex_sys", key=("1",))
    open_query(Question(place=place, text="Which dose?"), deed=by("mo", minutes=20))
    stan = log_in("stan")
    assert "Is this so?" in text_of(stan, "/queries/")
    assert "Which dose?" in text_of(log_in("cho"), "/queries/")
    assert "Which dose?" not in text_of(stan, "/queries/")
    assert stan.get("/queries/2/").status_code == 404


def test_the_list_is_narrowed_by_state_site_subject_form_and_asker(asked: str) -> None:
    other = screen("02")
    completed((other, "dm"), "site=02 sex=F birth_year=1970", actor="cora")
    place = EntryPlace(subject=other, form="dm")
    open_query(Question(place=place, text="And there?"), deed=by("mo", minutes=20))
    mo = log_in("mo")
    mo.post("/queries/1/close/")
    for asked_for, first, second in (
        ("", False, True),
        ("?state=closed", True, False),
        ("?state=", True, True),
        ("?state=&site=01", True, False),
        (f"?state=&subject={other}", False, True),
        ("?state=&form=icf", False, False),
        ("?state=&by=program", False, False),
        ("?state=&by=person", True, True),
        ("?state=nonsense", False, False),
    ):
        told = text_of(mo, f"/queries/{asked_for}")
        assert ("Is this so?" in told, "And there?" in told) == (first, second), asked_for


def test_queries_age_by_site(asked: str) -> None:
    for days in (3, 20, 45):
        place = EntryPlace(subject=asked, form="dm")
        open_query(Question(place=place, text=f"{days}?"), deed=by("mo", minutes=20 + days * 1440))
    sight = Sight(sites=None, hidden=Telling())
    listed = list_queries(Wanted(), sight=sight, now=START + timedelta(days=50))
    (age,) = count_ages(listed)
    assert (age.site, age.week, age.month, age.longer, age.live) == ("01", 1, 1, 2, 4)
    assert (age.oldest_days, age.answered) == (49, 0)
    assert list_queries(Wanted(), sight=Sight(sites=frozenset(), hidden=Telling()),
                        now=START) == []  # fmt: skip


def test_a_query_of_the_program_names_its_check(asked: str) -> None:
    text = text_of(log_in("mo"), "/queries/1/")
    assert "When the value is corrected" not in text
    Query.objects.filter(number=1).update(code="sex-differs", found="M", severity="soft")
    text = text_of(log_in("mo"), "/queries/1/")
    assert "check sex-differs" in text
    assert "When the value is corrected" in text


def test_what_the_program_would_ask_is_shown_before_it_is_asked(site: Server) -> None:
    subject, dana = screen("01"), log_in("dana")
    lost = Confirmation(code="required-missing", item="consent_date", found="", comment="lost")
    typed = saving((subject, "icf"), "consent_version=1.0", confirmations=(lost,))
    complete_form(typed, deed=by("cho", minutes=6))  # no demographics: nobody knows who consented
    told = text_of(dana, "/queries/ask/")
    new = int(re.findall(r"New questions</dt><dd>(\d+)<", told)[0])
    assert (new > 0, told.count("<td>ask</td>"), Query.objects.count()) == (True, new, 0)
    assert f"/entry/form/{subject}/icf/" in told
    answer = dana.post("/queries/ask/", {"request_id": "a1"}, follow=True)
    assert f"opened, reopened or closed {new} queries" in answer.content.decode()
    assert Query.objects.filter(state="open", opened_by="program").count() == new
    assert "Nothing is left to ask" in text_of(dana, "/queries/ask/")
    completed((subject, "dm"), "site=01 sex=M birth_year=1961", minutes=40)
    assert text_of(dana, "/queries/ask/").count("<td>close</td>") == new


def test_what_the_program_would_record_is_counted_and_then_recorded(site: Server) -> None:
    fill_site("01-005")  # of the control arm, and irradiated
    dana = log_in("dana")
    told = text_of(dana, "/queries/ask/")
    new = int(re.findall(r"Deviations to record</dt><dd>(\d+)<", told)[0])
    assert (new > 0, Deviation.objects.count()) == (True, 0)
    answer = dana.post("/queries/ask/", {"request_id": "a1"}, follow=True)
    assert f"Deviations: {new} recorded, 0 changed, 0 seen no more." in answer.content.decode()
    assert Deviation.objects.exclude(code="").count() == new
    assert LedgerLine.objects.filter(verb="record_deviation", actor="dana").count() == 1
    assert "Nothing is left to ask" in text_of(dana, "/queries/ask/")


def test_only_who_asks_at_all_sites_lets_the_program_ask(site: Server) -> None:
    add_account(Person(username="mia", name="Mia"), deed=by(OPERATOR))
    grant_role("mia", role=Role.MONITOR, site="01", deed=by(OPERATOR))
    mia = log_in("mia")
    for answer in (mia.get("/queries/ask/"), mia.post("/queries/ask/")):
        assert answer.status_code == 403
        assert "at all of them" in answer.content.decode()
    assert "/queries/ask/" not in text_of(mia, "/queries/")
    assert "/queries/ask/" in text_of(log_in("dana"), "/queries/")


def test_every_field_of_an_entry_leads_to_a_query_that_names_it(asked: str) -> None:
    page = f"/entry/form/{asked}/dm/"
    told = text_of(log_in("mo"), page)
    assert f'href="/queries/new/{asked}/dm/?item=birth_year" aria-label="Ask about ' in told
    assert '?item=birth_year" aria-label' not in text_of(log_in("cho"), page)
    assert "/queries/new/" not in text_of(log_in("mo"), f"/entry/form/{asked}/icf/")  # not saved
