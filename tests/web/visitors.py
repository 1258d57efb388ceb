"""One account a role, logged in: what tests of pages start from."""

from django.test import Client

from equipoise.capture.roles import Role
from equipoise.store.actions.add_account import Person, add_account
from equipoise.store.actions.grant_role import grant_role
from equipoise.store.actions.query import Question, open_query
from equipoise.store.deed import OPERATOR
from equipoise.store.entry_place import EntryPlace
from equipoise.store.models import Account
from store.entries import ELIGIBLE, completed
from store.people import PEOPLE, by, open_sites, screen

PASSWORD = "a calm grey heron at dawn"
MORE = (  # roles that the people of the store's tests do not have
    ("sue", Role.SUB_INVESTIGATOR, "01"),
    ("ray", Role.RADIATION_ONCOLOGIST, "01"),
    ("phil", Role.PHYSICIST, "01"),
    ("bea", Role.BLINDED_READER, ""),
    ("dee", Role.DSMB_STATISTICIAN, ""),
    ("saul", Role.SAFETY_OFFICER, ""),
    ("aud", Role.AUDITOR, ""),
)
WHO = {role: name for name, role, site in reversed((*PEOPLE, *MORE)) if site in {"", "01"}}
OTHER_SITE = "ines"  # an investigator of site 02


def open_site() -> None:
    """The trial of the store's tests, with an account in every role."""
    open_sites()
    for username, role, site in MORE:
        add_account(Person(username=username, name=username.title()), deed=by(OPERATOR))
        grant_role(username, role=role, site=site, deed=by(OPERATOR))


def log_in(username: str, *, checks_csrf: bool = False) -> Client:
    """A browser in which this person is logged in."""
    client = Client(enforce_csrf_checks=checks_csrf)
    account = Account.objects.get(username=username)
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def add_person(username: str = "kim", *, email: str = "kim@hospital.example") -> Account:
    """A coordinator of site 01 with PASSWORD, who can really log in (`kim` is in every trial)."""
    person = Person(username=username, name="Kim Minjun", email=email)
    add_account(person, deed=by(OPERATOR), password=PASSWORD)
    grant_role(username, role=Role.COORDINATOR, site="01", deed=by(OPERATOR))
    return Account.objects.get(username=username)


def screen_and_ask() -> str:
    """A subject of site 01 with one entry, and a query on it."""
    subject = screen("01")
    completed((subject, "dm"), ELIGIBLE[("dm",)])
    place = EntryPlace(subject=subject, form="dm")
    question = Question(place=place, item="sex", text="Is this so?")
    open_query(question, deed=by("mo", minutes=10))
    return subject
