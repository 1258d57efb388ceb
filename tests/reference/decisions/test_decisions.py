"""Our decisions at 5 % are R's, trial by trial: a slice here, all 2,000 in tests/long."""

from dataclasses import replace

import pytest

from reference.decisions.decisions import TESTS, Beside, decide, read_stored
from reference.decisions.drawn_trials import COUNT

SLICE = 50


@pytest.fixture(scope="module")
def beside() -> Beside:
    return decide(SLICE)


def test_p_and_decision_are_those_of_r(beside: Beside) -> None:
    assert beside.disagreements() == []


def test_every_test_is_asked_in_every_trial() -> None:
    tests, theirs = read_stored()

    assert set(tests) == set(TESTS)
    assert theirs.shape == (COUNT, len(TESTS))


def test_a_p_that_is_off_by_a_millionth_would_be_found(beside: Beside) -> None:
    ours = beside.ours.copy()
    ours[3, 2] += 2e-6

    assert [line[:16] for line in replace(beside, ours=ours).disagreements()] == [
        "trial 3, rho_1: "
    ]
