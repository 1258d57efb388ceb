"""The states of a form: every deed in every state against a table written by hand from D7.2."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.small_trial import protocol
from equipoise.capture.lifecycle import (
    FORM_VERBS,
    STEPS,
    Confirmation,
    Drop,
    FormState,
    WrongStateError,
    step,
    steps_from,
    what_blocks,
)
from equipoise.capture.roles import Verb
from equipoise.vocab.finding import Finding, Severity

FORM = protocol().form_named("ecog")
UNVERIFIED = FORM.model_copy(update={"verify": False})

# state | deed | leads to | drops
TABLE = """
not_started | save_form | draft |
not_started | complete_form | complete |
draft | save_form | draft |
draft | complete_form | complete |
draft | delete_entry | not_started |
complete | change_form | complete |
complete | delete_entry | not_started |
complete | verify | verified |
verified | change_form | complete | verification
verified | delete_entry | not_started | verification
verified | unverify | complete | verification
verified | sign | signed |
signed | change_form | complete | verification signature
signed | delete_entry | not_started | verification signature
signed | unverify | complete | verification signature
signed | freeze | frozen |
frozen | unfreeze | signed |
frozen | lock | locked |
locked | unlock | frozen |
"""
ROWS = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]
ALLOWED = {(FormState(row[0]), Verb(row[1])) for row in ROWS}
ORDER = list(FormState)


@pytest.mark.parametrize(("state", "verb", "leads_to", "drops"), ROWS)
def test_a_deed_leads_where_the_table_says(
    state: str, verb: str, leads_to: str, drops: str
) -> None:
    made = step(FormState(state), verb=Verb(verb), form=FORM)

    assert made.state.value == leads_to
    assert {drop.value for drop in made.drops} == set(drops.split())


@pytest.mark.parametrize("state", list(FormState))
@pytest.mark.parametrize("verb", FORM_VERBS)
def test_every_other_deed_is_refused_with_what_to_do(state: FormState, verb: Verb) -> None:
    if (state, verb) in ALLOWED:
        assert verb in steps_from(state, form=FORM)
        return
    assert verb not in steps_from(state, form=FORM)
    with pytest.raises(WrongStateError, match=r"^(the form|only|there is no)"):
        step(state, verb=verb, form=FORM)


def test_the_code_has_no_other_step_than_the_table() -> None:
    assert set(STEPS) == ALLOWED
    assert set(FORM_VERBS) == {verb for _, verb in ALLOWED}


def test_a_frozen_or_locked_form_says_who_can_open_it() -> None:
    with pytest.raises(WrongStateError, match="frozen: ask the data manager to unfreeze"):
        step(FormState.FROZEN, verb=Verb.CHANGE_FORM, form=FORM)
    with pytest.raises(WrongStateError, match="locked: ask the data manager to unlock"):
        step(FormState.LOCKED, verb=Verb.DELETE_ENTRY, form=FORM)
    with pytest.raises(WrongStateError, match="only a verified form can be signed"):
        step(FormState.COMPLETE, verb=Verb.SIGN, form=FORM)
    with pytest.raises(ValueError, match="no deed on a form"):
        step(FormState.DRAFT, verb=Verb.RANDOMISE, form=FORM)


def test_a_form_without_a_source_is_signed_once_complete_and_never_verified() -> None:
    assert step(FormState.COMPLETE, verb=Verb.SIGN, form=UNVERIFIED).state is FormState.SIGNED
    changed = step(FormState.SIGNED, verb=Verb.CHANGE_FORM, form=UNVERIFIED)
    assert changed.drops == {Drop.SIGNATURE}
    for state in FormState:
        for verb in (Verb.VERIFY, Verb.UNVERIFY):
            assert verb not in steps_from(state, form=UNVERIFIED)
            with pytest.raises(WrongStateError, match="no source"):
                step(state, verb=verb, form=UNVERIFIED)


@given(st.booleans(), st.lists(st.sampled_from(FORM_VERBS), max_size=40))
def test_no_order_of_deeds_signs_locks_or_keeps_what_it_may_not(
    verified: bool, deeds: list[Verb]
) -> None:
    form = FORM if verified else UNVERIFIED
    state, holds = FormState.NOT_STARTED, set[Drop]()
    for verb in deeds:
        if verb not in steps_from(state, form=form):
            continue
        made = step(state, verb=verb, form=form)
        # one step up at most, but that a form may be completed at once, or need no verification
        assert ORDER.index(made.state) - ORDER.index(state) <= 2
        assert state not in (FormState.FROZEN, FormState.LOCKED) or made.drops == set()
        assert made.drops <= holds
        holds -= made.drops
        holds |= {Drop.VERIFICATION} if verb is Verb.VERIFY else set()
        holds |= {Drop.SIGNATURE} if verb is Verb.SIGN else set()
        state = made.state
        assert (Drop.SIGNATURE in holds) == (ORDER.index(state) >= ORDER.index(FormState.SIGNED))
        if verified:
            reached = ORDER.index(state) >= ORDER.index(FormState.VERIFIED)
            assert (Drop.VERIFICATION in holds) == reached


def finding(severity: Severity, *, code: str = "unusual-value", found: str = "7") -> Finding:
    return Finding(
        where="ecog: ecog",
        code=code,
        message="rare.",
        severity=severity,
        found=found,
        entry="01-001/ecog/SCR",
        item="ecog",
    )


HARD, SOFT = finding(Severity.HARD, code="out-of-range"), finding(Severity.SOFT)


def confirm(code: str, *, found: str = "7", comment: str = "as in the notes") -> Confirmation:
    return Confirmation(code=code, item="ecog", found=found, comment=comment)


def test_a_hard_finding_blocks_completing_whatever_is_confirmed() -> None:
    assert what_blocks([HARD], confirmations=[confirm("out-of-range")]) == (HARD,)


def test_a_soft_finding_blocks_until_it_is_confirmed_with_a_comment() -> None:
    assert what_blocks([SOFT], confirmations=[]) == (SOFT,)
    assert what_blocks([SOFT], confirmations=[confirm("unusual-value", comment="  ")]) == (SOFT,)
    assert what_blocks([SOFT], confirmations=[confirm("other-code")]) == (SOFT,)
    assert what_blocks([SOFT], confirmations=[confirm("unusual-value")]) == ()


def test_another_value_asks_again() -> None:
    other = finding(Severity.SOFT, found="8")
    assert what_blocks([other, HARD], confirmations=[confirm("unusual-value")]) == (other, HARD)


def test_findings_never_keep_a_draft_from_being_saved() -> None:
    assert step(FormState.DRAFT, verb=Verb.SAVE_FORM, form=FORM).state is FormState.DRAFT
