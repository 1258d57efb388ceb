"""Two hundred rounds of kill -9 under load, a hundred of fifty randomisations at once."""

from pathlib import Path

import pytest

from equipoise.store.deed import Done
from equipoise.store.embedded import Server, start_server
from store.contest import at_once, draw_for, eligible_subjects, require_one_list
from store.crash import answer_of, check_round
from store.entries import fix_seed, give_passwords
from store.people import open_sites
from store.trial_database import copy_template, keep_as_template

CRASHES, RACES = 200, 100


def test_every_acknowledged_save_is_there_after_each_of_200_kills(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with start_server(data) as server:
        answer_of(server, "prepare")
    for number in range(CRASHES):
        check_round(data, seconds=0.05 + 0.01 * (number % 50), with_server=number % 2 == 0)


@pytest.fixture(scope="module")
def ready(trial_server: Server) -> list[str]:
    """Fifty eligible subjects, in a template of their own."""
    copy_template(trial_server)
    open_sites()
    give_passwords()
    fix_seed()
    subjects = eligible_subjects(50)
    keep_as_template(trial_server, template="trial_long")
    return subjects


@pytest.mark.parametrize("_round", range(RACES))
def test_no_double_and_no_gap_in_a_hundred_rounds(
    trial_server: Server, ready: list[str], _round: int
) -> None:
    copy_template(trial_server, template="trial_long")
    outcomes = at_once([draw_for(subject) for subject in ready])
    assert all(isinstance(outcome, Done) for outcome in outcomes), outcomes
    require_one_list(ready)
    copy_template(trial_server, template="trial_long")
    at_once([draw_for(ready[0], request_id=f"r{n}") for n in range(20)])
    require_one_list(ready[:1])
