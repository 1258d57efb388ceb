"""Name and hospital number over HTTP: for the site of the subject, and nowhere else in clear."""

from datetime import UTC, datetime, timedelta

import pytest

from equipoise.store.embedded import Server
from equipoise.store.models import LedgerLine, Vault
from equipoise.store.verify import verify_trial
from store.people import screen
from web.visitors import log_in

TYPED = {"name": "김민준 <b>", "hospital_number": "=H-4711", "request_id": "i1"}


@pytest.fixture
def subject(site: Server) -> str:
    """A subject of site 01 of whom no name is kept yet."""
    return screen("01")


def page(who: str, subject: str, *, status: int = 200) -> str:
    answer = log_in(who).get(f"/subjects/{subject}/identity/")
    assert answer.status_code == status, who
    return answer.content.decode()


def send(who: str, subject: str, told: dict[str, str], *, status: int = 302) -> str:
    answer = log_in(who).post(f"/subjects/{subject}/identity/", told)
    assert answer.status_code == status, answer.content.decode()
    return answer.content.decode()


def readings(who: str) -> int:
    return LedgerLine.objects.filter(verb="read_identity", actor=who).count()


def test_a_name_is_kept_in_the_vault_and_read_by_its_site(subject: str) -> None:
    assert "Not kept yet" in page("cho", subject)
    send("cho", subject, TYPED)
    told = page("ray", subject)
    assert "김민준 &lt;b&gt;" in told
    assert "=H-4711" in told
    assert "Correct it" not in told  # a radiation oncologist reads it only
    assert "Correct it" in page("ivy", subject)
    contents = "".join(LedgerLine.objects.values_list("content", flat=True))
    assert "김민준" not in contents
    assert "4711" not in contents
    assert verify_trial().findings == ()


def test_who_looked_is_noted_once_a_day(subject: str) -> None:
    page("ivy", subject)
    assert readings("ivy") == 0  # there was nothing to read
    send("cho", subject, TYPED)
    for _ in range(3):
        page("ivy", subject)
    page("ray", subject)
    assert (readings("ivy"), readings("ray"), readings("cho")) == (1, 1, 0)


def test_no_request_takes_the_name_under_which_a_look_is_noted(subject: str) -> None:
    today = datetime.now(UTC).date()
    for number, day in enumerate((today, today + timedelta(days=1))):  # it may be midnight
        taken = {"request_id": f"identity {subject} ivy {day}", "reason": "misspelt"}
        send("ivy", subject, TYPED | taken | {"hospital_number": f"H-{number}"})
    page("ivy", subject)
    assert readings("ivy") == 1


def test_nobody_beyond_the_site_reads_a_name(subject: str) -> None:
    send("cho", subject, TYPED)
    for who in ("mo", "dana", "aud", "ada", "stan", "bea", "saul", "rand"):
        assert "김민준" not in page(who, subject, status=403), who
    for who in ("mo", "dana"):
        assert "identity" not in log_in(who).get(f"/subjects/{subject}/").content.decode()


def test_another_site_finds_no_such_subject(subject: str) -> None:
    page("ines", subject, status=404)
    send("cora", subject, TYPED, status=404)
    assert not Vault.objects.exists()


def test_a_name_changes_only_with_a_reason(subject: str) -> None:
    send("cho", subject, TYPED)
    other = {"name": "김민수", "hospital_number": "H-4711"}
    assert "Say why" in send("cho", subject, other, status=422)
    assert Vault.objects.get().name == TYPED["name"]
    send("cho", subject, other | {"reason": "misspelt"})
    assert Vault.objects.get().name == "김민수"
    line = LedgerLine.objects.filter(verb="keep_identity").latest("number")
    assert (line.reason, line.role, line.subject) == ("misspelt", "coordinator", subject)


def test_a_name_without_letters_or_end_is_refused(subject: str) -> None:
    for wrong in ({"name": " "}, {"hospital_number": ""}, {"name": "x" * 201}):
        assert "Write a name" in send("cho", subject, TYPED | wrong, status=422)
    assert not Vault.objects.exists()


def test_the_page_of_a_subject_leads_to_all_pages_about_it(subject: str) -> None:
    told = log_in("cho").get(f"/subjects/{subject}/").content.decode()
    for path in (f"/casebook/{subject}/", f"/eligibility/{subject}/", "identity/"):
        assert path in told
    assert f"/randomised/{subject}/" not in told  # it is not randomised yet
