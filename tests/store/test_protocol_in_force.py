"""Which version of the protocol counts at a site on a day, and what its forms are."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from equipoise.protocol.parse import ProtocolRefusedError
from equipoise.store.actions.approve_protocol import approve_protocol
from equipoise.store.actions.upload_protocol import upload_protocol
from equipoise.store.deed import OPERATOR
from equipoise.store.embedded import Server
from equipoise.store.ledger import read_head
from equipoise.store.models import Approval, FormEntry, ProtocolVersion
from equipoise.store.protocol_read import (
    fingerprint_at,
    read_approved,
    read_form,
    read_leading,
    read_newest,
    read_protocol_at,
    read_reach,
    read_version,
)
from equipoise.store.read_cut import read_cut
from equipoise.store.read_telling import read_telling
from equipoise.store.refusals import UnknownError
from store.entries import completed
from store.people import START, by, screen, texts


def first() -> str:
    return ProtocolVersion.objects.values_list("fingerprint", flat=True).get(number=1)


def noon(day: str) -> datetime:
    """An instant that has this date at both sites."""
    return datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=UTC)


def upload(old: str, new: str, *, file: str = "trial.toml") -> str:
    """A further version in which one text is another."""
    assert old in texts()[file]
    given = {**texts(), file: texts()[file].replace(old, new, 1)}
    return str(upload_protocol(given, deed=by(OPERATOR, minutes=1)).answer["protocol"])


def approve(protocol: str, *, site: str, on: str) -> None:
    approve_protocol(
        site, protocol=protocol, from_date=date.fromisoformat(on), deed=by(OPERATOR, minutes=2)
    )


def amended() -> str:
    return upload('label = "Month 3"', 'label = "Third month"')


def test_before_the_trial_is_open_nothing_counts(trial: Server) -> None:
    with pytest.raises(UnknownError, match="open it with a protocol first"):
        read_newest()
    with pytest.raises(UnknownError, match="open it with a protocol first"):
        read_leading(now=START)
    with pytest.raises(UnknownError, match="approve one first"):
        fingerprint_at("01", now=START)
    assert read_telling().forms == frozenset()


# day | the version in force at site 01, approved from 2026-03-02, the amendment from 2026-06-01
DAYS = """
2026-03-01 | none
2026-03-02 | first
2026-05-31 | first
2026-06-01 | amended
2030-01-01 | amended
"""


def test_the_version_approved_last_before_a_day_counts_on_it(sites: Server) -> None:
    later = amended()
    approve(later, site="01", on="2026-06-01")
    named = {first(): "first", later: "amended"}
    for line in DAYS.strip().splitlines():
        day, expected = (part.strip() for part in line.split("|"))
        if expected == "none":
            with pytest.raises(UnknownError, match="site 01"):
                fingerprint_at("01", now=noon(day))
        else:
            assert named[fingerprint_at("01", now=noon(day))] == expected, day
    assert fingerprint_at("02", now=noon("2030-01-01")) == first()  # its board has not approved it


def test_a_version_comes_into_force_at_the_midnight_of_the_site(sites: Server) -> None:
    later = amended()
    for site, midnight in (("01", "2026-05-31T15:00Z"), ("02", "2026-06-01T04:00Z")):
        approve(later, site=site, on="2026-06-01")
        begins = datetime.fromisoformat(midnight)
        assert fingerprint_at(site, now=begins - timedelta(seconds=1)) == first()
        assert fingerprint_at(site, now=begins) == later


def test_the_trial_as_a_whole_follows_an_amendment_once_it_is_in_force_at_a_site(
    sites: Server,
) -> None:
    later = amended()
    assert read_leading(now=noon("2030-01-01")) == read_version(first())  # nobody approved it
    approve(later, site="02", on="2026-06-01")
    begins = datetime.fromisoformat("2026-06-01T04:00Z")

    assert read_leading(now=begins - timedelta(seconds=1)) == read_version(first())
    assert read_leading(now=begins) == read_version(later)


def test_a_cut_is_read_by_the_version_in_force_on_the_day_of_its_line(sites: Server) -> None:
    """In Seoul the amendment begins at 15:00 UTC of the day before, half an hour after `dm`."""
    subject, later = screen(), amended()
    approve(later, site="01", on="2026-03-04")
    completed((subject, "dm"), "site=01 sex=M birth_year=1961", minutes=1440 + 330)
    before = read_head().number
    completed((subject, "icf"), "consent_date=2026-03-01 consent_version=1.0", minutes=1440 + 361)
    reader = by("dana", minutes=2 * 1440)
    assert read_cut(reader).protocol == later
    assert read_cut(reader, upto=before).protocol == first()


def test_an_entry_is_made_under_the_version_in_force_when_it_is_typed(sites: Server) -> None:
    subject, later = screen(), amended()
    approve(later, site="01", on="2026-03-04")
    completed((subject, "dm"), "site=01 sex=M birth_year=1961", minutes=1440)
    completed((subject, "icf"), "consent_date=2026-03-01 consent_version=1.0", minutes=2 * 1440)
    made = dict(FormEntry.objects.values_list("form", "protocol"))
    assert made == {"dm": first(), "icf": later}


def test_what_sites_approved_is_read_in_one_query(sites: Server) -> None:
    with CaptureQueriesContext(connection) as asked:
        approved = read_approved(["01", "02", "99"])
    assert len(asked) == 1
    assert {approved[site].at(START) for site in ("01", "02")} == {first()}
    with pytest.raises(UnknownError, match="in force at site 99"):
        approved["99"].at(START)


def test_of_two_approved_for_one_day_the_later_version_counts(sites: Server) -> None:
    later = amended()
    approve(later, site="01", on="2026-03-02")
    assert fingerprint_at("01", now=noon("2026-03-02")) == later
    assert Approval.objects.filter(site="01").count() == 2


def test_the_newest_version_counts_for_the_trial_before_anybody_approves_it(sites: Server) -> None:
    later = amended()
    visits = {visit.code: visit.label for visit in read_newest().schedule.visit}
    assert visits["M3"] == "Third month"
    assert read_version(later) == read_newest()
    at_site = {
        visit.code: visit.label for visit in read_protocol_at("01", now=START).schedule.visit
    }
    assert at_site["M3"] == "Month 3"


def test_a_version_or_form_that_is_not_there_is_told(sites: Server) -> None:
    with pytest.raises(UnknownError, match=r"no protocol version eeeeeeeeeeee: upload it"):
        read_version("e" * 64)
    with pytest.raises(UnknownError, match="site 01 has no form 'nosuch'"):
        read_form("nosuch", site="01", now=START)
    with pytest.raises(UnknownError, match="site 99"):
        read_protocol_at("99", now=START)
    assert read_form("dm", site="01", now=START).form == "dm"


def test_a_form_is_read_as_the_site_approved_it(sites: Server) -> None:
    title = read_form("dm", site="01", now=START).title
    later = upload(f'title = "{title}"', 'title = "Who it is"', file="forms/dm.toml")
    approve(later, site="02", on="2026-03-02")
    assert read_form("dm", site="01", now=START).title == title
    assert read_form("dm", site="02", now=START).title == "Who it is"


def test_a_form_that_revealed_the_arm_once_stays_hidden(sites: Server) -> None:
    """Its entries of then would tell, whatever a later version says of the form."""
    revealing = {form.form for form in read_newest().form if form.reveals_arm}
    assert {"rt_rx", "ae"} <= revealing
    upload("reveals_arm = true", "reveals_arm = false", file="forms/ae.toml")
    assert not read_newest().form_named("ae").reveals_arm
    assert read_telling().forms == revealing


def test_a_version_kept_with_texts_that_no_longer_parse_is_told(sites: Server) -> None:
    ProtocolVersion.objects.create(
        fingerprint="d" * 64, number=9, version="9", texts={"trial.toml": "not = [toml"}
    )
    with pytest.raises(ProtocolRefusedError):
        read_version("d" * 64)


def test_what_rules_see_is_read_by_version_and_form(sites: Server) -> None:
    assert read_reach(first(), form="imdc") == read_reach(first(), form="imdc")
    with pytest.raises(UnknownError, match="upload it first"):
        read_reach("b" * 64, form="imdc")
