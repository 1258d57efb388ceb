"""Grant a role to an account, or revoke it."""

from equipoise.capture.roles import Grant, Role, Verb, refusals_to_grant
from equipoise.store.actions.change_account import find_account
from equipoise.store.deed import Decision, Deed, Done, Place, Put
from equipoise.store.gate import perform
from equipoise.store.models import Grant as Held
from equipoise.store.permission import find_grants
from equipoise.store.refusals import RefusedError, UnknownError


def grant_role(username: str, *, role: Role, deed: Deed, site: str = "") -> Done:
    """The role granted at the site, or for the whole trial; RefusedError tells what forbids it."""

    def decide() -> Decision:
        find_account(username)
        told = refusals_to_grant(Grant(role=role, site=site), held=find_grants(username))
        if told:
            raise RefusedError("; ".join(told))
        return Decision(puts=(_put(username, role, site, is_active=True),))

    asked = {"username": username, "role": role.value, "site": site}
    place = Place(site=site)
    return perform(
        Verb.GRANT_ROLE, deed=deed, place=place, asked=asked, decide=lambda _now: decide()
    )


def revoke_role(username: str, *, role: Role, deed: Deed, site: str = "") -> Done:
    """The role revoked; what was done under it stays."""

    def decide() -> Decision:
        held = Held.objects.filter(
            account_id=username, role=role, site_id=site or None, is_active=True
        )
        if not held.exists():
            raise UnknownError(f"{username} does not have the role {role.value} there")
        return Decision(puts=(_put(username, role, site, is_active=False),))

    asked = {"username": username, "role": role.value, "site": site}
    place = Place(site=site)
    return perform(
        Verb.REVOKE_ROLE, deed=deed, place=place, asked=asked, decide=lambda _now: decide()
    )


def _put(username: str, role: Role, site: str, *, is_active: bool) -> Put:
    key = (username, role.value, site)
    return Put(table="role_grant", key=key, values={"is_active": is_active})
