"""Sites closed, accounts changed and closed, passwords set, identities kept: who may, and what."""

import hashlib

import pytest

from equipoise.store.actions.add_account import Person, add_account
from equipoise.store.actions.change_account import (
    change_account,
    deactivate_account,
    set_password,
)
from equipoise.store.actions.close_site import close_site
from equipoise.store.actions.keep_identity import PersonalData, keep_identity
from equipoise.store.deed import OPERATOR, PROGRAM
from equipoise.store.embedded import Server
from equipoise.store.ledger import canonical, read_head, read_lines
from equipoise.store.models import Account, Site, Vault
from equipoise.store.refusals import (
    ClosedError,
    NotAllowedError,
    RequestReusedError,
    TakenError,
    UnknownError,
)
from equipoise.store.verify import verify_trial
from store.entries import draft
from store.people import by, screen

SECRET = "a longer secret of this site"
KIM = PersonalData(name="Kim Minjun", hospital_number="H-4711")


def test_a_closed_site_enrols_nobody_and_keeps_its_subjects(sites: Server) -> None:
    subject = screen("01")
    close_site("01", deed=by("ada", minutes=2))
    with pytest.raises(ClosedError, match="enrol at a site that is open"):
        screen("01", minutes=3)
    assert screen("02", minutes=3) == "02-001"
    assert draft((subject, "dm"), "sex=M").answer["version"] == 1
    assert not Site.objects.get(code="01").is_open
    assert verify_trial().findings == ()


@pytest.mark.parametrize("actor", ["cho", "ivy", "mo", "stan"])
def test_only_the_administrator_changes_sites_and_accounts(sites: Server, actor: str) -> None:
    head = read_head()
    with pytest.raises(NotAllowedError):
        close_site("01", deed=by(actor))
    with pytest.raises(NotAllowedError):
        change_account("cora", name="Cora C", email="", deed=by(actor))
    with pytest.raises(NotAllowedError):
        deactivate_account("cora", deed=by(actor))
    assert read_head() == head


def test_what_is_not_there_is_not_changed(sites: Server) -> None:
    with pytest.raises(UnknownError, match="no site 77"):
        close_site("77", deed=by("ada"))
    with pytest.raises(UnknownError, match="no account 'nobody'"):
        change_account("nobody", name="N", email="", deed=by("ada"))
    with pytest.raises(UnknownError):
        set_password("nobody", password="long enough a word", deed=by(OPERATOR))


def test_an_account_changes_its_name_and_its_trail_tells_both(sites: Server) -> None:
    change_account("cora", name="Cora Clark", email="cora@example.org", deed=by("ada"))
    account = Account.objects.get(username="cora")
    assert (account.name, account.email) == ("Cora Clark", "cora@example.org")
    last = list(read_lines())[-1]
    assert '"name":["Cora","Cora Clark"]' in last.content
    assert (last.actor, last.role) == ("ada", "administrator")


@pytest.mark.parametrize("actor", ["ada", "cora"])
def test_the_address_of_who_had_a_password_is_the_operators_to_write(
    sites: Server, actor: str
) -> None:
    change_account("cora", name="Cora", email="cora@example.org", deed=by("ada"))
    set_password("cora", password="long enough a word", deed=by("cora"))
    head = read_head()
    for email in ("ada@example.org", ""):
        with pytest.raises(NotAllowedError):
            change_account("cora", name="Cora", email=email, deed=by(actor))
    assert read_head() == head
    change_account("cora", name="Cora", email="c@example.org", deed=by(OPERATOR))
    assert Account.objects.get(username="cora").email == "c@example.org"


def test_a_closed_account_may_do_nothing_more(sites: Server) -> None:
    subject = screen()
    deactivate_account("cho", deed=by("ada", minutes=2))
    with pytest.raises(NotAllowedError):
        draft((subject, "dm"), "sex=M", actor="cho")
    with pytest.raises(NotAllowedError):
        set_password("cho", password="long enough a word", deed=by("cho", minutes=3))
    assert next(iter(read_lines(subject=subject))).actor == "cho"


def test_a_password_is_its_owners_and_never_in_the_ledger(sites: Server) -> None:
    set_password("cho", password="long enough a word", deed=by("cho"))
    assert Account.objects.get(username="cho").check_password("long enough a word")
    with pytest.raises(NotAllowedError, match="set by its owner"):
        set_password("cho", password="another long word", deed=by("ada"))
    set_password("cho", password="set by the operator", deed=by(OPERATOR))
    assert Account.objects.get(username="cho").check_password("set by the operator")
    told = "".join(line.content for line in list(read_lines())[-2:])
    assert '"passwords_set":' in told
    assert "argon2" not in told
    assert "long enough" not in told
    assert verify_trial().findings == ()


def test_a_password_is_set_again_by_no_retry(sites: Server) -> None:
    deed = by("cho", request_id="p-1")
    first = set_password("cho", password="long enough a word", deed=deed)
    assert set_password("cho", password="long enough a word", deed=deed) == first
    assert Account.objects.get(username="cho").passwords_set == 1


@pytest.mark.parametrize("username", ["cho", OPERATOR, PROGRAM])
def test_a_name_that_is_taken_is_given_to_nobody(sites: Server, username: str) -> None:
    with pytest.raises(TakenError, match="choose another name"):
        add_account(Person(username=username, name="Impostor"), deed=by("ada"))


def test_an_identity_is_kept_in_the_vault_and_nowhere_else(sites: Server) -> None:
    subject = screen()
    keep_identity(subject, data=KIM, secret=SECRET, deed=by("cho", request_id="id-1"))
    row = Vault.objects.get(subject=subject)
    assert (row.name, row.hospital_number) == ("Kim Minjun", "H-4711")
    said = canonical([row.salt, subject, row.name, row.hospital_number])
    assert row.digest == hashlib.sha256(said.encode()).hexdigest()
    told = "".join(line.content for line in read_lines())
    assert row.digest in told
    for secret in ("Kim", "4711", row.salt, SECRET):
        assert secret not in told
    assert verify_trial().findings == ()


def test_an_identity_sent_again_has_the_same_answer(sites: Server) -> None:
    subject = screen()
    deed = by("cho", request_id="id-1")
    first = keep_identity(subject, data=KIM, secret=SECRET, deed=deed)
    assert keep_identity(subject, data=KIM, secret=SECRET, deed=deed) == first
    with pytest.raises(RequestReusedError):
        keep_identity(
            subject,
            data=PersonalData(name="Lee", hospital_number="H-4711"),
            secret=SECRET,
            deed=deed,
        )
    assert Vault.objects.get().name == "Kim Minjun"


def test_two_identities_never_share_a_salt(sites: Server) -> None:
    salts = set()
    for number in range(3):
        subject = screen()
        keep_identity(subject, data=KIM, secret=SECRET, deed=by("cho", request_id=f"id-{number}"))
        salts.add(Vault.objects.get(subject=subject).salt)
    assert len(salts) == 3
    assert all(len(salt) == 32 for salt in salts)


@pytest.mark.parametrize("actor", ["cora", "mo", "ada", "stan", "dana"])
def test_an_identity_is_kept_by_the_site_of_the_subject_only(sites: Server, actor: str) -> None:
    subject = screen("01")
    with pytest.raises(NotAllowedError):
        keep_identity(subject, data=KIM, secret=SECRET, deed=by(actor, request_id="id-1"))
    assert not Vault.objects.exists()
