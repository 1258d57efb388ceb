"""No page tells a blinded person the arm: not by a visit of one arm, a draft, or a question."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from equipoise.capture.blinding import Telling
from equipoise.capture.lifecycle import FormState
from equipoise.store.actions.query import Question, open_query
from equipoise.store.deed import Deed
from equipoise.store.embedded import Server
from equipoise.store.entry_check import check_place
from equipoise.store.entry_place import EntryPlace
from equipoise.store.models import FormEntry, ProtocolVersion, Query, Site, Subject
from equipoise.store.read_casebook import read_casebook
from equipoise.store.read_cut import read_cut
from equipoise.store.read_ledger import LedgerSight, LinesWanted, select_lines, tell_rows
from equipoise.store.read_telling import read_telling
from equipoise.web.monitoring.forms_owed import list_owed, list_timely
from store.entries import completed, draft
from store.people import START, by
from web.golden_site import AT, fill_site
from web.visitors import log_in

SUBJECT = "01-007"  # irradiated
BLINDED = ("bea", "stan")
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')
CODE = "index-lesion-without-prescription"
ASKED = "Others are prescribed SBRT"
SEEN = "2026-02-20"  # the last day known alive, by the visit of week 6
PAGES = (
    "/work/", "/subjects/", "/queries/", f"/casebook/{SUBJECT}/", f"/subjects/{SUBJECT}/",
    f"/subjects/{SUBJECT}/timeline/", f"/entry/form/{SUBJECT}/les_bl/L01/", "/monitoring/",
    f"/eligibility/{SUBJECT}/",
)  # fmt: skip
HIDDEN = (
    f"/entry/form/{SUBJECT}/ecog/W6/", f"/entry/history/{SUBJECT}/ecog/W6/",
    f"/entry/form/{SUBJECT}/vs/W6/", "/queries/1/", "/queries/2/",
)  # fmt: skip


@pytest.fixture
def subject(site: Server) -> str:
    """One who was irradiated: seen six weeks later, asked about it, with drafts of later days."""
    fill_site(SUBJECT)
    completed((SUBJECT, "ecog", "W6"), f"ecog_date={SEEN} ecog=1")
    draft((SUBJECT, "vs", "W6"), "weight_kg=71.2")
    draft((SUBJECT, "rt_rx", "L09"), "dose_gy=24")
    place = EntryPlace(subject=SUBJECT, form="ecog", key=("W6",))
    open_query(Question(place=place, text="Seen in week 6?"), deed=by("mo", minutes=9))
    Query.objects.create(
        number=2, subject_id=SUBJECT, form="les_bl", key="L01", item="intend_sbrt", code=CODE,
        text=ASKED, state="open", opened_by="program", opened_at=AT,
    )  # fmt: skip
    return SUBJECT


def read(client: Client, page: str) -> str:
    """The page without its tokens, which are drawn and may spell anything."""
    answer = client.get(page)
    text = answer.content.decode() if answer.status_code == 200 else ""
    return TOKEN.sub("", text)


def shown(who: str, *pages: str) -> str:
    """Pages that the person may read (all of them), as one text."""
    client = log_in(who)
    return "".join(read(client, page) for page in pages or PAGES)


def test_a_visit_of_one_arm_a_draft_and_a_question_are_on_no_page_of_who_is_blinded(
    subject: str,
) -> None:
    seen = shown("cho")
    for words in ("W6", "Week 6", "Seen in week 6?", ASKED, SEEN):
        assert words in seen, words
    for who in BLINDED:
        told = shown(who)
        assert "M3" in told, who
        for words in ("W6", "Week 6", "Seen in week 6?", ASKED, "L09", SEEN):
            assert words not in told, (who, words)


def test_their_own_addresses_are_not_found_by_who_is_blinded(subject: str) -> None:
    for who, status in (("mo", 200), *((who, 404) for who in BLINDED)):
        client = log_in(who)
        for page in HIDDEN:
            assert client.get(page).status_code == status, (who, page)
    assert log_in("bea").get(f"/entry/form/{subject}/ecog/M3/").status_code == 200
    Subject.objects.create(number="01-900", site_id="01", screened_date=AT.date())
    for number in ("01-900", subject):  # who has no such visit looks the same
        assert log_in("bea").get(f"/entry/form/{number}/ecog/W6/").status_code == 404


def test_nothing_of_it_is_counted_either(subject: str) -> None:
    telling, subjects = read_telling(), Subject.objects.all()
    whole = read_casebook(subject, hidden=Telling())
    blinded = read_casebook(subject, hidden=telling)
    assert {row.visit for row in whole} - {row.visit for row in blinded} == {"W6"}
    asked = {row.place.entry: row.open_queries for row in whole if row.open_queries}
    assert asked == {f"{subject}/ecog/W6": 1, f"{subject}/les_bl/L01": 1}
    assert not any(row.open_queries for row in blinded)

    now, sites = START + timedelta(days=1), list(Site.objects.all())
    (timely,) = list_timely(subjects, sites=sites, hidden=Telling(), now=now)
    assert timely.forms == 1
    assert list_timely(subjects, sites=sites, hidden=telling, now=now) == []
    (owed,) = list_owed(subjects, hidden=telling, now=now)
    assert owed.started == 0
    FormEntry.objects.filter(form="vs", key="W6").update(key="U9")
    draft((subject, "cm", "7"), "")  # what changes a subject writes a line
    (owed,) = list_owed(subjects, hidden=telling, now=now)
    assert owed.started == 2


def test_the_list_of_subjects_counts_the_queries_that_one_may_read(subject: str) -> None:
    told = {who: read(log_in(who), "/subjects/") for who in ("cho", *BLINDED)}
    counts = {who: re.findall(r'class="right">(\d+)<', page) for who, page in told.items()}
    assert counts == {"cho": ["2"], "bea": ["0"], "stan": ["0"]}


@pytest.mark.parametrize("hidden", [False, True])
def test_rules_read_no_prescription_for_the_eyes_of_who_is_blinded(
    subject: str, hidden: bool
) -> None:
    checked = check_place(
        EntryPlace(subject=subject, form="les_bl", key=("L08",)),
        values={"lesion": "L08", "intend_sbrt": "Y"},
        fingerprint=ProtocolVersion.objects.get().pk,
        today=AT.date(),
        hidden=hidden,
    )
    assert (CODE in {finding.code for finding in checked.findings}) is not hidden


def test_a_question_of_consistency_is_hidden_as_it_reads_all_forms(subject: str) -> None:
    Query.objects.filter(number=2).update(code="index-lesion-without-all-fractions")
    assert ASKED in shown("cho", "/queries/")
    for who in BLINDED:
        assert ASKED not in shown(who, "/queries/", f"/entry/form/{subject}/les_bl/L01/")


def test_lines_of_the_ledger_without_arms_tell_no_visit_of_one_arm(subject: str) -> None:
    told = {}
    for name, hidden in (("whole", None), ("blinded", read_telling())):
        sight = LedgerSight(sites=None, hidden=hidden, with_texts=False, zone=UTC)  # type: ignore[arg-type]
        told[name] = list(tell_rows(select_lines(LinesWanted(subject=subject), sight=sight),
                                    sight=sight))  # fmt: skip
    assert len(told["whole"]) == len(told["blinded"]) == 4
    for words in ("W6", "L09", "Seen in week 6?"):
        assert words in str(told["whole"]), words
        assert words not in str(told["blinded"]), words


def test_a_blinded_cut_holds_no_visit_of_one_arm_and_says_so(subject: str) -> None:
    cuts = {
        who: read_cut(Deed(actor=who, at=datetime(2026, 5, 1, tzinfo=UTC)))
        for who in ("dana", "stan")
    }
    assert any(entry.key == ("W6",) for entry in cuts["dana"].entries)
    assert not any("W6" in entry.key for entry in cuts["stan"].entries)
    assert not any("W6" in entry for entry in cuts["stan"].lines)
    assert cuts["stan"].visits_left_out == ("W6",)
    assert (cuts["dana"].left_out, cuts["dana"].visits_left_out) == ((), ())


def test_drafts_stand_on_the_page_of_eligibility_until_the_subject_is_randomised(
    subject: str,
) -> None:
    version = ProtocolVersion.objects.get()
    Subject.objects.create(number="01-900", site_id="01", screened_date=AT.date())
    FormEntry.objects.create(
        subject_id="01-900", form="ie", values={}, version=1, state=FormState.DRAFT,
        protocol=version,
    )  # fmt: skip
    bea = log_in("bea")
    assert "01-900/ie" in read(bea, "/eligibility/01-900/")
    page = read(bea, f"/eligibility/{subject}/")
    assert page
    assert "Complete these drafts first" not in page
