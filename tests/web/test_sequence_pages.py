"""The sequence over HTTP: what everybody may know of it, fixed once, and proved by replay."""

import re
from collections.abc import Iterator

import pytest
from django.test import override_settings

from equipoise.capture.roles import Role
from equipoise.randomise.sealed_seed import commitment_of, open_seed
from equipoise.store.actions.add_account import Person, add_account
from equipoise.store.actions.grant_role import grant_role
from equipoise.store.actions.open_trial import open_trial
from equipoise.store.actions.randomise import randomise
from equipoise.store.deed import OPERATOR
from equipoise.store.embedded import DATABASE, Server
from equipoise.store.models import LedgerLine, SealedSeed
from store.entries import KEY, SEED, STRATA, enter_eligible, sign_as_eligible
from store.people import by, screen, texts
from store.trial_database import close_connections, copy_template, run_as_superuser
from web.visitors import log_in

PAGE, PROVE = "/sequence/", "/sequence/prove/"
SURE = {"confirmed": "yes", "request_id": "s1"}


@pytest.fixture
def unfixed(trial_server: Server) -> Iterator[Server]:
    """A trial that is open, its sequence not yet fixed; with its statistician."""
    copy_template(trial_server)
    open_trial(texts(), deed=by(OPERATOR))
    add_account(Person(username="rand", name="Rand"), deed=by(OPERATOR))
    grant_role("rand", role=Role.RANDOMISATION_STATISTICIAN, site="", deed=by(OPERATOR))
    yield trial_server
    close_connections()


@pytest.fixture(autouse=True)
def _key() -> Iterator[None]:
    with override_settings(RANDOMISATION_KEY=KEY):
        yield


def page(who: str, path: str = PAGE) -> str:
    answer = log_in(who).get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def send(path: str, *, status: int, **told: str) -> str:
    answer = log_in("rand").post(path, told)
    assert answer.status_code == status, answer.content.decode()
    return answer.content.decode()


def randomise_two() -> list[str]:
    subjects = [screen("01") for _ in range(2)]
    for number, subject in enumerate(subjects):
        enter_eligible(subject)
        sign_as_eligible(subject)
        deed = by("cho", minutes=21 + number)
        randomise(subject, strata=STRATA, seed=SEED, deed=deed)
    return subjects


def test_everybody_reads_what_is_fixed_and_only_its_holder_what_helps_to_predict(
    site: Server,
) -> None:
    for who in ("cho", "mo", "stan", "paul", "aud", "rand"):
        told = page(who).split("<main")[1]
        assert commitment_of(SEED) in told, who
        assert "permuted blocks" in told, who
        assert "nobody is randomised yet" in told, who
        assert ("block sizes" in told) == (who == "rand"), who
        assert ("Prove every allocation" in told) == (who == "rand"), who
    assert "Fix the sequence" not in page("rand")


def test_the_sequence_is_fixed_once_by_its_holder(unfixed: Server) -> None:
    assert "Nobody can be randomised before" in page("rand")
    assert "Mark that the plan is right" in send(PAGE, status=422)
    assert not SealedSeed.objects.exists()
    send(PAGE, status=302, **SURE)
    sealed = SealedSeed.objects.get()
    assert commitment_of(open_seed(sealed.sealed, key=KEY)) == sealed.commitment
    assert sealed.commitment in page("rand")
    line = LedgerLine.objects.get(verb="fix_sequence")
    assert (line.actor, line.role) == ("rand", "randomisation_statistician")
    assert sealed.sealed not in line.content
    assert "it is never drawn again" in send(PAGE, status=409, confirmed="yes")
    assert SealedSeed.objects.get() == sealed


@pytest.mark.parametrize(("key", "words"), [("", "started without the key"), ("short", "at least")])
def test_nothing_is_fixed_without_a_key_worth_its_name(
    unfixed: Server, key: str, words: str
) -> None:
    with override_settings(RANDOMISATION_KEY=key):
        assert words in send(PAGE, status=409, **SURE)
    assert not SealedSeed.objects.exists()


def test_every_allocation_is_proved_and_the_look_is_in_the_ledger(site: Server) -> None:
    subjects = randomise_two()
    assert "before the first subject" in page("rand")
    told = send(PROVE, status=200)
    assert "2 allocations, and each is the one" in told
    assert told.count("✓ as drawn") == 2
    assert re.findall(r'<th scope="row">(01-\d+)</th>', told) == subjects
    looked = LedgerLine.objects.filter(verb="read_allocations", actor="rand")
    assert looked.count() == 1
    assert log_in("rand").get(PROVE).status_code == 302


def test_an_arm_that_was_changed_behind_the_ledger_is_named(site: Server) -> None:
    first, second = randomise_two()
    other = "CASE arm WHEN 'A' THEN 'B' ELSE 'A' END"
    swap = f"UPDATE allocation SET arm = {other} WHERE subject = '{second}'"
    run_as_superuser(site, swap, database=DATABASE)
    told = send(PROVE, status=200)
    assert "Not proved" in told
    assert f"{second}: plan, strata and seed give another arm" in told
    assert (told.count("✕ another arm"), told.count("✓ as drawn")) == (1, 1)
    assert first in told


def test_without_the_key_nothing_is_proved_and_nothing_is_said(site: Server) -> None:
    with override_settings(RANDOMISATION_KEY=""):
        assert "without the key" in send(PROVE, status=409)
