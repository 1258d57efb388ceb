"""Who may do a deed: the grants of an account held against the table of roles."""

from equipoise.capture.roles import Grant as Given
from equipoise.capture.roles import Role, Verb, grant_for
from equipoise.protocol.form_model import Form
from equipoise.store.deed import OPERATOR, PROGRAM
from equipoise.store.models import Account, Grant
from equipoise.store.refusals import NotAllowedError

# What it finds by itself the program writes under no role.
PROGRAM_VERBS = frozenset({Verb.OPEN_QUERY, Verb.RECORD_DEVIATION})
# Whoever holds the server makes what must be there before anybody can log in.
OPERATOR_VERBS = frozenset(
    {
        Verb.OPEN_TRIAL,
        Verb.ADD_SITE,
        Verb.ADD_ACCOUNT,
        Verb.CHANGE_ACCOUNT,
        Verb.DEACTIVATE_ACCOUNT,
        Verb.SET_PASSWORD,
        Verb.GRANT_ROLE,
        Verb.REVOKE_ROLE,
        Verb.UPLOAD_PROTOCOL,
        Verb.APPROVE_PROTOCOL,
        Verb.FIX_SEQUENCE,
        Verb.BACK_UP,
    }
)


def find_grants(actor: str) -> tuple[Given, ...]:
    """The roles that stand for the account now; none once it is deactivated."""
    held = Grant.objects.filter(account_id=actor, account__is_active=True, is_active=True)
    rows = held.order_by("role", "site_id")
    return tuple(
        Given(role=Role(role), site=site or "") for role, site in rows.values_list("role", "site")
    )


def _is_active(actor: str) -> bool:
    return Account.objects.filter(username=actor, is_active=True).exists()


def require_role(actor: str, *, verb: Verb, site: str, form: Form | None) -> str:
    """The role under which the deed is done; NotAllowedError when no role allows it."""
    if actor == OPERATOR:
        if verb in OPERATOR_VERBS:
            return OPERATOR
        raise NotAllowedError(
            f"the operator of the server may not {say(verb)}: log in with an account of the trial"
        )
    if actor == PROGRAM and verb in PROGRAM_VERBS:
        return ""
    if verb is Verb.SET_PASSWORD and _is_active(actor):
        held = find_grants(actor)  # one's own password is set before the first role is given
        return held[0].role.value if held else ""
    given = grant_for(find_grants(actor), verb=verb, site=site, form=form)
    if given is None:
        place = f" at site {site}" if site else ""
        raise NotAllowedError(
            f"{actor} has no role that may {say(verb)}{place}: ask the administrator for one"
        )
    return given.role.value


def say(verb: Verb) -> str:
    """The verb in words."""
    return verb.value.replace("_", " ")
