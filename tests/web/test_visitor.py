"""Who looks at a page: what his roles open, and what he asks for in his own name."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import RequestFactory
from django.urls import reverse

from capture.small_trial import protocol
from equipoise.capture.roles import MAY, Grant, Role, Verb
from equipoise.web.shell.frame import grant_in_words
from equipoise.web.shell.navigation import NAVIGATION, links_for
from equipoise.web.shell.sight import may_see_arms
from equipoise.web.shell.visitor import Visitor, spell
from equipoise.web.work.reader import forms_for


def visitor(*roles: str, held: str = "") -> Visitor:
    """Somebody at work under roles such as `coordinator@01`."""
    grants = tuple(_grant(role) for role in roles)
    more = (_grant(held),) if held else ()
    return Visitor(
        username="kim",
        name="Kim Minjun",
        grants=grants,
        held=(*grants, *more),
        zone=ZoneInfo("UTC"),
    )


def _grant(text: str) -> Grant:
    role, _, site = text.partition("@")
    return Grant(role=Role(role), site=site)


@pytest.mark.parametrize("role", list(Role))
def test_links_are_those_that_a_role_at_work_opens(role: Role) -> None:
    found = {str(link.words) for link in links_for(visitor(f"{role.value}@01"))}
    assert found == {str(entry.words) for entry in NAVIGATION if role in MAY[entry.verb]}


# roles | opens the list of subjects, the log of log-ins
LINKS = """
coordinator@01                | yes no
auditor                       | yes yes
administrator                 | no  yes
administrator project_manager | no  yes
coordinator                   | no  no
"""


@pytest.mark.parametrize("text", LINKS.strip().splitlines())
def test_no_link_leads_from_accounts_to_patients(text: str) -> None:
    roles, expected = (part.split() for part in text.split("|"))
    found = [link.address for link in links_for(visitor(*roles))]
    opened = [reverse(name) in found for name in ("subjects", "access_log")]
    assert ["yes" if each else "no" for each in opened] == expected


# roles | verb | at site 01, at site 02, at any | sites
ALLOWED = """
coordinator@01                | save_form  | yes no  yes | 01
coordinator@01 coordinator@02 | save_form  | yes yes yes | 01 02
monitor                       | verify     | yes yes yes | all
monitor@02                    | verify     | no  yes yes | 02
monitor@02                    | save_form  | no  no  no  |
coordinator                   | save_form  | no  no  no  |
coordinator@01 monitor@02     | read_forms | yes yes yes | 01 02
data_manager coordinator@01   | read_forms | yes yes yes | all
administrator                 | read_forms | no  no  no  |
"""


@pytest.mark.parametrize("text", ALLOWED.strip().splitlines())
def test_what_a_visitor_may_holds_for_his_sites(text: str) -> None:
    roles, verb, may, sites = (part.strip() for part in text.split("|"))
    who, deed = visitor(*roles.split()), Verb(verb)
    asked = [who.may(deed, site="01"), who.may(deed, site="02"), who.may(deed)]
    assert ["yes" if each else "no" for each in asked] == may.split()
    assert who.sites(deed) == (None if sites == "all" else frozenset(sites.split()))


def test_a_role_that_is_held_and_not_at_work_opens_nothing() -> None:
    who = visitor("coordinator@01", held="auditor")
    assert not who.may(Verb.READ_ACCOUNTS)
    assert who.may(Verb.SAVE_FORM, site="01")
    assert [spell(grant) for grant in who.held] == ["coordinator@01", "auditor@"]


# role | does it see arms | may it read, and enter: rt_rx, ae, ecog, bicr, sae
FORMS = """
coordinator@01          | yes | rt_rx ae ecog bicr sae | rt_rx ae ecog sae
investigator@01         | yes | rt_rx ae ecog bicr sae | ae ecog sae
radiation_oncologist@01 | yes | rt_rx ae ecog bicr sae | rt_rx ae ecog sae
physicist@01            | yes | rt_rx ae ecog bicr sae | rt_rx
blinded_reader          | no  | ecog bicr              | bicr
blinded_statistician    | no  | ecog bicr              |
safety_officer          | yes | rt_rx ae ecog bicr sae | sae
monitor                 | yes | rt_rx ae ecog bicr sae |
dsmb_statistician       | yes | rt_rx ae ecog bicr sae |
administrator           | no  |                        |
"""


@pytest.mark.parametrize("text", FORMS.strip().splitlines())
def test_forms_that_tell_the_arm_are_there_for_who_sees_arms_only(text: str) -> None:
    role, sees, reads, enters = (part.strip() for part in text.split("|"))
    who, asked = visitor(role), ("rt_rx", "ae", "ecog", "bicr", "sae")
    assert may_see_arms(who) == (sees == "yes")
    for verb, expected in ((Verb.READ_FORMS, reads), (Verb.SAVE_FORM, enters)):
        found = forms_for(who, protocol(), verb=verb, site="01")
        assert [name for name in asked if name in found] == expected.split(), verb


def test_a_visitor_enters_no_form_at_another_site() -> None:
    assert forms_for(visitor("coordinator@01"), protocol(), verb=Verb.SAVE_FORM, site="02") == {}


@pytest.mark.parametrize(
    ("sent", "request_id", "reason"),
    [
        ({"request_id": "a1", "reason": "misread"}, "web:a1", "misread"),
        ({"request_id": "arms kim 2026-03-02"}, "web:arms kim 2026-03-02", ""),
        ({"reason": "  misread\n"}, "", "misread"),
        ({"reason": "  "}, "", ""),
        ({"request_id": "a1", "actor": "ivy", "at": "1999-01-01"}, "web:a1", ""),
    ],
)
def test_a_deed_is_asked_for_in_ones_own_name(
    sent: dict[str, str], request_id: str, reason: str
) -> None:
    before = datetime.now(UTC)
    deed = visitor("coordinator@01").deed(RequestFactory().post("/", sent))
    assert (deed.actor, deed.request_id, deed.reason) == ("kim", request_id, reason)
    assert before <= deed.at <= datetime.now(UTC)


def test_a_reason_that_the_page_knows_stands_before_the_one_that_is_sent() -> None:
    request = RequestFactory().post("/", {"reason": "typed"})
    assert visitor("coordinator@01").deed(request, reason="of the page").reason == "of the page"


@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("sub_investigator@01", "sub investigator, 01"),
        ("data_manager", "data manager"),
        ("monitor@02", "monitor, 02"),
    ],
)
def test_a_role_is_said_with_its_site(role: str, said: str) -> None:
    assert grant_in_words(_grant(role)) == said
    assert spell(_grant(role)) == (role if "@" in role else f"{role}@")
