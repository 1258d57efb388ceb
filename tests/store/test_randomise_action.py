"""Randomising through the store: eligibility signed, one arm, the same answer to a retry."""

import pytest

from equipoise.capture.blinding import Telling
from equipoise.capture.lifecycle import FormState, WrongStateError
from equipoise.randomise.draw import prove_allocations
from equipoise.randomise.sealed_seed import commitment_of, draw_seed
from equipoise.store.actions.correct_stratum import correct_stratum
from equipoise.store.actions.fix_sequence import fix_sequence
from equipoise.store.actions.freeze import freeze_entries
from equipoise.store.actions.lock import lock_entries
from equipoise.store.actions.randomise import randomise
from equipoise.store.actions.sign import sign_entries
from equipoise.store.actions.sign_eligibility import sign_eligibility
from equipoise.store.actions.verify import verify_entries
from equipoise.store.deed import OPERATOR
from equipoise.store.embedded import Server
from equipoise.store.entry_place import EntryPlace
from equipoise.store.ledger import read_lines
from equipoise.store.models import Allocation, FormEntry, SealedSeed, Signature
from equipoise.store.read_allocations import read_allocations, read_history
from equipoise.store.read_casebook import read_casebook
from equipoise.store.read_randomisation import read_eligibility
from equipoise.store.read_trail import tell_line
from equipoise.store.refusals import (
    AlreadyRandomisedError,
    ClosedError,
    FindingsError,
    NotAllowedError,
    NotEligibleError,
    ReasonMissingError,
    RequestReusedError,
    TakenError,
    UnknownError,
)
from equipoise.store.verify import verify_trial
from store.contest import eligible_subjects
from store.entries import PASSWORD, SEED, STRATA, changed, draft, sign_as_eligible
from store.people import by, screen


def draw(subject: str, *, request_id: str = "", actor: str = "cho", minutes: float = 30) -> str:
    """The arm that randomising answers."""
    deed = by(actor, minutes=minutes, request_id=request_id)
    return str(randomise(subject, strata=STRATA, seed=SEED, deed=deed).answer["arm"])


def test_a_subject_is_screened_signed_and_randomised_once(sites: Server) -> None:
    (subject,) = eligible_subjects(1)
    arm = draw(subject, request_id="r1")
    assert FormEntry.objects.get(subject=subject, form="rand").values == {
        "randomised_date": "2026-03-02", "omd_induced": "N", "n_mets": "1-3", "imdc": "fav",
    }  # fmt: skip
    assert draw(subject, request_id="r1") == arm
    with pytest.raises(AlreadyRandomisedError, match="keeps its arm"):
        draw(subject, request_id="r2")
    other = {**STRATA, "imdc": "int_poor"}
    with pytest.raises(RequestReusedError):
        randomise(subject, strata=other, seed=SEED, deed=by("cho", minutes=30, request_id="r1"))
    assert prove_allocations(read_history(), seed=SEED, commitment=commitment_of(SEED)) == ()
    assert verify_trial().findings == ()


def test_nobody_is_randomised_before_eligibility_is_signed_as_it_stands(sites: Server) -> None:
    subject = screen()
    with pytest.raises(NotEligibleError, match="not signed"):
        draw(subject)
    draft((subject, "dm"), "sex=M")
    with pytest.raises(NotEligibleError, match="complete the forms of 01-001 first: 01-001/dm"):
        sign_as_eligible(subject)
    (other,) = eligible_subjects(1)
    changed((other, "imdc"), "kps=80", seen=1)
    with pytest.raises(NotEligibleError, match="not signed"):  # the change dropped the signature
        draw(other, minutes=61)
    assert not Allocation.objects.exists()


def test_criteria_that_are_not_met_or_not_known_are_named(sites: Server) -> None:
    (subject,) = eligible_subjects(1)
    changed((subject, "ie"), "ild=Y", seen=1)
    with pytest.raises(NotEligibleError, match="E2 is not met"):
        sign_as_eligible(subject)
    empty = screen()
    with pytest.raises(NotEligibleError, match="I7 is not known yet"):
        sign_as_eligible(empty)


def test_of_who_is_randomised_the_criteria_are_read_as_of_that_day(sites: Server) -> None:
    """Staging of 42 days before randomisation does not grow old afterwards."""
    (subject,) = eligible_subjects(1)
    draw(subject)
    years_later = by("cho", minutes=60 * 24 * 900).at
    read = read_eligibility(subject, now=years_later)
    assert read.is_randomised
    assert read.day.isoformat() == "2026-03-02"
    assert {row.criterion.id for row in read.criteria if row.met is not True} == set()
    (other,) = eligible_subjects(1)
    told = {row.criterion.id: row.met for row in read_eligibility(other, now=years_later).criteria}
    assert told["I9"] is False


@pytest.mark.parametrize("imdc", ["", "excellent", "1-3"])
def test_a_level_that_the_factor_does_not_have_is_neither_signed_nor_recorded(
    sites: Server, imdc: str
) -> None:
    (subject,) = eligible_subjects(1)
    odd = {**STRATA, "imdc": imdc}
    with pytest.raises(UnknownError, match=f"'{imdc}' is no level of"):
        sign_eligibility(subject, strata=odd, password=PASSWORD, deed=by("ivy", minutes=25))
    with pytest.raises(NotEligibleError, match="signed for other strata"):
        randomise(subject, strata=odd, seed=SEED, deed=by("cho", minutes=30))
    assert not Allocation.objects.exists()
    draw(subject)
    with pytest.raises(UnknownError, match=f"'{imdc}' is no level of"):
        correct_stratum(subject, strata=odd, deed=by("ivy", minutes=40, reason="KPS misread"))


def test_a_wrong_stratum_is_refused_before_and_corrected_after(sites: Server) -> None:
    (subject,) = eligible_subjects(1)
    wrong = {**STRATA, "imdc": "int_poor"}
    with pytest.raises(FindingsError, match="stratum-imdc-differs"):
        sign_eligibility(subject, strata=wrong, password=PASSWORD, deed=by("ivy", minutes=25))
    arm = draw(subject)
    with pytest.raises(ReasonMissingError):
        correct_stratum(subject, strata=wrong, deed=by("ivy", minutes=40))
    correct_stratum(subject, strata=wrong, deed=by("ivy", minutes=40, reason="KPS misread"))
    row = Allocation.objects.get()
    assert (row.arm, row.stratum, row.true_stratum) == (
        arm, ["N", "1-3", "fav"], ["N", "1-3", "int_poor"],
    )  # fmt: skip
    assert FormEntry.objects.get(form="rand").values["imdc"] == "int_poor"
    assert prove_allocations(read_history(), seed=SEED, commitment=commitment_of(SEED)) == ()
    assert verify_trial().findings == ()


@pytest.mark.parametrize(
    "other", [{"imdc": "int_poor"}, {"n_mets": "4-5"}, {"omd_induced": "Y"}, {"further": "Y"}]
)
def test_only_the_strata_that_were_signed_are_randomised(
    sites: Server, other: dict[str, str]
) -> None:
    """Also one that nothing entered speaks against, and one on a later day, when all is asked."""
    (subject,) = eligible_subjects(1)
    for minutes in (30, 60 * 24):
        deed = by("cho", minutes=minutes)
        with pytest.raises(NotEligibleError, match="imdc fav, n_mets 1-3, omd_induced N"):
            randomise(subject, strata=STRATA | other, seed=SEED, deed=deed)
    assert not Allocation.objects.exists()
    assert draw(subject, minutes=60 * 24 + 1) in {"A", "B"}


def test_a_corrected_stratum_drops_what_stood_on_the_old_one(sites: Server) -> None:
    (subject,) = eligible_subjects(1)
    draw(subject)
    form = [EntryPlace(subject=subject, form="rand")]
    wrong = {**STRATA, "imdc": "int_poor"}
    verify_entries(form, deed=by("mo", minutes=31))
    sign_entries(form, password=PASSWORD, deed=by("ivy", minutes=32))
    correct_stratum(subject, strata=wrong, deed=by("ivy", minutes=40, reason="KPS misread"))
    (told,) = [row for row in read_casebook(subject, hidden=Telling()) if row.form.form == "rand"]
    assert (told.state, told.version) == (FormState.COMPLETE, 2)
    assert told.fell == ("verification", "signature")
    assert not Signature.objects.get(meaning="casebook").is_valid
    assert Signature.objects.get(meaning="eligibility").is_valid  # it stands as it was then
    assert verify_trial().findings == ()


def test_a_stratum_of_a_frozen_or_locked_form_is_not_corrected(sites: Server) -> None:
    (subject,) = eligible_subjects(1)
    draw(subject)
    form = [EntryPlace(subject=subject, form="rand")]
    verify_entries(form, deed=by("mo", minutes=31))
    sign_entries(form, password=PASSWORD, deed=by("ivy", minutes=32))
    wrong, again = {**STRATA, "imdc": "int_poor"}, by("ivy", minutes=40, reason="KPS misread")
    freeze_entries(form, deed=by("dana", minutes=33))
    with pytest.raises(WrongStateError, match="ask the data manager to unfreeze"):
        correct_stratum(subject, strata=wrong, deed=again)
    lock_entries(form, deed=by("dana", minutes=34))
    with pytest.raises(WrongStateError, match="ask the data manager to unlock"):
        correct_stratum(subject, strata=wrong, deed=again)
    assert FormEntry.objects.get(form="rand").values["imdc"] == "fav"
    assert Allocation.objects.get().true_stratum == ["N", "1-3", "fav"]


def test_there_is_no_back_dating(sites: Server) -> None:
    (subject,) = eligible_subjects(1)
    draw(subject, minutes=-60 * 24 * 30)  # a clock set back by a month
    assert FormEntry.objects.get(form="rand").values["randomised_date"] == "2026-03-02"


def test_the_day_is_that_of_the_site(sites: Server) -> None:
    (subject,) = eligible_subjects(1)
    draw(subject, minutes=60 * 7)  # 16:00 in London is past midnight in Seoul
    assert FormEntry.objects.get(form="rand").values["randomised_date"] == "2026-03-03"


def test_another_seed_randomises_nobody(sites: Server) -> None:
    (subject,) = eligible_subjects(1)
    other = draw_seed(bytes(range(64, 128)))
    with pytest.raises(ClosedError, match="sequence is not fixed"):
        randomise(subject, strata=STRATA, seed=other, deed=by("cho", minutes=30))
    with pytest.raises(TakenError, match="never drawn again"):
        fix_sequence(other, sealed="x", deed=by(OPERATOR))


def test_the_ledger_holds_the_commitment_and_nothing_of_the_seed(sites: Server) -> None:
    told = "".join(line.content for line in read_lines())
    assert commitment_of(SEED) in told
    assert SealedSeed.objects.get().sealed not in told
    assert SEED.secret.hex() not in told + SealedSeed.objects.get().sealed


@pytest.mark.parametrize("actor", ["cora", "mo", "dana", "stan", "ada", "operator"])
def test_who_may_not_randomise_at_the_site_is_refused(sites: Server, actor: str) -> None:
    (subject,) = eligible_subjects(1)
    with pytest.raises(NotAllowedError):
        draw(subject, actor=actor)


def test_arms_are_read_by_who_may_and_each_reading_is_a_line(sites: Server) -> None:
    first, second = eligible_subjects(2)
    draw(first)
    cut = max(line.number for line in read_lines())
    draw(second)
    assert read_allocations(by("mo", minutes=50))["subject"].to_list() == [first, second]
    assert read_allocations(by("mo", minutes=51), upto=cut)["subject"].to_list() == [first]
    assert read_allocations(by("cora", minutes=52)).is_empty()  # of another site
    for blinded in ("stan", "ada", "operator"):
        with pytest.raises(NotAllowedError):
            read_allocations(by(blinded, minutes=53))
    readings = [line for line in read_lines() if line.verb == "read_allocations"]
    assert [line.actor for line in readings] == ["mo", "mo", "cora"]


def test_a_line_told_without_arms_tells_no_arm(sites: Server) -> None:
    (subject,) = eligible_subjects(1)
    draw(subject)
    (line,) = [each for each in read_lines() if each.verb == "randomise"]
    assert tell_line(line, hidden=None)["content"]["answer"]["arm"] in {"A", "B"}
    told = tell_line(line, hidden=Telling())["content"]
    assert told["answer"] == {}
    assert [change["table"] for change in told["changes"]] == ["form_entry"]
