"""People who do the same thing in the same moment."""

from collections import Counter

import pytest

from equipoise.store.actions.enrol import enrol
from equipoise.store.actions.save_form import save_form
from equipoise.store.deed import Done
from equipoise.store.embedded import Server
from equipoise.store.models import FormEntry
from equipoise.store.refusals import AlreadyRandomisedError, StaleVersionError
from equipoise.store.verify import verify_trial
from store.contest import at_once, draw_for, eligible_subjects, require_one_list
from store.entries import saving
from store.people import by, screen
from store.trial_database import copy_template, keep_as_template

ROUNDS = 10
READY = "trial_ready"


@pytest.fixture(scope="module")
def ready(trial_server: Server, open_template: str) -> list[str]:
    """A trial with fifty eligible subjects, kept to be copied."""
    copy_template(trial_server, template=open_template)
    subjects = eligible_subjects(50)
    keep_as_template(trial_server, template=READY)
    return subjects


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_fifty_subjects_at_once_get_one_arm_each(
    trial_server: Server, ready: list[str], _round: int
) -> None:
    copy_template(trial_server, template=READY)
    outcomes = at_once([draw_for(subject) for subject in ready])
    assert all(isinstance(outcome, Done) for outcome in outcomes), outcomes
    require_one_list(ready)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_twenty_who_randomise_one_subject_give_it_one_arm(
    trial_server: Server, ready: list[str], _round: int
) -> None:
    copy_template(trial_server, template=READY)
    outcomes = at_once([draw_for(ready[0], request_id=f"r{n}") for n in range(20)])
    kinds = Counter(type(outcome) for outcome in outcomes)
    assert kinds == {Done: 1, AlreadyRandomisedError: 19}
    require_one_list(ready[:1])


def test_a_request_sent_twenty_times_has_one_answer(trial_server: Server, ready: list[str]) -> None:
    copy_template(trial_server, template=READY)
    outcomes = at_once([draw_for(ready[0], request_id="again")] * 20)
    assert len({outcome.digest for outcome in outcomes if isinstance(outcome, Done)}) == 1
    assert all(isinstance(outcome, Done) for outcome in outcomes)
    require_one_list(ready[:1])


def test_forty_who_enrol_at_once_get_forty_numbers(sites: Server) -> None:
    deeds = [lambda n=n: enrol("01", deed=by("cho", minutes=n)) for n in range(40)]
    numbers = {str(done.answer["subject"]) for done in at_once(deeds) if isinstance(done, Done)}
    assert sorted(numbers) == [f"01-{n:03d}" for n in range(1, 41)]
    assert verify_trial().findings == ()


def test_of_twenty_who_save_one_form_one_wins_and_the_others_are_told(sites: Server) -> None:
    subject = screen()
    deeds = [
        lambda n=n: save_form(
            saving((subject, "dm"), f"birth_year={1940 + n}"), deed=by("cho", minutes=5)
        )
        for n in range(20)
    ]
    outcomes = at_once(deeds)
    assert Counter(type(outcome) for outcome in outcomes) == {Done: 1, StaleVersionError: 19}
    winner = next(n for n, outcome in enumerate(outcomes) if isinstance(outcome, Done))
    assert FormEntry.objects.get().values == {"birth_year": str(1940 + winner)}
    assert verify_trial().findings == ()
