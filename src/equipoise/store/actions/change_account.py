"""Change the name or the address of an account, close it, or set its password."""

from django.contrib.auth.hashers import make_password

from equipoise.capture.roles import Verb
from equipoise.store.deed import OPERATOR, Decision, Deed, Done, Place, Put
from equipoise.store.gate import perform
from equipoise.store.models import Account
from equipoise.store.refusals import NotAllowedError, TakenError, UnknownError

MAIL_IS_FIXED = (
    "its owner can log in, and a new password is sent to that address: another one is written by "
    "the operator of the server (equipoise users mail), who makes sure of who asks"
)


def change_account(username: str, *, name: str, email: str, deed: Deed) -> Done:
    """The account under its new name and address; the user name stays.

    Once its owner had a password, another address comes from the operator of the server only:
    a new password is sent there, and who sets it signs in the owner's name.
    """
    asked = {"username": username, "name": name, "email": email}

    def decide() -> Decision:
        account = find_account(username)
        if account.passwords_set and email != account.email and deed.actor != OPERATOR:
            raise NotAllowedError(MAIL_IS_FIXED)
        if email and Account.objects.filter(email=email).exclude(username=username).exists():
            raise TakenError(f"another account has the address {email}: give its own one")
        values = {"name": name, "email": email}
        return Decision(puts=(Put(table="account", key=(username,), values=values),))

    return perform(
        Verb.CHANGE_ACCOUNT, deed=deed, place=Place(), asked=asked, decide=lambda _now: decide()
    )


def deactivate_account(username: str, *, deed: Deed) -> Done:
    """The account closed: it may do nothing from now on, and its deeds stay."""

    def decide() -> Decision:
        find_account(username)
        put = Put(table="account", key=(username,), values={"is_active": False})
        return Decision(puts=(put,))

    return perform(
        Verb.DEACTIVATE_ACCOUNT,
        deed=deed,
        place=Place(),
        asked={"username": username},
        decide=lambda _now: decide(),
    )


def set_password(username: str, *, password: str, deed: Deed) -> Done:
    """The account with a new password; one's own, or any by the operator of the server."""
    if deed.actor not in {username, OPERATOR}:
        raise NotAllowedError("a password is set by its owner: send a link to set it")
    return _set_secret(username, secret=make_password(password), deed=deed)


def unset_password(username: str, *, deed: Deed) -> Done:
    """The account with no password: nobody can log in to it before its owner sets a new one."""
    if deed.actor != OPERATOR:
        raise NotAllowedError("a password is taken away by the operator of the server")
    return _set_secret(username, secret=make_password(None), deed=deed)


def _set_secret(username: str, *, secret: str, deed: Deed) -> Done:
    def decide() -> Decision:
        count = find_account(username).passwords_set + 1
        put = Put(
            table="account",
            key=(username,),
            values={"passwords_set": count},
            apart={"password": secret},
        )
        return Decision(puts=(put,))

    return perform(
        Verb.SET_PASSWORD,
        deed=deed,
        place=Place(),
        asked={"username": username},
        decide=lambda _now: decide(),
    )


def find_account(username: str) -> Account:
    """The account of that user name; UnknownError when there is none."""
    found = Account.objects.filter(username=username).first()
    if found is None:
        raise UnknownError(f"there is no account '{username}': add it first")
    return found
