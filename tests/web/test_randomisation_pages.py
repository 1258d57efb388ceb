"""Randomised over HTTP: criteria, signature, one arm once, and who may know it."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import override_settings

from equipoise.store.embedded import DATABASE, Server
from equipoise.store.models import Allocation, LedgerLine, Signature
from store.entries import ELIGIBLE, KEY, PASSWORD, changed, completed, draft
from store.people import START, screen
from store.trial_database import run_as_superuser
from web.visitors import log_in

SURE = {"confirmed": "yes"}
SHIFT = (datetime.now(UTC) - START).days - 1  # pages go by the clock: recent entries for today


def recent(text: str) -> str:
    """The dates of this year's screening as if it had been this week."""
    found = re.compile(r"2026-0[23]-\d\d")
    return found.sub(lambda day: str(date.fromisoformat(day[0]) + timedelta(days=SHIFT)), text)


def enter(subject: str, *form: str, text: str = "") -> None:
    said = recent(text or ELIGIBLE[form])
    completed((subject, *form), said, minutes=SHIFT * 1440)


@pytest.fixture(autouse=True)
def _key() -> Iterator[None]:
    with override_settings(RANDOMISATION_KEY=KEY):
        yield


@pytest.fixture
def subject(site: Server) -> str:
    """An eligible subject of site 01, not yet signed."""
    number = screen("01")
    for form in ELIGIBLE:
        enter(number, *form)
    return number


def page(who: str, path: str, *, status: int = 200) -> str:
    answer = log_in(who).get(path)
    assert answer.status_code == status, path
    return answer.content.decode()


def send(who: str, path: str, **told: str) -> tuple[int, str]:
    answer = log_in(who).post(path, {name.replace("__", "."): text for name, text in told.items()})
    return answer.status_code, answer.content.decode()


def sign(subject: str, *, password: str = PASSWORD) -> int:
    told = {"password_again": password, "stratum__imdc": "fav"}  # no entry gives this factor
    return send("ivy", f"/eligibility/{subject}/", **told)[0]


def arm_of(subject: str) -> str:
    return Allocation.objects.get(subject=subject).arm


def test_every_criterion_stands_beside_the_values_that_decide(subject: str) -> None:
    told = page("ivy", f"/eligibility/{subject}/")
    assert told.count("✓ met") == 15, told
    row = told.split('<th scope="row">I3</th>')[1].split("</tr>")[0]
    assert "Age 20 to 80 years" in row
    assert "<strong>65</strong>" in row
    row = told.split('<th scope="row">E4</th>')[1].split("</tr>")[0]
    assert "<strong>M</strong>" in row
    assert "1 to 3" in told
    assert "from the entries" in told


def test_what_is_not_known_or_not_met_is_told_and_cannot_be_signed(site: Server) -> None:
    number = screen("01")
    for form in ("dm", "icf"):
        enter(number, form)
    ie = ELIGIBLE[("ie",)].replace("cns_metastases=N", "cns_metastases=Y")
    enter(number, "ie", text=ie)
    told = page("ivy", f"/eligibility/{number}/")
    assert "✕ not met" in told.split('<th scope="row">E1</th>')[1].split("</tr>")[0]
    assert "? not known yet" in told.split('<th scope="row">I1</th>')[1].split("</tr>")[0]
    assert "There are no waivers" in told
    strata = {"stratum__imdc": "fav", "stratum__n_mets": "1-3", "stratum__omd_induced": "N"}
    status, text = send("ivy", f"/eligibility/{number}/", password_again=PASSWORD, **strata)
    assert (status, "E1 is not met" in text) == (422, True)
    assert Signature.objects.count() == 0


def test_a_draft_is_named_before_anybody_signs(subject: str) -> None:
    draft((subject, "ecog", "SCR"), "ecog=0")
    assert f"{subject}/ecog/SCR" in page("ivy", f"/eligibility/{subject}/")
    assert sign(subject) == 422


@pytest.mark.parametrize("password", ["", "wrong"])
def test_a_wrong_password_signs_nothing(subject: str, password: str) -> None:
    status, text = send("ivy", f"/eligibility/{subject}/", password_again=password)
    assert (status, 'aria-invalid="true"' in text) == (403, True)
    assert Signature.objects.count() == 0


def test_a_subject_is_signed_randomised_and_shown_to_who_may_know(subject: str) -> None:
    assert sign(subject) == 302
    told = page("cho", f"/randomise/{subject}/")
    assert "de novo or repeat" in told
    assert 'name="request_id"' in told
    status, _ = send("cho", f"/randomise/{subject}/", **SURE)
    assert status == 302
    arm = arm_of(subject)
    assert f"Arm {arm}:" in page("cho", f"/randomised/{subject}/")
    assert page("cho", f"/randomise/{subject}/", status=302) == ""


def test_the_arm_is_shown_to_nobody_who_is_blinded(subject: str) -> None:
    sign(subject)
    send("cho", f"/randomise/{subject}/", **SURE)
    for who in ("stan", "bea"):
        told = page(who, f"/randomised/{subject}/")
        assert "Your role does not see the arm." in told
        assert "Arm A" not in told
        assert "Arm B" not in told


def test_each_look_at_an_arm_is_a_line_of_the_ledger(subject: str) -> None:
    sign(subject)
    send("cho", f"/randomise/{subject}/", **SURE)
    before = LedgerLine.objects.count()
    page("cho", f"/randomised/{subject}/")
    page("stan", f"/randomised/{subject}/")
    (line,) = LedgerLine.objects.filter(number__gt=before)
    assert (line.verb, line.actor) == ("read_allocations", "cho")


def test_a_retry_of_the_same_request_gets_the_same_arm(subject: str) -> None:
    sign(subject)
    statuses = {send("cho", f"/randomise/{subject}/", request_id="r1", **SURE)[0] for _ in "123"}
    assert statuses == {302}
    assert Allocation.objects.count() == 1
    assert LedgerLine.objects.filter(verb="randomise").count() == 1


def test_a_retry_is_answered_even_after_an_entry_changed(subject: str) -> None:
    sign(subject)
    send("cho", f"/randomise/{subject}/", request_id="r1", **SURE)
    changed((subject, "dm"), "birth_year=1962", seen=1)
    assert send("cho", f"/randomise/{subject}/", request_id="r1", **SURE)[0] == 302


def test_another_request_for_a_randomised_subject_is_refused(subject: str) -> None:
    sign(subject)
    send("cho", f"/randomise/{subject}/", request_id="r1", **SURE)
    status, text = send("ivy", f"/randomise/{subject}/", request_id="r2", **SURE)
    assert (status, "is randomised already and keeps its arm" in text) == (409, True)


def test_nobody_is_randomised_without_a_confirmation(subject: str) -> None:
    sign(subject)
    assert send("cho", f"/randomise/{subject}/")[0] == 422
    assert Allocation.objects.count() == 0


def test_nobody_is_randomised_without_a_signature(subject: str) -> None:
    assert "Eligibility is not signed" in page("cho", f"/randomise/{subject}/")
    status, text = send("cho", f"/randomise/{subject}/", **SURE)
    assert (status, "is not signed" in text) == (422, True)


def test_a_change_after_the_signature_asks_for_another(subject: str) -> None:
    sign(subject)
    changed((subject, "dm"), "birth_year=1962", seen=1)
    assert "an entry changed since" in page("cho", f"/randomise/{subject}/")
    assert send("cho", f"/randomise/{subject}/", **SURE)[0] == 422
    assert sign(subject) == 302
    assert send("cho", f"/randomise/{subject}/", **SURE)[0] == 302


def test_a_forged_stratum_does_not_outweigh_the_entries(subject: str) -> None:
    told = {"stratum__imdc": "fav", "stratum__n_mets": "4-5", "stratum__omd_induced": "Y"}
    send("ivy", f"/eligibility/{subject}/", password_again=PASSWORD, **told)
    (signature,) = Signature.objects.all()
    assert signature.about["strata"] == {"omd_induced": "N", "n_mets": "1-3", "imdc": "fav"}


@pytest.mark.parametrize("level", ["", "x", "fav' OR 1=1"])
def test_nobody_signs_while_a_stratum_is_not_known(subject: str, level: str) -> None:
    told = {"password_again": PASSWORD, "stratum__imdc": level}
    status, text = send("ivy", f"/eligibility/{subject}/", **told)
    assert (status, "Choose a level of IMDC risk" in text) == (422, True)
    assert Signature.objects.count() == 0


@pytest.mark.parametrize(
    ("key", "told"),
    [("", "without the key of the randomisation"), ("another key, as long", "does not open")],
)
def test_a_site_without_the_key_says_so_and_randomises_nobody(
    subject: str, key: str, told: str
) -> None:
    sign(subject)
    with override_settings(RANDOMISATION_KEY=key):
        assert told in page("cho", f"/randomise/{subject}/")
        status, text = send("cho", f"/randomise/{subject}/", **SURE)
    assert (status, told in text) == (409, True)
    assert Allocation.objects.count() == 0


def test_a_trial_whose_sequence_is_not_fixed_says_so(site: Server, subject: str) -> None:
    sign(subject)
    unfix = ("SET session_replication_role = replica", "DELETE FROM sealed_seed")
    run_as_superuser(site, *unfix, database=DATABASE)
    assert "has not fixed the sequence" in page("cho", f"/randomise/{subject}/")


def test_a_wrong_stratum_is_corrected_with_a_reason_and_the_arm_stays(subject: str) -> None:
    sign(subject)
    send("cho", f"/randomise/{subject}/", **SURE)
    arm, path = arm_of(subject), f"/stratum/{subject}/"
    true = {"stratum__omd_induced": "Y", "stratum__n_mets": "1-3", "stratum__imdc": "fav"}
    status, text = send("ivy", path, **true)
    assert (status, "say why" in text) == (422, True)
    assert send("ivy", path, reason="letter found", **{**true, "stratum__imdc": "x"})[0] == 404
    assert send("ivy", path, reason="letter found", **true)[0] == 302
    allocation = Allocation.objects.get(subject=subject)
    assert (allocation.arm, allocation.true_stratum) == (arm, ["Y", "1-3", "fav"])
    assert allocation.stratum == ["N", "1-3", "fav"]
    assert "The stratum was corrected" in page("ivy", f"/randomised/{subject}/")


def test_the_balance_counts_by_arm_and_is_a_line_of_the_ledger(subject: str) -> None:
    sign(subject)
    send("cho", f"/randomise/{subject}/", **SURE)
    before = LedgerLine.objects.count()
    told = page("rand", "/balance/")
    assert told.count("<tr>") > 4
    assert "all subjects" in told
    (line,) = LedgerLine.objects.filter(number__gt=before)
    assert (line.verb, line.actor) == ("read_balance", "rand")
    assert "all subjects" not in page("cho", "/balance/", status=403)


def test_no_page_tells_a_site_the_size_of_a_block(subject: str) -> None:
    sign(subject)
    send("cho", f"/randomise/{subject}/", **SURE)
    for path in ("eligibility", "randomised"):
        assert "block" not in page("cho", f"/{path}/{subject}/").replace("blocktranslate", "")


@pytest.mark.parametrize("path", ["eligibility", "randomise", "randomised", "stratum"])
def test_another_site_and_a_forged_number_find_nothing(subject: str, path: str) -> None:
    assert log_in("ines").get(f"/{path}/{subject}/").status_code == 404
    assert log_in("ivy").get(f"/{path}/01-999/").status_code == 404
    assert log_in("ivy").get(f"/{path}/'%20OR%201=1--/").status_code == 404
