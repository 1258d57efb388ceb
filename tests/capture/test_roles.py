"""Who may do what, against a table written by hand from D7.5."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.small_trial import protocol
from equipoise.capture.roles import (
    READINGS,
    Grant,
    Role,
    Scope,
    Verb,
    grant_for,
    is_owed_by_site,
    may,
    refusals_to_grant,
    scope_of,
    sees_arms,
    sites_of,
)
from equipoise.protocol.parse import shipped_protocol
from protocol.trial_texts import check_told

# in the order of D7.5: investigator, sub-investigator, coordinator, radiation oncologist,
# physicist, monitor, data manager, blinded reader, randomisation statistician, blinded
# statistician, DSMB statistician, safety officer, project manager, auditor, administrator
TABLE = """
                    inv sub crc ro  phy mon dm  rdr rst bst dst saf pm  aud adm
enrol                x   x   x   .   .   .   .   .   .   .   .   .   .   .   .
keep_identity        x   x   x   .   .   .   .   .   .   .   .   .   .   .   .
save_form            x   x   x   x   x   .   .   x   .   .   .   x   .   .   .
complete_form        x   x   x   x   x   .   .   x   .   .   .   x   .   .   .
change_form          x   x   x   x   x   .   .   x   .   .   .   x   .   .   .
delete_entry         x   x   x   x   x   .   .   x   .   .   .   x   .   .   .
sign_eligibility     x   x   .   .   .   .   .   .   .   .   .   .   .   .   .
randomise            x   x   x   .   .   .   .   .   .   .   .   .   .   .   .
correct_stratum      x   x   .   .   .   .   .   .   .   .   .   .   .   .   .
record_deviation     x   x   x   x   x   x   x   .   .   .   .   x   .   .   .
open_query           .   .   .   .   .   x   x   .   .   .   .   x   .   .   .
answer_query         x   x   x   x   x   .   .   x   .   .   .   x   .   .   .
close_query          .   .   .   .   .   x   x   .   .   .   .   x   .   .   .
reopen_query         .   .   .   .   .   x   x   .   .   .   .   x   .   .   .
verify               .   .   .   .   .   x   .   .   .   .   .   .   .   .   .
unverify             .   .   .   .   .   x   .   .   .   .   .   .   .   .   .
sign                 x   .   .   .   .   .   .   .   .   .   .   .   .   .   .
freeze               .   .   .   .   .   .   x   .   .   .   .   .   .   .   .
unfreeze             .   .   .   .   .   .   x   .   .   .   .   .   .   .   .
lock                 .   .   .   .   .   .   x   .   .   .   .   .   .   .   .
unlock               .   .   .   .   .   .   x   .   .   .   .   .   .   .   .
open_trial           .   .   .   .   .   .   .   .   .   .   .   .   .   .   .
add_site             .   .   .   .   .   .   .   .   .   .   .   .   .   .   x
close_site           .   .   .   .   .   .   .   .   .   .   .   .   .   .   x
add_account          .   .   .   .   .   .   .   .   .   .   .   .   .   .   x
change_account       .   .   .   .   .   .   .   .   .   .   .   .   .   .   x
deactivate_account   .   .   .   .   .   .   .   .   .   .   .   .   .   .   x
set_password         x   x   x   x   x   x   x   x   x   x   x   x   x   x   x
grant_role           .   .   .   .   .   .   .   .   .   .   .   .   .   .   x
revoke_role          .   .   .   .   .   .   .   .   .   .   .   .   .   .   x
upload_protocol      .   .   .   .   .   .   x   .   .   .   .   .   .   .   .
approve_protocol     .   .   .   .   .   .   .   .   .   .   .   .   x   .   .
migrate_entries      .   .   .   .   .   .   x   .   .   .   .   .   .   .   .
fix_sequence         .   .   .   .   .   .   .   .   x   .   .   .   .   .   .
back_up              .   .   .   .   .   .   .   .   .   .   .   .   .   .   x
read_forms           x   x   x   x   x   x   x   x   .   x   x   x   .   x   .
read_identity        x   x   x   x   .   .   .   .   .   .   .   .   .   .   .
read_allocations     x   x   x   x   x   x   x   .   x   .   x   x   .   x   .
read_balance         .   .   .   .   .   .   .   .   x   .   x   .   .   .   .
read_sequence        .   .   .   .   .   .   .   .   x   .   .   .   .   .   .
read_ledger          .   .   .   .   .   x   x   .   .   .   .   .   .   x   .
read_accounts        .   .   .   .   .   .   .   .   .   .   .   .   x   x   x
read_protocol        x   x   x   x   x   x   x   x   x   x   x   x   x   x   x
read_monitoring      x   x   x   .   .   x   x   .   .   x   x   x   x   x   .
read_report          .   .   .   .   .   .   .   .   .   .   x   .   .   .   .
cut                  .   .   .   .   .   .   x   .   .   x   x   .   .   .   .
export               .   .   .   .   .   .   x   .   .   x   x   .   .   x   .
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()[1:]]
DATA = {verb for verb in Verb if verb not in READINGS} & {Verb(row[0]) for row in ROWS[:21]}


def test_the_table_written_by_hand_is_the_table_of_the_code() -> None:
    said = {
        (role.value, row[0]): mark == "x"
        for row in ROWS
        for role, mark in zip(Role, row[1:], strict=True)
    }
    assert said == {
        (role.value, verb.value): may(role, verb=verb) for role in Role for verb in Verb
    }


@pytest.mark.parametrize("verb", sorted(DATA))
def test_the_administrator_and_the_holder_of_the_sequence_have_no_part_in_the_data(
    verb: Verb,
) -> None:
    assert not may(Role.ADMINISTRATOR, verb=verb)
    assert not may(Role.RANDOMISATION_STATISTICIAN, verb=verb)


def test_an_auditor_and_the_statisticians_only_read() -> None:
    for role in (Role.AUDITOR, Role.BLINDED_STATISTICIAN, Role.DSMB_STATISTICIAN):
        assert {verb for verb in Verb if may(role, verb=verb)} <= READINGS | {Verb.SET_PASSWORD}


def test_no_role_of_a_site_reads_what_predicts_the_next_arm() -> None:
    for role in Role:
        if scope_of(role) is not Scope.TRIAL:
            assert not may(role, verb=Verb.READ_BALANCE)
            assert not may(role, verb=Verb.READ_SEQUENCE)


REVEALING = {"rt_rx", "rt_fx", "ae", "ex_sys", "newles", "subseq"}


@pytest.mark.parametrize("role", [Role.BLINDED_READER, Role.BLINDED_STATISTICIAN])
def test_blinded_roles_see_neither_arms_nor_forms_that_reveal_them(role: Role) -> None:
    assert not sees_arms(role)
    assert not may(role, verb=Verb.READ_BALANCE)
    assert not may(role, verb=Verb.READ_REPORT)
    assert not may(role, verb=Verb.READ_LEDGER)
    seen = {f.form for f in protocol().form if may(role, verb=Verb.READ_FORMS, form=f)}
    assert seen & REVEALING == set()
    assert {"dm", "les_bl", "les_fu", "rs", "rand"} <= seen


def test_who_sees_arms_sees_every_form() -> None:
    for form in protocol().form:
        for role in (Role.COORDINATOR, Role.MONITOR, Role.DSMB_STATISTICIAN, Role.AUDITOR):
            assert may(role, verb=Verb.READ_FORMS, form=form)


# form, who enters it
ENTERED = [
    ("dm", "investigator sub_investigator coordinator radiation_oncologist"),
    ("ae", "investigator sub_investigator coordinator radiation_oncologist"),
    ("rt_rx", "coordinator radiation_oncologist physicist"),
    ("rt_fx", "coordinator radiation_oncologist physicist"),
]


@pytest.mark.parametrize(("name", "roles"), ENTERED)
@pytest.mark.parametrize("verb", [Verb.SAVE_FORM, Verb.CHANGE_FORM, Verb.ANSWER_QUERY])
def test_a_form_is_entered_by_the_roles_that_it_names(name: str, roles: str, verb: Verb) -> None:
    form = protocol().form_named(name)
    assert {r.value for r in Role if may(r, verb=verb, form=form)} == set(roles.split())


def test_a_form_of_the_blinded_reader_is_entered_by_nobody_else_and_read_by_others() -> None:
    form = protocol().form_named("rs").model_copy(update={"entered_by": (Role.BLINDED_READER,)})
    assert [r for r in Role if may(r, verb=Verb.SAVE_FORM, form=form)] == [Role.BLINDED_READER]
    assert may(Role.INVESTIGATOR, verb=Verb.READ_FORMS, form=form)
    hidden = form.model_copy(update={"reveals_arm": True})
    assert [r for r in Role if may(r, verb=Verb.SAVE_FORM, form=hidden)] == []


def test_a_form_is_owed_by_a_site_where_somebody_of_the_site_enters_it() -> None:
    forms = shipped_protocol().form
    assert {form.form for form in forms if not is_owed_by_site(form)} == {"bicr", "adj"}


def test_a_role_nobody_has_is_a_problem_of_the_protocol_text() -> None:
    check_told(
        "forms/rt_rx.toml",
        old='"physicist"',
        new='"physician"',
        code="protocol-enum",
        place="entered_by[1]",
    )


COORDINATOR_01 = Grant(role=Role.COORDINATOR, site="01")
MONITOR_01 = Grant(role=Role.MONITOR, site="01")
MONITOR_02 = Grant(role=Role.MONITOR, site="02")
MANAGER = Grant(role=Role.DATA_MANAGER)


def test_a_grant_of_one_site_opens_no_other() -> None:
    grants = [COORDINATOR_01]
    assert grant_for(grants, verb=Verb.SAVE_FORM, site="01") is COORDINATOR_01
    assert grant_for(grants, verb=Verb.SAVE_FORM, site="02") is None
    assert grant_for(grants, verb=Verb.VERIFY, site="01") is None
    assert grant_for(grants, verb=Verb.ENROL) is COORDINATOR_01
    assert grant_for([], verb=Verb.READ_PROTOCOL) is None


def test_the_sites_of_several_grants_add_up() -> None:
    grants = [MONITOR_01, MONITOR_02, COORDINATOR_01]
    assert sites_of(grants, verb=Verb.VERIFY) == frozenset({"01", "02"})
    assert sites_of(grants, verb=Verb.SAVE_FORM) == frozenset({"01"})
    assert sites_of(grants, verb=Verb.LOCK) == frozenset()
    assert sites_of([*grants, MANAGER], verb=Verb.READ_FORMS) is None


def test_a_role_of_a_site_without_a_site_opens_nothing() -> None:
    lost = Grant(role=Role.INVESTIGATOR)
    assert grant_for([lost], verb=Verb.RANDOMISE) is None
    assert grant_for([lost], verb=Verb.RANDOMISE, site="01") is None
    assert sites_of([lost], verb=Verb.READ_FORMS) == frozenset()


grants_of = st.builds(Grant, role=st.sampled_from(Role), site=st.sampled_from(["", "01", "02"]))


@given(
    grants=st.lists(grants_of, max_size=4),
    verb=st.sampled_from(Verb),
    site=st.sampled_from(["01", "02", "03"]),
)
def test_a_grant_for_a_site_and_the_sites_of_the_grants_say_the_same(
    grants: list[Grant], verb: Verb, site: str
) -> None:
    sites = sites_of(grants, verb=verb)
    allowed = sites is None or site in sites
    found = grant_for(grants, verb=verb, site=site)
    assert (found is not None) == allowed
    assert found is None or may(found.role, verb=verb)


# the role to give, at which site, roles held, words of the refusal ("" = it may be given)
GIVEN: list[tuple[Any, ...]] = [
    (Role.COORDINATOR, "01", [], ""),
    (Role.COORDINATOR, "", [], "name the site"),
    (Role.BLINDED_READER, "01", [], "name no site"),
    (Role.MONITOR, "", [], ""),
    (Role.MONITOR, "01", [Role.MONITOR], ""),
    (Role.PHYSICIST, "01", [Role.COORDINATOR], ""),
    (Role.INVESTIGATOR, "01", [Role.RADIATION_ONCOLOGIST], ""),
    (Role.PROJECT_MANAGER, "", [Role.ADMINISTRATOR], ""),
    (Role.ADMINISTRATOR, "", [Role.COORDINATOR], "the administrator enters"),
    (Role.COORDINATOR, "01", [Role.ADMINISTRATOR], "the administrator enters"),
    (Role.RANDOMISATION_STATISTICIAN, "", [Role.INVESTIGATOR], "who holds the sequence"),
    (Role.RANDOMISATION_STATISTICIAN, "", [Role.ADMINISTRATOR], "the administrator enters"),
    (Role.RANDOMISATION_STATISTICIAN, "", [Role.BLINDED_STATISTICIAN], "who holds the sequence"),
    (Role.BLINDED_STATISTICIAN, "", [Role.DSMB_STATISTICIAN], "who is blinded"),
    (Role.BLINDED_READER, "", [Role.RADIATION_ONCOLOGIST], "who is blinded"),
    (Role.MONITOR, "01", [Role.COORDINATOR], "nobody verifies"),
    (Role.AUDITOR, "", [Role.PROJECT_MANAGER], "an auditor"),
]


@pytest.mark.parametrize(("role", "site", "held", "words"), GIVEN)
def test_duties_that_are_kept_apart_are_refused_with_what_to_do(
    role: Role, site: str, held: list[Role], words: str
) -> None:
    told = refusals_to_grant(
        Grant(role=role, site=site), held=[Grant(role=each, site="01") for each in held]
    )
    assert bool(told) == bool(words)
    assert not words or any(words in each for each in told)


def test_duties_are_apart_whichever_is_given_first() -> None:
    for one in Role:
        for other in Role:
            pair = [Grant(role=role, site="01") for role in (one, other)]
            there = refusals_to_grant(pair[0], held=[pair[1]])
            back = refusals_to_grant(pair[1], held=[pair[0]])
            apart = [{t.partition(":")[0] for t in told if "revoke" in t} for told in (there, back)]
            assert apart[0] == apart[1]
