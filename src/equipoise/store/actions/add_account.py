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
    if re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,62}", person.username) is None:
        raise RefusedError(
            f"'{person.username}' is no user name: write small letters, digits, dot, - and _"
        )
    secret = make_password(password)

    def decide() -> Decision:
        taken = Account.objects.filter(username=person.username).exists()
        if taken or person.username in {OPERATOR, PROGRAM}:
            raise TakenError(f"there is an account '{person.username}': choose another name")
        if person.email and Account.objects.filter(email=person.email).exists():
            raise TakenError(f"another account has the address {person.email}: give its own one")
        values: dict[str, Plain] = {
            "name": person.name,
            "email": person.email,
            "passwords_set": int(password is not None),
        }
        put = Put(
            table="account", key=(person.username,), values=values, apart={"password": secret}
        )
        return Decision(puts=(put,))

    return perform(
        Verb.ADD_ACCOUNT, deed=deed, place=Place(), asked=asdict(person),
        decide=lambda _now: decide(),
    )  # fmt: skip
