"""Entries carried over to an amended protocol: in the ledger, with what a rename drops."""

import re

import pytest

from equipoise.store.actions.approve_protocol import approve_protocol
from equipoise.store.actions.freeze import freeze_entries
from equipoise.store.actions.migrate_entries import migrate_entries
from equipoise.store.actions.sign import sign_entries
from equipoise.store.actions.upload_protocol import upload_protocol
from equipoise.store.actions.verify import verify_entries
from equipoise.store.carrying import plan_carrying
from equipoise.store.deed import OPERATOR, Deed
from equipoise.store.embedded import Server
from equipoise.store.entry_place import EntryPlace
from equipoise.store.ledger import read_head, read_lines
from equipoise.store.models import FormEntry, Verification
from equipoise.store.protocol_read import read_form
from equipoise.store.read_trail import read_item_trail
from equipoise.store.refusals import ClosedError, NotAllowedError, StaleVersionError, UnknownError
from equipoise.store.verify import verify_trial
from store.entries import PASSWORD, changed, completed, draft
from store.people import START, by, screen, texts

DM = "site=01 sex=M birth_year=1961"
ICF = "consent_date=2026-03-01 consent_version=1.0"
RENAMED = 'name = "consent_form"\nrenamed_from = "consent_version"'


def amend(*, approved: bool = True) -> str:
    """A version in which the version of the consent form has another name."""
    said = texts()
    form = said["forms/icf.toml"].replace("consent_version", "consent_form")
    form = form.replace('name = "consent_form"', RENAMED)
    again = said["forms/reconsent.toml"].replace("icf__consent_version", "icf__consent_form")
    trial = said["trial.toml"].replace('version = "', 'version = "amended ', 1)
    forms = {"forms/icf.toml": form, "forms/reconsent.toml": again}
    amended = {**said, **forms, "trial.toml": trial}
    protocol = str(upload_protocol(amended, deed=by(OPERATOR, minutes=30)).answer["protocol"])
    if approved:
        for site in ("01", "02"):
            approve_protocol(site, protocol=protocol, from_date=START.date(), deed=by(OPERATOR))
    return protocol


def amending(actor: str = "dana", *, minutes: float = 40) -> Deed:
    return by(actor, minutes=minutes, reason="amendment 1")


def row(form: str) -> FormEntry:
    return FormEntry.objects.get(form=form)


def targets(subject: str, *forms: str) -> list[EntryPlace]:
    return [EntryPlace(subject=subject, form=form) for form in forms]


def entered() -> str:
    subject = screen()
    completed((subject, "dm"), DM)
    completed((subject, "icf"), ICF)
    return subject


def test_a_renamed_item_is_carried_and_its_trail_tells_it(sites: Server) -> None:
    subject, to = entered(), amend()
    carried = migrate_entries("01", to=to, deed=amending())
    assert [done.answer for done in carried.done] == [{"entries": 2}]
    assert row("icf").values == {"consent_date": "2026-03-01", "consent_form": "1.0"}
    assert {entry.protocol_id for entry in FormEntry.objects.all()} == {to}
    trail = list(read_item_trail((subject, "icf", ""), item="consent_form"))
    assert [(c.old, c.new, c.line.actor, c.line.verb) for c in trail] == [
        (None, "1.0", "dana", "migrate_entries"),
    ]
    assert list(read_lines())[-1].protocol == to
    assert verify_trial().findings == ()


def test_only_what_is_renamed_loses_verification(sites: Server) -> None:
    subject = entered()
    verify_entries(targets(subject, "dm", "icf"), deed=by("mo", minutes=20))
    sign_entries(targets(subject, "dm", "icf"), password=PASSWORD, deed=by("ivy", minutes=21))
    migrate_entries("01", to=amend(), deed=amending())
    assert (row("dm").state, row("icf").state) == ("signed", "complete")
    valid = dict(Verification.objects.values_list("form", "is_valid"))
    assert valid == {"dm": True, "icf": False}
    assert verify_trial().findings == ()


def test_carrying_twice_carries_nothing_more(sites: Server) -> None:
    entered()
    to = amend()
    migrate_entries("01", to=to, deed=amending())
    head = read_head()
    again = migrate_entries("01", to=to, deed=amending(minutes=41))
    assert (again.done, again.undecided, again.held, read_head()) == ((), {}, (), head)


def test_what_is_frozen_stays_and_is_named(sites: Server) -> None:
    subject = entered()
    verify_entries(targets(subject, "dm"), deed=by("mo", minutes=20))
    sign_entries(targets(subject, "dm"), password=PASSWORD, deed=by("ivy", minutes=21))
    freeze_entries(targets(subject, "dm"), deed=by("dana", minutes=22))
    before = row("dm").protocol_id
    carried = migrate_entries("01", to=amend(), deed=amending())
    assert carried.held == ("01-001/dm",)
    assert row("dm").protocol_id == before


def test_a_draft_stays_a_draft_and_other_sites_stay_as_they_are(sites: Server) -> None:
    entered()
    other = screen("02")
    draft((other, "icf"), "consent_version=2.0", actor="cora")
    to = amend()
    migrate_entries("02", to=to, deed=amending())
    moved = FormEntry.objects.get(subject=other)
    assert (moved.state, moved.values, moved.protocol_id) == ("draft", {"consent_form": "2.0"}, to)
    stayed = FormEntry.objects.filter(subject__site="01").values_list("protocol", flat=True)
    assert to not in set(stayed)


def test_a_page_opened_before_is_told_that_the_entry_is_another(sites: Server) -> None:
    subject = entered()
    migrate_entries("01", to=amend(), deed=amending())
    with pytest.raises(StaleVersionError):
        changed((subject, "icf"), "consent_form=2.0", seen=1)


def test_a_version_that_the_site_has_not_approved_carries_nothing(sites: Server) -> None:
    entered()
    with pytest.raises(ClosedError, match="approve it there first"):
        migrate_entries("01", to=amend(approved=False), deed=amending())


@pytest.mark.parametrize("actor", ["cho", "ivy", "mo", "ada"])
def test_only_the_data_manager_carries_entries(sites: Server, actor: str) -> None:
    entered()
    to = amend()
    with pytest.raises(NotAllowedError):
        migrate_entries("01", to=to, deed=amending(actor))
    assert to not in set(FormEntry.objects.values_list("protocol", flat=True))


def test_entries_of_a_form_that_is_gone_stay_and_may_still_be_mended(sites: Server) -> None:
    subject = screen()
    completed((subject, "mh", "1"), "condition=Gout system=other autoimmune=N ongoing=Y")
    said = {name: text for name, text in texts().items() if name != "forms/mh.toml"}
    trial = re.sub(r'"mh", |, "mh"', "", said["trial.toml"])
    protocol = upload_protocol({**said, "trial.toml": trial}, deed=by(OPERATOR, minutes=30))
    to = str(protocol.answer["protocol"])
    approve_protocol("01", protocol=to, from_date=START.date(), deed=by(OPERATOR, minutes=31))
    assert plan_carrying("01", to=to).left == ("01-001/mh/1",)
    assert migrate_entries("01", to=to, deed=amending()).done == ()
    assert read_form("mh", site="01", now=START).form == "mh"
    changed((subject, "mh", "1"), "condition=Asthma", seen=1)
    assert (row("mh").values["condition"], row("mh").protocol_id == to) == ("Asthma", False)
    with pytest.raises(UnknownError):
        completed(
            (subject, "mh", "2"), "condition=Gout system=other autoimmune=N ongoing=Y", minutes=50
        )
