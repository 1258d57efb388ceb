"""Add an account."""

import re
from dataclasses import asdict, dataclass

from django.contrib.auth.hashers import make_password

from equipoise.capture.roles import Verb
from equipoise.store.deed import OPERATOR, PROGRAM, Decision, Deed, Done, Place, Put
from equipoise.store.gate import perform
from equipoise.store.models import Account
from equipoise.store.refusals import RefusedError, TakenError
from equipoise.store.tables import Plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who may log in: a user name for ever, the name printed beside signatures, an address."""

    username: str
    name: str
    email: str = ""


def add_account(person: Person, *, deed: Deed, password: str | None = None) -> Done:
    """The account added, without any role; without a password nobody can log in to it yet."""
    secret = make_password(password)
    return add_hashed(person, deed=deed, secret=secret, has_password=password is not None)


def add_hashed(person: Person, *, deed: Deed, secret: str, has_password: bool) -> Done:
    """The account added with a password that was hashed before: for many at once."""
    if re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,62}", person.username) is None:
        raise RefusedError(
            f"'{person.username}' is no user name: write small letters, digits, dot, - and _"
        )

    def decide() -> Decision:
        taken = Account.objects.filter(username=person.username).exists()
        if taken or person.username in {OPERATOR, PROGRAM}:
            raise TakenError(f"there is an account '{person.username}': choose another name")
        if person.email and Account.objects.filter(email=person.email).exists():
            raise TakenError(f"another account has the address {person.email}: give its own one")
        values: dict[str, Plain] = {
            "name": person.name,
            "email": person.email,
            "passwords_set": int(has_password),
        }
        put = Put(
            table="account", key=(person.username,), values=values, apart={"password": secret}
        )
        return Decision(puts=(put,))

    return perform(
        Verb.ADD_ACCOUNT, deed=deed, place=Place(), asked=asdict(person),
        decide=lambda _now: decide(),
    )  # fmt: skip
