"""Who may do what: one table of verbs by roles, and how site, arm and form narrow it (D7.5)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum

from equipoise.protocol.form_model import Form
from equipoise.vocab.role import Role

__all__ = ["Grant", "Role", "Scope", "Verb", "may"]


class Verb(StrEnum):
    """A deed, or a reading that matters; the value is how the ledger writes it."""

    # deeds on a subject
    ENROL = "enrol"
    KEEP_IDENTITY = "keep_identity"
    SAVE_FORM = "save_form"
    COMPLETE_FORM = "complete_form"
    CHANGE_FORM = "change_form"
    DELETE_ENTRY = "delete_entry"
    SIGN_ELIGIBILITY = "sign_eligibility"
    RANDOMISE = "randomise"
    CORRECT_STRATUM = "correct_stratum"
    RECORD_DEVIATION = "record_deviation"
    OPEN_QUERY = "open_query"
    ANSWER_QUERY = "answer_query"
    CLOSE_QUERY = "close_query"
    REOPEN_QUERY = "reopen_query"
    VERIFY = "verify"
    UNVERIFY = "unverify"
    SIGN = "sign"
    FREEZE = "freeze"
    UNFREEZE = "unfreeze"
    LOCK = "lock"
    UNLOCK = "unlock"
    # deeds on the trial
    OPEN_TRIAL = "open_trial"  # by the operator of the server, before anybody has a role
    ADD_SITE = "add_site"
    CLOSE_SITE = "close_site"
    ADD_ACCOUNT = "add_account"
    CHANGE_ACCOUNT = "change_account"
    DEACTIVATE_ACCOUNT = "deactivate_account"
    SET_PASSWORD = "set_password"  # noqa: S105 - a word, and one's own
    GRANT_ROLE = "grant_role"
    REVOKE_ROLE = "revoke_role"
    UPLOAD_PROTOCOL = "upload_protocol"
    APPROVE_PROTOCOL = "approve_protocol"
    MIGRATE_ENTRIES = "migrate_entries"
    FIX_SEQUENCE = "fix_sequence"
    BACK_UP = "back_up"
    # readings that matter
    READ_FORMS = "read_forms"
    READ_IDENTITY = "read_identity"
    READ_ALLOCATIONS = "read_allocations"
    READ_BALANCE = "read_balance"
    READ_SEQUENCE = "read_sequence"
    READ_LEDGER = "read_ledger"
    READ_ACCOUNTS = "read_accounts"
    READ_PROTOCOL = "read_protocol"
    READ_MONITORING = "read_monitoring"
    READ_REPORT = "read_report"
    CUT = "cut"
    EXPORT = "export"


READINGS = frozenset(list(Verb)[list(Verb).index(Verb.READ_FORMS) :])


class Scope(Enum):
    """For which sites a role is given."""

    SITE = "site"
    TRIAL = "trial"
    EITHER = "either"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A role given to an account: at one site, or at all (`site` empty)."""

    role: Role
    site: str = ""


_PHYSICIANS = (Role.INVESTIGATOR, Role.SUB_INVESTIGATOR)
_STAFF = (*_PHYSICIANS, Role.COORDINATOR)
TREATS = (*_STAFF, Role.RADIATION_ONCOLOGIST)  # enter what names no role in `entered_by`
_ENTERS = (*TREATS, Role.PHYSICIST, Role.BLINDED_READER, Role.SAFETY_OFFICER)
_ASKS = (Role.MONITOR, Role.DATA_MANAGER, Role.SAFETY_OFFICER)
_READS_ARMS = (
    *TREATS,
    Role.PHYSICIST,
    *_ASKS,
    Role.DSMB_STATISTICIAN,
    Role.AUDITOR,
)
_BLINDED = (Role.BLINDED_READER, Role.BLINDED_STATISTICIAN)
_STATISTICIANS = (Role.BLINDED_STATISTICIAN, Role.DSMB_STATISTICIAN)

MAY: Mapping[Verb, tuple[Role, ...]] = {
    Verb.ENROL: _STAFF,
    Verb.KEEP_IDENTITY: _STAFF,
    Verb.SAVE_FORM: _ENTERS,
    Verb.COMPLETE_FORM: _ENTERS,
    Verb.CHANGE_FORM: _ENTERS,
    Verb.DELETE_ENTRY: _ENTERS,
    Verb.SIGN_ELIGIBILITY: _PHYSICIANS,
    Verb.RANDOMISE: _STAFF,
    Verb.CORRECT_STRATUM: _PHYSICIANS,
    Verb.RECORD_DEVIATION: (*TREATS, Role.PHYSICIST, *_ASKS),
    Verb.OPEN_QUERY: _ASKS,
    Verb.ANSWER_QUERY: _ENTERS,
    Verb.CLOSE_QUERY: _ASKS,
    Verb.REOPEN_QUERY: _ASKS,
    Verb.VERIFY: (Role.MONITOR,),
    Verb.UNVERIFY: (Role.MONITOR,),
    Verb.SIGN: (Role.INVESTIGATOR,),
    Verb.FREEZE: (Role.DATA_MANAGER,),
    Verb.UNFREEZE: (Role.DATA_MANAGER,),
    Verb.LOCK: (Role.DATA_MANAGER,),
    Verb.UNLOCK: (Role.DATA_MANAGER,),
    Verb.OPEN_TRIAL: (),
    Verb.ADD_SITE: (Role.ADMINISTRATOR,),
    Verb.CLOSE_SITE: (Role.ADMINISTRATOR,),
    Verb.ADD_ACCOUNT: (Role.ADMINISTRATOR,),
    Verb.CHANGE_ACCOUNT: (Role.ADMINISTRATOR,),
    Verb.DEACTIVATE_ACCOUNT: (Role.ADMINISTRATOR,),
    Verb.SET_PASSWORD: tuple(Role),
    Verb.GRANT_ROLE: (Role.ADMINISTRATOR,),
    Verb.REVOKE_ROLE: (Role.ADMINISTRATOR,),
    Verb.UPLOAD_PROTOCOL: (Role.DATA_MANAGER,),
    Verb.APPROVE_PROTOCOL: (Role.PROJECT_MANAGER,),
    Verb.MIGRATE_ENTRIES: (Role.DATA_MANAGER,),
    Verb.FIX_SEQUENCE: (Role.RANDOMISATION_STATISTICIAN,),
    Verb.BACK_UP: (Role.ADMINISTRATOR,),
    Verb.READ_FORMS: (*_READS_ARMS, *_BLINDED),
    Verb.READ_IDENTITY: TREATS,
    Verb.READ_ALLOCATIONS: (*_READS_ARMS, Role.RANDOMISATION_STATISTICIAN),
    Verb.READ_BALANCE: (Role.RANDOMISATION_STATISTICIAN, Role.DSMB_STATISTICIAN),
    Verb.READ_SEQUENCE: (Role.RANDOMISATION_STATISTICIAN,),
    Verb.READ_LEDGER: (Role.MONITOR, Role.DATA_MANAGER, Role.AUDITOR),
    Verb.READ_ACCOUNTS: (Role.PROJECT_MANAGER, Role.AUDITOR, Role.ADMINISTRATOR),
    Verb.READ_PROTOCOL: tuple(Role),
    Verb.READ_MONITORING: (*_STAFF, *_ASKS, *_STATISTICIANS, Role.PROJECT_MANAGER, Role.AUDITOR),
    Verb.READ_REPORT: (Role.DSMB_STATISTICIAN,),
    Verb.CUT: (Role.DATA_MANAGER, *_STATISTICIANS),
    Verb.EXPORT: (Role.DATA_MANAGER, *_STATISTICIANS, Role.AUDITOR),
}

_ENTRY_VERBS = frozenset(
    (Verb.SAVE_FORM, Verb.COMPLETE_FORM, Verb.CHANGE_FORM, Verb.DELETE_ENTRY, Verb.ANSWER_QUERY)
)
_SCOPES = {
    **dict.fromkeys(TREATS, Scope.SITE),
    **dict.fromkeys((Role.PHYSICIST, Role.MONITOR), Scope.EITHER),
}
_APART = (  # what one person may not be together with
    (
        "the administrator enters, checks and decides no data",
        {Role.ADMINISTRATOR},
        {*Role} - {Role.ADMINISTRATOR, Role.PROJECT_MANAGER},
    ),
    (
        "who holds the sequence is not at a site and has no part in the data",
        {Role.RANDOMISATION_STATISTICIAN},
        {*_ENTERS, *_ASKS, *_STATISTICIANS},
    ),
    ("who is blinded may not also see arms", {*_BLINDED}, {*_READS_ARMS}),
    ("nobody verifies or queries what he entered", {Role.MONITOR, Role.DATA_MANAGER}, {*_ENTERS}),
    ("an auditor has no part in the trial", {Role.AUDITOR}, {*Role} - {Role.AUDITOR}),
)


def scope_of(role: Role) -> Scope:
    """For which sites the role is given: of one site, of the whole trial, or either."""
    return _SCOPES.get(role, Scope.TRIAL)


def may(role: Role, *, verb: Verb, form: Form | None = None) -> bool:
    """Whether the role may do this at all, and on this form where one is named.

    A form that reveals the arm is not there for who sees no arms; what is entered in a form is
    entered by the roles that it names. Whose site it is says `grant_for`.
    """
    if role not in MAY[verb]:
        return False
    if form is None:
        return True
    if form.reveals_arm and not sees_arms(role):
        return False
    return verb not in _ENTRY_VERBS or role in (form.entered_by or TREATS)


def is_owed_by_site(form: Form) -> bool:
    """Whether somebody at a site may enter the form; a reading by the blinded reader is not."""
    return any(scope_of(role) is not Scope.TRIAL for role in form.entered_by or TREATS)


def sees_arms(role: Role) -> bool:
    """Whether the role may know which arm a subject is in."""
    return role in MAY[Verb.READ_ALLOCATIONS]


def grant_for(
    grants: Iterable[Grant], *, verb: Verb, site: str = "", form: Form | None = None
) -> Grant | None:
    """The first grant that allows the deed at this site, or None.

    `site` empty: the deed concerns no site in particular; a grant of any site will do, and what
    is read under it is of that site only (`sites_of`).
    """
    for grant in grants:
        at = _sites_of(grant)
        if may(grant.role, verb=verb, form=form) and (at is None or (at and site in {*at, ""})):
            return grant
    return None


def sites_of(
    grants: Iterable[Grant], *, verb: Verb, form: Form | None = None
) -> frozenset[str] | None:
    """The sites for which the grants allow this; None is all sites, an empty set is none."""
    allowed = [_sites_of(g) for g in grants if may(g.role, verb=verb, form=form)]
    known = [sites for sites in allowed if sites is not None]
    return frozenset().union(*known) if len(known) == len(allowed) else None


def _sites_of(grant: Grant) -> frozenset[str] | None:
    """A role of a site without a site is none: it never widens to all of them."""
    if grant.site:
        return frozenset({grant.site})
    return frozenset() if scope_of(grant.role) is Scope.SITE else None


def refusals_to_grant(new: Grant, *, held: Iterable[Grant]) -> tuple[str, ...]:
    """Why this role may not be given to who holds these grants, in words; empty when it may."""
    roles = {grant.role for grant in held}
    scope = scope_of(new.role)
    told = []
    if scope is Scope.SITE and not new.site:
        told.append(f"the role {new.role} is given at a site: name the site")
    if scope is Scope.TRIAL and new.site:
        told.append(f"the role {new.role} is given for the whole trial: name no site")
    for words, one, other in _APART:
        against = (other if new.role in one else set()) | (one if new.role in other else set())
        met = sorted(role.value for role in roles & against - {new.role})
        if met:
            told.append(f"{words}: revoke {', '.join(met)} first, or use another account")
    return tuple(told)
