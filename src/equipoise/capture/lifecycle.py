"""The states of a form: which deed leads where, and what a change drops (D7.2).

Source data verification, then signature, then soft lock (frozen), then hard lock (locked).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum

from equipoise.capture.roles import Verb
from equipoise.protocol.form_model import Form
from equipoise.vocab.finding import Finding, Severity


class FormState(StrEnum):
    """How far an entry of a form has come; the value is how the database writes it."""

    NOT_STARTED = "not_started"
    DRAFT = "draft"
    COMPLETE = "complete"
    VERIFIED = "verified"
    SIGNED = "signed"
    FROZEN = "frozen"
    LOCKED = "locked"


class Drop(Enum):
    """What no longer holds after a covered value has changed."""

    VERIFICATION = "verification"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Where a deed leads, and what it drops."""

    state: FormState
    drops: frozenset[Drop] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """Somebody looked at a soft finding and let the value stand, with a word why."""

    code: str
    item: str
    found: str
    comment: str


class WrongStateError(Exception):
    """A deed that the state of the form does not allow; the message says what to do first."""


_VERIFIED = frozenset({Drop.VERIFICATION})
_BOTH = frozenset({Drop.VERIFICATION, Drop.SIGNATURE})
_S = FormState

STEPS: Mapping[tuple[FormState, Verb], Step] = {
    (_S.NOT_STARTED, Verb.SAVE_FORM): Step(state=_S.DRAFT),
    (_S.NOT_STARTED, Verb.COMPLETE_FORM): Step(state=_S.COMPLETE),
    (_S.DRAFT, Verb.SAVE_FORM): Step(state=_S.DRAFT),
    (_S.DRAFT, Verb.COMPLETE_FORM): Step(state=_S.COMPLETE),
    (_S.DRAFT, Verb.DELETE_ENTRY): Step(state=_S.NOT_STARTED),
    (_S.COMPLETE, Verb.CHANGE_FORM): Step(state=_S.COMPLETE),
    (_S.COMPLETE, Verb.DELETE_ENTRY): Step(state=_S.NOT_STARTED),
    (_S.COMPLETE, Verb.VERIFY): Step(state=_S.VERIFIED),
    (_S.VERIFIED, Verb.CHANGE_FORM): Step(state=_S.COMPLETE, drops=_VERIFIED),
    (_S.VERIFIED, Verb.DELETE_ENTRY): Step(state=_S.NOT_STARTED, drops=_VERIFIED),
    (_S.VERIFIED, Verb.UNVERIFY): Step(state=_S.COMPLETE, drops=_VERIFIED),
    (_S.VERIFIED, Verb.SIGN): Step(state=_S.SIGNED),
    (_S.SIGNED, Verb.CHANGE_FORM): Step(state=_S.COMPLETE, drops=_BOTH),
    (_S.SIGNED, Verb.DELETE_ENTRY): Step(state=_S.NOT_STARTED, drops=_BOTH),
    (_S.SIGNED, Verb.UNVERIFY): Step(state=_S.COMPLETE, drops=_BOTH),
    (_S.SIGNED, Verb.FREEZE): Step(state=_S.FROZEN),
    (_S.FROZEN, Verb.UNFREEZE): Step(state=_S.SIGNED),
    (_S.FROZEN, Verb.LOCK): Step(state=_S.LOCKED),
    (_S.LOCKED, Verb.UNLOCK): Step(state=_S.FROZEN),
}
FORM_VERBS = tuple(dict.fromkeys(verb for _, verb in STEPS))

_FIRST: Mapping[Verb, str] = {
    Verb.SAVE_FORM: "the form is complete: change it, with a reason",
    Verb.COMPLETE_FORM: "the form is complete already: change it, with a reason",
    Verb.CHANGE_FORM: "only a complete form is changed with a reason: save or complete it",
    Verb.DELETE_ENTRY: "there is no entry to delete",
    Verb.VERIFY: "only a complete form that is not yet verified can be verified",
    Verb.UNVERIFY: "the form is not verified",
    Verb.SIGN: "only a verified form can be signed: verify it first",
    Verb.FREEZE: "only a signed form can be frozen: have it signed first",
    Verb.UNFREEZE: "the form is not frozen",
    Verb.LOCK: "only a frozen form can be locked: freeze it first",
    Verb.UNLOCK: "the form is not locked",
}
_HELD: Mapping[FormState, str] = {
    FormState.FROZEN: "the form is frozen: ask the data manager to unfreeze it",
    FormState.LOCKED: "the form is locked: ask the data manager to unlock it, then to unfreeze it",
}


def step(state: FormState, *, verb: Verb, form: Form) -> Step:
    """Where the deed leads from this state; WrongStateError when it leads nowhere.

    A form that is not verified against a source (`verify = false`) is signed once complete.
    """
    if not form.verify and verb is Verb.SIGN and state is FormState.COMPLETE:
        return Step(state=FormState.SIGNED)
    if not form.verify and verb in (Verb.VERIFY, Verb.UNVERIFY):
        raise WrongStateError("this form has no source to be compared with: it is not verified")
    if (found := STEPS.get((state, verb))) is None:
        raise WrongStateError(_why_not(state, verb))
    if not form.verify:
        return Step(state=found.state, drops=found.drops - {Drop.VERIFICATION})
    return found


def steps_from(state: FormState, *, form: Form) -> tuple[Verb, ...]:
    """The deeds that this state allows, in the order of the life of a form."""
    return tuple(verb for verb in FORM_VERBS if _is_step(state, verb, form))


def what_blocks(
    findings: Iterable[Finding], *, confirmations: Iterable[Confirmation]
) -> tuple[Finding, ...]:
    """The findings that keep a form from being complete; saving a draft they never keep.

    A hard one blocks until it is corrected; a soft one until it is confirmed with a comment, and
    again once the value is another.
    """
    confirmed = {(c.code, c.item, c.found) for c in confirmations if c.comment.strip()}
    return tuple(
        finding
        for finding in findings
        if finding.severity is Severity.HARD
        or (finding.code, finding.item, finding.found) not in confirmed
    )


def _is_step(state: FormState, verb: Verb, form: Form) -> bool:
    try:
        step(state, verb=verb, form=form)
    except WrongStateError:
        return False
    return True


def _why_not(state: FormState, verb: Verb) -> str:
    if verb not in _FIRST:
        raise ValueError(f"'{verb}' is no deed on a form")
    if state in _HELD and verb not in (Verb.UNVERIFY, Verb.UNFREEZE, Verb.UNLOCK):
        return _HELD[state]
    return _FIRST[verb]
